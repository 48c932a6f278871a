/*
** A call of an SQL function. See call.h.
*/
#include "surface/call.h"

sqlite3_value *kv_call_argument(const kv_call *call, int index) {
  return index < call->count ? call->arguments[index] : NULL;
}

sqlite3_int64 kv_call_now(kv_call *call) {
  if (!call->is_now_read) call->instant = kv_connection_now(call->connection);
  call->is_now_read = 1;
  return call->instant;
}
