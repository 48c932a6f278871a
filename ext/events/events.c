/*
** Events between change and commit. See events.h.
**
** When is a change committed? After the statement that made it, sqlite3_txn_state() tells: not
** WRITE, then it has committed by itself, and its event is delivered at once. WRITE: then the event
** is kept as pending, and the virtual table kv_entries is enlisted in the transaction, so that
** SQLite says how it ends, savepoint by savepoint. The host's commit and rollback hooks stay its
** own.
**
** What did no call announce? The update hook counts every changed row of "kv" in `unlisted`; each
** call takes off those that it announces itself. What is left is somebody's plain SQL. It becomes a
** resync where it stands among the events if a call comes by in the same transaction, and else when
** it is known whether that was committed (the pager's data version moves with every commit). Two
** changes escape the hook: DELETE without WHERE, and DROP TABLE. Both leave "kv" with a largest
** rowid below the largest that the hook saw.
**
** Running out of memory here fails no call, since the change may have been committed: it ends in a
** resync.
*/
#include "events/events.h"
#include "store/schema.h"
#include "store/store.h"

struct mark {
  int savepoint;
  int pending;
  sqlite3_int64 unlisted;
  sqlite3_int64 max_rowid;
};

struct kv_events {
  kv_watchers watchers;
  kv_callbacks callbacks;
  sqlite3_int64 last_id;

  kv_event **pending; /* of the open transaction, in order */
  int pending_count, pending_size;
  struct mark *marks; /* a savepoint each, outermost first */
  int mark_count, mark_size;
  int is_in_doubt; /* SQLite stopped telling (a close that failed) while the transaction went on */

  int is_hook_forbidden; /* kv_config('update_hook', 0) */
  int is_hooked;
  int is_own_statement; /* the hook is reporting a statement of ours */
  kv_update_hook *chained;
  void *chained_data;
  sqlite3_int64 unlisted; /* rows changed that no call announced */
  int was_emptied;        /* a row was inserted below max_rowid */
  int is_to_be_looked_at; /* a transaction was committed: was "kv" emptied at its end? */

  sqlite3_int64 max_rowid;           /* the largest rowid in "kv", as far as the hook tells */
  int is_max_known;                  /* 0: that row was deleted */
  sqlite3_int64 committed_max_rowid; /* for a rollback */
  sqlite3_int64 max_rowid_before_write;
  unsigned own_version;         /* moves with each commit of ours, and of others as they are seen */
  sqlite3_int64 others_version; /* moves with others' only */
};

static const kv_text nothing = {NULL, 0};

int kv_events_are_on(const kv_connection *connection) {
  const kv_events *events = connection->events;
  return events != NULL &&
         (events->watchers.first != NULL || kv_callbacks_are_there(&events->callbacks));
}

int kv_events_may_fail(const kv_connection *connection) {
  return connection->events != NULL && kv_callbacks_are_there(&connection->events->callbacks);
}

kv_watchers *kv_events_watchers(kv_connection *connection) {
  return connection->events != NULL ? &connection->events->watchers : NULL;
}

static int is_writing(const kv_connection *connection) {
  return sqlite3_txn_state(connection->db, kv_connection_schema(connection)) == SQLITE_TXN_WRITE;
}

/* ---- versions -------------------------------------------------------------------------------- */

static unsigned own_version(const kv_connection *connection) {
  unsigned version = 0;
  sqlite3_file_control(connection->db, kv_connection_schema(connection), SQLITE_FCNTL_DATA_VERSION,
                       &version);
  return version;
}

static int read_integer(kv_connection *connection, kv_sql sql, sqlite3_int64 *value) {
  kv_query query;
  *value = 0;
  kv_query_begin(&query, connection, sql);
  if (kv_query_row(&query)) *value = kv_query_integer(&query, 0);
  return kv_query_end(&query);
}

/* The largest rowid in "kv"; 0 where there is no row, or no table any more. */
static int read_max_rowid(kv_connection *connection, sqlite3_int64 *max) {
  int code, attempts = 0;
  *max = 0;
  do {
    if (kv_store_is_absent(connection, &code)) return SQLITE_OK;
    if (code == SQLITE_OK) code = read_integer(connection, KV_SQL_MAX_ROWID, max);
  } while (kv_again(connection, &code, &attempts));
  return code;
}

