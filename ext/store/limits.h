/*
** Setting the quota of a namespace. What keeps it is in quota.h.
*/
#ifndef KV_LIMITS_H
#define KV_LIMITS_H

#include "base/connection.h"

/* Sets the namespace's limits (0: unlimited) and counts what it holds. */
int kv_quota_set(kv_connection *connection, const char *namespace, sqlite3_int64 max_keys,
                 sqlite3_int64 max_groups);

#endif
