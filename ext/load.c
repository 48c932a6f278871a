/*
** kv_load: the statement does all, and only where it stored nothing is the JSON looked at to say
*why.
** See load.h.
*/
#include "load.h"

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
static int explain_constraint(kv_connection *connection, sqlite3_value *json, int code) {
  kv_query query;
  char *error = connection->error;
  connection->error = NULL;
  kv_query_begin(&query, connection, KV_SQL_JSON_NULL_MEMBER);
  kv_bind_value(&query, 1, json);
  if (kv_query_row(&query)) {
    kv_fail(connection, code, "json member \"%s\" is null",
            sqlite3_column_text(query.statement, 0));
  }
  kv_query_end(&query);
  if (connection->error == NULL) {
    connection->error = error;
  } else {
    sqlite3_free(error);
  }
  return code;
}

int kv_load_object(kv_connection *connection, const kv_entry *entry, sqlite3_int64 now,
                   sqlite3_int64 *stored) {
  int code = kv_store_load(connection, entry, now, stored);
  if ((code == SQLITE_OK && *stored == 0) || code == SQLITE_ERROR) {
    int reason = explain_nothing(connection, entry->value);
    if (reason != SQLITE_OK) code = reason;
  } else if ((code & 0xff) == SQLITE_CONSTRAINT) {
    code = explain_constraint(connection, entry->value, code);
  }
  return code;
}
