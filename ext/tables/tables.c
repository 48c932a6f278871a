/*
** The list of virtual tables. See tables.h.
*/
#include "tables/tables.h"
#include "tables/call_table.h"
#include "tables/event_tables.h"
#include "tables/feed_tables.h"
#include "tables/listings.h"
#include "tables/quota_tables.h"
#include "tables/rows.h"
#include "tables/split.h"

static const kv_table *const tables[] = {
    &kv_groups_table, &kv_entries_table, &kv_quotas_table,   &kv_dump_table,    &kv_split_table,
    &kv_fields_table, &kv_events_table,  &kv_watchers_table, &kv_changes_table, &kv_consumers_table,
    &kv_call_table,   &kv_rows_table,    &kv_stats_table};

enum { TABLES = sizeof tables / sizeof tables[0] };

int kv_tables_register(kv_connection *connection) {
  int code = SQLITE_OK;
  for (int i = 0; i < TABLES && code == SQLITE_OK; i++) {
    code = kv_table_register(connection, tables[i]);
  }
  return code;
}

static int has_twins(kv_connection *connection, int *is_any) {
  kv_query query;
  kv_query_begin(&query, connection, KV_SQL_HAS_TWINS);
  *is_any = kv_query_row(&query);
  return kv_query_end(&query);
}

int kv_tables_follow(kv_connection *connection) {
  const char *schema = kv_connection_schema(connection);
  int are_wanted = sqlite3_stricmp(schema, "main") != 0, are_there;
  int code = has_twins(connection, &are_there);
  for (int i = 0; i < TABLES && !kv_is_grave(code) && are_there != are_wanted; i++) {
    code = kv_execute_named(connection, are_wanted ? KV_SQL_CREATE_TWIN : KV_SQL_DROP_TWIN,
                            tables[i]->name);
  }
  if (kv_is_grave(code)) return code;
  kv_clear_error(connection);
  return SQLITE_OK;
}

static int resume(kv_connection *connection) {
  return connection->schema != NULL ? kv_tables_follow(connection) : SQLITE_OK;
}

const kv_room kv_tables_room = {.resume = resume};

void kv_tables_unregister(sqlite3 *db) {
  for (int i = 0; i < TABLES; i++) kv_table_unregister(db, tables[i]);
}
