/*
** Functions that read one key, or render. See call.h.
*/
#include "store/run.h"
#include "store/schema.h"
#include "surface/call.h"
#include "surface/render.h"

static void answer_get(kv_call *call, sqlite3_value *value) {
  if (value == NULL) value = kv_call_argument(call, 2);
  if (value != NULL) sqlite3_result_value(call->context, value);
}

/* SQLite keeps what has a negative number for all calls of one statement, until that ends. */
enum { RUN = -1802205 };

/* Answers by a run (run.h): 1 if it did. The second call of a statement begins one; one statement in
** some finds out whether there is a second, since that costs something. */
static int get_in_run(kv_call *call, int *code) {
  enum { TRIED = 8 };
  kv_connection *connection = call->connection;
  sqlite3_value *value;
  int is_over = 0;
  kv_run *run = sqlite3_get_auxdata(call->context, RUN);
  if (run == NULL) {
    int is_read = sqlite3_txn_state(connection->db, "main") != SQLITE_TXN_NONE;
    if (connection->gets++ % TRIED == 0 && is_read) {
      run = kv_run_new(connection);
      if (run != NULL) sqlite3_set_auxdata(call->context, RUN, run, kv_run_free);
    }
    return 0;
  }
  if (connection->store !=
      KV_STORE_READY) { /* what it was made for is gone, or has to be looked at */
    sqlite3_set_auxdata(call->context, RUN, NULL, NULL);
    return 0;
  }
  *code = kv_run_look(run, call->group, call->key, kv_call_now(call), &value, &is_over);
  if (is_over ||
      *code == SQLITE_SCHEMA) { /* it was made for what is gone: the next way looks again */
    *code = SQLITE_OK;
    sqlite3_set_auxdata(call->context, RUN, NULL, NULL);
    return 0;
  }
  if (*code == SQLITE_OK) answer_get(call, value);
  return 1;
}

static int get(kv_call *call) {
  kv_query query;
  int code;
  if (get_in_run(call, &code)) return code;
  int is_found = kv_call_find(call, &query);
  if (query.code == SQLITE_OK) answer_get(call, is_found ? kv_query_value(&query, 0) : NULL);
  return kv_query_end(&query);
}

static int require(kv_call *call) {
  kv_query query;
  int is_found = kv_call_find(call, &query);
  if (is_found) sqlite3_result_value(call->context, kv_query_value(&query, 0));
  int code = kv_query_end(&query);
  if (code != SQLITE_OK || is_found) return code;
  return kv_fail(call->connection, SQLITE_NOTFOUND, "not found: group \"%s\", key \"%.*s\"",
                 sqlite3_value_text(call->arguments[0]), call->key.length, call->key.bytes);
}

static int exists(kv_call *call) {
  kv_query query;
  sqlite3_result_int(call->context, kv_call_find(call, &query));
  return kv_query_end(&query);
}

static int ttl(kv_call *call) {
  kv_query query;
  double seconds;
  if (kv_call_find(call, &query) &&
      kv_store_ttl(kv_query_value(&query, 1), kv_call_now(call), &seconds)) {
    sqlite3_result_double(call->context, seconds);
  }
  return kv_query_end(&query);
}

static int render(kv_call *call) {
  if (!kv_argument_is_name(call->arguments[0]) || !kv_argument_is_name(call->arguments[1])) {
    return SQLITE_OK;
  }
  return kv_render_call(call->connection, call->context, call->arguments, call->count,
                        kv_call_now(call));
}

const kv_function kv_reading_functions[] = {
    /* (group, key [, default]) -> the live value; else the default; else NULL */
    {"kv_get", 2, 3, KV_READS, 2, 0, get},
    /* (group, key) -> the live value, or the error "not found" (SQLITE_NOTFOUND) */
    {"kv_require", 2, 2, KV_NEEDS, 2, 0, require},
    /* (group, key) -> 0 or 1 */
    {"kv_exists", 2, 2, KV_READS, 2, 0, exists},
    /* (group, key) -> seconds left as REAL; NULL where there is no ttl, or no such key */
    {"kv_ttl", 2, 2, KV_READS, 2, 0, ttl},
    /* (template, group [, option]) -> text. Errors: Go's, with the line (render.h, template/) */
    {"kv_render", 2, 3, KV_NO_NAMES, 0, 0, render},
    {0},
};
