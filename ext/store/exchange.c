/*
** Reads and writes as one. See exchange.h.
*/
#include "store/exchange.h"
#include "store/purge.h"
#include "store/write.h"

#include <stddef.h>

struct exchange {
  kv_connection *connection;
  kv_text group, key;
  sqlite3_int64 now_ms;
  kv_compute *compute; /* NULL: the key is deleted */
  void *data;
  sqlite3_value *made;
};

static int read_old(const struct exchange *exchange, sqlite3_value **old) {
  return kv_store_copy(exchange->connection, exchange->group, exchange->key, exchange->now_ms, old);
}

/* Steps the statement that must write one row. */
static int write_row(kv_query *query) {
  kv_connection *connection = query->connection;
  sqlite3_int64 changes;
  int code = kv_query_write(query, &changes);
  if (code != SQLITE_OK || changes > 0) return code;
  return kv_fail(connection, SQLITE_CONSTRAINT_TRIGGER,
                 "a trigger on \"kv\" keeps the key as it is");
}

static int compute_and_write(void *pointer) {
  struct exchange *exchange = pointer;
  sqlite3_value *old;
  kv_query query;
  int code = read_old(exchange, &old);
  if (code == SQLITE_OK) code = exchange->compute(exchange->data, old, &exchange->made);
  if (code == SQLITE_OK) {
    kv_query_begin(&query, exchange->connection, old != NULL ? KV_SQL_REPLACE : KV_SQL_SETNX);
    kv_bind_text(&query, 1, exchange->group);
    kv_bind_text(&query, 2, exchange->key);
    kv_bind_value(&query, 3, exchange->made);
    if (old == NULL) kv_bind_null(&query, 4); /* or it has the ttl of the last that was bound */
    kv_bind_integer(&query, 5, exchange->now_ms);
    code = write_row(&query);
  }
  sqlite3_value_free(old);
  return code;
}

int kv_store_exchange(kv_connection *connection, kv_text group, kv_text key, sqlite3_int64 now_ms,
                      kv_compute *compute, void *data, sqlite3_value **made) {
  struct exchange exchange = {.connection = connection,
                              .group = group,
                              .key = key,
                              .now_ms = now_ms,
                              .compute = compute,
                              .data = data};
  int code = kv_write_all(connection, &group, compute_and_write, &exchange);
  if (code != SQLITE_OK) {
    sqlite3_value_free(exchange.made);
    exchange.made = NULL;
  }
  *made = exchange.made;
  return code;
}

static int read_and_delete(void *pointer) {
  struct exchange *exchange = pointer;
  kv_query query;
  int code = read_old(exchange, &exchange->made);
  if (code != SQLITE_OK || exchange->made == NULL) return code;
  kv_query_begin(&query, exchange->connection, KV_SQL_DELETE);
  kv_bind_text(&query, 1, exchange->group);
  kv_bind_text(&query, 2, exchange->key);
  kv_bind_integer(&query, 3, exchange->now_ms);
  return write_row(&query);
}

int kv_store_take(kv_connection *connection, kv_text group, kv_text key, sqlite3_int64 now_ms,
                  sqlite3_value **taken) {
  struct exchange exchange = {
      .connection = connection, .group = group, .key = key, .now_ms = now_ms};
  int code = kv_write_all(connection, &group, read_and_delete, &exchange);
  if (code != SQLITE_OK) {
    sqlite3_value_free(exchange.made);
    exchange.made = NULL;
  }
  *taken = exchange.made;
  return code;
}

struct touch {
  struct exchange exchange;
  sqlite3_int64 expires_at;
};

static int read_and_touch(void *pointer) {
  struct touch *touch = pointer;
  struct exchange *exchange = &touch->exchange;
  kv_query query;
  int code = read_old(exchange, &exchange->made);
  if (code != SQLITE_OK || exchange->made == NULL) return code;
  code = kv_purge_some(exchange->connection, exchange->now_ms, KV_PURGE_ON_WRITE);
  if (code != SQLITE_OK) return code;
  kv_query_begin(&query, exchange->connection, KV_SQL_TOUCH);
  kv_bind_text(&query, 1, exchange->group);
  kv_bind_text(&query, 2, exchange->key);
  kv_bind_integer(&query, 3, exchange->now_ms);
  kv_bind_integer(&query, 4, touch->expires_at);
  return write_row(&query);
}

int kv_store_touch(kv_connection *connection, const kv_entry *entry, sqlite3_int64 now_ms,
                   sqlite3_value **value) {
  struct touch touch = {
      {.connection = connection, .group = entry->group, .key = entry->key, .now_ms = now_ms},
      entry->expires_at};
  int code = kv_write_all(connection, &entry->group, read_and_touch, &touch);
  if (code != SQLITE_OK) {
    sqlite3_value_free(touch.exchange.made);
    touch.exchange.made = NULL;
  }
  *value = touch.exchange.made;
  return code;
}
