/*
** The driver. See driver.h.
*/
#include "store/driver.h"

#include <assert.h>

static const char body_function[] = "kv__body";
static const char body_pointer[] = "kv_driven"; /* SQL cannot make a pointer of this kind */

/* The message that is on its way to the host, kept from what runs meanwhile. */
static char *set_error_aside(kv_connection *connection) {
  char *error = connection->error;
  connection->error = NULL;
  return error;
}

static void put_error_back(kv_connection *connection, char *error) {
  kv_clear_error(connection);
  connection->error = error;
}

/*
** kv__body(pointer) -> 1 once the body has run, and NULL for anything that is no pointer of ours.
** SQLITE_SCHEMA is for kv_again() and not for SQLite, which would take it to mean that the driver
** has not begun.
*/
static void run_body(sqlite3_context *context, int count, sqlite3_value **arguments) {
  (void)count;
  kv_driven *driven = sqlite3_value_pointer(arguments[0], body_pointer);
  if (driven == NULL) return;
  assert(sqlite3_txn_state(driven->connection->db, kv_connection_schema(driven->connection)) ==
         SQLITE_TXN_WRITE);
  if (!driven->has_run) {
    driven->has_run = 1;
    driven->code = driven->body(driven->data);
    if (driven->code != SQLITE_OK) driven->error = set_error_aside(driven->connection);
  }
  if (driven->code == SQLITE_OK) {
    sqlite3_result_int(context, 1);
  } else {
    sqlite3_result_error_code(context, driven->code == SQLITE_SCHEMA ? SQLITE_ERROR : driven->code);
  }
}

int kv_driver_register(sqlite3 *db) {
  return sqlite3_create_function_v2(db, body_function, 1, SQLITE_UTF8 | SQLITE_DIRECTONLY, NULL,
                                    run_body, NULL, NULL, NULL);
}

void kv_driver_unregister(sqlite3 *db) {
  sqlite3_create_function_v2(db, body_function, 1, SQLITE_UTF8, NULL, NULL, NULL, NULL, NULL);
}

void kv_bind_driven(kv_query *query, int parameter, kv_driven *driven) {
  kv_bind_pointer(query, parameter, driven, body_pointer);
}

/* The error of the body is the one to report, with its message. */
int kv_driven_end(kv_driven *driven, int code) {
  if (driven->code == SQLITE_OK) return code;
  assert(code != SQLITE_OK);
  if (kv_is_grave(code) && !kv_is_grave(driven->code)) { /* as SQLite undid the body */
    sqlite3_free(driven->error);
    return code;
  }
  put_error_back(driven->connection, driven->error);
  return driven->code;
}

int kv_drive(kv_connection *connection, kv_body *body, void *data) {
  kv_driven driven = {.connection = connection, .body = body, .data = data};
  kv_query query;
  kv_query_begin(&query, connection, KV_SQL_WRITE_ALL);
  kv_bind_text(&query, 1, (kv_text){"", 0});
  kv_bind_driven(&query, 2, &driven);
  kv_query_row(&query);
  return kv_driven_end(&driven, kv_query_end(&query));
}

static int look_at_schema(kv_connection *connection) {
  int is_temp_written = sqlite3_txn_state(connection->db, "temp") == SQLITE_TXN_WRITE;
  kv_statements_close(connection); /* a cached one knows the schema from before */
  int code = kv_execute(connection, KV_SQL_LOOK_AT_SCHEMA);
  int temp_code = is_temp_written ? kv_execute(connection, KV_SQL_LOOK_AT_TEMP) : SQLITE_OK;
  return temp_code != SQLITE_OK ? temp_code : code;
}

/* That a look fails is what it is for; where SQLite took that for a reason to roll back, it is news. */
int kv_driver_failed(kv_connection *connection, int code) {
  if (code == SQLITE_SCHEMA || sqlite3_get_autocommit(connection->db)) return code;
  char *error = set_error_aside(connection);
  int look_code = look_at_schema(connection);
  if (look_code != SQLITE_OK && sqlite3_get_autocommit(connection->db)) {
    sqlite3_free(error);
    return look_code;
  }
  put_error_back(connection, error);
  return code;
}
