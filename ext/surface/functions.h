/*
** The SQL functions.
*/
#ifndef KV_FUNCTIONS_H
#define KV_FUNCTIONS_H

#include "base/connection.h"

/* Registers all of them; on an error, some. */
int kv_functions_register(kv_connection *connection);
/* Takes all of them away again. */
void kv_functions_unregister(sqlite3 *db);

#endif
