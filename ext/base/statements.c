/*
** The statement cache. See statements.h.
**
** A prepared statement that is open makes sqlite3_close() fail, and nothing tells an extension in
** time that the host wants to close, but for one thing: SQLite disconnects every virtual table
** first. So statements are kept only while an eponymous table of ours (kv_groups, the anchor) is
** connected, and finalized as soon as one is disconnected. What must stay true for this:
**
**   - no cached statement reads an anchor table, or it would itself keep the table from
** disconnecting;
**   - a statement in use is not in the cache: a call that SQLite interrupts with a disconnect, or
** one that
**     meets itself through a trigger, prepares another;
**   - a statement about the table is prepared with sqlite3_prepare(), the first of its kind: it is
**     not compiled again by itself when the schema has changed, but sqlite3_step() fails. So nobody's
**     table of another shape is ever read or written by a statement that was made for a store: the
**     schema is looked at, and the call made again. The others must not fail so;
**   - where no anchor can be had (the host has a table of that name, or an authorizer forbids it)
** all works,
**     without a cache.
*/
#include "base/statements.h"

#define KV_SQL_TEXTS
#include "kv_sql.h"

#include <assert.h>
#include <string.h>

/* Writes `text` with the schema's name for every "main.", and, in a reader of a legacy store, with
** the replacement for the whole table. */
static void append_sql(sqlite3_str *out, const kv_connection *connection, const char *text,
                       int is_legacy) {
  static const char table[] = "main.kv", schema[] = "main.";
  const char *found;
  while ((found = strstr(text, schema)) != NULL) {
    sqlite3_str_append(out, text, (int)(found - text));
    if (is_legacy && strncmp(found, table, sizeof table - 1) == 0) {
      append_sql(out, connection, kv_sql_texts[KV_SQL_LEGACY_TABLE], 0);
      text = found + sizeof table - 1;
    } else {
      sqlite3_str_appendf(out, "\"%w\".", kv_connection_schema(connection));
      text = found + sizeof schema - 1;
    }
  }
  sqlite3_str_appendall(out, text);
}

static int is_about_table(kv_sql sql) {
  return strstr(kv_sql_texts[sql], "main.kv") != NULL;
}

/* Such a statement is of no use twice: it makes itself, and all others, be compiled anew. */
static int changes_schema(kv_sql sql) {
  static const char *const verbs[] = {"CREATE ", "DROP ", "ALTER "};
  for (size_t i = 0; i < sizeof verbs / sizeof verbs[0]; i++) {
    if (strncmp(kv_sql_texts[sql], verbs[i], strlen(verbs[i])) == 0) return 1;
  }
  return 0;
}

static int prepare(kv_connection *connection, kv_sql sql, sqlite3_stmt **statement) {
  sqlite3_str *out = sqlite3_str_new(connection->db);
  append_sql(out, connection, kv_sql_texts[sql], connection->store == KV_STORE_LEGACY);
  char *text = sqlite3_str_finish(out);
  if (text == NULL) return SQLITE_NOMEM;
  int code = is_about_table(sql) ? sqlite3_prepare(connection->db, text, -1, statement, NULL)
                                 : sqlite3_prepare_v3(connection->db, text, -1,
                                                      SQLITE_PREPARE_PERSISTENT, statement, NULL);
  sqlite3_free(text);
  return code == SQLITE_OK ? SQLITE_OK : kv_fail_sqlite(connection);
}

static int compile(sqlite3 *db, kv_sql sql) {
  sqlite3_stmt *statement = NULL;
  int code = sqlite3_prepare_v2(db, kv_sql_texts[sql], -1, &statement, NULL);
  sqlite3_finalize(statement);
  return code;
}

int kv_statement_compiles(sqlite3 *db, kv_sql sql) {
  return compile(db, sql) == SQLITE_OK;
}

/* Prepares a statement that is not kept, with `name` for every `placeholder`, in quotes. */
static int prepare_named(kv_connection *connection, kv_sql sql, const char *placeholder,
                         const char *name, sqlite3_stmt **statement) {
  sqlite3_str *named = sqlite3_str_new(connection->db), *out = sqlite3_str_new(connection->db);
  const char *text = kv_sql_texts[sql], *found;
  for (; (found = strstr(text, placeholder)) != NULL; text = found + strlen(placeholder)) {
    sqlite3_str_appendf(named, "%.*s\"%w\"", (int)(found - text), text, name);
  }
  sqlite3_str_appendall(named, text);
  char *before = sqlite3_str_finish(named);
  if (before != NULL) append_sql(out, connection, before, 0);
  char *made = sqlite3_str_finish(out);
  int code = SQLITE_NOMEM;
  if (before != NULL && made != NULL) {
    code = sqlite3_prepare_v2(connection->db, made, -1, statement, NULL);
    if (code != SQLITE_OK) code = kv_fail_sqlite(connection);
  }
  sqlite3_free(before);
  sqlite3_free(made);
  return code;
}

