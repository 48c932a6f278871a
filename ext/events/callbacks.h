/*
** Callbacks: functions of the host that are called right after each change, inside its transaction,
** or after its commit. Either the name of an SQL function, or a C function (kv.h).
*/
#ifndef KV_CALLBACKS_H
#define KV_CALLBACKS_H

#include "events/watchers.h"
#include "kv.h"

typedef struct kv_callback kv_callback;

typedef struct kv_callbacks {
  kv_callback *first; /* by id; those that were removed while one ran are still there, marked */
  int running;        /* calls in progress: nothing is freed meanwhile */
  unsigned rollbacks; /* of whole transactions, as the witness hears of them */
} kv_callbacks;

/* Changes that wait for a callback that is called after the commit; of more it hears as one resync. */
enum { KV_COMMIT_CAPACITY = 1024 };

/* Registers the SQL function `name`, which takes five arguments. An error if there is none. */
int kv_callbacks_add_sql(kv_callbacks *callbacks, kv_connection *connection, sqlite3_int64 id,
                         kv_text name, int is_after_commit);
/* Registers a C function. Its destructor is called when it is removed, and when this fails. */
int kv_callbacks_add_c(kv_callbacks *callbacks, kv_connection *connection, sqlite3_int64 id,
                       kv_change_callback *function, void *user_data, void (*destroy)(void *));
/* 1 if there was one that the connection's scope may see. Safe inside a callback. */
int kv_callbacks_remove(kv_callbacks *callbacks, const kv_connection *connection, sqlite3_int64 id);
void kv_callbacks_clear(kv_callbacks *callbacks);
int kv_callbacks_are_there(const kv_callbacks *callbacks);

typedef enum kv_callback_kinds { KV_SQL_ONLY, KV_SQL_AND_C } kv_callback_kinds;
/* Is there one to be called about a change in this group (stored name), now and not at the commit? */
int kv_callbacks_concern(const kv_callbacks *callbacks, kv_callback_kinds kinds, kv_text group);
/*
** Calls all that the event concerns, until one fails: its error, which is never a constraint's
** (OR IGNORE would swallow it). A callback that begins or ends a transaction is an error, too: what it
** began is rolled back.
*/
int kv_callbacks_call(kv_callbacks *callbacks, kv_connection *connection, kv_callback_kinds kinds,
                      const kv_event *event);
/* From inside the update hook: C callbacks only, with a resync about the row. Their answers don't
** count. */
void kv_callbacks_call_from_hook(kv_callbacks *callbacks, kv_connection *connection, int operation,
                                 sqlite3_int64 rowid);
/* Calls those for the commit with what was committed, which waits in `watchers` under their ids. It
** is too late for an error, which goes to SQLite's log. */
void kv_callbacks_call_after_commit(kv_callbacks *callbacks, kv_connection *connection,
                                    kv_watchers *watchers);
/* Finalizes their statements: the connection may be about to close. */
void kv_callbacks_close_statements(kv_callbacks *callbacks);

#endif
