/*
** Events: who listens, and how they come to hear. Changes are seen by the witness (witness.h) and the
** update hook (hook.h); they wait in the ledger (ledger.h) for the commit, and go to the watchers
** (watchers.h) then. Callbacks (callbacks.h) hear of them at once.
*/
#ifndef KV_EVENTS_H
#define KV_EVENTS_H

#include "events/callbacks.h"
#include "events/watchers.h"

/* Registers what the room needs on the connection, or takes it away again. */
int kv_events_register(kv_connection *connection);
void kv_events_unregister(sqlite3 *db);

/* ---- listening (arguments decoded; group and key may be "*") --------------------------------- */

int kv_events_watch(kv_connection *connection, kv_text group, kv_text key, int capacity,
                    sqlite3_int64 *id);
int kv_events_unwatch(kv_connection *connection, sqlite3_int64 id);
/* Registers the SQL function `name`: to be called with each change, or after its commit. */
int kv_events_on_change_sql(kv_connection *connection, kv_text name, int is_after_commit,
                            sqlite3_int64 *id);
int kv_events_on_change_c(kv_connection *connection, kv_change_callback *function, void *user_data,
                          void (*destroy)(void *), sqlite3_int64 *id);
int kv_events_off_change(kv_connection *connection, sqlite3_int64 id);
int kv_events_chain_hook(kv_connection *connection, kv_update_hook *hook, void *user_data);
/* kv_config('update_hook'): may the hook be taken? */
int kv_events_allow_hook(kv_connection *connection, int is_allowed);
int kv_events_is_hook_allowed(const kv_connection *connection);
/* kv_config('schema'): the watchers look at another store from now on, and are told. */
int kv_events_rebase(kv_connection *connection);

/* ---- reading --------------------------------------------------------------------------------- */

/* Looks for what others did, and for what was not witnessed: before events are read. */
int kv_events_look(kv_connection *connection);
/* NULL: nobody ever listened. */
kv_watchers *kv_events_watchers(kv_connection *connection);
/* Does the update hook tell of rows? */
int kv_events_is_hooked(const kv_connection *connection);
/* Why no witness is in place, in a few words; NULL: it is. */
const char *kv_events_why_not(const kv_connection *connection);

extern const kv_room kv_events_room;

#endif