/* SQLite keeps the text of a trigger from its name on, without the schema. */
int kv_statement_created(kv_sql sql, const char *text) {
  static const char schema[] = "main.";
  const char *own = kv_sql_texts[sql], *found = strstr(own, schema);
  size_t head = (size_t)(found - own);
  return strncmp(own, text, head) == 0 && strcmp(found + sizeof schema - 1, text + head) == 0;
}

int kv_statement_prepare_callback(kv_connection *connection, const char *name,
                                  sqlite3_stmt **statement) {
  return prepare_named(connection, KV_SQL_CALLBACK, "\"callback\"", name, statement);
}

int kv_statement_prepare_named(kv_connection *connection, kv_sql sql, const char *name,
                               sqlite3_stmt **statement) {
  return prepare_named(connection, sql, "\"name\"", name, statement);
}

int kv_find_named(kv_connection *connection, kv_sql sql, const char *name, int *is_found) {
  sqlite3_stmt *statement = NULL;
  int code = prepare_named(connection, sql, "\"name\"", name, &statement);
  *is_found = 0;
  if (code != SQLITE_OK) return code;
  code = sqlite3_step(statement);
  *is_found = code == SQLITE_ROW;
  if (code != SQLITE_DONE && code != SQLITE_ROW) code = kv_fail_sqlite(connection);
  sqlite3_finalize(statement);
  if (changes_schema(sql)) kv_statements_close(connection);
  return code == SQLITE_DONE || code == SQLITE_ROW ? SQLITE_OK : code;
}

int kv_execute_named(kv_connection *connection, kv_sql sql, const char *name) {
  int is_found;
  return kv_find_named(connection, sql, name, &is_found);
}

/* Where there is no anchor to be had (see above) all is well. Any other failure is one to report: an
** error of the disk may have rolled back the transaction that the call is in. */
int kv_statements_connect(kv_connection *connection) {
  int code = connection->anchors == 0 ? compile(connection->db, KV_SQL_ANCHOR) : SQLITE_OK;
  int is_fine = code == SQLITE_OK || (code & 0xff) == SQLITE_ERROR || (code & 0xff) == SQLITE_AUTH;
  return is_fine ? SQLITE_OK : kv_fail_sqlite(connection);
}

static int vouch(kv_connection *connection, kv_sql sql) {
  int code = SQLITE_OK;
  if (!is_about_table(sql)) return SQLITE_OK;
  for (const kv_room *const *room = connection->rooms; *room != NULL && code == SQLITE_OK; room++) {
    if ((*room)->vouch != NULL) code = (*room)->vouch(connection);
  }
  return code;
}

int kv_query_begin(kv_query *query, kv_connection *connection, kv_sql sql) {
  *query = (kv_query){.connection = connection, .sql = sql, .generation = connection->generation};
  query->statement = connection->statements[sql];
  if (query->statement != NULL) {
    connection->statements[sql] = NULL;
    return SQLITE_OK;
  }
  query->code = kv_statements_connect(connection);
  if (query->code == SQLITE_OK) query->code = vouch(connection, sql);
  query->generation = connection->generation;
  if (query->code == SQLITE_OK) query->code = prepare(connection, sql, &query->statement);
  return query->code;
}

/* Remembers the outcome of a bind: too big, or out of memory. */
static void note_bind(kv_query *query, int code) {
  if (code != SQLITE_OK && query->code == SQLITE_OK) {
    query->code = kv_fail(query->connection, code, "%s", sqlite3_errstr(code));
  }
}

void kv_bind_text(kv_query *query, int parameter, kv_text text) {
  if (query->code != SQLITE_OK) return;
  note_bind(query,
            sqlite3_bind_text(query->statement, parameter, text.bytes, text.length, SQLITE_STATIC));
}

void kv_bind_encoded(kv_query *query, int parameter, const void *bytes, sqlite3_uint64 length,
                     unsigned char encoding) {
  if (query->code != SQLITE_OK) return;
  note_bind(query, sqlite3_bind_text64(query->statement, parameter, bytes, length, SQLITE_STATIC,
                                       encoding));
}

void kv_bind_integer(kv_query *query, int parameter, sqlite3_int64 integer) {
  if (query->code != SQLITE_OK) return;
  note_bind(query, sqlite3_bind_int64(query->statement, parameter, integer));
}

void kv_bind_real(kv_query *query, int parameter, double real) {
  if (query->code != SQLITE_OK) return;
  note_bind(query, sqlite3_bind_double(query->statement, parameter, real));
}

void kv_bind_blob(kv_query *query, int parameter, const void *bytes, int length) {
  if (query->code != SQLITE_OK) return;
  note_bind(query, sqlite3_bind_blob(query->statement, parameter, bytes, length, SQLITE_STATIC));
}

void kv_bind_null(kv_query *query, int parameter) {
  if (query->code != SQLITE_OK) return;
  note_bind(query, sqlite3_bind_null(query->statement, parameter));
}

