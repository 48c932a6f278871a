/*
** How a call writes: its one statement, or several that are kept or undone together (driver.h).
** The store is brought into being before, last_insert_rowid() is as before afterwards, and nothing
** is done after the last write that could fail.
*/
#ifndef KV_WRITE_H
#define KV_WRITE_H

#include "store/driver.h"

/*
** A write of one statement:
**
**     kv_write write;
**     kv_write_begin(&write, connection, KV_SQL_SET, group);
**     kv_bind_text(&write.query, 1, group);
**     return kv_write_end(&write, &changes);
*/
typedef struct kv_write {
  kv_query query;
  kv_text group;         /* whose quota it is that may refuse, */
  kv_text key;           /* and what, */
  sqlite3_value *value;  /* or NULL: the caller sets it, for the message */
  kv_driven purge;       /* what the statement itself drives */
  sqlite3_int64 now_ms;  /* what has expired by then is purged */
  int has_inserted;      /* a row; 0 also where that had the rowid of the host's last one */
  sqlite3_int64 changes; /* rows that the statement wrote itself */
  sqlite3_int64 last_rowid;
} kv_write;

/* `group` is where keys are added, {"", 0} if nowhere. What fails is remembered by the query. */
void kv_write_begin(kv_write *write, kv_connection *connection, kv_sql sql, kv_text group);
/* The same for what stores a ttl: where rows have expired by `now_ms`, it begins `purging` in place
** of `sql`, which has kv__body(?6), and there removes some. The write must stay where it is. */
void kv_write_begin_expiring(kv_write *write, kv_connection *connection, kv_sql sql, kv_sql purging,
                             kv_text group, sqlite3_int64 now_ms);
/* Steps and ends. Returns the code to report. */
int kv_write_end(kv_write *write, sqlite3_int64 *changes);

/* Runs the body inside a driver: all that it writes is kept, or nothing of it. Returns the code to
** report. `group` as above; it may be changed by the body. */
int kv_write_all(kv_connection *connection, const kv_text *group, kv_body *body, void *data);

#endif
