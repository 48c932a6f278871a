/*
** kv_changes and kv_consumers: the feed as the connection's namespace sees it.
*/
#ifndef KV_FEED_TABLES_H
#define KV_FEED_TABLES_H

#include "tables/tvf.h"

extern const kv_table kv_changes_table;
extern const kv_table kv_consumers_table;

#endif
