/*
** Namespaces: which part of the store a connection sees, and kv_quota's and kv_scope's rules about
** names.
*/
#ifndef KV_SCOPE_H
#define KV_SCOPE_H

#include "base/connection.h"
#include "base/statements.h"

/* Enters the namespace, `[a-zA-Z0-9-]+`. Writes nothing, and no rollback changes it. */
int kv_scope_set(kv_connection *connection, sqlite3_value *namespace);
void kv_scope_leave(kv_connection *connection);

/*
** Sets a quota, or, where all limits are NULL, takes it away: kv_quota's arguments, three to five. In a
** namespace, only its own. Limits are integers from 0 on.
*/
int kv_scope_set_quota(kv_connection *connection, int count, sqlite3_value **arguments);

#endif
