/*
** Counting on a key: the number in it, raised.
*/
#ifndef KV_COUNTER_H
#define KV_COUNTER_H

#include "store/store.h"

/*
** Adds `by` (an INTEGER, a REAL, or text that is such a number; no pointer: 1) to the live number
** under group and key, or to 0 where there is none, and stores it with the ttl it had. *sum is the
** new number (sqlite3_value_free it), an INTEGER unless one of the two is REAL. What is no number,
** and a sum that leaves the range, is an error, and nothing is changed.
*/
int kv_counter_add(kv_connection *connection, kv_text group, kv_text key, sqlite3_value *by,
                   sqlite3_int64 now_ms, sqlite3_value **sum);

#endif
