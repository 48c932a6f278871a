/*
** The JSON text of kv_export (export.h) into the store.
*/
#ifndef KV_IMPORT_H
#define KV_IMPORT_H

#include "store/store.h"

/*
** Stores each key of the JSON text (which may be a BLOB), in one write, under the scope in force and
** with `prefix` (NULL: none) in front of its group's name. What has expired is left out; *stored
** counts the others. The text is looked through first: one that is malformed, or no export, changes
** nothing and takes no lock. Where a name comes twice, the last one stays, and both are counted.
*/
int kv_import_call(kv_connection *connection, sqlite3_value *json, sqlite3_value *prefix,
                   sqlite3_int64 now, sqlite3_int64 *stored);

#endif