void kv_bind_beyond_text(kv_query *query, int parameter) {
  if (query->code != SQLITE_OK) return;
  note_bind(query, sqlite3_bind_zeroblob(query->statement, parameter, 0));
}

void kv_bind_pointer(kv_query *query, int parameter, void *pointer, const char *type) {
  if (query->code != SQLITE_OK) return;
  note_bind(query, sqlite3_bind_pointer(query->statement, parameter, pointer, type, NULL));
}

static int bind_text(sqlite3_stmt *statement, int parameter, sqlite3_value *value) {
  kv_text text = kv_name_of(value);
  if (text.bytes == NULL) return SQLITE_NOMEM;
  return sqlite3_bind_text(statement, parameter, text.bytes, text.length, SQLITE_STATIC);
}

static int bind_blob(sqlite3_stmt *statement, int parameter, sqlite3_value *value) {
  const void *bytes = sqlite3_value_blob(value);
  int length = sqlite3_value_bytes(value);
  if (length == 0) return sqlite3_bind_zeroblob(statement, parameter, 0);
  if (bytes == NULL) return SQLITE_NOMEM;
  return sqlite3_bind_blob(statement, parameter, bytes, length, SQLITE_STATIC);
}

void kv_bind_value(kv_query *query, int parameter, sqlite3_value *value) {
  if (query->code != SQLITE_OK) return;
  int type = sqlite3_value_type(value);
  int code;
  if (type == SQLITE_INTEGER) {
    code = sqlite3_bind_int64(query->statement, parameter, sqlite3_value_int64(value));
  } else if (type == SQLITE_FLOAT) {
    code = sqlite3_bind_double(query->statement, parameter, sqlite3_value_double(value));
  } else if (type == SQLITE_TEXT && query->connection->encoding != SQLITE_UTF8) {
    /* A copy as it is: UTF-8 cannot say half a surrogate pair. */
    code = sqlite3_bind_value(query->statement, parameter, value);
  } else if (type == SQLITE_TEXT) {
    code = bind_text(query->statement, parameter, value);
  } else {
    code = bind_blob(query->statement, parameter, value);
  }
  note_bind(query, code);
}

int kv_query_row(kv_query *query) {
  if (query->code != SQLITE_OK) return 0;
  int code = sqlite3_step(query->statement);
  if (code == SQLITE_ROW) return 1;
  if (code == SQLITE_DONE) return 0;
  code = sqlite3_reset(query->statement); /* says what it was */
  query->code = code == SQLITE_SCHEMA ? code : kv_fail_sqlite(query->connection);
  return 0;
}

sqlite3_value *kv_query_value(kv_query *query, int column) {
  return sqlite3_column_value(query->statement, column);
}

sqlite3_int64 kv_query_integer(kv_query *query, int column) {
  return sqlite3_column_int64(query->statement, column);
}

kv_text kv_query_text(kv_query *query, int column) {
  kv_text text = {(const char *)sqlite3_column_text(query->statement, column),
                  sqlite3_column_bytes(query->statement, column)};
  if (text.bytes == NULL) query->code = SQLITE_NOMEM;
  return text;
}

int kv_query_end(kv_query *query) {
  kv_connection *connection = query->connection;
  sqlite3_stmt *statement = query->statement;
  query->statement = NULL;
  if (statement == NULL) return query->code;
  int is_worth_keeping = connection->anchors > 0 && connection->statements[query->sql] == NULL &&
                         query->generation == connection->generation &&
                         !changes_schema(query->sql) && connection->store != KV_STORE_LEGACY &&
                         query->code != SQLITE_SCHEMA;
  if (is_worth_keeping) {
    sqlite3_reset(statement); /* reports again what the step reported */
    assert(!sqlite3_stmt_busy(statement) && query->generation == connection->generation);
    connection->statements[query->sql] = statement;
  } else {
    sqlite3_finalize(statement);
    if (changes_schema(query->sql)) kv_statements_close(connection); /* all are out of date */
  }
  return query->code;
}

int kv_query_end_for_good(kv_query *query) {
  query->generation = query->connection->generation - 1; /* as if it were of an earlier schema */
  return kv_query_end(query);
}

int kv_execute(kv_connection *connection, kv_sql sql) {
  kv_query query;
  kv_query_begin(&query, connection, sql);
  kv_query_row(&query);
  return kv_query_end(&query);
}

int kv_query_write(kv_query *query, sqlite3_int64 *changes) {
  kv_query_row(query);
  *changes = query->code == SQLITE_OK ? sqlite3_changes(query->connection->db) : 0;
  return kv_query_end(query);
}

void kv_statement_drop(kv_connection *connection, kv_sql sql) {
  sqlite3_finalize(connection->statements[sql]);
  connection->statements[sql] = NULL;
}

void kv_statements_close(kv_connection *connection) {
  for (int i = 0; i < KV_SQL_TOTAL; i++) kv_statement_drop(connection, (kv_sql)i);
}

const kv_room kv_statements_room = {.pause = kv_statements_close, .free = kv_statements_close};
