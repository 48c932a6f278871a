/*
** How a call writes: its one statement, or several that are kept or undone together.
**
** Several are held together by a statement of SQLite's around them, the driver, in which they run
** (sql/store.sql, "write_all"). What it writes and they write is one statement to SQLite: its own
** journal, or its own rollback, undoes all of it, in autocommit, in a transaction, in an outer
** statement that writes, after an interrupt, and whatever an authorizer says. It takes the write
** lock before anything is read. Nothing is done after it that could fail.
**
** A call brings the store into being before it writes, by itself: undone in a transaction, a CREATE
** would leave SQLite with a wrong idea of the schema.
*/
#ifndef KV_WRITE_H
#define KV_WRITE_H

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

/*
** A write of one statement:
**
**     kv_write write;
**     kv_write_begin(&write, connection, KV_SQL_SET, group);
**     kv_bind_text(&write.query, 1, group);
**     return kv_write_end(&write, &changes);
**
** Neither last_insert_rowid() nor the depth of the host's transaction is changed by it.
*/
typedef struct kv_write {
  kv_query query;
  kv_text group;         /* whose quota it is that may refuse */
  kv_driven purge;       /* what the statement itself drives */
  sqlite3_int64 now_ms;  /* what has expired by then is purged */
  sqlite3_int64 changes; /* rows that the statement wrote itself */
} kv_write;

/* `group` is where keys are added, {"", 0} if nowhere. What fails is remembered by the query. */
void kv_write_begin(kv_write *write, kv_connection *connection, kv_sql sql, kv_text group);
/* For a statement with kv__body(?parameter): there, some rows that have expired are removed. The
** write must stay where it is. */
void kv_write_purge(kv_write *write, int parameter, sqlite3_int64 now_ms);
/* Steps and ends. Returns the code to report. */
int kv_write_end(kv_write *write, sqlite3_int64 *changes);

/* Runs the body inside a driver: all that it writes is kept, or nothing of it. Returns the code to
** report. `group` as above; it may be changed by the body. */
int kv_write_all(kv_connection *connection, const kv_text *group, kv_body *body, void *data);

/* The function that drivers call: it must be there before the first write. */
int kv_write_register(sqlite3 *db);
void kv_write_unregister(sqlite3 *db);

#endif
