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
#include "tables/bulk.h"

/* Where xUpdate finds what: the old rowid, the new one, then the columns. */
enum { OLD_ROWID, NEW_ROWID, GRP, KEY, VALUE, EXPIRES_AT, TTL };

struct row {
  kv_entry entry;
  char *memory;
  int has_name; /* assigned, and another one; an INSERT assigns all */
  int has_value;
  int has_expiry;
};

/* Copies of the row as it is stored, before an UPDATE. */
enum { STORED_GRP, STORED_KEY, STORED_EXPIRES_AT, STORED };

int kv_entries_ttl(sqlite3_value *expires_at, sqlite3_int64 now_ms, double *ttl) {
  int type = sqlite3_value_type(expires_at);
  if (type != SQLITE_INTEGER && type != SQLITE_FLOAT) return 0;
  *ttl = (sqlite3_value_double(expires_at) - (double)now_ms) / 1000.0;
  return 1;
}

/* ---- the new row ----------------------------------------------------------------------------- */

/* Half a surrogate pair cannot be said in UTF-8, which names go through. */
static int has_lone_surrogate(sqlite3_value *value) {
  if (sqlite3_value_type(value) != SQLITE_TEXT) return 0;
  int units = sqlite3_value_bytes16(value) / 2;
  const unsigned short *text = sqlite3_value_text16(value);
  for (int i = 0; text != NULL && i < units; i++) {
    if (text[i] < 0xd800 || text[i] > 0xdfff) continue;
    if (text[i] > 0xdbff || i + 1 == units) return 1;
    i++;
    if (text[i] < 0xdc00 || text[i] > 0xdfff) return 1;
  }
  return 0;
}

/* *is_broken: the name has half a surrogate pair. (A name that was read as UTF-16 must not be by
** kv_argument_name(): see kv_name_of().) */
static int read_any_name(kv_connection *connection, sqlite3_value *value, const char *what,
                         kv_text *name, int *is_broken) {
  *is_broken = connection->encoding != SQLITE_UTF8 && has_lone_surrogate(value);
  return connection->encoding == SQLITE_UTF8 ? kv_argument_name(connection, value, what, name)
                                             : kv_argument_text(connection, value, what, name);
}

static int fail_broken(kv_connection *connection, const char *what) {
  return kv_fail(connection, SQLITE_ERROR, "%s is no valid UTF-16", what);
}

static int read_name(kv_connection *connection, sqlite3_value *value, const char *what,
                     kv_text *name) {
  int is_broken;
  int code = read_any_name(connection, value, what, name, &is_broken);
  return code == SQLITE_OK && is_broken ? fail_broken(connection, what) : code;
}

static int is_given(sqlite3_value *value) {
  return value != NULL && sqlite3_value_type(value) != SQLITE_NULL;
}

/* The expiry from whichever of the two columns has one. */
static int read_expiry(kv_connection *connection, sqlite3_value *at, sqlite3_value *ttl,
                       struct row *row) {
  row->has_expiry = 1;
  if (is_given(at) && is_given(ttl)) {
    return kv_fail(connection, SQLITE_ERROR, "give ttl or expires_at, not both");
  }
  if (!is_given(at) && !is_given(ttl)) return SQLITE_OK;
  if (!is_given(at)) {
    return kv_argument_ttl(connection, ttl, kv_connection_now(connection), &row->entry);
  }
  if (sqlite3_value_numeric_type(at) != SQLITE_INTEGER) {
    return kv_fail(connection, SQLITE_ERROR, "expires_at must be an integer (Unix milliseconds)");
  }
  row->entry.has_expiry = 1;
  row->entry.expires_at = sqlite3_value_int64(at);
  return SQLITE_OK;
}

static int read_value(kv_connection *connection, sqlite3_value *value, struct row *row) {
  row->entry.value = value;
  row->has_value = 1;
  return kv_argument_value(connection, value);
}

/* ---- INSERT ---------------------------------------------------------------------------------- */

