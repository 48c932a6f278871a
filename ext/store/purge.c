/*
** Removing expired rows. See purge.h.
*/
#include "store/purge.h"

void kv_purge_bind(kv_query *query, const kv_range *range, sqlite3_int64 now_ms, int limit) {
  kv_range_bind(query, 1, range);
  kv_bind_integer(query, 3, now_ms);
  kv_bind_integer(query, 4, limit);
}

int kv_purge_range(kv_connection *connection, const kv_range *range, sqlite3_int64 now_ms,
                   int limit, sqlite3_int64 *removed) {
  kv_query query;
  kv_query_begin(&query, connection, KV_SQL_PURGE);
  kv_purge_bind(&query, range, now_ms, limit);
  const kv_intent before = connection->intent;
  connection->intent.has_now = 1;
  connection->intent.now_ms = now_ms;
  int code = kv_query_write(&query, removed);
  connection->intent = before;
  return code;
}

static int find_expired(kv_connection *connection, sqlite3_int64 now_ms, int *is_any) {
  kv_query query;
  kv_query_begin(&query, connection, KV_SQL_ANY_EXPIRED);
  kv_bind_integer(&query, 1, now_ms);
  *is_any = kv_query_row(&query);
  return kv_query_end(&query);
}

/* Did the DELETE fail alone, and not the machine, the host's patience, or the transaction too? */
static int is_ordinary(const kv_connection *connection, int code) {
  switch (code & 0xff) {
  case SQLITE_INTERRUPT:
  case SQLITE_NOMEM:
  case SQLITE_IOERR:
  case SQLITE_FULL:
  case SQLITE_CORRUPT:
    return 0;
  default:
    return sqlite3_txn_state(connection->db, kv_connection_schema(connection)) == SQLITE_TXN_WRITE;
  }
}

int kv_purge_some(kv_connection *connection, sqlite3_int64 now_ms, int limit) {
  char nothing[] = "";
  const kv_range everything = {.lower = {nothing, 0, SQLITE_UTF8}};
  sqlite3_int64 removed;
  int is_any;
  int code = find_expired(connection, now_ms, &is_any);
  if (code == SQLITE_OK && is_any) {
    code = kv_purge_range(connection, &everything, now_ms, limit, &removed);
  }
  if (code == SQLITE_OK || !is_ordinary(connection, code)) return code;
  kv_clear_error(connection);
  return SQLITE_OK;
}
