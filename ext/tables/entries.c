/*
** Writing to kv_entries. See entries.h.
**
** A plain INSERT of a live key is a constraint error, as with any table; OR REPLACE overwrites, OR
** IGNORE skips (SQLite does that itself with the SQLITE_CONSTRAINT that it gets from here). A key
** that has expired is in nobody's way. SQLite holds the outer statement, so a transaction is open
** and what it wrote before an error is undone with it.
*/
#include "tables/entries.h"
#include "arguments/arguments.h"
#include "store/schema.h"
#include "store/store.h"

/* Where xUpdate finds what: the old rowid, the new one, then the columns. */
enum { OLD_ROWID, NEW_ROWID, GRP, KEY, VALUE, EXPIRES_AT, TTL };

struct row {
  kv_entry entry;
  char *memory;
  int has_value; /* assigned; an INSERT assigns all */
  int has_expiry;
};

static int fail_exists(kv_connection *connection, const struct row *row, sqlite3_value **argv) {
  return kv_fail(connection, SQLITE_CONSTRAINT_UNIQUE,
                 "key \"%.*s\" of group \"%s\" exists already", row->entry.key.length,
                 row->entry.key.bytes, sqlite3_value_text(argv[GRP]));
}

static int is_given(sqlite3_value *value) {
  return !sqlite3_value_nochange(value) && sqlite3_value_type(value) != SQLITE_NULL;
}

/* The expiry from whichever of the two columns has one. */
static int read_expiry(kv_connection *connection, sqlite3_value **argv, sqlite3_int64 now,
                       struct row *row) {
  sqlite3_value *at = argv[EXPIRES_AT], *ttl = argv[TTL];
  row->has_expiry = !sqlite3_value_nochange(at) || !sqlite3_value_nochange(ttl);
  if (is_given(at) && is_given(ttl)) {
    return kv_fail(connection, SQLITE_ERROR, "give ttl or expires_at, not both");
  }
  if (!is_given(at)) {
    return kv_argument_ttl(connection, is_given(ttl) ? ttl : NULL, now, &row->entry);
  }
  if (sqlite3_value_numeric_type(at) != SQLITE_INTEGER) {
    return kv_fail(connection, SQLITE_ERROR, "expires_at must be an integer (Unix milliseconds)");
  }
  row->entry.has_expiry = 1;
  row->entry.expires_at = sqlite3_value_int64(at);
  return SQLITE_OK;
}

/* Decodes the new row; row->memory is to be freed, whatever this returns. */
static int read_row(kv_connection *connection, sqlite3_value **argv, sqlite3_int64 now,
                    struct row *row) {
  *row = (struct row){.entry = {.value = argv[VALUE]}};
  kv_text group;
  int code = kv_argument_name(connection, argv[GRP], "grp", &group);
  if (code == SQLITE_OK) code = kv_argument_name(connection, argv[KEY], "key", &row->entry.key);
  if (code == SQLITE_OK) {
    code = kv_argument_scoped(connection, group, &row->entry.group, &row->memory);
  }
  row->has_value = !sqlite3_value_nochange(argv[VALUE]);
  if (code == SQLITE_OK && row->has_value) code = kv_argument_value(connection, argv[VALUE]);
  return code == SQLITE_OK ? read_expiry(connection, argv, now, row) : code;
}

static int insert(kv_connection *connection, sqlite3_value **argv, const struct row *row,
                  sqlite3_int64 now) {
  int is_stored = 0;
  if (sqlite3_value_type(argv[NEW_ROWID]) != SQLITE_NULL) {
    return kv_fail(connection, SQLITE_ERROR, "rowid cannot be chosen");
  }
  if (sqlite3_vtab_on_conflict(connection->db) == SQLITE_REPLACE) {
    return kv_store_set(connection, &row->entry, now);
  }
  int code = kv_store_setnx(connection, &row->entry, now, &is_stored);
  return code == SQLITE_OK && !is_stored ? fail_exists(connection, row, argv) : code;
}

static int update(kv_connection *connection, sqlite3_value **argv, const struct row *row,
                  sqlite3_int64 now) {
  sqlite3_int64 rowid = sqlite3_value_int64(argv[OLD_ROWID]);
  int is_taken = 0;
  if (sqlite3_value_int64(argv[NEW_ROWID]) != rowid) {
    return kv_fail(connection, SQLITE_ERROR, "rowid cannot be changed");
  }
  int is_replacing = sqlite3_vtab_on_conflict(connection->db) == SQLITE_REPLACE;
  int code = kv_store_move(connection, rowid, &row->entry, row->has_value, row->has_expiry,
                           is_replacing, now, &is_taken);
  return code == SQLITE_OK && is_taken ? fail_exists(connection, row, argv) : code;
}

/*
** SQLite undoes a failed INSERT of many rows from a mark that it set when the statement began, but
** only in the schema of the virtual table, which is always main. Where the store is in another,
** this sets the mark there.
*/
static int mark_statement(kv_connection *connection) {
  if (connection->schema == NULL) return SQLITE_OK;
  int code = kv_schema_bring_up(connection);
  return code == SQLITE_OK ? kv_execute(connection, KV_SQL_OPEN_STATEMENT_JOURNAL) : code;
}

int kv_entries_update(kv_connection *connection, int argc, sqlite3_value **argv,
                      sqlite3_int64 *rowid) {
  struct row row;
  sqlite3_int64 now = kv_connection_now(connection);
  int code = mark_statement(connection);
  if (code != SQLITE_OK) return code;
  if (argc == 1) return kv_store_delete_row(connection, sqlite3_value_int64(argv[OLD_ROWID]));
  code = read_row(connection, argv, now, &row);
  if (code == SQLITE_OK && sqlite3_value_type(argv[OLD_ROWID]) == SQLITE_NULL) {
    code = insert(connection, argv, &row, now);
    *rowid = sqlite3_last_insert_rowid(connection->db);
  } else if (code == SQLITE_OK) {
    code = update(connection, argv, &row, now);
  }
  sqlite3_free(row.memory);
  return code;
}
