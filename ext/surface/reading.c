/*
** Functions that read one key, or render. See call.h.
*/
#include "store/schema.h"
#include "surface/call.h"
#include "surface/render.h"

static int get(kv_call *call) {
  kv_query query;
  int is_found = kv_call_find(call, &query);
  if (is_found) sqlite3_result_value(call->context, kv_query_value(&query, 0));
  int code = kv_query_end(&query);
  if (code == SQLITE_OK && !is_found && call->count > 2) {
    sqlite3_result_value(call->context, call->arguments[2]);
  }
  return code;
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