/* From here on, changes are news. */
static int set_base(kv_connection *connection) {
  kv_events *events = connection->events;
  int code = read_integer(connection, KV_SQL_DATA_VERSION, &events->others_version);
  if (code == SQLITE_OK) code = read_max_rowid(connection, &events->max_rowid);
  events->is_max_known = 1;
  events->was_emptied = 0;
  events->committed_max_rowid = events->max_rowid;
  events->own_version = own_version(connection);
  events->unlisted = 0;
  return code;
}

/* ---- the update hook ------------------------------------------------------------------------- */

static void note_row(kv_events *events, int operation, sqlite3_int64 rowid) {
  events->unlisted++;
  if (operation == SQLITE_INSERT) {
    if (events->is_max_known && rowid <= events->max_rowid) events->was_emptied = 1;
    events->max_rowid = rowid;
    events->is_max_known = 1;
  } else if (operation == SQLITE_DELETE && rowid == events->max_rowid) {
    events->is_max_known = 0;
  }
}

static void update_hook(void *pointer, int operation, const char *schema, const char *table,
                        sqlite3_int64 rowid) {
  kv_connection *connection = pointer;
  kv_events *events = connection->events;
  if (sqlite3_stricmp(table, "kv") == 0 &&
      sqlite3_stricmp(schema, kv_connection_schema(connection)) == 0) {
    note_row(events, operation, rowid);
    if (!events->is_own_statement) {
      kv_callbacks_call_from_hook(&events->callbacks, connection, operation, rowid);
    }
  }
  if (events->chained != NULL) {
    events->chained(events->chained_data, operation, schema, table, rowid);
  }
}

/* Takes the hook when there is a reason to, and gives it back when there is none. */
static void set_hook(kv_connection *connection) {
  kv_events *events = connection->events;
  int is_wanted =
      !events->is_hook_forbidden && (kv_events_are_on(connection) || events->chained != NULL);
  if (is_wanted && !events->is_hooked) {
    const void *before = sqlite3_update_hook(connection->db, update_hook, connection);
    if (before != NULL) {
      sqlite3_log(SQLITE_WARNING, "kv: another update hook on this connection was replaced");
    }
  } else if (!is_wanted && events->is_hooked) {
    sqlite3_update_hook(connection->db, NULL, NULL);
  }
  events->is_hooked = is_wanted;
}

int kv_events_is_hooked(const kv_connection *connection) {
  return connection->events != NULL && connection->events->is_hooked;
}

int kv_events_is_hook_allowed(const kv_connection *connection) {
  return connection->events == NULL || !connection->events->is_hook_forbidden;
}

/* ---- delivery -------------------------------------------------------------------------------- */

/* The resync that needs no memory is the watchers' own; before the first watcher nobody waits for
** one. */
static void deliver_resync(kv_connection *connection) {
  kv_watchers *watchers = &connection->events->watchers;
  if (watchers->resync == NULL) return;
  kv_event *event =
      kv_event_new(KV_EVENT_RESYNC, nothing, nothing, NULL, kv_connection_now(connection));
  kv_watchers_deliver(watchers, event != NULL ? event : watchers->resync);
  kv_event_release(event);
}

static void forget_pending(kv_events *events, int keep) {
  while (events->pending_count > keep) {
    kv_event_release(events->pending[--events->pending_count]);
  }
}

/* All that was committed so far is accounted for, unless there are rows that wait for their resync.
*/
static void note_commit(kv_connection *connection) {
  kv_events *events = connection->events;
  if (events->unlisted > 0) return;
  events->own_version = own_version(connection);
  events->committed_max_rowid = events->max_rowid;
}

/* Makes room for one more; 0: out of memory. */
static int grow(void **array, int count, int *size, size_t each) {
  if (count < *size) return 1;
  int wanted = *size < 8 ? 8 : *size * 2;
  void *grown = sqlite3_realloc64(*array, (sqlite3_uint64)wanted * each);
  if (grown == NULL) return 0;
  *array = grown;
  *size = wanted;
  return 1;
}

static int enlist(kv_connection *connection) {
  if (!connection->is_enlisted) (void)kv_execute(connection, KV_SQL_ENLIST);
  kv_clear_error(connection);
  return connection->is_enlisted;
}

