/*
** Removing expired rows. See store.h.
*/
#include "store/store.h"

int kv_write_purge(kv_connection *connection, const kv_range *range, sqlite3_int64 now, int limit,
                   sqlite3_int64 *removed) {
  kv_query query;
  kv_query_begin(&query, connection, KV_SQL_PURGE);
  kv_range_bind(&query, 1, range);
  kv_bind_integer(&query, 3, now);
  kv_bind_integer(&query, 4, limit);
  const kv_intent before = connection->intent;
  connection->intent.has_now = 1;
  connection->intent.now_ms = now;
  int code = kv_query_write(&query, removed);
  connection->intent = before;
  return code;
}

int kv_store_purge(kv_connection *connection, const kv_range *range, sqlite3_int64 now, int limit,
                   sqlite3_int64 *removed) {
  kv_write write;
  *removed = 0;
  int code = kv_write_begin(&write, connection, KV_NO_PURGE);
  if (code == SQLITE_OK) code = kv_write_purge(connection, range, now, limit, removed);
  return kv_write_end(&write, code);
}
