/*
** The feed: a log of all changes in the file itself, for readers in any process (sql/feed.sql,
** store/log.h). Here is what is asked of it; waiting for it is in wait.h.
**
** All return a result code; the message of an error is with the connection. Where there is no feed,
** every function but kv_feed_set() fails.
*/
#ifndef KV_FEED_H
#define KV_FEED_H

#include "base/range.h"

/* Starts the feed, or changes how much it keeps: at least `keep` changes, never more than `at_most`
** (and up to 256 beside them, until the next trim). 0 ends it: all that it kept is gone. */
int kv_feed_set(kv_connection *connection, sqlite3_int64 keep, sqlite3_int64 at_most);

/* The newest seq. */
int kv_feed_head(kv_connection *connection, sqlite3_int64 *head);

/* Remembers that the reader, by its stored name, has seen all up to `seq`: nothing after that is
** trimmed, but for what is beyond at_most. Errors: no change has that number yet. */
int kv_feed_ack(kv_connection *connection, kv_text reader, sqlite3_int64 seq, sqlite3_int64 now_ms);
/* Forgets the reader: was there one? */
int kv_feed_forget(kv_connection *connection, kv_text reader, int *is_there);

/* Keeps the last change of each key, and counts the rows that go. */
int kv_feed_compact(kv_connection *connection, sqlite3_int64 *removed);

/* Begins the query for the changes after `after`, up to `until`, of the groups in the range, and every
** resync. */
int kv_feed_changes(kv_query *query, kv_connection *connection, sqlite3_int64 after,
                    sqlite3_int64 until, const kv_range *groups);
/* Begins the query for the readers whose stored names are in the range. */
int kv_feed_readers(kv_query *query, kv_connection *connection, const kv_range *names);

#endif