/* Keeps the event until the transaction ends, or delivers it if it has. 0: it could not be kept. */
static int keep_or_deliver(kv_connection *connection, kv_event *event) {
  kv_events *events = connection->events;
  if (!is_writing(connection)) {
    kv_watchers_deliver(&events->watchers, event);
    note_commit(connection);
    return 1;
  }
  if (!enlist(connection)) return 0;
  if (!grow((void **)&events->pending, events->pending_count, &events->pending_size,
            sizeof *events->pending)) {
    return 0;
  }
  events->pending[events->pending_count++] = kv_event_retain(event);
  return 1;
}

/* Tells callbacks and watchers of an event. */
static int tell(kv_connection *connection, kv_event *event) {
  kv_events *events = connection->events;
  if (!keep_or_deliver(connection, event)) events->unlisted++;
  return kv_callbacks_call(&events->callbacks, connection, event);
}

/* What the hook saw and nobody announced, now that a call comes by. */
int kv_events_settle(kv_connection *connection) {
  if (!kv_events_are_on(connection) || connection->events->is_own_statement) return SQLITE_OK;
  kv_events *events = connection->events;
  if (events->is_in_doubt && !is_writing(connection)) {
    events->is_in_doubt = 0;
    forget_pending(events, 0);
    deliver_resync(connection);
  }
  if (events->unlisted == 0) return SQLITE_OK;
  int was_rolled_back = !is_writing(connection) && own_version(connection) == events->own_version;
  if (was_rolled_back) {
    events->unlisted = 0;
    events->max_rowid = events->committed_max_rowid;
    events->is_max_known = 1;
    return SQLITE_OK;
  }
  if (is_writing(connection) && own_version(connection) != events->own_version) {
    /* Some of it was committed before this transaction, which may yet be rolled back. */
    deliver_resync(connection);
    events->own_version = own_version(connection);
  }
  kv_event *event =
      kv_event_new(KV_EVENT_RESYNC, nothing, nothing, NULL, kv_connection_now(connection));
  if (event == NULL) return SQLITE_OK; /* it stays unlisted: the next call tries again */
  events->unlisted = 0;
  int code = tell(connection, event);
  kv_event_release(event);
  return code;
}

/* ---- announcing ------------------------------------------------------------------------------ */

int kv_events_begin_write(kv_connection *connection) {
  if (!kv_events_are_on(connection)) return SQLITE_OK;
  int code = kv_events_settle(connection);
  connection->events->max_rowid_before_write = connection->events->max_rowid;
  return code;
}

sqlite3_int64 kv_events_begin_statement(kv_connection *connection) {
  if (connection->events == NULL) return 0;
  connection->events->is_own_statement++;
  return connection->events->unlisted;
}

void kv_events_end_statement(kv_connection *connection, sqlite3_int64 mark, sqlite3_int64 changes) {
  kv_events *events = connection->events;
  if (events == NULL) return;
  events->is_own_statement--;
  sqlite3_int64 counted = events->unlisted - mark;
  if (events->was_emptied) { /* before this statement, by one that the hook does not hear of */
    events->was_emptied = 0;
    counted = ++events->unlisted - 1 - mark;
  }
  if (changes == 0) return;
  if (counted == 0) events->is_hooked = 0; /* the host took the hook, without a word */
  events->unlisted -= changes < counted ? changes : counted;
}

int kv_events_announce(kv_connection *connection, kv_event_type type, kv_text group, kv_text key,
                       sqlite3_value *value, sqlite3_int64 at) {
  if (!kv_events_are_on(connection)) return SQLITE_OK;
  kv_events *events = connection->events;
  if (!kv_callbacks_are_there(&events->callbacks) &&
      !kv_watchers_match(&events->watchers, group, key)) {
    if (!is_writing(connection)) note_commit(connection);
    return SQLITE_OK;
  }
  kv_event *event = kv_event_new(type, group, key, value, at);
  if (event == NULL) {
    events->unlisted++;
    return SQLITE_OK;
  }
  int code = tell(connection, event);
  kv_event_release(event);
  return code;
}

void kv_events_end_write(kv_connection *connection) {
  if (!kv_events_are_on(connection)) return;
  kv_events *events = connection->events;
  if (!events->is_max_known && events->is_hooked && !is_writing(connection) &&
      read_max_rowid(connection, &events->max_rowid) == SQLITE_OK) {
    events->is_max_known = 1;
    events->committed_max_rowid = events->max_rowid;
  }
}

/* ---- the transaction ------------------------------------------------------------------------- */

