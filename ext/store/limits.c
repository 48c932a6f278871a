/*
** Setting quotas and taking them away. See limits.h.
*/
#include "store/limits.h"
#include "store/quota.h"
#include "store/schema.h"
#include "store/write.h"

#include <string.h>

/* The first quota on bytes has all others counted in bytes too; the last one ends that. */
static int write_limits(kv_connection *connection, const kv_quota_limits *limits) {
  int is_any, had_bytes = 0, with_bytes = 0;
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
  int is_any, had_bytes = 0, with_bytes = 0;
  int code = kv_quota_make_tables(connection);
  if (code == SQLITE_OK) code = kv_quota_kinds(connection, &is_any, &had_bytes);
  if (code == SQLITE_OK) code = delete_row(connection, KV_SQL_DELETE_QUOTA, limits->prefix);
  if (code == SQLITE_OK) code = delete_row(connection, KV_SQL_DELETE_QUOTA_BYTES, limits->prefix);
  if (code == SQLITE_OK) code = kv_quota_kinds(connection, &is_any, &with_bytes);
  if (code == SQLITE_OK && had_bytes && !with_bytes) {
    code = kv_execute(connection, KV_SQL_CLEAR_QUOTA_BYTES);
  }
  return code == SQLITE_OK ? kv_quota_make_parts(connection) : code;
}

/* What is of no use any more; the last is the feed's too. SQLite drops no table while a statement reads, so
** not in a driver. The quota is what it is to be by now: what cannot be dropped, as a statement of the host
** reads or an authorizer forbids it, stays, empty, until the next time. */
static int drop_tables(kv_connection *connection) {
  static const kv_sql all[] = {KV_SQL_DROP_OLD_QUOTA, KV_SQL_DROP_QUOTA_TABLE,
                               KV_SQL_DROP_QUOTA_BYTES, KV_SQL_DROP_QUOTA_NOTE,
                               KV_SQL_DROP_QUOTA_CLOCK};
  int is_there = 0, is_any = 0, with_bytes;
  int code = kv_schema_look(connection);
  if (code == SQLITE_OK) code = kv_quota_exist(connection, &is_there);
  if (code == SQLITE_OK && is_there) code = kv_quota_kinds(connection, &is_any, &with_bytes);
  size_t count = is_any ? 1 : sizeof all / sizeof all[0] - (connection->has_log != 0);
  for (size_t i = 0; i < count && code == SQLITE_OK; i++) code = kv_execute(connection, all[i]);
  if (kv_is_grave(code)) return code;
  kv_clear_error(connection);
  return SQLITE_OK;
}

struct change {
  kv_connection *connection;
  const kv_quota_limits *limits;
  int (*work)(kv_connection *, const kv_quota_limits *);
};

static int run_change(void *pointer) {
  const struct change *change = pointer;
  return change->work(change->connection, change->limits);
}

static int make_change(kv_connection *connection, const kv_quota_limits *limits,
                       int (*work)(kv_connection *, const kv_quota_limits *)) {
  static const kv_text nowhere = {"", 0};
  struct change change = {connection, limits, work};
  int was_setting = connection->is_setting_quota;
  connection->is_setting_quota = 1;
  int code = kv_write_all(connection, &nowhere, run_change, &change);
  connection->is_setting_quota = was_setting;
  kv_schema_forget(connection); /* what was found about the triggers is not true any more */
  return code == SQLITE_OK ? drop_tables(connection) : code;
}

int kv_limits_set(kv_connection *connection, const kv_quota_limits *limits) {
  return make_change(connection, limits, set_limits);
}

int kv_limits_remove(kv_connection *connection, const char *prefix) {
  const kv_quota_limits limits = {.prefix = prefix};
  int code = kv_schema_look(connection);
  if (code != SQLITE_OK || connection->store == KV_STORE_ABSENT) return code;
  return make_change(connection, &limits, remove_limits);
}
