/*
** Setting the quota of a namespace. See limits.h.
*/
#include "store/limits.h"
#include "base/range.h"
#include "store/quota.h"
#include "store/schema.h"
#include "store/write.h"

#include <string.h>

/* Writes the namespace's row, with its range of stored names and what is in it. */
static int write_row(kv_connection *connection, const char *namespace, const kv_bound *beyond,
                     sqlite3_int64 max_keys, sqlite3_int64 max_groups) {
  kv_write write;
  sqlite3_int64 changes;
  kv_write_begin(&write, connection, KV_SQL_SET_QUOTA, (kv_text){"", 0});
  kv_bind_text(&write.query, 1, (kv_text){namespace, (int)strlen(namespace)});
  kv_bind_encoded(&write.query, 2, beyond->bytes, beyond->length, beyond->encoding);
  kv_bind_integer(&write.query, 3, max_keys);
  kv_bind_integer(&write.query, 4, max_groups);
  return kv_write_end(&write, &changes);
}

int kv_quota_set(kv_connection *connection, const char *namespace, sqlite3_int64 max_keys,
                 sqlite3_int64 max_groups) {
  kv_range range = {{0}, {0}};
  int is_any = 0;
  char *scope = sqlite3_mprintf("%s:", namespace);
  if (scope == NULL) return SQLITE_NOMEM;
  int code = kv_schema_bring_up(connection);
  if (code == SQLITE_OK) code = kv_quota_exist(connection, &is_any);
  if (code == SQLITE_OK && !is_any) code = kv_quota_install(connection);
  if (code == SQLITE_OK) code = kv_range_scope(&range, connection, scope);
  if (code == SQLITE_OK) {
    code = write_row(connection, namespace, &range.upper, max_keys, max_groups);
  }
  kv_range_free(&range);
  sqlite3_free(scope);
  return code;
}
