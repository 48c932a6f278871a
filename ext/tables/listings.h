/*
** kv_groups(prefix), kv_entries(group) and kv_dump(prefix).
*/
#ifndef KV_LISTINGS_H
#define KV_LISTINGS_H

#include "tables/tvf.h"

extern const kv_table kv_groups_table, kv_entries_table, kv_dump_table;

#endif
