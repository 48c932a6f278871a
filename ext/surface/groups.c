/*
** Functions over whole groups: those of a name, or all with a prefix. See call.h.
*/
#include "store/schema.h"
#include "surface/call.h"
#include "transfer/export.h"

typedef int range_operation(kv_connection *connection, const kv_range *range, sqlite3_int64 now_ms,
                            sqlite3_int64 *count);

/* Runs the operation over the range, which it frees, and answers with the count. No store: 0. */
static int over_range(kv_call *call, int code, kv_range *range, range_operation *run) {
  sqlite3_int64 count = 0;
  if (code == SQLITE_OK && !kv_store_is_absent(call->connection, &code) && code == SQLITE_OK) {
    code = run(call->connection, range, kv_call_now(call), &count);
  }
  kv_range_free(range);
  sqlite3_result_int64(call->context, count);
  return code;
}

static int over_group(kv_call *call, range_operation *run) {
  kv_range range;
  int code = kv_range_group(&range, call->group);
  return over_range(call, code, &range, run);
}

/* The groups with the prefix, the first argument; without one, all. The encoding of the database
** must be known before the range is made, hence the look at the schema. */
static int prefix_range(kv_call *call, kv_range *range) {
  sqlite3_value *prefix = kv_call_argument(call, 0);
  *range = (kv_range){{0}, {0}};
  int code = kv_schema_look(call->connection);
  if (code != SQLITE_OK) return code;
  return prefix != NULL ? kv_range_prefix(range, call->connection,
                                          kv_connection_scope(call->connection), prefix)
                        : kv_range_all(range, call->connection);
}

static int over_prefix(kv_call *call, range_operation *run) {
  kv_range range;
  int code = prefix_range(call, &range);
  return over_range(call, code, &range, run);
}

/* A prefix that a write is given must be one. */
static int over_written_prefix(kv_call *call, range_operation *run) {
  kv_text prefix;
  int code = SQLITE_OK;
  if (call->count > 0) {
    code = kv_argument_text(call->connection, call->arguments[0], "prefix", &prefix);
  }
  return code == SQLITE_OK ? over_prefix(call, run) : code;
}

static int purge_all(kv_connection *connection, const kv_range *range, sqlite3_int64 now_ms,
                     sqlite3_int64 *count) {
  return kv_store_purge(connection, range, now_ms, -1, count);
}

static int count(kv_call *call) {
  return over_group(call, kv_store_count);
}

static int count_all(kv_call *call) {
  if (call->count > 0 && !kv_argument_is_name(call->arguments[0])) return SQLITE_OK;
  return over_prefix(call, kv_store_count);
}

static int export(kv_call *call) {
  char *json;
  sqlite3_uint64 length;
  kv_range range;
  if (call->count > 0 && !kv_argument_is_name(call->arguments[0])) return SQLITE_OK;
  int code = prefix_range(call, &range);
  if (code == SQLITE_OK) {
    code = kv_export_range(call->connection, &range, kv_call_now(call), &json, &length);
  }
  kv_range_free(&range);
  if (code == SQLITE_OK) {
    sqlite3_result_text64(call->context, json, length, sqlite3_free, SQLITE_UTF8);
  }
  return code;
}

/* `name` is the stored one that the range was made of: of a group, or a prefix. */
static int delete_range(kv_call *call, const kv_range *range, kv_text name, int is_prefix) {
  sqlite3_int64 deleted = 0;
  int code;
  if (!kv_store_is_absent(call->connection, &code) && code == SQLITE_OK) {
    code = kv_store_delete_groups(call->connection, range, name, is_prefix, kv_call_now(call),
                                  &deleted);
  }
  sqlite3_result_int64(call->context, deleted);
  return code;
}

static int delete_group(kv_call *call) {
  kv_range range;
  int code = kv_range_group(&range, call->group);
  if (code == SQLITE_OK) code = delete_range(call, &range, call->group, 0);
  kv_range_free(&range);
  return code;
}

static int delete_prefix(kv_call *call) {
  kv_range range;
  kv_text prefix, stored = {NULL, 0};
  char *memory = NULL;
  int code = kv_argument_text(call->connection, call->arguments[0], "prefix", &prefix);
  if (code != SQLITE_OK) return code;
  code = prefix_range(call, &range);
  if (code == SQLITE_OK) {
    code = kv_argument_text(call->connection, call->arguments[0], "prefix", &prefix);
  }
  if (code == SQLITE_OK) code = kv_argument_scoped(call->connection, prefix, &stored, &memory);
  if (code == SQLITE_OK) code = delete_range(call, &range, stored, 1);
  sqlite3_free(memory);
  kv_range_free(&range);
  return code;
}

static int purge(kv_call *call) {
  int is_given;
  sqlite3_int64 instant;
  int code = kv_argument_instant(call->connection, kv_call_argument(call, 1), &is_given, &instant);
  if (code != SQLITE_OK) return code;
  if (is_given) {
    call->instant = instant;
    call->is_now_read = 1;
  }
  return over_written_prefix(call, purge_all);
}

const kv_function kv_groups_functions[] = {
    /* (group) -> live keys */
    {"kv_count", 1, 1, KV_READS, 1, 0, count},
    /* ([prefix]) -> live keys of the groups that begin with prefix; of all */
    {"kv_count_all", 0, 1, KV_NO_NAMES, 0, 0, count_all},
    /* ([prefix]) -> JSON text of the live keys of those groups (export.h). Errors: too big */
    {"kv_export", 0, 1, KV_NO_NAMES, 0, 0, export},
    /* (group) -> live rows removed */
    {"kv_delete_group", 1, 1, KV_NEEDS, 1, 0, delete_group},
    /* (prefix) -> live rows removed, over all groups that begin with it */
    {"kv_delete_prefix", 1, 1, KV_NO_NAMES, 0, 0, delete_prefix},
    /* ([prefix [, now]]) -> rows removed that had expired by now: Unix milliseconds, or NULL for the
    **       clock */
    {"kv_purge", 0, 2, KV_NO_NAMES, 0, 0, purge},
    {0},
};
