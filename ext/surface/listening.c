/*
** Functions for those who listen to changes: watchers and callbacks. See call.h.
*/
#include "events/events.h"
#include "surface/call.h"
#include "surface/interface.h"

static int watch(kv_call *call) {
  kv_text group, key = {"*", 1};
  sqlite3_value *capacity = kv_call_argument(call, 2);
  sqlite3_int64 id = 0, wanted = KV_DEFAULT_CAPACITY;
  int code = kv_argument_text(call->connection, call->arguments[0], "group", &group);
  if (code == SQLITE_OK && call->count > 1) {
    code = kv_argument_text(call->connection, call->arguments[1], "key", &key);
  }
  if (code == SQLITE_OK && capacity != NULL) {
    code = kv_argument_integer(call->connection, capacity, "capacity", 1, KV_MAX_CAPACITY, &wanted);
  }
  if (code == SQLITE_OK) code = kv_events_watch(call->connection, group, key, (int)wanted, &id);
  sqlite3_result_int64(call->context, id);
  return code;
}

static int unwatch(kv_call *call) {
  sqlite3_int64 id;
  int code = kv_argument_integer(call->connection, call->arguments[0], "id", 0, KV_MAX_ID, &id);
  if (code == SQLITE_OK) sqlite3_result_int(call->context, kv_events_unwatch(call->connection, id));
  return code;
}

static int on_change(kv_call *call) {
  static const kv_text commit = {"commit", 6};
  kv_text name, when = {NULL, 0};
  sqlite3_int64 id = 0;
  int code = kv_argument_text(call->connection, call->arguments[0], "callback", &name);
  if (code == SQLITE_OK && call->count > 1) {
    code = kv_argument_text(call->connection, call->arguments[1], "when", &when);
    if (code == SQLITE_OK && !kv_text_equals(when, commit)) {
      code = kv_fail(call->connection, SQLITE_ERROR, "when must be 'commit'");
    }
  }
  if (code == SQLITE_OK) {
    code = kv_events_on_change_sql(call->connection, name, when.bytes != NULL, &id);
  }
  sqlite3_result_int64(call->context, id);
  return code;
}

static int off_change(kv_call *call) {
  sqlite3_int64 id;
  int code = kv_argument_integer(call->connection, call->arguments[0], "id", 0, KV_MAX_ID, &id);
  if (code == SQLITE_OK)
    sqlite3_result_int(call->context, kv_events_off_change(call->connection, id));
  return code;
}

/* Hands the C interface over; see kv_interface_of() in kv.h. */
static int interface(kv_call *call) {
  const kv_interface **out = sqlite3_value_pointer(call->arguments[0], "kv_interface");
  if (out == NULL) return kv_fail(call->connection, SQLITE_ERROR, "is for C hosts: see kv.h");
  *out = kv_interface_for(call->connection);
  return *out != NULL ? SQLITE_OK : SQLITE_NOMEM;
}

const kv_function kv_listening_functions[] = {
    /* (group [, key = '*' [, capacity = 16]]) -> the watcher's id; '*' stands for any */
    {"kv_watch", 1, 3, KV_NO_NAMES, 0, 0, watch},
    /* (id) -> 1 or 0 */
    {"kv_unwatch", 1, 1, KV_NO_NAMES, 0, 0, unwatch},
    /* (name of an SQL function of 5 arguments [, 'commit']) -> the callback's id. Errors: no such
    **       function */
    {"kv_on_change", 1, 2, KV_NO_NAMES, 0, SQLITE_DIRECTONLY, on_change},
    /* (id) -> 1 or 0 */
    {"kv_off_change", 1, 1, KV_NO_NAMES, 0, 0, off_change},
    /* (pointer) -> NULL; kv.h's way in */
    {"kv_interface", 1, 1, KV_NO_NAMES, 0, SQLITE_DIRECTONLY, interface},
    {0},
};
