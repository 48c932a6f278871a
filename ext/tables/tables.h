/*
** The virtual tables.
*/
#ifndef KV_TABLES_H
#define KV_TABLES_H

#include "base/connection.h"

int kv_tables_register(kv_connection *connection);
void kv_tables_unregister(sqlite3 *db);

#endif
