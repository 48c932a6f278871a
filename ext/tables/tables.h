/*
** The virtual tables.
*/
#ifndef KV_TABLES_H
#define KV_TABLES_H

#include "base/connection.h"
#include "tables/tvf.h"

/* kv_entries and kv_groups (listings.c); kv_split and kv_fields (split.c); kv_events and
** kv_watchers (event_tables.c) */
extern const kv_table kv_entries_table, kv_groups_table, kv_split_table,
    kv_fields_table, kv_events_table, kv_watchers_table;

int kv_tables_register(kv_connection *connection);
void kv_tables_unregister(sqlite3 *db);

#endif
