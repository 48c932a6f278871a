/*
** Writing to kv_entries: INSERT, UPDATE and DELETE.
*/
#ifndef KV_ENTRIES_H
#define KV_ENTRIES_H

#include "base/connection.h"

/* SQLite's xUpdate for the columns grp, key, value, expires_at, ttl. */
int kv_entries_update(kv_connection *connection, int argc, sqlite3_value **argv,
                      sqlite3_int64 *rowid);

#endif
