/*
** Setting quotas and taking them away. See limits.h.
*/
#include "store/limits.h"
#include "store/quota.h"
#include "store/schema.h"
#include "store/store.h"

#include <string.h>

/* The first quota on bytes has all others counted in bytes too; the last one ends that. */
static int write_limits(kv_connection *connection, const kv_quota_limits *limits) {
  int is_any, had_bytes, with_bytes;
  int code = kv_quota_kinds(connection, &is_any, &had_bytes);
  if (code == SQLITE_OK) {
    code = kv_quota_write(connection, limits, had_bytes || limits->max_bytes > 0);
  }
  if (code == SQLITE_OK) code = kv_quota_kinds(connection, &is_any, &with_bytes);
  if (code == SQLITE_OK && had_bytes != with_bytes) code = kv_quota_recount(connection);
  return code == SQLITE_OK ? kv_quota_make_parts(connection) : code;
}

static int set_limits(kv_connection *connection, const kv_quota_limits *limits) {
  int code = kv_quota_make_tables(connection);
  return code == SQLITE_OK ? write_limits(connection, limits) : code;
}

static int delete_row(kv_connection *connection, kv_sql sql, const char *prefix) {
  kv_query query;
  kv_query_begin(&query, connection, sql);
  kv_bind_text(&query, 1, (kv_text){prefix, (int)strlen(prefix)});
  kv_query_row(&query);
  return kv_query_end(&query);
}

static int remove_limits(kv_connection *connection, const kv_quota_limits *limits) {
  static const kv_sql tables[] = {KV_SQL_DROP_QUOTA_TABLE, KV_SQL_DROP_QUOTA_BYTES,
                                  KV_SQL_DROP_QUOTA_NOTE, KV_SQL_DROP_QUOTA_CLOCK};
  int is_any, had_bytes, with_bytes;
  int code = kv_quota_make_tables(connection);
  if (code == SQLITE_OK) code = kv_quota_kinds(connection, &is_any, &had_bytes);
  if (code == SQLITE_OK) code = delete_row(connection, KV_SQL_DELETE_QUOTA, limits->prefix);
  if (code == SQLITE_OK) code = delete_row(connection, KV_SQL_DELETE_QUOTA_BYTES, limits->prefix);
  if (code == SQLITE_OK) code = kv_quota_kinds(connection, &is_any, &with_bytes);
  if (code == SQLITE_OK && had_bytes && !with_bytes) {
    code = kv_execute(connection, KV_SQL_CLEAR_QUOTA_BYTES);
  }
  if (code == SQLITE_OK) code = kv_quota_make_parts(connection);
  for (size_t i = 0; i < sizeof tables / sizeof tables[0] && code == SQLITE_OK && !is_any; i++) {
    code = kv_execute(connection, tables[i]);
  }
  return code;
}

static int change(kv_connection *connection, const kv_quota_limits *limits,
                  int (*work)(kv_connection *, const kv_quota_limits *)) {
  kv_write write;
  int was_setting = connection->is_setting_quota;
  connection->is_setting_quota = 1;
  int code = kv_write_begin_compound(&write, connection);
  if (code == SQLITE_OK) code = work(connection, limits);
  connection->is_setting_quota = was_setting;
  code = kv_write_end(&write, code);
  kv_schema_forget(connection); /* what was found about the triggers is not true any more */
  return code;
}

int kv_limits_set(kv_connection *connection, const kv_quota_limits *limits) {
  return change(connection, limits, set_limits);
}

int kv_limits_remove(kv_connection *connection, const char *prefix) {
  const kv_quota_limits limits = {.prefix = prefix};
  int code, is_absent = kv_store_is_absent(connection, &code);
  return code != SQLITE_OK || is_absent ? code : change(connection, &limits, remove_limits);
}
