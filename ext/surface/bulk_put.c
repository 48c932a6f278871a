/*
** Many rows in one write, inside a transaction too: SELECT kv_put(kv_rows(group, key, value)) FROM …
**
** kv_rows() gathers, an aggregate; kv_put() writes what it gathered. They are two, since SQLite ends
** an aggregate in the same way where its statement failed or was interrupted, and then nothing must
** be written: kv_put() is only called if all went well. See batch.h.
*/
#include "surface/bulk_put.h"
#include "store/batch.h"
#include "store/schema.h"
#include "surface/call.h"

static const char rows_pointer[] = "kv_rows";

/* What an aggregation keeps; SQLite gives it filled with zeros. */
struct gathering {
  kv_batch *batch;
  int has_failed;
};

static int gather(kv_connection *connection, kv_batch *batch, int count,
                  sqlite3_value **arguments) {
  kv_entry entry = {.value = arguments[2]};
  kv_text group = {NULL, 0};
  char *memory = NULL;
  sqlite3_int64 most = sqlite3_limit(connection->db, SQLITE_LIMIT_LENGTH, -1);
  int code = kv_argument_name(connection, arguments[0], "group", &group);
  if (code == SQLITE_OK) code = kv_argument_name(connection, arguments[1], "key", &entry.key);
  if (code == SQLITE_OK) code = kv_argument_value(connection, entry.value);
  if (code == SQLITE_OK && count > 3) {
    code = kv_argument_ttl(connection, arguments[3], kv_connection_now(connection), &entry);
  }
  if (code == SQLITE_OK) code = kv_argument_scoped(connection, group, &entry.group, &memory);
  if (code == SQLITE_OK) code = kv_batch_add(connection, batch, &entry, most);
  sqlite3_free(memory);
  return code;
}

static void step(sqlite3_context *context, int count, sqlite3_value **arguments) {
  kv_connection *connection = sqlite3_user_data(context);
  struct gathering *gathering = sqlite3_aggregate_context(context, sizeof *gathering);
  if (gathering == NULL) {
    sqlite3_result_error_nomem(context);
    return;
  }
  if (gathering->has_failed) return;
  if (gathering->batch == NULL) gathering->batch = kv_batch_new();
  int code = gathering->batch == NULL ? SQLITE_NOMEM
                                      : gather(connection, gathering->batch, count, arguments);
  gathering->has_failed = code != SQLITE_OK;
  if (code != SQLITE_OK) kv_call_report(context, connection, "kv_rows", code);
}

static void free_batch(void *pointer) {
  kv_batch_free(pointer);
}

/* Also called where the statement failed: it only lets go. */
static void finish(sqlite3_context *context) {
  struct gathering *gathering = sqlite3_aggregate_context(context, 0);
  if (gathering == NULL || gathering->batch == NULL) return;
  if (gathering->has_failed) {
    kv_batch_free(gathering->batch);
  } else {
    sqlite3_result_pointer(context, gathering->batch, rows_pointer, free_batch);
  }
  gathering->batch = NULL;
}

/* kv_put(rows) -> how many rows. No rows, or what is none: 0. */
static void put(sqlite3_context *context, int count, sqlite3_value **arguments) {
  kv_connection *connection = sqlite3_user_data(context);
  kv_batch *batch = sqlite3_value_pointer(arguments[0], rows_pointer);
  int taken, attempts = 0;
  (void)count;
  int code = kv_connection_enter(connection);
  if (code == SQLITE_OK) {
    if (batch == NULL && sqlite3_value_type(arguments[0]) != SQLITE_NULL) {
      code = kv_fail(connection, SQLITE_ERROR, "rows are to come from kv_rows()");
    } else if (batch != NULL) {
      do {
        code = kv_batch_write(connection, batch, 1, kv_connection_now(connection), &taken);
      } while (kv_again(connection, &code, &attempts));
    }
    kv_connection_leave(connection);
  }
  if (code != SQLITE_OK) {
    kv_call_report(context, connection, "kv_put", code);
  } else {
    sqlite3_result_int(context, batch != NULL ? kv_batch_count(batch) : 0);
  }
}

int kv_bulk_put_register(kv_connection *connection) {
  sqlite3 *db = connection->db;
  int code = SQLITE_OK;
  for (int arguments = 3; arguments <= 4 && code == SQLITE_OK; arguments++) {
    code = sqlite3_create_function_v2(db, "kv_rows", arguments, SQLITE_UTF8,
                                      kv_connection_retain(connection), NULL, step, finish,
                                      kv_connection_release);
  }
  if (code != SQLITE_OK) return code;
  return sqlite3_create_function_v2(db, "kv_put", 1, SQLITE_UTF8, kv_connection_retain(connection),
                                    put, NULL, NULL, kv_connection_release);
}

void kv_bulk_put_unregister(sqlite3 *db) {
  for (int arguments = 3; arguments <= 4; arguments++) {
    sqlite3_create_function_v2(db, "kv_rows", arguments, SQLITE_UTF8, NULL, NULL, NULL, NULL, NULL);
  }
  sqlite3_create_function_v2(db, "kv_put", 1, SQLITE_UTF8, NULL, NULL, NULL, NULL, NULL);
}