void kv_events_begin(kv_connection *connection) {
  connection->is_enlisted = 1;
  kv_events *events = connection->events;
  if (events == NULL || !events->is_in_doubt) return;
  forget_pending(events, 0);
  events->unlisted++;
  events->is_in_doubt = 0;
}

void kv_events_commit(kv_connection *connection) {
  kv_events *events = connection->events;
  connection->is_enlisted = 0;
  if (events == NULL) return;
  for (int i = 0; i < events->pending_count; i++) {
    kv_watchers_deliver(&events->watchers, events->pending[i]);
  }
  forget_pending(events, 0);
  events->mark_count = 0;
  events->is_to_be_looked_at = 1; /* later: no SQL may run here */
  note_commit(connection);
}

void kv_events_rollback(kv_connection *connection) {
  kv_events *events = connection->events;
  connection->is_enlisted = 0;
  if (events == NULL) return;
  events->mark_count = 0;
  if (is_writing(connection)) {
    events->is_in_doubt = events->pending_count > 0 || events->unlisted > 0;
    return;
  }
  forget_pending(events, 0);
  events->unlisted = 0;
  events->max_rowid = events->committed_max_rowid;
  events->is_max_known = 1;
}

/* The first mark of the savepoint or one inside it. */
static int find_mark(const kv_events *events, int savepoint) {
  int i = 0;
  while (i < events->mark_count && events->marks[i].savepoint < savepoint) i++;
  return i;
}

int kv_events_savepoint(kv_connection *connection, int savepoint) {
  kv_events *events = connection->events;
  if (events == NULL) return SQLITE_OK;
  events->mark_count = find_mark(events, savepoint);
  if (!grow((void **)&events->marks, events->mark_count, &events->mark_size,
            sizeof *events->marks)) {
    return SQLITE_NOMEM;
  }
  /* A table that is enlisted by the first change is told of the savepoints around it after the
  ** fact. */
  sqlite3_int64 max =
      events->pending_count == 0 ? events->max_rowid_before_write : events->max_rowid;
  events->marks[events->mark_count++] =
      (struct mark){savepoint, events->pending_count, events->unlisted, max};
  return SQLITE_OK;
}

void kv_events_release(kv_connection *connection, int savepoint) {
  if (connection->events == NULL) return;
  connection->events->mark_count = find_mark(connection->events, savepoint);
}

/* A savepoint without a mark of its own is older than the first event: all of them are undone. */
void kv_events_rollback_to(kv_connection *connection, int savepoint) {
  kv_events *events = connection->events;
  if (events == NULL) return;
  int at = find_mark(events, savepoint);
  if (savepoint < 0) {
    forget_pending(events, 0);
    events->unlisted = 0;
    events->max_rowid = events->committed_max_rowid;
    events->mark_count = 0;
  } else if (at < events->mark_count && events->marks[at].savepoint == savepoint) {
    const struct mark *mark = &events->marks[at];
    forget_pending(events, mark->pending);
    events->unlisted = mark->unlisted;
    events->max_rowid = mark->max_rowid;
    events->mark_count = at + 1;
  } else {
    if (at < events->mark_count) events->unlisted = events->marks[at].unlisted;
    forget_pending(events, 0);
    events->max_rowid = events->committed_max_rowid;
    events->mark_count = at;
  }
  events->is_max_known = 1;
}

/* ---- reading --------------------------------------------------------------------------------- */

/* Commits of ours that no call knows of: was "kv" emptied or dropped? */
static int look_at_table(kv_connection *connection) {
  kv_events *events = connection->events;
  sqlite3_int64 max;
  int code = read_max_rowid(connection, &max);
  if (code != SQLITE_OK) return code;
  if (events->was_emptied || (events->is_max_known && max < events->max_rowid)) {
    deliver_resync(connection);
  }
  events->was_emptied = 0;
  events->is_to_be_looked_at = 0;
  events->max_rowid = max;
  events->is_max_known = 1;
  note_commit(connection);
  return SQLITE_OK;
}

