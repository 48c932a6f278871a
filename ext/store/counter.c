/*
** kv_incr's arithmetic. See counter.h.
**
** No SQL arithmetic: that would turn an overflow into a REAL without a word, and RETURNING is missing
** from SQLite 3.34.
*/
#include "store/counter.h"
#include "store/exchange.h"

#include <math.h>

struct number {
  int is_real;
  sqlite3_int64 integer;
  double real; /* always the value, whichever the type */
};

/* Reads a number, without changing `value` itself; 0 if it is none. A text is read by a statement:
** sqlite3_value_numeric_type() does it in place, and in SQLite 3.53 crashes on a value that
** sqlite3_value_dup() made. */
static int read_number(kv_connection *connection, sqlite3_value *value, struct number *out,
                       int *code) {
  kv_query query;
  int type = sqlite3_value_type(value);
  if (type != SQLITE_TEXT) {
    out->is_real = type == SQLITE_FLOAT;
    out->integer = type == SQLITE_INTEGER ? sqlite3_value_int64(value) : 0;
    out->real = sqlite3_value_double(value);
    return type == SQLITE_INTEGER || type == SQLITE_FLOAT;
  }
  kv_query_begin(&query, connection, KV_SQL_READ_NUMBER);
  kv_bind_value(&query, 1, value);
  if (kv_query_row(&query)) {
    type = sqlite3_column_type(query.statement, 0);
    out->is_real = type == SQLITE_FLOAT;
    out->integer = kv_query_integer(&query, 0);
    out->real = sqlite3_column_double(query.statement, 0);
  }
  *code = kv_query_end(&query);
  return *code == SQLITE_OK && type != SQLITE_NULL;
}

/* a += b; 0 on overflow. */
static int add(struct number *a, const struct number *b) {
  static const sqlite3_int64 max = 0x7fffffffffffffff;
  a->real += b->real;
  a->is_real = a->is_real || b->is_real;
  if (a->is_real) return isfinite(a->real);
  if (b->integer > 0 ? a->integer > max - b->integer : a->integer < -max - 1 - b->integer) return 0;
  a->integer += b->integer;
  return 1;
}

static int make_value(kv_connection *connection, const struct number *number,
                      sqlite3_value **value) {
  kv_query query;
  kv_query_begin(&query, connection, KV_SQL_NUMBER);
  if (number->is_real) {
    kv_bind_real(&query, 1, number->real);
  } else {
    kv_bind_integer(&query, 1, number->integer);
  }
  if (kv_query_row(&query)) {
    *value = sqlite3_value_dup(kv_query_value(&query, 0));
    if (*value == NULL) query.code = SQLITE_NOMEM;
  }
  return kv_query_end(&query);
}

struct raise {
  kv_connection *connection;
  kv_text group, key;
  struct number by;
};

static int raise(void *data, sqlite3_value *old, sqlite3_value **sum) {
  const struct raise *raise = data;
  kv_connection *connection = raise->connection;
  kv_text group = kv_name_without(raise->group, kv_connection_scope(connection));
  struct number total = {0, 0, 0.0};
  int code = SQLITE_OK;
  if (old != NULL && !read_number(connection, old, &total, &code)) {
    if (code != SQLITE_OK) return code;
    return kv_fail(connection, SQLITE_ERROR, "value of group \"%.*s\", key \"%.*s\" is no number",
                   group.length, group.bytes, raise->key.length, raise->key.bytes);
  }
  if (!add(&total, &raise->by)) {
    return kv_fail(connection, SQLITE_ERROR, "%s overflow on group \"%.*s\", key \"%.*s\"",
                   total.is_real ? "real" : "integer", group.length, group.bytes, raise->key.length,
                   raise->key.bytes);
  }
  return make_value(connection, &total, sum);
}

int kv_counter_add(kv_connection *connection, kv_text group, kv_text key, sqlite3_value *by,
                   sqlite3_int64 now_ms, sqlite3_value **sum) {
  int code = SQLITE_OK;
  struct raise data = {.connection = connection, .group = group, .key = key, .by = {0, 1, 1.0}};
  *sum = NULL;
  if (by != NULL && !read_number(connection, by, &data.by, &code)) {
    return code != SQLITE_OK ? code : kv_fail(connection, SQLITE_ERROR, "by is no number");
  }
  return kv_store_exchange(connection, group, key, now_ms, raise, &data, sum);
}
