/*
** kv_quotas and kv_stats. See quota_tables.h.
*/
#include "tables/quota_tables.h"
#include "base/range.h"
#include "store/purger.h"
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
  kv_bind_integer(&cursor->query, 2, cursor->now_ms);
  return cursor->query.code;
}

const kv_table kv_quotas_table = {
    .name = "kv_quotas",
    .declaration = "CREATE TABLE x(namespace TEXT, max_keys INTEGER, max_groups INTEGER, "
                   "keys INTEGER, groups INTEGER, max_bytes INTEGER, bytes INTEGER, policy TEXT)",
    .columns = 8,
    .filter = filter_quotas,
};

/* What a scan of kv_stats is bound to. */
struct stats {
  kv_range seen;
  char *purge_error;
};

static void free_stats(void *pointer) {
  struct stats *stats = pointer;
  if (stats == NULL) return;
  kv_range_free(&stats->seen);
  sqlite3_free(stats->purge_error);
  sqlite3_free(stats);
}

static int filter_stats(kv_cursor *cursor, int plan, int argc, sqlite3_value **argv) {
  kv_connection *connection = cursor->connection;
  (void)plan, (void)argc, (void)argv;
  int code = kv_schema_look(connection);
  cursor->is_end = code != SQLITE_OK || connection->store == KV_STORE_ABSENT;
  if (cursor->is_end) return code;
  struct stats *stats = cursor->state = sqlite3_malloc64(sizeof *stats);
  if (stats == NULL) return SQLITE_NOMEM;
  *stats = (struct stats){.purge_error = NULL};
  code = kv_range_all(&stats->seen, connection);
  if (code == SQLITE_OK) code = kv_purger_error(connection, &stats->purge_error);
  if (code != SQLITE_OK) return code;
  kv_query_begin(&cursor->query, connection,
                 connection->has_log ? KV_SQL_STATS_WITH_FEED : KV_SQL_STATS);
  kv_range_bind(&cursor->query, 1, &stats->seen);
  kv_bind_integer(&cursor->query, 3, cursor->now_ms);
  kv_bind_real(&cursor->query, 4, (double)kv_purger_interval(connection) / 1000.0);
  if (stats->purge_error != NULL) {
    kv_bind_text(&cursor->query, 5, (kv_text){stats->purge_error, (int)strlen(stats->purge_error)});
  } else {
    kv_bind_null(&cursor->query, 5);
  }
  return cursor->query.code;
}

const kv_table kv_stats_table = {
    .name = "kv_stats",
    .declaration = "CREATE TABLE x(name TEXT, value)",
    .columns = 2,
    .filter = filter_stats,
    .free_state = free_stats,
};
