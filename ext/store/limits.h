/*
** Setting quotas and taking them away.
*/
#ifndef KV_LIMITS_H
#define KV_LIMITS_H

#include "store/quota_shape.h"

/*
** Sets the quota, and counts what there is. Brings up quotas of an older layout, and mends what is broken
** about the tables and triggers of all.
*/
int kv_limits_set(kv_connection *connection, const kv_quota_limits *limits);

/* Takes the quota away, if there is one: with the last, all tables and triggers. */
int kv_limits_remove(kv_connection *connection, const char *prefix);

#endif
