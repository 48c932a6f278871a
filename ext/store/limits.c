/*
** Setting the quota of a namespace. See limits.h.
*/
#include "store/limits.h"
#include "base/range.h"
#include "store/quota.h"
#include "store/write.h"

#include <string.h>

struct limits {
  kv_connection *connection;
  const char *namespace;
  sqlite3_int64 max_keys, max_groups;
};

/* Writes the namespace's row, with its range of stored names and what is in it. */
static int write_row(const struct limits *limits, const kv_bound *beyond) {
  kv_query query;
  kv_query_begin(&query, limits->connection, KV_SQL_SET_QUOTA);
  kv_bind_text(&query, 1, (kv_text){limits->namespace, (int)strlen(limits->namespace)});
  kv_bind_encoded(&query, 2, beyond->bytes, beyond->length, beyond->encoding);
  kv_bind_integer(&query, 3, limits->max_keys);
  kv_bind_integer(&query, 4, limits->max_groups);
  kv_query_row(&query);
  return kv_query_end(&query);
}

static int write_limits(void *pointer) {
  const struct limits *limits = pointer;
  kv_range range;
  char *scope = sqlite3_mprintf("%s:", limits->namespace);
  if (scope == NULL) return SQLITE_NOMEM;
  int code = kv_range_scope(&range, limits->connection, scope);
  if (code == SQLITE_OK) code = kv_quota_install(limits->connection);
  if (code == SQLITE_OK) code = write_row(limits, &range.upper);
  kv_range_free(&range);
  sqlite3_free(scope);
  return code;
}

int kv_quota_set(kv_connection *connection, const char *namespace, sqlite3_int64 max_keys,
                 sqlite3_int64 max_groups) {
  static const kv_text nowhere = {"", 0};
  struct limits limits = {connection, namespace, max_keys, max_groups};
  return kv_write_all(connection, &nowhere, write_limits, &limits);
}
