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
** Before a driver: where a table of the quotas is gone and the triggers are not, nothing can be written to
** "kv", and no driver begins. So the triggers go first. SQLITE_ERROR where it is the table with the limits,
** unless kv_quota() was called.
*/
int kv_quota_clear_way(kv_connection *connection);

/*
** Makes it so, inside a driver: brings quotas of 0.1.0 up, moves the triggers from a table "kv" that was
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
