/*
** Quotas, as a write sees them. See quota.h.
*/
#include "store/quota.h"
#include "store/quota_shape.h"

#include <string.h>

int kv_quota_exist(kv_connection *connection, int *is_any) {
  kv_query query;
  kv_query_begin(&query, connection, KV_SQL_HAS_QUOTAS);
  *is_any = kv_query_row(&query);
  return kv_query_end(&query);
}

int kv_quota_pin_clock(kv_connection *connection, sqlite3_int64 now_ms) {
  kv_query query;
  kv_query_begin(&query, connection, KV_SQL_PIN_QUOTA_CLOCK);
  kv_bind_integer(&query, 1, now_ms);
  kv_query_row(&query);
  return kv_query_end(&query);
}

int kv_quota_unpin_clock(kv_connection *connection) {
  return kv_execute(connection, KV_SQL_UNPIN_QUOTA_CLOCK);
}

void kv_quota_announce_upsert(kv_connection *connection) {
  if (connection->has_host_triggers || connection->events != NULL) return;
  sqlite3_set_last_insert_rowid(connection->db, KV_QUOTA_UPSERT);
}

/* What was refused, in the words of the triggers, and where the listing has its limit and figure. */
static const struct refusal {
  const char *word;
  int limit, held; /* columns of KV_SQL_QUOTAS */
} refusals[] = {{"keys", 1, 3}, {"groups", 2, 4}, {"bytes", 5, 6}};

static const struct refusal *find_refusal(const char *error) {
  static const char beginning[] = "quota exceeded: the ";
  if (strncmp(error, beginning, sizeof beginning - 1) != 0) return NULL;
  for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++) {
    if (strstr(error, refusals[i].word) != NULL) return &refusals[i];
  }
  return NULL;
}

/* What the key and the value count, in the database's encoding. 0: not known. */
static int count_bytes(kv_connection *connection, kv_text key, sqlite3_value *value,
                       sqlite3_int64 *bytes) {
  kv_query query;
  *bytes = 0;
  if (value == NULL) return SQLITE_OK;
  kv_query_begin(&query, connection, KV_SQL_QUOTA_BYTES_OF);
  kv_bind_text(&query, 1, key);
  kv_bind_value(&query, 2, value);
  if (kv_query_row(&query)) *bytes = kv_query_integer(&query, 0);
  return kv_query_end(&query);
}

/* Says it with the figures of the quota, whose listing stands on its row. `bytes` is 0, or what is
** larger than the quota. */
static int tell(kv_query *query, int code, const struct refusal *refusal, sqlite3_int64 bytes) {
  kv_connection *connection = query->connection;
  const char *name = (const char *)sqlite3_column_text(query->statement, 0);
  sqlite3_int64 limit = kv_query_integer(query, refusal->limit);
  sqlite3_int64 held = kv_query_integer(query, refusal->held);
  if (name == NULL) return SQLITE_NOMEM;
  char *who =
      name[0] != 0 ? sqlite3_mprintf("namespace \"%s\"", name) : sqlite3_mprintf("the store");
  if (who == NULL) return SQLITE_NOMEM;
  if (bytes > 0) {
    code = kv_fail(connection, code,
                   "quota exceeded: key and value are %lld bytes, and %s may hold %lld", bytes, who,
                   limit);
  } else {
    code = kv_fail(connection, code, "quota exceeded: %s holds %lld of %lld %s", who, held, limit,
                   refusal->word);
  }
  sqlite3_free(who);
  return code;
}

/* The key of the quota that a trigger's message is about, to be freed. */
static char *prefix_of(const char *error, kv_text group) {
  if (strstr(error, "the store") != NULL) return sqlite3_mprintf("%s", KV_QUOTA_STORE);
  const char *colon = group.length > 0 ? memchr(group.bytes, ':', (size_t)group.length) : NULL;
  int length = colon != NULL ? (int)(colon - group.bytes) + 1 : 0;
  return sqlite3_mprintf("%.*s", length, group.bytes);
}

int kv_quota_explain(kv_connection *connection, int code, kv_text group, kv_text key,
                     sqlite3_value *value) {
  const char *error = connection->error;
  if (code != SQLITE_CONSTRAINT_TRIGGER || error == NULL) return code;
  const struct refusal *refusal = find_refusal(error);
  if (refusal == NULL) return code;
  sqlite3_int64 bytes = 0;
  int query_code = SQLITE_OK;
  char *prefix = prefix_of(error, group);
  if (prefix == NULL) return SQLITE_NOMEM;
  if (strstr(error, "larger than") != NULL)
    query_code = count_bytes(connection, key, value, &bytes);
  if (query_code == SQLITE_OK) {
    kv_query query;
    kv_query_begin(&query, connection, KV_SQL_QUOTAS);
    kv_bind_text(&query, 1, (kv_text){prefix, (int)strlen(prefix)});
    kv_bind_integer(&query, 2, kv_connection_now(connection));
    if (kv_query_row(&query)) code = tell(&query, code, refusal, bytes);
    query_code = kv_query_end(&query);
  }
  sqlite3_free(prefix);
  return query_code == SQLITE_OK ? code : query_code;
}
