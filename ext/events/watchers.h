/*
** Watchers: who wants to hear of which changes, and the events that wait for them. A pure data
** structure: it knows nothing of transactions. What is delivered here has been committed; what is
** not yet waits in the ledger (ledger.h).
*/
#ifndef KV_WATCHERS_H
#define KV_WATCHERS_H

#include "base/statements.h"

typedef enum kv_event_type {
  KV_EVENT_SET,
  KV_EVENT_DELETE,
  KV_EVENT_DELETE_GROUP,
  KV_EVENT_EXPIRE,
  KV_EVENT_RESYNC /* something changed that is not listed: read again */
} kv_event_type;

/* "set", "delete", "delete_group", "expire", "resync". */
const char *kv_event_type_name(kv_event_type type);

/* A change. Shared by all who hear of it; never changes once made. */
typedef struct kv_event {
  int references;
  kv_event_type type;
  kv_text group; /* the stored name; NULL bytes for a resync */
  kv_text key;   /* NULL bytes where the event is about no single key */
  sqlite3_value *value;
  sqlite3_int64 at; /* Unix milliseconds */
} kv_event;

/* Copies its arguments. `value` may be NULL. NULL: out of memory. */
kv_event *kv_event_new(kv_event_type type, kv_text group, kv_text key, sqlite3_value *value,
                       sqlite3_int64 at);
kv_event *kv_event_retain(kv_event *event);
void kv_event_release(kv_event *event);

enum { KV_DEFAULT_CAPACITY = 16, KV_MAX_CAPACITY = 1000000, KV_MAX_ID = 0x7fffffff };

typedef struct kv_watcher kv_watcher;

typedef struct kv_watchers {
  kv_watcher *first; /* by id */
  kv_event *resync;  /* stands for every overflow: made early, so that delivery needs no memory */
  sqlite3_int64 last_seq;
} kv_watchers;

/* Where a change stands among all of the connection's, and where a watcher began to watch. */
typedef sqlite3_int64 kv_order;

/* A filter: whole names, or "*" for any. `scope` is what the stored names of its groups begin with.
*/
typedef struct kv_filter {
  char *scope;
  kv_text group;
  kv_text key;
} kv_filter;

int kv_filter_init(kv_filter *filter, const char *scope, kv_text group, kv_text key);
void kv_filter_clear(kv_filter *filter);
/* Does the filter let an event of this group (stored name) and key (NULL bytes: all) through? */
int kv_filter_matches(const kv_filter *filter, kv_text group, kv_text key);

/* Adds one that hears of changes after `since`. One that is `hidden` is no watcher of the host's: it
** is the queue of a callback, which neither kv_events nor kv_watchers shows. */
typedef struct kv_watcher_terms {
  const char *scope;
  kv_text group;
  kv_text key;
  int capacity;
  kv_order since;
  int is_hidden;
} kv_watcher_terms;
int kv_watchers_add(kv_watchers *watchers, sqlite3_int64 id, const kv_watcher_terms *terms);
/* 1 if there was one that the scope may see. */
int kv_watchers_remove(kv_watchers *watchers, sqlite3_int64 id, const char *scope, int is_hidden);
void kv_watchers_clear(kv_watchers *watchers);
/* Is there a watcher of the host's with this id, which the scope may see? */
int kv_watchers_has(const kv_watchers *watchers, sqlite3_int64 id, const char *scope);

/* Does anybody wait for an event of this group and key (NULL bytes: all), at this place? */
typedef enum kv_interest {
  KV_NOBODY,
  KV_COUNTS, /* all that do have as many waiting and coming as they can hold: no copy is needed */
  KV_WANTS
} kv_interest;
kv_interest kv_watchers_interest(const kv_watchers *watchers, kv_text group, kv_text key,
                                 kv_order order);
/* An event was put into the ledger, or (-1) taken out again undelivered. */
void kv_watchers_expect(kv_watchers *watchers, const kv_event *event, kv_order order, int count);
/* Nothing is in the ledger any more. */
void kv_watchers_expect_nothing(kv_watchers *watchers);
/* Calls `each` with the id of every watcher that an uncopied event concerns. */
void kv_watchers_each(const kv_watchers *watchers, kv_text group, kv_text key, kv_order order,
                      void (*each)(void *context, sqlite3_int64 id), void *context);

/* Puts the event into the queue of every watcher that it concerns; a full queue counts it as
** dropped. */
void kv_watchers_deliver(kv_watchers *watchers, kv_event *event, kv_order order);
/* The same for `count` events that nobody has a copy of. */
void kv_watchers_deliver_loss(kv_watchers *watchers, sqlite3_int64 id, sqlite3_int64 count);

/* What waits for a watcher: an event, and with a resync for an overflow how many were lost. */
typedef struct kv_delivery {
  sqlite3_int64 watcher;
  sqlite3_int64 seq;
  kv_event *event; /* to be released */
  sqlite3_int64 lost;
  int hidden; /* bytes of the group's name that the watcher's scope hides */
} kv_delivery;

/*
** Takes the first delivery of a watcher (id 0: of each of the host's in turn, from *next_id on) that
** was there when the sequence stood at `last_seq`. 0: there is none.
*/
int kv_watchers_take(kv_watchers *watchers, sqlite3_int64 id, sqlite3_int64 last_seq,
                     const char *scope, sqlite3_int64 *next_id, kv_delivery *taken);

/* For kv_watchers: the first watcher with an id of at least `id` that the scope may see. */
typedef struct kv_watcher_status {
  sqlite3_int64 id;
  const kv_filter *filter;
  int capacity;
  int pending;
  sqlite3_int64 dropped;
} kv_watcher_status;
int kv_watchers_status(const kv_watchers *watchers, sqlite3_int64 id, const char *scope,
                       kv_watcher_status *status);

#endif
