/*
** The background purge: a thread that removes expired rows from the store's file, over a connection
** of its own, until it is told to stop or the host closes.
*/
#ifndef KV_PURGER_H
#define KV_PURGER_H

#include "connection.h"

/* Starts, changes, or with 0 stops the purge of the file behind the connection's schema. Errors:
** there is no file (:memory:, temp); it is read-only; it cannot be opened; no thread can be had. */
int kv_purger_set(kv_connection *connection, sqlite3_int64 interval_ms);

/* Stops the thread and waits for it, but remembers the interval: a close may yet fail, and life go
** on. */
void kv_purger_pause(kv_purger *purger);
/* Starts it again after a pause; else does nothing. Failing is no error: the next call tries again.
*/
void kv_purger_resume(kv_purger *purger);

void kv_purger_free(kv_purger *purger);

#endif
