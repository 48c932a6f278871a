/*
** kv_groups(prefix) and kv_entries(group).
*/
#ifndef KV_LISTINGS_H
#define KV_LISTINGS_H

#include "tables/tvf.h"

extern const kv_table kv_groups_table, kv_entries_table;

#endif
