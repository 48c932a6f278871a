/*
** Removing expired rows, below what writes: the statement, and the few that go on the way of a
** write.
*/
#ifndef KV_PURGE_H
#define KV_PURGE_H

#include "base/range.h"
#include "base/statements.h"

/* How many rows go with a write that stores a ttl: more than it adds, so that rubbish cannot pile
** up. */
enum { KV_PURGE_ON_WRITE = 8 };

/* Binds what KV_SQL_PURGE wants. */
void kv_purge_bind(kv_query *query, const kv_range *range, sqlite3_int64 now_ms, int limit);

/* Removes at most `limit` rows (-1: all) of the range that had expired by `now_ms`, the
** longest-expired first. */
int kv_purge_range(kv_connection *connection, const kv_range *range, sqlite3_int64 now_ms,
                   int limit, sqlite3_int64 *removed);

/* Is it worth the time of a write to look for what has expired? */
int kv_purge_is_worth_a_look(const kv_connection *connection);

/* Is a write that stores a ttl to purge? Not where nothing had expired a moment ago, nor now; but where
** the answer would take a read lock that the write would have to raise, which SQLite does not wait
** for, the write is to find out itself. */
int kv_purge_is_due(kv_connection *connection, sqlite3_int64 now_ms, int *is_due);

/*
** Removes some of the whole store, inside a driver (write.h) whose write is as good without it: what
** a host's trigger refuses to let go stays. An error is what that write cannot go on after, or
** should not.
*/
int kv_purge_some(kv_connection *connection, sqlite3_int64 now_ms, int limit);

#endif
