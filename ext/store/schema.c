/*
** The table "kv": looking at it, creating it, upgrading it. See schema.h.
**
** READY is remembered, and checked no more: if the table goes away, the cached statements fail to
** be compiled again, and kv_again() looks. Every weaker state is looked at
** anew in each call, because another connection may create or upgrade the store at any time.
*/
#include "store/schema.h"
#include "base/statements.h"
#include "store/driver.h"
#include "store/log.h"
#include "store/quota_shape.h"

#include <string.h>

static int fail_foreign(kv_connection *connection, const char *reason) {
  return kv_fail(connection, SQLITE_ERROR,
                 "table \"kv\" in schema \"%s\" is not a key-value store (%s): it is left alone",
                 kv_connection_schema(connection), reason);
}

/* Runs a statement of one optional parameter, the schema's name, for its first row: 1 if there is
** one. */
static int begin_about_schema(kv_query *query, kv_connection *connection, kv_sql sql) {
  const char *schema = kv_connection_schema(connection);
  if (kv_query_begin(query, connection, sql) != SQLITE_OK) return 0;
  if (sqlite3_bind_parameter_count(query->statement) > 0) {
    kv_bind_text(query, 1, (kv_text){schema, (int)strlen(schema)});
  }
  return kv_query_row(query);
}

static int look_at_kind(kv_connection *connection, int *exists) {
  kv_query query;
  const char *reason = NULL;
  *exists = begin_about_schema(&query, connection, KV_SQL_TABLE_KIND);
  if (*exists && !kv_query_integer(&query, 0)) {
    int is_view =
        sqlite3_stricmp((const char *)sqlite3_column_text(query.statement, 1), "view") == 0;
    reason = is_view ? "it is a view" : "it is a virtual table";
  }
  int code = kv_query_end(&query);
  return code == SQLITE_OK && reason != NULL ? fail_foreign(connection, reason) : code;
}

static int look_at_columns(kv_connection *connection, int *has_expiry) {
  kv_query query;
  int is_store = 0;
  if (begin_about_schema(&query, connection, KV_SQL_TABLE_COLUMNS)) {
    is_store = (int)kv_query_integer(&query, 0);
    *has_expiry = (int)kv_query_integer(&query, 1);
  }
  int code = kv_query_end(&query);
  return code == SQLITE_OK && !is_store ? fail_foreign(connection, "its columns differ") : code;
}

/* Names and values are compared byte by byte, whatever the statement and its index. */
static int look_at_collations(kv_connection *connection) {
  static const char *const columns[] = {"grp", "key", "value"};
  for (int i = 0; i < 3; i++) {
    const char *collation = NULL;
    int code = sqlite3_table_column_metadata(connection->db, kv_connection_schema(connection), "kv",
                                             columns[i], NULL, &collation, NULL, NULL, NULL);
    if (code != SQLITE_OK) return kv_fail_sqlite(connection);
    if (sqlite3_stricmp(collation, "BINARY") != 0) {
      return fail_foreign(connection, "a column has a collation");
    }
  }
  return SQLITE_OK;
}

static int look_at_keys(kv_connection *connection) {
  kv_query query;
  int is_store =
      begin_about_schema(&query, connection, KV_SQL_TABLE_KEYS) && kv_query_integer(&query, 0) != 0;
  int code = kv_query_end(&query);
  return code == SQLITE_OK && !is_store ? fail_foreign(connection, "its primary key differs")
                                        : code;
}

static int look_at_encoding(kv_connection *connection) {
  kv_query query;
  if (begin_about_schema(&query, connection, KV_SQL_ENCODING)) {
    const char *name = (const char *)sqlite3_column_text(query.statement, 0);
    connection->encoding = sqlite3_stricmp(name, "UTF-16le") == 0   ? SQLITE_UTF16LE
                           : sqlite3_stricmp(name, "UTF-16be") == 0 ? SQLITE_UTF16BE
                                                                    : SQLITE_UTF8;
  }
  return kv_query_end(&query);
}

static int look_at_triggers(kv_connection *connection) {
  kv_query query;
  connection->has_failing_triggers = 0;
  connection->has_host_triggers = begin_about_schema(&query, connection, KV_SQL_HAS_HOST_TRIGGERS);
  int code = kv_query_end(&query);
  if (code != SQLITE_OK || !connection->has_host_triggers) return code;
  connection->has_failing_triggers =
      begin_about_schema(&query, connection, KV_SQL_HAS_FAILING_TRIGGERS);
  return kv_query_end(&query);
}

int kv_schema_find_go_store(kv_connection *connection, int *is_there) {
  kv_query query;
  *is_there = begin_about_schema(&query, connection, KV_SQL_GO_STORE_TABLE);
  int code = kv_query_end(&query);
  if (code != SQLITE_OK || !*is_there) return code;
  *is_there = begin_about_schema(&query, connection, KV_SQL_GO_STORE_ROW);
  return kv_query_end(&query);
}

