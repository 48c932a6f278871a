/*
** Functions of the feed. See call.h.
*/
#include "surface/call.h"

#include "events/feed.h"
#include "events/wait.h"

static const sqlite3_int64 most = 0x7fffffffffffffff;

/* The feed is the whole store's. */
static int feed(kv_call *call) {
  enum { DEFAULT_FACTOR = 10 };
  kv_connection *connection = call->connection;
  sqlite3_value *limit = kv_call_argument(call, 1);
  sqlite3_int64 keep, at_most, head = 0;
  if (*kv_connection_scope(connection) != 0) {
    return kv_fail(connection, SQLITE_ERROR, "a feed is of the whole store: leave the namespace");
  }
  int code =
      kv_argument_integer(connection, call->arguments[0], "keep", 0, most / DEFAULT_FACTOR, &keep);
  if (code != SQLITE_OK) return code;
  at_most = keep * DEFAULT_FACTOR;
  if (limit != NULL) code = kv_argument_integer(connection, limit, "at_most", keep, most, &at_most);
  if (code == SQLITE_OK) code = kv_feed_set(connection, keep, at_most);
  if (code == SQLITE_OK && keep > 0) code = kv_feed_head(connection, &head);
  sqlite3_result_int64(call->context, head);
  return code;
}

static int ack(kv_call *call) {
  kv_connection *connection = call->connection;
  kv_text name, stored = {NULL, 0};
  char *memory = NULL;
  sqlite3_int64 seq;
  int is_there;
  int code = kv_argument_text(connection, call->arguments[0], "consumer", &name);
  if (code == SQLITE_OK && name.length == 0) {
    code = kv_fail(connection, SQLITE_ERROR, "consumer is empty");
  }
  if (code == SQLITE_OK) code = kv_argument_scoped(connection, name, &stored, &memory);
  if (code == SQLITE_OK && sqlite3_value_type(call->arguments[1]) == SQLITE_NULL) {
    code = kv_feed_forget(connection, stored, &is_there);
  } else if (code == SQLITE_OK) {
    code = kv_argument_integer(connection, call->arguments[1], "seq", 0, most, &seq);
    if (code == SQLITE_OK) code = kv_feed_ack(connection, stored, seq, kv_call_now(call));
    if (code == SQLITE_OK) sqlite3_result_int64(call->context, seq);
  }
  sqlite3_free(memory);
  return code;
}

static int wait(kv_call *call) {
  enum { DEFAULT_MS = 30000 };
  sqlite3_int64 after, seq = 0, timeout_ms = DEFAULT_MS;
  sqlite3_value *timeout = kv_call_argument(call, 1);
  int code = kv_argument_integer(call->connection, call->arguments[0], "after", 0, most, &after);
  if (code == SQLITE_OK && timeout != NULL) {
    code = kv_argument_duration(call->connection, timeout, "timeout", 1, &timeout_ms);
  }
  if (code == SQLITE_OK) code = kv_wait(call->connection, after, timeout_ms, &seq);
  if (code == SQLITE_OK && seq > 0) sqlite3_result_int64(call->context, seq);
  return code;
}

static int compact(kv_call *call) {
  sqlite3_int64 removed;
  int code = kv_feed_compact(call->connection, &removed);
  sqlite3_result_int64(call->context, removed);
  return code;
}

const kv_function kv_feeding_functions[] = {
    /* (keep [, at_most = 10 * keep]) -> the newest seq. Starts or changes the feed; 0 ends it, and the
    **       answer is 0. Errors: bad limit; inside a namespace */
    {"kv_feed", 1, 2, KV_NO_NAMES, 0, SQLITE_DIRECTONLY, feed},
    /* (consumer, seq) -> seq; (consumer, NULL) -> NULL, and the reader is forgotten. Errors: no such
    **       change yet; no feed */
    {"kv_ack", 2, 2, KV_NO_NAMES, 0, 0, ack},
    /* (after [, timeout = 30]) -> the newest seq as soon as it is not `after`; NULL at the timeout.
    **       Errors: inside a transaction; no feed; interrupted (wait.h) */
    {"kv_wait", 1, 2, KV_NO_NAMES, 0, SQLITE_DIRECTONLY, wait},
    /* () -> rows removed: all but the last change of each key. Errors: no feed */
    {"kv_feed_compact", 0, 0, KV_NO_NAMES, 0, SQLITE_DIRECTONLY, compact},
    {0},
};
