/*
** Quotas, as far as they are not triggers. See quota.h and sql/quota.sql.
*/
#include "store/quota.h"

#include <string.h>

int kv_quota_exist(kv_connection *connection, int *is_any) {
  kv_query query;
  kv_query_begin(&query, connection, KV_SQL_HAS_QUOTAS);
  *is_any = kv_query_row(&query);
  return kv_query_end(&query);
}

int kv_quota_install(kv_connection *connection) {
  static const kv_sql steps[] = {
      KV_SQL_CREATE_QUOTA_TABLE,         KV_SQL_CREATE_QUOTA_CLOCK,
      KV_SQL_CREATE_QUOTA_REFUSE_INSERT, KV_SQL_CREATE_QUOTA_REFUSE_UPDATE,
      KV_SQL_CREATE_QUOTA_COUNT_INSERT,  KV_SQL_CREATE_QUOTA_COUNT_DELETE,
      KV_SQL_CREATE_QUOTA_COUNT_UPDATE};
  int code = SQLITE_OK;
  for (size_t i = 0; i < sizeof steps / sizeof steps[0] && code == SQLITE_OK; i++) {
    code = kv_execute(connection, steps[i]);
  }
  return code;
}

int kv_quota_restore(kv_connection *connection) {
  int is_any = 0;
  int code = kv_quota_exist(connection, &is_any);
  if (code != SQLITE_OK || !is_any) return code;
  code = kv_quota_install(connection);
  return code == SQLITE_OK ? kv_execute(connection, KV_SQL_RECOUNT_QUOTAS) : code;
}

int kv_quota_pin_clock(kv_connection *connection, sqlite3_int64 now) {
  kv_query query;
  kv_query_begin(&query, connection, KV_SQL_PIN_QUOTA_CLOCK);
  kv_bind_integer(&query, 1, now);
  kv_query_row(&query);
  return kv_query_end(&query);
}

int kv_quota_unpin_clock(kv_connection *connection) {
  return kv_execute(connection, KV_SQL_UNPIN_QUOTA_CLOCK);
}

int kv_quota_explain(kv_connection *connection, int code, kv_text group) {
  static const char refusal[] = "quota exceeded";
  const char *error = connection->error;
  if (code != SQLITE_CONSTRAINT_TRIGGER || error == NULL ||
      strncmp(error, refusal, sizeof refusal - 1) != 0) {
    return code;
  }
  const char *colon = memchr(group.bytes, ':', (size_t)group.length);
  if (colon == NULL) return code;
  int is_about_keys = strstr(error, "keys") != NULL;
  kv_text namespace = {group.bytes, (int)(colon - group.bytes)};
  kv_query query;
  kv_query_begin(&query, connection, KV_SQL_QUOTAS);
  kv_bind_text(&query, 1, namespace);
  kv_bind_integer(&query, 2, kv_connection_now(connection));
  if (kv_query_row(&query)) {
    sqlite3_int64 held = kv_query_integer(&query, is_about_keys ? 3 : 4);
    sqlite3_int64 limit = kv_query_integer(&query, is_about_keys ? 1 : 2);
    code =
        kv_fail(connection, code, "%s: namespace \"%.*s\" holds %lld of %lld %s", refusal,
                namespace.length, namespace.bytes, held, limit, is_about_keys ? "keys" : "groups");
  }
  int query_code = kv_query_end(&query);
  return query_code == SQLITE_OK ? code : query_code;
}