/* `rows` is where SQLite hands the rows over. */
static int store_row(kv_connection *connection, const struct row *row, const void *rows,
                     int *is_taken) {
  int conflict = sqlite3_vtab_on_conflict(connection->db), is_held = 0, is_stored = 0, code;
  int is_replacing = conflict == SQLITE_REPLACE;
  if (is_replacing || conflict == SQLITE_ABORT) {
    code = kv_bulk_takes(connection, &row->entry, is_replacing, rows, &is_held);
  } else {
    code = kv_bulk_flush(connection);
  }
  if (code != SQLITE_OK) return code;
  if (is_held) return kv_bulk_add(connection, &row->entry);
  sqlite3_int64 now_ms = kv_connection_now(connection);
  if (is_replacing) return kv_bulk_refusal(kv_store_set(connection, &row->entry, now_ms));
  code = kv_bulk_refusal(kv_store_setnx(connection, &row->entry, now_ms, &is_stored));
  *is_taken = code == SQLITE_OK && !is_stored;
  return code;
}

static int insert(kv_connection *connection, sqlite3_value **argv) {
  struct row row = {.memory = NULL};
  int is_taken = 0;
  if (sqlite3_value_type(argv[NEW_ROWID]) != SQLITE_NULL) {
    return kv_fail(connection, SQLITE_ERROR, "rowid cannot be chosen");
  }
  kv_text group;
  int code = read_name(connection, argv[GRP], "grp", &group);
  if (code == SQLITE_OK) code = read_name(connection, argv[KEY], "key", &row.entry.key);
  if (code == SQLITE_OK) {
    code = kv_argument_scoped(connection, group, &row.entry.group, &row.memory);
  }
  if (code == SQLITE_OK) code = read_value(connection, argv[VALUE], &row);
  if (code == SQLITE_OK) code = read_expiry(connection, argv[EXPIRES_AT], argv[TTL], &row);
  if (code == SQLITE_OK) code = store_row(connection, &row, argv, &is_taken);
  if (code == SQLITE_OK && is_taken)
    code = kv_bulk_fail_exists(connection, row.entry.group, row.entry.key);
  sqlite3_free(row.memory);
  return code;
}

/* ---- UPDATE ---------------------------------------------------------------------------------- */

static int copy_row(kv_connection *connection, sqlite3_int64 rowid, sqlite3_value **stored,
                    int *is_there) {
  kv_query query;
  *is_there = kv_store_find_row(&query, connection, rowid);
  for (int i = 0; *is_there && i < STORED; i++) {
    stored[i] = sqlite3_value_dup(kv_query_value(&query, i));
    if (stored[i] == NULL) query.code = SQLITE_NOMEM;
  }
  return kv_query_end(&query);
}

/* The new name, if one is assigned that is another than the stored one. SQLite says which columns
** are assigned, but for UPDATE … FROM, which hands over all. */
static int update_name(kv_connection *connection, sqlite3_value **argv, sqlite3_value **stored,
                       struct row *row) {
  kv_text *group = &row->entry.group, *key = &row->entry.key;
  const kv_text group_before = kv_name_of(stored[STORED_GRP]);
  const kv_text key_before = kv_name_of(stored[STORED_KEY]);
  if (group_before.bytes == NULL || key_before.bytes == NULL) return SQLITE_NOMEM;
  *group = group_before;
  *key = key_before;
  int is_group_broken = 0, is_key_broken = 0, code = SQLITE_OK;
  if (!sqlite3_value_nochange(argv[GRP])) {
    kv_text name;
    code = read_any_name(connection, argv[GRP], "grp", &name, &is_group_broken);
    if (code == SQLITE_OK) code = kv_argument_scoped(connection, name, group, &row->memory);
  }
  if (code == SQLITE_OK && !sqlite3_value_nochange(argv[KEY])) {
    code = read_any_name(connection, argv[KEY], "key", key, &is_key_broken);
  }
  if (code != SQLITE_OK) return code;
  int is_other_group = !kv_text_equals(*group, group_before);
  int is_other_key = !kv_text_equals(*key, key_before);
  if (is_other_group && is_group_broken) return fail_broken(connection, "grp");
  if (is_other_key && is_key_broken) return fail_broken(connection, "key");
  row->has_name = is_other_group || is_other_key;
  return SQLITE_OK;
}

static int is_same_instant(sqlite3_value *at, sqlite3_value *stored) {
  int type = sqlite3_value_type(at);
  if (type != sqlite3_value_type(stored)) return 0;
  if (type == SQLITE_INTEGER) return sqlite3_value_int64(at) == sqlite3_value_int64(stored);
  if (type == SQLITE_FLOAT) return sqlite3_value_double(at) == sqlite3_value_double(stored);
  return type == SQLITE_NULL || kv_text_equals(kv_name_of(at), kv_name_of(stored));
}

