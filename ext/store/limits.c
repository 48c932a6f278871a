/*
** Setting quotas and taking them away. See limits.h.
*/
#include "store/limits.h"
#include "store/quota.h"
#include "store/schema.h"
#include "store/store.h"
#include "store/write.h"

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

struct change {
  kv_connection *connection;
  const kv_quota_limits *limits;
  int is_any; /* quota left */
};

static int set_limits(void *pointer) {
  const struct change *change = pointer;
  int code = kv_quota_make_tables(change->connection);
  return code == SQLITE_OK ? write_limits(change->connection, change->limits) : code;
}

static int delete_row(kv_connection *connection, kv_sql sql, const char *prefix) {
  kv_query query;
  kv_query_begin(&query, connection, sql);
  kv_bind_text(&query, 1, (kv_text){prefix, (int)strlen(prefix)});
  kv_query_row(&query);
  return kv_query_end(&query);
}

static int remove_limits(void *pointer) {
  struct change *change = pointer;
  kv_connection *connection = change->connection;
  const char *prefix = change->limits->prefix;
  int had_bytes = 0, with_bytes = 0;
  int code = kv_quota_make_tables(connection);
  if (code == SQLITE_OK) code = kv_quota_kinds(connection, &change->is_any, &had_bytes);
  if (code == SQLITE_OK) code = delete_row(connection, KV_SQL_DELETE_QUOTA, prefix);
  if (code == SQLITE_OK) code = delete_row(connection, KV_SQL_DELETE_QUOTA_BYTES, prefix);
  if (code == SQLITE_OK) code = kv_quota_kinds(connection, &change->is_any, &with_bytes);
  if (code == SQLITE_OK && had_bytes && !with_bytes) {
    code = kv_execute(connection, KV_SQL_CLEAR_QUOTA_BYTES);
  }
  return code == SQLITE_OK ? kv_quota_make_parts(connection) : code;
}

static int change(struct change *change, kv_body *body) {
  static const kv_text nowhere = {"", 0};
  kv_connection *connection = change->connection;
  int was_setting = connection->is_setting_quota;
  connection->is_setting_quota = 1;
  int code = kv_write_all(connection, &nowhere, body, change);
  connection->is_setting_quota = was_setting;
  kv_schema_forget(connection); /* what was found about the triggers is not true any more */
  return code;
}

/* No quota is left, nor any trigger: SQLite drops no table inside of a driver. The first to go is the one
** that says whether there are quotas. */
static int drop_tables(kv_connection *connection) {
  static const kv_sql tables[] = {KV_SQL_DROP_QUOTA_TABLE, KV_SQL_DROP_QUOTA_BYTES,
                                  KV_SQL_DROP_QUOTA_NOTE, KV_SQL_DROP_QUOTA_CLOCK};
  int count = sizeof tables / sizeof tables[0];
  int code = SQLITE_OK;
  if (connection->has_log) count--; /* the feed goes by the clock too */
  for (int i = 0; i < count && code == SQLITE_OK; i++) code = kv_execute(connection, tables[i]);
  kv_schema_forget(connection);
  return code;
}

int kv_limits_set(kv_connection *connection, const kv_quota_limits *limits) {
  struct change data = {connection, limits, 1};
  return change(&data, set_limits);
}

int kv_limits_remove(kv_connection *connection, const char *prefix) {
  const kv_quota_limits limits = {.prefix = prefix};
  struct change data = {connection, &limits, 1};
  int code, is_absent = kv_store_is_absent(connection, &code);
  if (code != SQLITE_OK || is_absent) return code;
  int has_log = connection->has_log;
  code = change(&data, remove_limits);
  connection->has_log = has_log;
  return code == SQLITE_OK && !data.is_any ? drop_tables(connection) : code;
}
