/*
** Callbacks: functions of the host that are called right after each change, inside its transaction.
** Either the name of an SQL function, or a C function (kv.h).
*/
#ifndef KV_CALLBACKS_H
#define KV_CALLBACKS_H

#include "events/watchers.h"
#include "kv.h"

typedef struct kv_callback kv_callback;

typedef struct kv_callbacks {
  kv_callback *first; /* by id; those that were removed while one ran are still there, marked */
  int running;        /* calls in progress: nothing is freed meanwhile */
} kv_callbacks;

/* Registers the SQL function `name`, which takes five arguments. An error if there is none. */
int kv_callbacks_add_sql(kv_callbacks *callbacks, kv_connection *connection, sqlite3_int64 id,
                         kv_text name);
/* Registers a C function. Its destructor is called when it is removed, and when this fails. */
int kv_callbacks_add_c(kv_callbacks *callbacks, kv_connection *connection, sqlite3_int64 id,
                       kv_change_callback *function, void *user_data, void (*destroy)(void *));
/* 1 if there was one that the connection's scope may see. Safe inside a callback. */
int kv_callbacks_remove(kv_callbacks *callbacks, const kv_connection *connection, sqlite3_int64 id);
void kv_callbacks_clear(kv_callbacks *callbacks);
int kv_callbacks_are_there(const kv_callbacks *callbacks);

/* Calls all that the event concerns, until one fails: its error. */
int kv_callbacks_call(kv_callbacks *callbacks, kv_connection *connection, const kv_event *event);
/* From inside the update hook: C callbacks only, with a resync about the row. Their answers don't
** count. */
void kv_callbacks_call_from_hook(kv_callbacks *callbacks, kv_connection *connection, int operation,
                                 sqlite3_int64 rowid);
/* Finalizes their statements: the connection may be about to close. */
void kv_callbacks_close_statements(kv_callbacks *callbacks);

#endif
