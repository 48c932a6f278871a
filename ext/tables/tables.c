/*
** The list of virtual tables. See tables.h.
*/
#include "tables/tables.h"
#include "tables/quota_tables.h"

static const kv_table *const tables[] = {&kv_groups_table,  &kv_entries_table, &kv_quotas_table,
                                         &kv_split_table,   &kv_fields_table,  &kv_events_table,
                                         &kv_watchers_table};

enum { TABLES = sizeof tables / sizeof tables[0] };

int kv_tables_register(kv_connection *connection) {
  int code = SQLITE_OK;
  for (int i = 0; i < TABLES && code == SQLITE_OK; i++) {
    code = kv_table_register(connection, tables[i]);
  }
  return code;
}

void kv_tables_unregister(sqlite3 *db) {
  for (int i = 0; i < TABLES; i++) kv_table_unregister(db, tables[i]);
}
