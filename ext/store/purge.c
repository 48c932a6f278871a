/*
** Removing expired rows. See purge.h.
*/
#include "store/purge.h"
#include "base/threads.h"
#include "store/schema.h"

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
  int code = kv_query_end(&query);
  if (code == SQLITE_OK && !*is_any) connection->found_nothing_us = kv_steady_us();
  return code;
}

/* Did the DELETE fail alone, by the will of a host's trigger, callback or authorizer? An error of the
** machine, an interrupt, or a transaction that went with it are the write's too. */
static int is_refusal(const kv_connection *connection, int code) {
  switch (code & 0xff) {
  case SQLITE_ERROR:
  case SQLITE_CONSTRAINT:
  case SQLITE_AUTH:
  case SQLITE_BUSY:
  case SQLITE_LOCKED:
    return sqlite3_txn_state(connection->db, kv_connection_schema(connection)) == SQLITE_TXN_WRITE;
  default:
    return 0;
  }
}

struct some {
  kv_connection *connection;
  sqlite3_int64 now_ms;
  int limit;
};

static int purge_some(void *pointer) {
  const struct some *some = pointer;
  char nothing[] = "";
  const kv_range everything = {.lower = {nothing, 0, SQLITE_UTF8}};
  sqlite3_int64 removed;
  int is_any;
  int code = find_expired(some->connection, some->now_ms, &is_any);
  if (code != SQLITE_OK || !is_any) return code;
  return kv_purge_range(some->connection, &everything, some->now_ms, some->limit, &removed);
}

/* Looks again after a while only, where nothing had expired: most writes need not pay for a look. Not where
** the clock is pinned: there the same calls remove the same rows. */
int kv_purge_is_worth_a_look(const kv_connection *connection) {
  enum { REST_US = 10000 };
  return connection->is_pinned || kv_steady_us() - connection->found_nothing_us > REST_US;
}

int kv_purge_is_due(kv_connection *connection, sqlite3_int64 now_ms, int *is_due) {
  const char *schema = kv_connection_schema(connection);
  *is_due = kv_purge_is_worth_a_look(connection);
  if (!*is_due || (!sqlite3_get_autocommit(connection->db) &&
                   sqlite3_txn_state(connection->db, schema) == SQLITE_TXN_NONE)) {
    return SQLITE_OK;
  }
  return find_expired(connection, now_ms, is_due);
}

int kv_purge_some(kv_connection *connection, sqlite3_int64 now_ms, int limit) {
  struct some some = {connection, now_ms, limit};
  int code = kv_again_inside(connection, purge_some, &some);
  if (code == SQLITE_OK || !is_refusal(connection, code)) return code;
  kv_clear_error(connection);
  return SQLITE_OK;
}
