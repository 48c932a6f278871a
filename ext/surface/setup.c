/*
** Functions that set up the connection and the store: namespace, quotas, background purge, settings.
** See call.h.
*/
#include "kv.h"
#include "store/purger.h"
#include "surface/call.h"
#include "surface/scope.h"
#include "surface/settings.h"

static int purge_every(kv_call *call) {
  sqlite3_int64 milliseconds;
  int code =
      kv_argument_duration(call->connection, call->arguments[0], "interval", 1, &milliseconds);
  if (code == SQLITE_OK) code = kv_purger_set(call->connection, milliseconds);
  if (code == SQLITE_OK) sqlite3_result_double(call->context, (double)milliseconds / 1000.0);
  return code;
}

static int answer_scope(kv_call *call, int code) {
  if (code != SQLITE_OK) return code;
  kv_text namespace = kv_connection_namespace(call->connection);
  sqlite3_result_text(call->context, namespace.bytes, namespace.length, SQLITE_TRANSIENT);
  return SQLITE_OK;
}

static int scope(kv_call *call) {
  return answer_scope(call, call->count > 0 ? kv_scope_set(call->connection, call->arguments[0])
                                            : SQLITE_OK);
}

static int unscope(kv_call *call) {
  kv_scope_leave(call->connection);
  return answer_scope(call, SQLITE_OK);
}

static int quota(kv_call *call) {
  int code = kv_scope_set_quota(call->connection, call->count, call->arguments);
  if (code == SQLITE_OK) sqlite3_result_value(call->context, call->arguments[0]);
  return code;
}

static int config(kv_call *call) {
  return kv_settings_call(call->connection, call->context, call->arguments[0],
                          kv_call_argument(call, 1));
}

static int version(kv_call *call) {
  sqlite3_result_text(call->context, KV_VERSION, -1, SQLITE_STATIC);
  return SQLITE_OK;
}

const kv_function kv_setup_functions[] = {
    /* () -> the namespace in force, '' for none. (namespace) enters it. Errors: bad name, '' and NULL
    **       among them */
    {"kv_scope", 0, 0, KV_NO_NAMES, 0, 0, scope},
    {"kv_scope", 1, 1, KV_NO_NAMES, 0, SQLITE_DIRECTONLY, scope},
    /* () -> '': the namespace is left */
    {"kv_unscope", 0, 0, KV_NO_NAMES, 0, SQLITE_DIRECTONLY, unscope},
    /* (namespace, max_keys, max_groups [, max_bytes [, policy]]) -> the namespace; '' is the whole store.
    **       0 is unlimited, NULL for all takes the quota away. Errors: bad name, limit or policy */
    {"kv_quota", 3, 5, KV_NO_NAMES, 0, SQLITE_DIRECTONLY, quota},
    /* (interval) -> the interval in seconds; 0 stops. Errors: no file (:memory:), read-only
    **       (purger.h) */
    {"kv_purge_every", 1, 1, KV_NO_NAMES, 0, SQLITE_DIRECTONLY, purge_every},
    /* (name [, value]) -> the setting (settings.h). Errors: unknown setting, bad value */
    {"kv_config", 1, 2, KV_NO_NAMES, 0, SQLITE_DIRECTONLY, config},
    /* () -> the version, "major.minor.patch" */
    {"kv_version", 0, 0, KV_NO_NAMES, 0, 0, version},
    {0},
};
