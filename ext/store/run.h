/*
** A look-up that goes on from call to call: where one statement of the host's calls kv_get() for row
** after row, one statement of ours answers all of them, and costs little more than a join would.
*/
#ifndef KV_RUN_H
#define KV_RUN_H

#include "base/statements.h"

typedef struct kv_run kv_run;

/* Where the store is in main, and a close would be heard of. NULL: there is none to have. */
kv_run *kv_run_new(kv_connection *connection);

/* Looks a key up by its stored name: *value is the live value, valid until the next look, or NULL.
** *is_over: the run cannot go on, and nothing was looked up. */
int kv_run_look(kv_run *run, kv_text group, kv_text key, sqlite3_int64 now_ms,
                sqlite3_value **value, int *is_over);

/* Takes void * to serve as SQLite's destructor of what is kept for a statement. */
void kv_run_free(void *run);

/* The table that the run's statement reads: what is looked for now. */
int kv_run_register(kv_connection *connection);
void kv_run_unregister(sqlite3 *db);

#endif
