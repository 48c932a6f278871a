/*
** kv__rows(batch): the rows of a kv_batch (store/batch.h), for the statement that writes them.
** Whoever has no pointer to one finds it empty.
*/
#ifndef KV_ROWS_H
#define KV_ROWS_H

#include "tables/tvf.h"

extern const kv_table kv_rows_table;

#endif
