/*
** The driver: a statement of SQLite's in which several others run (sql/store.sql, "write_all").
**
** What it writes and they write is one statement to SQLite: its own journal, or its own rollback,
** undoes all of it, in autocommit, in a transaction, in an outer statement that writes, after an
** interrupt, and whatever an authorizer says. It takes the write lock before anything is read.
*/
#ifndef KV_DRIVER_H
#define KV_DRIVER_H

#include "base/statements.h"

/* What runs in a driver: SQLITE_OK, or the first error, at which it stops. */
typedef int kv_body(void *data);

/* A body on its way through SQLite to its driver. */
typedef struct kv_driven {
  kv_connection *connection;
  kv_body *body;
  void *data;
  int has_run; /* it runs once, however often SQLite asks */
  int code;
  char *error; /* the message with it */
} kv_driven;

/* Runs the body: all that it writes is kept, or nothing of it. The table "kv" must be there. */
int kv_drive(kv_connection *connection, kv_body *body, void *data);

/* For a statement that writes itself and has kv__body(?parameter) where the body is to run first:
** binds the body, which must stay where it is, and turns the code that the statement came to into
** that to report. */
void kv_bind_driven(kv_query *query, int parameter, kv_driven *driven);
int kv_driven_end(kv_driven *driven, int code);

/* After a write that failed with `code`. A body, a trigger or a callback may have created a table
** before. In a transaction that is undone with the rest, but SQLite's idea of the schema still has
** it, until a new statement about that schema is run: this runs some. Returns the code to report. */
int kv_driver_failed(kv_connection *connection, int code);

/* The function that drivers call: it must be there before the first write. */
int kv_driver_register(sqlite3 *db);
void kv_driver_unregister(sqlite3 *db);

#endif
