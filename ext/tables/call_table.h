/*
** kv_call: a call of a function that writes, as an INSERT, for hosts that look at a statement to see
** whether it writes:
**
**     INSERT INTO kv_call(name, a1, a2, a3) VALUES ('incr', 'hits', 'home', 1);
**     SELECT result FROM kv_call;
**
** The table has one row, with the answer to the connection's last call, or none before the first.
*/
#ifndef KV_CALL_TABLE_H
#define KV_CALL_TABLE_H

#include "tables/tvf.h"

extern const kv_table kv_call_table;
extern const kv_room kv_call_room; /* lets go of the answer */

#endif
