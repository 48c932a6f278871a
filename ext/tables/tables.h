/*
** The virtual tables.
*/
#ifndef KV_TABLES_H
#define KV_TABLES_H

#include "base/connection.h"

int kv_tables_register(kv_connection *connection);
void kv_tables_unregister(sqlite3 *db);

/*
** An eponymous table is one of main's: whoever reads it locks main, which may be read-only, or held
** by others. So where the store is in another schema each table has a twin in "temp", which comes
** first where none is named. They are made, or dropped, for the schema that the store is in now.
** Where they cannot be (PRAGMA query_only, an authorizer) the tables work as ever. What is left is the
** look at the shape of "kv" (schema.c), whose pragmas are main's too: it reads main for a moment.
*/
int kv_tables_follow(kv_connection *connection);

/* A rollback took the twins along: they are made again. */
extern const kv_room kv_tables_room;

#endif
