/*
** A call of an SQL function. See call.h.
*/
#include "surface/call.h"
#include "store/schema.h"

sqlite3_value *kv_call_argument(const kv_call *call, int index) {
  return index < call->count ? call->arguments[index] : NULL;
}

sqlite3_int64 kv_call_now(kv_call *call) {
  if (!call->is_now_read) call->instant = kv_connection_now(call->connection);
  call->is_now_read = 1;
  return call->instant;
}

int kv_call_find(kv_call *call, kv_query *query) {
  *query = (kv_query){.connection = call->connection};
  if (kv_store_is_absent(call->connection, &query->code) || query->code != SQLITE_OK) return 0;
  return kv_store_find(query, call->connection, call->group, call->key, kv_call_now(call));
}

void kv_call_report(sqlite3_context *context, kv_connection *connection, const char *name,
                    int code) {
  char *message = kv_take_error(connection, name, code);
  if (message == NULL || (code & 0xff) == SQLITE_NOMEM) {
    sqlite3_result_error_nomem(context);
  } else {
    sqlite3_result_error(context, message, -1);
    sqlite3_result_error_code(context, code);
  }
  sqlite3_free(message);
}
