/*
** kv_quotas: the quotas and what they hold.
*/
#ifndef KV_QUOTA_TABLES_H
#define KV_QUOTA_TABLES_H

#include "tables/tvf.h"

extern const kv_table kv_quotas_table;

#endif