int kv_events_look(kv_connection *connection) {
  if (!kv_events_are_on(connection)) return SQLITE_OK;
  kv_events *events = connection->events;
  sqlite3_int64 others;
  int code = read_integer(connection, KV_SQL_DATA_VERSION, &others);
  if (code == SQLITE_OK) code = kv_events_settle(connection);
  if (code == SQLITE_OK && events->unlisted > 0 && !events->is_own_statement) {
    code = SQLITE_NOMEM; /* for a resync: nothing was forgotten, the next poll tells of it */
  }
  int is_look_due = events->is_to_be_looked_at || own_version(connection) != events->own_version;
  if (code == SQLITE_OK && is_look_due && !is_writing(connection) && events->is_hooked) {
    code = look_at_table(connection);
  }
  if (code == SQLITE_OK && others != events->others_version) {
    deliver_resync(connection);
    events->others_version = others;
  }
  return code;
}

/* ---- listening ------------------------------------------------------------------------------- */

static int open_events(kv_connection *connection) {
  if (connection->events == NULL) {
    connection->events = sqlite3_malloc64(sizeof *connection->events);
    if (connection->events == NULL) return SQLITE_NOMEM;
    *connection->events = (kv_events){0};
  }
  return kv_events_are_on(connection) ? SQLITE_OK : set_base(connection);
}

int kv_events_watch(kv_connection *connection, kv_text group, kv_text key, int capacity,
                    sqlite3_int64 *id) {
  int code = open_events(connection);
  if (code != SQLITE_OK) return code;
  kv_events *events = connection->events;
  *id = events->last_id + 1;
  code = kv_watchers_add(&events->watchers, *id, kv_connection_scope(connection), group, key,
                         capacity);
  if (code == SQLITE_OK) events->last_id++;
  set_hook(connection);
  return code;
}

int kv_events_unwatch(kv_connection *connection, sqlite3_int64 id) {
  if (connection->events == NULL) return 0;
  int is_removed =
      kv_watchers_remove(&connection->events->watchers, id, kv_connection_scope(connection));
  set_hook(connection);
  return is_removed;
}

int kv_events_on_change_sql(kv_connection *connection, kv_text name, sqlite3_int64 *id) {
  int code = open_events(connection);
  if (code != SQLITE_OK) return code;
  kv_events *events = connection->events;
  *id = events->last_id + 1;
  code = kv_callbacks_add_sql(&events->callbacks, connection, *id, name);
  if (code == SQLITE_OK) events->last_id++;
  set_hook(connection);
  return code;
}

int kv_events_on_change_c(kv_connection *connection, kv_change_callback *function, void *user_data,
                          void (*destroy)(void *), sqlite3_int64 *id) {
  int code = open_events(connection);
  if (code != SQLITE_OK) {
    if (destroy != NULL) destroy(user_data);
    return code;
  }
  kv_events *events = connection->events;
  *id = ++events->last_id;
  code = kv_callbacks_add_c(&events->callbacks, connection, *id, function, user_data, destroy);
  set_hook(connection);
  return code;
}

int kv_events_off_change(kv_connection *connection, sqlite3_int64 id) {
  if (connection->events == NULL) return 0;
  int is_removed = kv_callbacks_remove(&connection->events->callbacks, connection, id);
  set_hook(connection);
  return is_removed;
}

int kv_events_chain_hook(kv_connection *connection, kv_update_hook *hook, void *user_data) {
  int code = open_events(connection);
  if (code != SQLITE_OK) return code;
  connection->events->chained = hook;
  connection->events->chained_data = user_data;
  set_hook(connection);
  return SQLITE_OK;
}

int kv_events_allow_hook(kv_connection *connection, int is_allowed) {
  int code = open_events(connection);
  if (code != SQLITE_OK) return code;
  connection->events->is_hook_forbidden = !is_allowed;
  set_hook(connection);
  return SQLITE_OK;
}

int kv_events_rebase(kv_connection *connection) {
  if (!kv_events_are_on(connection)) return SQLITE_OK;
  deliver_resync(connection);
  return set_base(connection);
}

/* ---- the end --------------------------------------------------------------------------------- */

static void close_statements(kv_connection *connection) {
  if (connection->events != NULL) kv_callbacks_close_statements(&connection->events->callbacks);
}

static void free_events(kv_connection *connection) {
  kv_events *events = connection->events;
  if (events == NULL) return;
  kv_callbacks_clear(&events->callbacks);
  kv_watchers_clear(&events->watchers);
  forget_pending(events, 0);
  sqlite3_free(events->pending);
  sqlite3_free(events->marks);
  sqlite3_free(events);
  connection->events = NULL;
}

const kv_room kv_events_room = {.pause = close_statements, .free = free_events};
