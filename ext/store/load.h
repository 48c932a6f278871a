/*
** A JSON object into the keys of a group.
*/
#ifndef KV_LOAD_H
#define KV_LOAD_H

#include "store/store.h"

/*
** Stores each member of the object (entry->value, JSON text) as a key of entry->group, in one
** write, with the entry's expiry. *stored counts keys. Text, numbers and booleans (1, 0) are what
** SQLite's json_each says; nested arrays and objects stay JSON text. Errors: malformed JSON, no
** object, a null member.
*/
int kv_load_object(kv_connection *connection, const kv_entry *entry, sqlite3_int64 now_ms,
                   sqlite3_int64 *stored);

#endif
