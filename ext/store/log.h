/*
** The shape of the feed in the file: the table kv_log, those beside it, and the triggers that keep it
** (sql/feed.sql). What is asked of it is in events/feed.h.
*/
#ifndef KV_LOG_H
#define KV_LOG_H

#include "base/statements.h"

/* Is there a log in the schema? */
int kv_log_exists(kv_connection *connection, int *is_there);
/* And, if so, is every trigger of it as it should be? */
int kv_log_look(kv_connection *connection, int *is_there, int *is_whole);

/*
** Starts the log, or puts back what it lacks: a DROP TABLE kv takes triggers along. Changes may have
** been missed until then, so the log has a resync afterwards. Several statements, for a driver.
*/
int kv_log_start(kv_connection *connection, sqlite3_int64 keep, sqlite3_int64 at_most);
int kv_log_restore(kv_connection *connection);

/* Where there is a log: its tables, if they were dropped. Without them nothing that writes to "kv" can be
** compiled, no driver either. It is not whole afterwards. */
int kv_log_ground(kv_connection *connection);

/* Takes the log away, or leaves all of it. Not inside a driver: there SQLite drops no table. */
int kv_log_end(kv_connection *connection);

/*
** Makes the triggers tell time by `now_ms`, or by the system's clock again. For a connection whose
** clock is pinned, around one write.
*/
int kv_log_pin_clock(kv_connection *connection, sqlite3_int64 now_ms);
int kv_log_unpin_clock(kv_connection *connection);

#endif