/* Is this what one of the scans gave for the row? */
static int is_same_ttl(const kv_vtab *vtab, sqlite3_value *given, sqlite3_value *stored) {
  double ttl;
  int type = sqlite3_value_type(given);
  if (!kv_entries_ttl(stored, 0, &ttl)) return type == SQLITE_NULL;
  unsigned scans = vtab->scans < KV_VTAB_SCANS ? vtab->scans : KV_VTAB_SCANS;
  for (unsigned i = 0; type == SQLITE_FLOAT && i < scans; i++) {
    kv_entries_ttl(stored, vtab->scans_now_ms[i], &ttl);
    if (ttl == sqlite3_value_double(given)) return 1;
  }
  return 0;
}

/* The new expiry, if one is assigned: UPDATE … FROM hands over both columns as they were read. */
static int update_expiry(const kv_vtab *vtab, sqlite3_value **argv, sqlite3_value *stored,
                         struct row *row) {
  sqlite3_value *at = argv[EXPIRES_AT], *ttl = argv[TTL];
  if (sqlite3_value_nochange(at) || is_same_instant(at, stored)) at = NULL;
  if (sqlite3_value_nochange(ttl) || is_same_ttl(vtab, ttl, stored)) ttl = NULL;
  if (at == NULL && ttl == NULL) return SQLITE_OK;
  return read_expiry(vtab->connection, at, ttl, row);
}

static int rewrite_row(kv_connection *connection, sqlite3_int64 rowid, const struct row *row,
                       int *is_taken) {
  sqlite3_int64 now_ms = kv_connection_now(connection);
  if (!row->has_name) {
    return kv_store_rewrite(connection, rowid, &row->entry, row->has_value, row->has_expiry,
                            now_ms);
  }
  int is_replacing = sqlite3_vtab_on_conflict(connection->db) == SQLITE_REPLACE;
  return kv_store_move(connection, rowid, &row->entry, row->has_value, row->has_expiry,
                       is_replacing, now_ms, is_taken);
}

/* A row that is gone, as an earlier row of OR REPLACE may have replaced it, is passed over. */
static int update(const kv_vtab *vtab, sqlite3_value **argv) {
  kv_connection *connection = vtab->connection;
  sqlite3_int64 rowid = sqlite3_value_int64(argv[OLD_ROWID]);
  sqlite3_value *stored[STORED] = {NULL, NULL, NULL};
  struct row row = {.memory = NULL};
  int is_there, is_taken = 0;
  if (sqlite3_value_int64(argv[NEW_ROWID]) != rowid) {
    return kv_fail(connection, SQLITE_ERROR, "rowid cannot be changed");
  }
  int code = copy_row(connection, rowid, stored, &is_there);
  if (code == SQLITE_OK && is_there) {
    code = update_name(connection, argv, stored, &row);
    if (code == SQLITE_OK && !sqlite3_value_nochange(argv[VALUE])) {
      code = read_value(connection, argv[VALUE], &row);
    }
    if (code == SQLITE_OK) {
      code = update_expiry(vtab, argv, stored[STORED_EXPIRES_AT], &row);
    }
    if (code == SQLITE_OK) code = kv_bulk_refusal(rewrite_row(connection, rowid, &row, &is_taken));
    if (code == SQLITE_OK && is_taken)
      code = kv_bulk_fail_exists(connection, row.entry.group, row.entry.key);
  }
  for (int i = 0; i < STORED; i++) sqlite3_value_free(stored[i]);
  sqlite3_free(row.memory);
  return code;
}

/* ---- xUpdate --------------------------------------------------------------------------------- */

int kv_entries_update(kv_vtab *vtab, int argc, sqlite3_value **argv, sqlite3_int64 *rowid) {
  kv_connection *connection = vtab->connection;
  if (argc == 1) {
    return kv_bulk_refusal(kv_store_delete_row(connection, sqlite3_value_int64(argv[OLD_ROWID])));
  }
  if (sqlite3_value_type(argv[OLD_ROWID]) != SQLITE_NULL) return update(vtab, argv);
  int code = insert(connection, argv);
  *rowid = sqlite3_last_insert_rowid(connection->db);
  return code;
}
