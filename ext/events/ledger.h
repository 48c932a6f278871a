/*
** The ledger: the changes of the open transaction, in the order in which rows changed, until it is
** known how that ends. A pure data structure: it runs no SQL and knows no connection.
**
** A change comes in two halves. First its place is reserved (the update hook: a row changed), then
** the place is filled (a trigger: what the row is). In between other rows may change, by a trigger of
** the host, and their changes stand after this one though they are filled before.
**
** What is in the ledger is bounded by the capacities of those who wait: what nobody could hold is
** counted. And nothing is ever lost without a word: where it cannot be said what happened, a resync
** is owed, which no rollback takes away.
*/
#ifndef KV_LEDGER_H
#define KV_LEDGER_H

#include "events/watchers.h"

/* Places that are reserved and not filled, at most. Triggers nest a thousand deep; where there are
** more, nobody fills them. */
enum { KV_MAX_OPEN_PLACES = 16384 };

struct kv_pending;
struct kv_mark;

typedef struct kv_ledger {
  struct kv_pending *entries; /* in order */
  int count, size;
  int open;              /* places that are reserved and not filled */
  struct kv_mark *marks; /* a savepoint each, outermost first */
  int mark_count, mark_size;
  kv_order order;     /* of the newest place */
  int is_resync_owed; /* something happened that is not in here */
  int is_unheard;     /* and no callback was called for it either */
} kv_ledger;

void kv_ledger_free(kv_ledger *ledger);

/* A row changed: `operation` and `rowid` are the update hook's. Out of memory: a resync is owed. */
void kv_ledger_reserve(kv_ledger *ledger, int operation, sqlite3_int64 rowid);

/* A place that is about to be filled. */
typedef struct kv_place {
  int index; /* of its entry; -1: it is the end of the ledger */
  kv_order order;
} kv_place;

/* Takes the newest open place of this operation and rowid; 0: there is none, and *place is a new one
** at the end. */
int kv_ledger_take_place(kv_ledger *ledger, int operation, sqlite3_int64 rowid, kv_place *place);
/* Puts an event there (a second one after the first). It is retained. Out of memory: a resync is
** owed. */
void kv_ledger_put(kv_ledger *ledger, kv_place *place, kv_watchers *watchers, kv_event *event);
/* Counts an event there that those whom it concerns could not hold. */
void kv_ledger_count(kv_ledger *ledger, const kv_place *place, const kv_watchers *watchers,
                     kv_text group, kv_text key);
/* The place has what it will have. */
void kv_ledger_close_place(kv_ledger *ledger, const kv_place *place);

/* A savepoint of SQLite's, by its number, begins: SQLITE_OK or SQLITE_NOMEM. */
int kv_ledger_savepoint(kv_ledger *ledger, int number);
void kv_ledger_release(kv_ledger *ledger, int number);
/* What happened since the savepoint (-1: the transaction) is undone: 1 if there was something. One
** that is not known is older than all that is in the ledger. */
int kv_ledger_rollback_to(kv_ledger *ledger, kv_watchers *watchers, int number);
/* The number of the innermost savepoint; -1: none. */
int kv_ledger_innermost(const kv_ledger *ledger);

/* Nobody will fill the places that are open: a resync is owed for them. */
void kv_ledger_give_up_places(kv_ledger *ledger);
/* The transaction was committed: delivers all there is. Needs no memory, but for `resync` (NULL: the
** watchers' own is good enough), which is delivered if one is owed. 1 if it was. */
int kv_ledger_commit(kv_ledger *ledger, kv_watchers *watchers, kv_event *resync);
/* Forgets all there is, but not that a resync is owed: 1 if there was something. */
int kv_ledger_forget(kv_ledger *ledger, kv_watchers *watchers);

#endif
