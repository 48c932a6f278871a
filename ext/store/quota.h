/*
** Quotas: limits on the keys and groups of a namespace, kept in the file and enforced there by
** triggers (sql/quota.sql), for every program that writes.
*/
#ifndef KV_QUOTA_H
#define KV_QUOTA_H

#include "base/statements.h"

/* Are there quotas in the schema? */
int kv_quota_exist(kv_connection *connection, int *is_any);

/* Creates what keeps quotas. Several statements, for a driver. */
int kv_quota_install(kv_connection *connection);

/* Puts the triggers back, and counts, where quotas outlived the table that they are about. */
int kv_quota_restore(kv_connection *connection);

/*
** Makes the triggers tell time by `now`, or by the system's clock again. For a connection whose
** clock is pinned, around one write.
*/
int kv_quota_pin_clock(kv_connection *connection, sqlite3_int64 now);
int kv_quota_unpin_clock(kv_connection *connection);

/*
** If the error on its way is a refusal by a trigger, says whose quota it was, the limit and what is
** held. Returns `code`.
*/
int kv_quota_explain(kv_connection *connection, int code, kv_text group);

#endif
