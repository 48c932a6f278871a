/*
** What the extension keeps for one database connection: its settings, its clock, its pending error,
** and the state of the rooms above, each behind a pointer of its own. Made when the extension is
** loaded, shared by every function and table that is registered, freed with the last of them.
**
** The ground calls no room by name: it is handed a list of them, and tells each when the connection
** may be about to close, when life goes on, and when it ends.
*/
#ifndef KV_CONNECTION_H
#define KV_CONNECTION_H

#include "base/names.h"
#include "base/sqlite.h"
#include "kv_sql.h"

typedef struct kv_events kv_events;
typedef struct kv_purger kv_purger;
typedef struct kv_bulk kv_bulk;

/* What the schema was found to hold, weakest first (see schema.c). */
typedef enum kv_store_state {
  KV_STORE_UNKNOWN,    /* not looked at, or changed since */
  KV_STORE_ABSENT,     /* no table: reads find nothing, the first write creates it */
  KV_STORE_LEGACY,     /* a table from before TTL */
  KV_STORE_INCOMPLETE, /* a table without the index on expires_at, or quotas without triggers */
  KV_STORE_READY
} kv_store_state;

typedef struct kv_connection kv_connection;

/* A room above that holds statements, threads or memory for a connection. Any function may be NULL. */
typedef struct kv_room {
  /* A table of ours was disconnected, so the host may be closing: let go of every statement and
  ** every thread. Must not fail, nor run SQL on the connection. */
  void (*pause)(kv_connection *connection);
  /* The close did not come: called as the next call begins. A result code. */
  int (*resume)(kv_connection *connection);
  /* The host calls, and is not inside of a call: before it, an error (a result code) is its answer;
  ** and after it. One room at most has these, and then both: each call pays for them. */
  int (*begin_call)(kv_connection *connection);
  void (*end_call)(kv_connection *connection);
  /* A statement about the table "kv" is about to be compiled, for whatever table there is by now:
  ** SQLITE_OK if that is still what connection->store says. */
  int (*vouch)(kv_connection *connection);
  /* Rows that were held back are to be written (has_pending_rows). A result code. */
  int (*settle)(kv_connection *connection);
  void (*free)(kv_connection *connection);
} kv_room;

/*
** What the statement that runs now is about, told by the store before it runs, for those who are
** shown each row that it changes and cannot see it from the row alone. Nested calls put back what
** they found.
*/
typedef struct kv_intent {
  int has_now; /* the instant that the call goes by: */
  sqlite3_int64 now_ms;
  kv_text
      deleted_groups; /* stored name, or prefix, of groups deleted whole; NULL bytes: none are */
  int is_prefix;
  int depth; /* of the call that deletes them */
} kv_intent;

struct kv_connection {
  sqlite3 *db;
  const kv_room *const *rooms; /* NULL at the end */
  const kv_room *listener; /* the one of them that hears of each call: both ends of it, or NULL */
  int is_paused;
  int references;   /* registered functions and tables, and open tables */
  char *schema;     /* NULL is main */
  char *scope;      /* "namespace:", which every group's stored name begins with; NULL: none */
  sqlite3_vfs *vfs; /* the clock */
  int is_pinned;    /* kv_config('now'): */
  sqlite3_int64 pinned_now;
  int is_migrating; /* rows of another table are on their way to "kv" (migrate.c) */
  int depth;        /* calls inside calls, through triggers and callbacks */

  kv_store_state store;
  int has_host_triggers;    /* of READY: on "kv", and not ours */
  int has_log;              /* of READY: is there a feed (log.h)? */
  int is_store_fresh;       /* looked at during this call: an error is no sign of a change */
  unsigned schema_switches; /* moves when kv_config('schema') names another */
  unsigned generation;      /* moves when what is known of the schema is forgotten */
  unsigned char encoding;   /* SQLITE_UTF8, SQLITE_UTF16LE or SQLITE_UTF16BE */

  unsigned looks; /* for a key, before hints are kept (hints.c) */
  struct kv_hints *hints;
  unsigned gets;                  /* that were answered by a statement of their own (reading.c) */
  unsigned overwrites;            /* sets in a row that found their key (store.c) */
  sqlite3_int64 found_nothing_us; /* when nothing had expired, the last time (purge.c) */

  kv_intent intent;
  int is_setting_quota; /* kv_quota() mends what is broken about quotas: no reason to fail before */
  int anchors;          /* connected tables that will tell of a close */
  sqlite3_stmt *statements[KV_SQL_TOTAL]; /* idle prepared statements */

  char *error; /* the message on its way to the host; NULL: SQLite's own for the code */
  kv_purger *purger;
  /* A store in memory: a write so long after swept_at_ms (steady clock) removes all that has
  ** expired. 0: none does. */
  sqlite3_int64 sweep_every_ms;
  sqlite3_int64 swept_at_ms;
  kv_events *events; /* NULL until somebody listens */
  kv_bulk *bulk;     /* NULL until rows are held back (tables/bulk.h): */
  int has_pending_rows;
  sqlite3_value *answer;          /* to the last INSERT INTO kv_call; NULL: there was none */
  void *interface;                /* kv.h's, once it was asked for */
  struct kv_waiter *waiter;       /* for the feed (wait.c) */
  struct kv_templates *templates; /* parsed lately (render.c) */
};

/* A new connection state with one reference; NULL when out of memory. `rooms` outlives it. */
kv_connection *kv_connection_new(sqlite3 *db, const kv_room *const *rooms);
kv_connection *kv_connection_retain(kv_connection *connection);
/* Takes void * to serve as SQLite's xDestroy. Frees with the last reference. */
void kv_connection_release(void *connection);

/* An anchor table (kv_groups) was connected, or disconnected: with the last, every room pauses. */
void kv_connection_anchor(kv_connection *connection);
void kv_connection_unanchor(kv_connection *connection);

/* The schema that the store is in, never NULL. */
const char *kv_connection_schema(const kv_connection *connection);

/* What every stored group name begins with: "namespace:", or "". */
const char *kv_connection_scope(const kv_connection *connection);
/* The same without its colon. */
kv_text kv_connection_namespace(const kv_connection *connection);

/* Unix milliseconds, from the VFS as SQLite's own 'now', or as pinned. Read it once for each call.
*/
sqlite3_int64 kv_connection_now(const kv_connection *connection);

/*
** A call into the extension begins and ends. Begin refuses (SQLITE_ERROR) what is nested too deep
** for any C stack: triggers and callbacks may call functions that write again.
*/
int kv_connection_enter(kv_connection *connection);
/* The same for a row that may join those that are held back; every other call writes them first. */
int kv_connection_enter_row(kv_connection *connection);
void kv_connection_leave(kv_connection *connection);

/*
** The one error helper. Keeps a message (without the function's name) for the host and returns
** `code`, so that a caller can write `return kv_fail(…)`.
*/
int kv_fail(kv_connection *connection, int code, const char *format, ...);
/* The same for an error that SQLite reported on the connection just now. */
int kv_fail_sqlite(kv_connection *connection);
/* Hands the message over as "name: message" (sqlite3_free it; NULL: out of memory) and forgets it.
*/
char *kv_take_error(kv_connection *connection, const char *name, int code);
void kv_clear_error(kv_connection *connection);

/* Is this a failure of the machine, or the host's impatience, for which SQLite may have rolled back the whole
** transaction? Such a code is reported whatever it befell. */
int kv_is_grave(int code);

#endif
