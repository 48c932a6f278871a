/*
** The writing side of kv_entries, and what both sides agree on.
*/
#ifndef KV_ENTRIES_H
#define KV_ENTRIES_H

#include "tables/tvf.h"

/* xUpdate: an INSERT, UPDATE or DELETE of one row. */
int kv_entries_update(kv_vtab *vtab, int argc, sqlite3_value **argv, sqlite3_int64 *rowid);

/* The ttl, in seconds, of a row with this expires_at; 0: it has none. What is no number never
** passes. */
int kv_entries_ttl(sqlite3_value *expires_at, sqlite3_int64 now_ms, double *ttl);

#endif
