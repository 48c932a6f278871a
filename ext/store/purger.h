/*
** The background purge: a thread that removes expired rows from the store's file, over a connection
** of its own, until it is told to stop or the host closes. Where the store is in memory, the host's
** own writes do it.
*/
#ifndef KV_PURGER_H
#define KV_PURGER_H

#include "base/connection.h"

/* Starts, changes, or with 0 stops the purge of the file behind the connection's schema, which may be
** another than before. Errors: it is read-only; it cannot be opened; no thread can be had. */
int kv_purger_set(kv_connection *connection, sqlite3_int64 interval_ms);
/* The interval in force; 0: nothing is purged in the background. */
sqlite3_int64 kv_purger_interval(const kv_connection *connection);
/* Why the last pass failed (sqlite3_free it), or NULL. */
int kv_purger_error(const kv_connection *connection, char **error);

/* A pause stops the thread and waits for it, but remembers the interval. */
extern const kv_room kv_purger_room;

#endif
