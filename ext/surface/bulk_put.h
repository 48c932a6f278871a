/*
** kv_rows(group, key, value [, ttl]), an aggregate, and kv_put(rows).
*/
#ifndef KV_BULK_PUT_H
#define KV_BULK_PUT_H

#include "base/connection.h"

int kv_bulk_put_register(kv_connection *connection);
void kv_bulk_put_unregister(sqlite3 *db);

#endif