/* A store that is elsewhere in the file must not look as if it were empty. */
static int refuse_go_store(kv_connection *connection, int exists) {
  kv_query query;
  int is_go_store, has_rows = 0;
  int code = kv_schema_find_go_store(connection, &is_go_store);
  if (code == SQLITE_OK && is_go_store && exists) {
    has_rows = begin_about_schema(&query, connection, KV_SQL_LOOK_AT_SCHEMA);
    code = kv_query_end(&query);
  }
  if (code != SQLITE_OK || !is_go_store || has_rows) return code;
  return kv_fail(
      connection, SQLITE_ERROR,
      "the store is in go-store's table \"entries\": SELECT kv_migrate('go-store') brings it "
      "over");
}

/* Once it is known, what looks at the schema is of no use for long. */
static void drop_looks(kv_connection *connection) {
  static const kv_sql looks[] = {
      KV_SQL_TABLE_KIND,   KV_SQL_TABLE_COLUMNS,     KV_SQL_TABLE_KEYS,
      KV_SQL_ENCODING,     KV_SQL_HAS_EXPIRY_INDEX,  KV_SQL_HAS_LOG,
      KV_SQL_QUOTA_TABLES, KV_SQL_QUOTA_PARTS,       KV_SQL_QUOTA_KINDS,
      KV_SQL_LOG_TRIGGER,  KV_SQL_HAS_HOST_TRIGGERS, KV_SQL_GO_STORE_TABLE,
      KV_SQL_GO_STORE_ROW, KV_SQL_LOOK_AT_SCHEMA,    KV_SQL_HAS_FAILING_TRIGGERS};
  for (size_t i = 0; i < sizeof looks / sizeof looks[0]; i++) {
    kv_statement_drop(connection, looks[i]);
  }
}

static int find_state(kv_connection *connection, kv_store_state *state) {
  kv_query query;
  int exists = 0, has_expiry = 0, is_complete = 0, is_log_whole = 0;
  *state = KV_STORE_UNKNOWN;
  int code = look_at_kind(connection, &exists);
  if (code == SQLITE_OK && !connection->is_migrating) code = refuse_go_store(connection, exists);
  if (code == SQLITE_OK && !exists) {
    *state = KV_STORE_ABSENT;
    return SQLITE_OK;
  }
  if (code == SQLITE_OK) code = look_at_columns(connection, &has_expiry);
  if (code == SQLITE_OK) code = look_at_keys(connection);
  if (code == SQLITE_OK) code = look_at_collations(connection);
  if (code == SQLITE_OK) code = look_at_encoding(connection);
  if (code != SQLITE_OK) return code;
  is_complete = begin_about_schema(&query, connection, KV_SQL_HAS_EXPIRY_INDEX);
  code = kv_query_end(&query);
  if (code == SQLITE_OK && is_complete) code = kv_quota_look(connection, &is_complete);
  if (code == SQLITE_OK) code = kv_log_look(connection, &connection->has_log, &is_log_whole);
  if (code == SQLITE_OK) code = look_at_triggers(connection);
  if (code == SQLITE_OK) {
    *state = !has_expiry                     ? KV_STORE_LEGACY
             : !is_complete || !is_log_whole ? KV_STORE_INCOMPLETE
                                             : KV_STORE_READY;
  }
  return code;
}

void kv_schema_forget(kv_connection *connection) {
  kv_statements_close(connection);
  connection->generation++;
  connection->store = KV_STORE_UNKNOWN;
  connection->is_store_fresh = 0;
}

/* SQLite opens "temp" only when it is used, so that is always taken to be there. */
int kv_schema_is_attached(const kv_connection *connection) {
  const char *schema = kv_connection_schema(connection);
  return sqlite3_stricmp(schema, "temp") == 0 || sqlite3_db_readonly(connection->db, schema) >= 0;
}

int kv_schema_look(kv_connection *connection) {
  return connection->store == KV_STORE_READY ? SQLITE_OK : kv_schema_look_again(connection);
}

int kv_schema_look_again(kv_connection *connection) {
  if (connection->is_store_fresh) return SQLITE_OK;
  kv_store_state before = connection->store;
  connection->store = KV_STORE_UNKNOWN;
  connection->is_store_fresh = 1;
  kv_store_state state;
  int code = find_state(connection, &state);
  if (code == SQLITE_ERROR && !kv_schema_is_attached(connection)) {
    const char *schema = kv_connection_schema(connection);
    code = kv_fail(connection, code, "no schema \"%s\" is attached", schema);
  }
  if (state != before) {
    kv_statements_close(connection);
    connection->generation++;
  }
  if (state == KV_STORE_READY) drop_looks(connection);
  connection->store = state;
  connection->is_store_fresh = code == SQLITE_OK;
  return code;
}

/* After an error of a statement: SQLITE_SCHEMA if the store is not what it was thought to be. An error
** of the look itself is the one to report if SQLite rolled back the transaction for it. */
static int explain_error(kv_connection *connection, int code) {
  int is_outermost = sqlite3_get_autocommit(connection->db);
  char *error = connection->error;
  connection->error = NULL;
  kv_store_state before = connection->store;
  kv_schema_forget(connection);
  int look_code = kv_schema_look(connection);
  if (look_code != SQLITE_OK && !is_outermost && sqlite3_get_autocommit(connection->db)) {
    sqlite3_free(error);
    return look_code;
  }
  kv_clear_error(connection);
  connection->error = error;
  int is_changed = connection->store != before && (look_code & 0xff) != SQLITE_NOMEM;
  return is_changed ? SQLITE_SCHEMA : code;
}

