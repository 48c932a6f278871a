/*
** kv_quotas: the quotas and what they hold. kv_stats: what an operator asks, a name and a value a row.
*/
#ifndef KV_QUOTA_TABLES_H
#define KV_QUOTA_TABLES_H

#include "tables/tvf.h"

extern const kv_table kv_quotas_table, kv_stats_table;

#endif
