/*
** kv_events(watcher) and kv_watchers.
*/
#ifndef KV_EVENT_TABLES_H
#define KV_EVENT_TABLES_H

#include "tables/tvf.h"

extern const kv_table kv_events_table, kv_watchers_table;

#endif
