/*
** What a write has to do with quotas: the clock of their triggers, and what it means that they refuse.
** The limits themselves hold without us (sql/quota.sql).
*/
#ifndef KV_QUOTA_H
#define KV_QUOTA_H

#include "base/statements.h"

/* Are there quotas in the schema? */
int kv_quota_exist(kv_connection *connection, int *is_any);

/*
** Makes the triggers tell time by `now_ms`, or as before. For a connection whose clock is pinned, around
** one write; a write inside a write pins again.
*/
int kv_quota_pin_clock(kv_connection *connection, sqlite3_int64 now_ms);
int kv_quota_unpin_clock(kv_connection *connection);

/*
** Before a statement that INSERTs with an upsert and thus never REPLACEs: tells the triggers so, which
** saves them the look for what is in the way. It is told through last_insert_rowid(), which the write
** gives back at its end. Not where code of the host may run inside of the statement: that might REPLACE.
*/
#define KV_QUOTA_UPSERT (-6148914691236517205)
void kv_quota_announce_upsert(kv_connection *connection);

/*
** If the error on its way is a refusal by a trigger, says whose quota it was, the limit and what is
** held; and what is too large for any room, if `value` is what was to be stored (NULL: one of several).
** Returns `code`.
*/
int kv_quota_explain(kv_connection *connection, int code, kv_text group, kv_text key,
                     sqlite3_value *value);

#endif
