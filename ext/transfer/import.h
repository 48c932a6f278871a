/*
** The JSON text of kv_export (export.h) into the store.
*/
#ifndef KV_IMPORT_H
#define KV_IMPORT_H

#include "store/store.h"

/*
** Stores each key of the JSON text, in one write, with `prefix` (the scope included) in front of its
** group's name. What has expired is left out; *stored counts the others. The text is looked through first: one that is malformed, or no export, changes
** nothing and takes no lock. Where a name comes twice, the last one stays, and both are counted.
*/
int kv_import_json(kv_connection *connection, kv_text json, kv_text prefix, sqlite3_int64 now_ms,
                   sqlite3_int64 *stored);

#endif
