/*
** The update hook: SQLite has one for each connection. It says that a row changed, and when; what the
** row is, the witness says after it (witness.h). It is set once, when it is first wanted, and left in
** place, idle, when it is wanted no more: it may be the host's own by then, set over ours.
*/
#ifndef KV_HOOK_H
#define KV_HOOK_H

#include "events/state.h"

/* Sets the hook, unless it is set, or forbidden. */
void kv_hook_set(kv_connection *connection);
/* The host's own is called after ours (NULL: none). */
void kv_hook_chain(kv_connection *connection, kv_update_hook *hook, void *user_data);

#endif
