/*
** kv_load: the statement does all, and only where it stored nothing is the JSON looked at to say
** why. See load.h.
*/
#include "store/load.h"
#include "store/schema.h"
#include "store/write.h"

#include <string.h>

/* Why nothing was stored, as an error; SQLITE_OK where the object is just empty. */
static int explain_nothing(kv_connection *connection, sqlite3_value *json) {
  kv_query query;
  int is_object = 0;
  kv_query_begin(&query, connection, KV_SQL_JSON_TYPE);
  if (query.code != SQLITE_OK) {
    query.code = kv_fail(connection, query.code, "this SQLite was built without JSON functions");
  }
  kv_bind_value(&query, 1, json);
  if (kv_query_row(&query)) {
    const char *type = (const char *)sqlite3_column_text(query.statement, 0);
    is_object = type != NULL && strcmp(type, "object") == 0;
  }
  int code = kv_query_end(&query);
  if (code != SQLITE_OK || is_object) return code;
  return kv_fail(connection, SQLITE_ERROR, "json is no object");
}

/* Names the member that is null, if that was the reason for the error. */
static int explain_null(kv_connection *connection, sqlite3_value *json, int code) {
  kv_query query;
  kv_query_begin(&query, connection, KV_SQL_JSON_NULL_MEMBER);
  kv_bind_value(&query, 1, json);
  if (kv_query_row(&query)) {
    kv_text key = kv_query_text(&query, 0);
    if (query.code == SQLITE_OK) {
      code = kv_fail(connection, SQLITE_ERROR, "json member \"%s\" is null", key.bytes);
    }
  }
  int query_code = kv_query_end(&query);
  return query_code == SQLITE_OK ? code : query_code;
}

/* What is refused creates no store: where there is none, the JSON is looked at first. */
static int look_through(kv_connection *connection, sqlite3_value *json) {
  int code = explain_nothing(connection, json);
  return code == SQLITE_OK ? explain_null(connection, json, code) : code;
}

int kv_load_object(kv_connection *connection, const kv_entry *entry, sqlite3_int64 now_ms,
                   sqlite3_int64 *stored) {
  kv_write write;
  *stored = 0;
  int code = kv_schema_look(connection);
  if (code == SQLITE_OK && connection->store != KV_STORE_READY) {
    code = look_through(connection, entry->value);
  }
  if (code != SQLITE_OK) return code;
  if (entry->has_expiry) {
    kv_write_begin_expiring(&write, connection, KV_SQL_LOAD, KV_SQL_LOAD_PURGING, entry->group,
                            now_ms);
  } else {
    kv_write_begin(&write, connection, KV_SQL_LOAD, entry->group);
  }
  kv_bind_text(&write.query, 1, entry->group);
  kv_bind_value(&write.query, 3, entry->value);
  kv_bind_expiry(&write.query, 4, entry);
  code = kv_write_end(&write, stored);
  if ((code == SQLITE_OK && *stored == 0) || code == SQLITE_ERROR) {
    int reason = explain_nothing(connection, entry->value);
    if (reason != SQLITE_OK) code = reason;
  } else if (code == SQLITE_CONSTRAINT_NOTNULL) {
    code = explain_null(connection, entry->value, code);
  }
  return code;
}
