/*
** Rows of other libraries' tables in the same file into the store.
*/
#ifndef KV_MIGRATE_H
#define KV_MIGRATE_H

#include "store/store.h"

/*
** The rows of go-store's table "entries" (its v0.2.1 and later) become rows of "kv", in one write; "entries" is
** left empty. *moved counts the keys that were live at `now_ms`; others go. Without such a table, or with an
** empty one, it is 0 and nothing is done. Errors: a live key that is in both tables and differs
** (SQLITE_CONSTRAINT), what a write to "kv" may be refused for.
*/
int kv_migrate_go_store(kv_connection *connection, sqlite3_int64 now_ms, sqlite3_int64 *moved);

#endif
