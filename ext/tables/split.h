/*
** kv_split(group, key, separator) and kv_fields(group, key).
*/
#ifndef KV_SPLIT_H
#define KV_SPLIT_H

#include "tables/tvf.h"

extern const kv_table kv_split_table, kv_fields_table;

#endif
