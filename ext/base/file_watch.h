/*
** Being told by the system that a file may have changed: a file of its own for each system
** (file_watch_*.c).
**
** It never opens a database or its -shm: closing a descriptor on one of them would drop the locks that
** SQLite holds on it in this process. Watching by path holds none.
*/
#ifndef KV_FILE_WATCH_H
#define KV_FILE_WATCH_H

#include "base/sqlite.h"

typedef struct kv_file_watch kv_file_watch;

/* What begins a wait on the database file `path` (and its -wal and -journal). NULL: this system, or this
** process just now, has nothing to be told by: look at the file from time to time. */
kv_file_watch *kv_file_watch_open(const char *path);

/* Looks to the files anew, as they may have come into being since, and forgets what was told so far. Call
** it before the look at the database after which the wait begins: so nothing is missed. */
void kv_file_watch_arm(kv_file_watch *watch);

/* Waits: 1 if something may have changed, 0 after so many microseconds, or for no reason at all. */
int kv_file_watch_wait(kv_file_watch *watch, sqlite3_int64 microseconds);

void kv_file_watch_close(kv_file_watch *watch);

#endif
