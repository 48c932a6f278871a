/*
** Events: what happens between a change and the news of it. Changes are announced by the store;
** here they wait for their transaction to commit, and go to the watchers, or are forgotten with it.
** Changes that no call announced are found out, and become a resync.
*/
#ifndef KV_EVENTS_H
#define KV_EVENTS_H

#include "events/callbacks.h"
#include "events/watchers.h"

/* Does anybody listen? Where nobody does, a write pays for this question only. */
int kv_events_are_on(const kv_connection *connection);
/* Are there callbacks, so that an error after the change must undo it? */
int kv_events_may_fail(const kv_connection *connection);

/* ---- listening (arguments decoded; group and key may be "*") --------------------------------- */

int kv_events_watch(kv_connection *connection, kv_text group, kv_text key, int capacity,
                    sqlite3_int64 *id);
int kv_events_unwatch(kv_connection *connection, sqlite3_int64 id);
int kv_events_on_change_sql(kv_connection *connection, kv_text name, sqlite3_int64 *id);
int kv_events_on_change_c(kv_connection *connection, kv_change_callback *function, void *user_data,
                          void (*destroy)(void *), sqlite3_int64 *id);
int kv_events_off_change(kv_connection *connection, sqlite3_int64 id);
int kv_events_chain_hook(kv_connection *connection, kv_update_hook *hook, void *user_data);
/* kv_config('update_hook'): may the hook be taken? */
int kv_events_allow_hook(kv_connection *connection, int is_allowed);
/* kv_config('schema'): the watchers look at another store from now on, and are told. */
int kv_events_rebase(kv_connection *connection);
int kv_events_is_hook_allowed(const kv_connection *connection);

/* ---- announcing ------------------------------------------------------------------------------ */

/* Before a write: what came before it unannounced has its resync before the write's events. */
int kv_events_begin_write(kv_connection *connection);
/* Around a statement that writes: the rows that it reports itself are no news to the hook. */
sqlite3_int64 kv_events_begin_statement(kv_connection *connection);
void kv_events_end_statement(kv_connection *connection, sqlite3_int64 mark, sqlite3_int64 changes);
/* A change was made. The error is that of a callback, and is to undo the change. */
int kv_events_announce(kv_connection *connection, kv_event_type type, kv_text group, kv_text key,
                       sqlite3_value *value, sqlite3_int64 at);
/* After the announcements of a write: what it changed beside them, by triggers, is a resync. */
int kv_events_settle(kv_connection *connection);
/* The write is over. */
void kv_events_end_write(kv_connection *connection);

/* ---- the transaction, as kv_entries hears of it ---------------------------------------------- */

void kv_events_begin(kv_connection *connection);
void kv_events_commit(kv_connection *connection);
void kv_events_rollback(kv_connection *connection);
int kv_events_savepoint(kv_connection *connection, int savepoint);
void kv_events_release(kv_connection *connection, int savepoint);
void kv_events_rollback_to(kv_connection *connection, int savepoint);

/* ---- reading --------------------------------------------------------------------------------- */

/* Looks for what others did, and what was not announced: before events are read. */
int kv_events_look(kv_connection *connection);
/* NULL: nobody ever listened. */
kv_watchers *kv_events_watchers(kv_connection *connection);
int kv_events_is_hooked(const kv_connection *connection);

extern const kv_room kv_events_room;

#endif
