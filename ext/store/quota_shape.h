/*
** The tables, triggers and indexes of quotas (sql/quota.sql): are they what they should be, and how do
** they come to be? They are part of the store's shape: what sets a quota stands above (limits.h).
*/
#ifndef KV_QUOTA_SHAPE_H
#define KV_QUOTA_SHAPE_H

#include "base/range.h"

/* A quota's limits; 0 is none. Its key is "namespace:", or KV_QUOTA_STORE for the whole store. */
#define KV_QUOTA_STORE "::"
typedef struct kv_quota_limits {
  const char *prefix;
  sqlite3_int64 max_keys;
  sqlite3_int64 max_groups;
  sqlite3_int64 max_bytes;
  int is_evicting;
} kv_quota_limits;

/* Is what the quotas need all there, with our text, on the table "kv"? 1 also where there are none. */
int kv_quota_look(kv_connection *connection, int *is_whole);

/*
** Where a table is gone that the triggers need, no write to "kv" can be so much as compiled. Drops them, to
** be made again; but if it is the table with the limits, that is an error, unless kv_quota() is at work.
*/
int kv_quota_unblock(kv_connection *connection);

/*
** Makes all whole, inside a write: brings quotas of 0.1.0 up, moves the triggers from a table "kv" that was
** renamed to the one that is there now, and counts anew.
*/
int kv_quota_restore(kv_connection *connection);

/* Makes the tables, after kv_quota() was called where they are not, or are not what they were. */
int kv_quota_make_tables(kv_connection *connection);
/* Makes the triggers that the quotas there are need, and drops those that none needs: all, where there
** is none. */
int kv_quota_make_parts(kv_connection *connection);
/* Writes the quota's row, with figures counted just now. */
int kv_quota_write(kv_connection *connection, const kv_quota_limits *limits, int with_bytes);
/* Counts all quotas anew. */
int kv_quota_recount(kv_connection *connection);
/* Is any quota there? Does one limit bytes? */
int kv_quota_kinds(kv_connection *connection, int *is_any, int *with_bytes);

#endif
