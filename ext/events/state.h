/*
** What this room keeps for a connection, from the first who listens on.
*/
#ifndef KV_EVENTS_STATE_H
#define KV_EVENTS_STATE_H

#include "events/callbacks.h"
#include "events/ledger.h"
#include "events/vanished.h"
#include "events/watchers.h"

typedef struct kv_hook {
  int is_forbidden; /* kv_config('update_hook', 0) */
  int is_set;
  int is_lost; /* a row came that it had not told of: it is the host's own by now */
  kv_update_hook *chained;
  void *chained_data;
} kv_hook;

/* By which it is seen that the store, or what witnesses it, may not be what it was. */
typedef struct kv_versions {
  unsigned own;  /* moves with each commit to the store's schema that this connection knows of */
  unsigned temp; /* the same of "temp" */
} kv_versions;

typedef struct kv_witness {
  sqlite3_vtab *table;  /* as connected; NULL: it is not */
  int enlisted;         /* tables of ours in the transaction */
  unsigned connects;    /* of the table: SQLite has read the schema anew */
  unsigned questions;   /* of SQLite's: how is the table to be read? */
  int is_in_place;      /* it was when it was last looked at */
  const char *why_not;  /* else: in a few words */
  int is_unsettled;     /* the schema may have moved: look at it */
  int is_partly_undone; /* the transaction in which it was made */
  int is_doubted;   /* the witness may not be alive though the schema is the same: look at that */
  int is_leaky;     /* a row may be replaced by one of another name: each change is a resync too */
  int is_beginning; /* for the first who listens: what is there is no news */
  int is_busy;      /* being made or taken away */
  int running;      /* xUpdates: nothing is made or taken away meanwhile */
  int savepoints;   /* that the table was told of in this transaction */
  kv_versions versions; /* at the last look: */
  const void *file;     /* the database's */
  unsigned seen_connects;
  sqlite3_int64 unmade_temp_schema_version; /* before it was made in this transaction; or -1 */
  sqlite3_int64 schema_version, temp_schema_version;
} kv_witness;

struct kv_events {
  kv_watchers watchers;
  kv_callbacks callbacks;
  kv_ledger ledger;
  kv_vanished vanished;
  kv_hook hook;
  kv_witness witness;
  sqlite3_int64 last_id;
  int is_at_work; /* around a call of the host's: what callbacks call then is no such call */
  sqlite3_int64 others_version; /* moves with each commit by others, and only then */
};

/* Makes connection->events, if it is not there. */
int kv_events_open(kv_connection *connection);
/* Does anybody listen? */
int kv_events_are_on(const kv_connection *connection);
/* Is the store being written in the open transaction? */
int kv_events_is_writing(const kv_connection *connection);
/* Delivers what is in the ledger: it was committed. */
void kv_events_deliver(kv_connection *connection);
/* Something happened that is not listed, and no callback heard of it. */
void kv_events_owe_resync(kv_connection *connection);

#endif