/* Runs one step of the creation. It fails when another process took the same step first: look
** again. */
static int take_step(kv_connection *connection, kv_sql sql) {
  int code = kv_execute(connection, sql);
  return (code & 0xff) == SQLITE_ERROR ? explain_error(connection, code) : code;
}

/* Unless there is one. A table "kv" that was renamed keeps the index and its name: then another name is
** as good, and what is the host's by now is left alone. */
static int create_expiry_index(kv_connection *connection) {
  enum { MAX_NAMES = 64 };
  char name[32] = "kv_expiry";
  kv_query query;
  int is_there = begin_about_schema(&query, connection, KV_SQL_HAS_EXPIRY_INDEX),
      is_taken = !is_there;
  int code = kv_query_end(&query);
  for (int i = 2; code == SQLITE_OK && is_taken && i < MAX_NAMES; i++) {
    kv_query_begin(&query, connection, KV_SQL_IS_NAME_TAKEN);
    kv_bind_text(&query, 1, (kv_text){name, (int)strlen(name)});
    is_taken = kv_query_row(&query);
    code = kv_query_end(&query);
    if (is_taken) sqlite3_snprintf((int)sizeof name, name, "kv_expiry_%d", i);
  }
  if (code != SQLITE_OK || is_there) return code;
  code = kv_execute_named(connection, KV_SQL_CREATE_EXPIRY_INDEX, name);
  return (code & 0xff) == SQLITE_ERROR ? explain_error(connection, code) : code;
}

static int restore_log(kv_connection *connection) {
  int is_there, is_whole;
  int code = kv_log_look(connection, &is_there, &is_whole);
  return code == SQLITE_OK && is_there && !is_whole ? kv_log_restore(connection) : code;
}

struct completion {
  kv_connection *connection;
  kv_store_state found;
};

/* What a table "kv" may lack, in one write. */
static int complete(void *pointer) {
  const struct completion *completion = pointer;
  kv_connection *connection = completion->connection;
  int code = SQLITE_OK;
  if (completion->found == KV_STORE_LEGACY) code = take_step(connection, KV_SQL_ADD_EXPIRY_COLUMN);
  if (code == SQLITE_OK) code = create_expiry_index(connection);
  if (code == SQLITE_OK) code = kv_quota_restore(connection);
  return code == SQLITE_OK ? restore_log(connection) : code;
}

int kv_schema_bring_up(kv_connection *connection) {
  int code = kv_schema_look(connection);
  if (code != SQLITE_OK || connection->store == KV_STORE_READY) return code;
  struct completion completion = {connection, connection->store};
  /* What follows is about the table itself, of whatever age. */
  connection->store = KV_STORE_UNKNOWN;
  if (completion.found == KV_STORE_ABSENT) code = take_step(connection, KV_SQL_CREATE_TABLE);
  if (code == SQLITE_OK && completion.found != KV_STORE_ABSENT) {
    code = kv_log_ground(connection);
  }
  if (code == SQLITE_OK) code = kv_quota_unblock(connection);
  if (code == SQLITE_OK) code = kv_drive(connection, complete, &completion);
  if (code != SQLITE_OK) code = kv_driver_failed(connection, code);
  kv_schema_forget(connection); /* statements were made for the schema as it was */
  return code == SQLITE_OK ? kv_schema_look(connection) : code;
}

/* Before a statement about the table is compiled: is it still a store? */
static int vouch(kv_connection *connection) {
  if (connection->store != KV_STORE_READY) return SQLITE_OK;
  int code = kv_schema_look_again(connection);
  return code == SQLITE_OK && connection->store != KV_STORE_READY ? SQLITE_SCHEMA : code;
}

const kv_room kv_schema_room = {.vouch = vouch};

/* A statement fails to be compiled, or compiled again, when the table was dropped, replaced or
** rolled back. That is no error of the call. */
int kv_again(kv_connection *connection, int *code, int *attempts) {
  enum { MAX_ATTEMPTS = 4 };
  if ((*code & 0xff) == SQLITE_ERROR && !connection->is_store_fresh) {
    *code = explain_error(connection, *code);
  }
  if (*code != SQLITE_SCHEMA) return 0;
  kv_schema_forget(connection);
  if (++*attempts < MAX_ATTEMPTS) {
    kv_clear_error(connection);
    return 1;
  }
  *code = SQLITE_ERROR; /* SQLITE_SCHEMA would make SQLite run the host's statement again */
  return 0;
}

int kv_again_inside(kv_connection *connection, kv_body *statement, void *data) {
  int code, attempts = 0;
  do {
    code = kv_schema_look(connection);
    if (code == SQLITE_OK) code = statement(data);
  } while (kv_again(connection, &code, &attempts));
  return code;
}
