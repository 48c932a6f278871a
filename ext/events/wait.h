/*
** Waiting for the feed's next change, by whichever process.
*/
#ifndef KV_WAIT_H
#define KV_WAIT_H

#include "base/connection.h"

/*
** *seq is the feed's newest number as soon as it is another than `after`: beyond it, or before it, where the
** file was put back from a backup. 0: it was not in so many milliseconds. Errors: inside a transaction, or
** beside an open read, for they see nothing new; no feed; SQLITE_INTERRUPT, within 100 ms.
*/
int kv_wait(kv_connection *connection, sqlite3_int64 after, sqlite3_int64 timeout_ms,
            sqlite3_int64 *seq);

/* Lets go of what it is told by. */
extern const kv_room kv_wait_room;

#endif
