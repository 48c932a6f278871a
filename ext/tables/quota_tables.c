/*
** kv_quotas: the quotas and what they hold. See quota_tables.h.
*/
#include "tables/quota_tables.h"
#include "store/quota.h"
#include "store/schema.h"

#include <string.h>

/* Is there something to list? Quotas of 0.1.0 are brought up by the next write; till then none is
** shown. */
static int find_quotas(kv_connection *connection, int *is_any) {
  int code = kv_schema_look(connection);
  *is_any = 0;
  if (code != SQLITE_OK || connection->store == KV_STORE_ABSENT) return code;
  return kv_quota_exist(connection, is_any);
}

static int filter_quotas(kv_cursor *cursor, int plan, int argc, sqlite3_value **argv) {
  kv_connection *connection = cursor->connection;
  const char *scope = kv_connection_scope(connection);
  int is_any;
  (void)plan, (void)argc, (void)argv;
  int code = find_quotas(connection, &is_any);
  cursor->is_end = !is_any;
  if (code != SQLITE_OK || !is_any) return code;
  kv_query_begin(&cursor->query, connection, KV_SQL_QUOTAS);
  if (scope[0] != 0) {
    kv_bind_text(&cursor->query, 1, (kv_text){scope, (int)strlen(scope)});
  } else {
    kv_bind_null(&cursor->query, 1);
  }
  kv_bind_integer(&cursor->query, 2, cursor->now);
  return cursor->query.code;
}

const kv_table kv_quotas_table = {
    .name = "kv_quotas",
    .declaration = "CREATE TABLE x(namespace TEXT, max_keys INTEGER, max_groups INTEGER, "
                   "keys INTEGER, groups INTEGER, max_bytes INTEGER, bytes INTEGER, policy TEXT)",
    .columns = 8,
    .filter = filter_quotas,
};
