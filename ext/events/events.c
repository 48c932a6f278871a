/*
** Who listens, and what is done for them around each call. See events.h.
*/
#include "events/events.h"
#include "base/statements.h"
#include "events/hook.h"
#include "events/state.h"
#include "events/witness.h"
#include "events/witness_table.h"
#include "store/schema.h"

int kv_events_register(kv_connection *connection) {
  return kv_witness_register(connection);
}

void kv_events_unregister(sqlite3 *db) {
  kv_witness_unregister(db);
}

kv_watchers *kv_events_watchers(kv_connection *connection) {
  return connection->events != NULL ? &connection->events->watchers : NULL;
}

int kv_events_is_hooked(const kv_connection *connection) {
  return connection->events != NULL && connection->events->hook.is_set &&
         !connection->events->hook.is_lost && !connection->events->hook.is_forbidden;
}

int kv_events_is_hook_allowed(const kv_connection *connection) {
  return connection->events == NULL || !connection->events->hook.is_forbidden;
}

const char *kv_events_why_not(const kv_connection *connection) {
  return kv_witness_why_not(connection);
}

/* ---- what happened --------------------------------------------------------------------------- */

/* Callbacks hear of what was not listed, too; it is too late for them to refuse it. But where they were
** interrupted, the transaction may be gone. */
static int tell_unheard(kv_connection *connection) {
  static const kv_text nothing = {NULL, 0};
  kv_events *events = connection->events;
  if (!kv_callbacks_concern(&events->callbacks, KV_SQL_AND_C, nothing)) return SQLITE_OK;
  kv_event *resync =
      kv_event_new(KV_EVENT_RESYNC, nothing, nothing, NULL, kv_connection_now(connection));
  if (resync == NULL) return SQLITE_NOMEM;
  events->ledger.is_unheard = 0;
  int code = kv_callbacks_call(&events->callbacks, connection, KV_SQL_AND_C, resync);
  kv_event_release(resync);
  if ((code & 0xff) == SQLITE_INTERRUPT || (code & 0xff) == SQLITE_NOMEM) return code;
  kv_clear_error(connection);
  return SQLITE_OK;
}

/* What is in the ledger though nothing is being written is not known to have been committed. */
static void settle(kv_connection *connection) {
  kv_events *events = connection->events;
  if (events->witness.running > 0 || kv_events_is_writing(connection)) return;
  kv_ledger_give_up_places(&events->ledger);
  if (events->ledger.count > 0) {
    (void)kv_ledger_forget(&events->ledger, &events->watchers);
    events->ledger.is_resync_owed = 1;
  }
  if (events->ledger.is_resync_owed) kv_events_deliver(connection);
}

static int look_for_others(kv_connection *connection) {
  kv_events *events = connection->events;
  sqlite3_int64 others;
  kv_query query;
  kv_query_begin(&query, connection, KV_SQL_DATA_VERSION);
  others = kv_query_row(&query) ? kv_query_integer(&query, 0) : events->others_version;
  int code = kv_query_end(&query);
  if ((code & 0xff) == SQLITE_ERROR || (code & 0xff) == SQLITE_AUTH) { /* detached; forbidden */
    kv_clear_error(connection);
    code = SQLITE_OK;
  }
  if (others != events->others_version) {
    events->ledger.is_resync_owed = 1;
    events->witness.is_unsettled = 1;
    events->others_version = others;
  }
  return code;
}

int kv_events_look(kv_connection *connection) {
  if (!kv_events_are_on(connection)) return SQLITE_OK;
  int code = look_for_others(connection);
  if (code == SQLITE_OK) code = kv_witness_probe(connection);
  if (code == SQLITE_OK) code = kv_witness_look(connection);
  if (code == SQLITE_OK) settle(connection);
  return code;
}

/* ---- listening ------------------------------------------------------------------------------- */

/* Before anybody is added: changes are news from here on. */
static int begin_listening(kv_connection *connection, sqlite3_int64 *id) {
  int code = kv_events_open(connection);
  if (code != SQLITE_OK) return code;
  kv_events *events = connection->events;
  if (!kv_events_are_on(connection)) {
    code = kv_schema_look(connection); /* a table that is no store is nothing to listen to */
    if (code == SQLITE_OK) code = look_for_others(connection);
    kv_ledger_free(&events->ledger);
    events->witness.is_in_place = 0;
    events->witness.is_beginning = 1;
  }
  if (code != SQLITE_OK) return code;
  kv_vanished_doubt(&events->vanished);
  *id = events->last_id + 1;
  return code;
}

/* After somebody was added. The witness is put in place; without one, there is still the hook. */
static int go_on_listening(kv_connection *connection) {
  kv_events *events = connection->events;
  events->last_id++;
  kv_hook_set(connection);
  int code = events->witness.is_in_place ? SQLITE_OK : kv_witness_look(connection);
  events->witness.is_beginning = 0;
  return code;
}

static int add_watcher(kv_connection *connection, sqlite3_int64 id, const kv_watcher_terms *terms) {
  return kv_watchers_add(&connection->events->watchers, id, terms);
}

int kv_events_watch(kv_connection *connection, kv_text group, kv_text key, int capacity,
                    sqlite3_int64 *id) {
  int code = begin_listening(connection, id);
  if (code != SQLITE_OK) return code;
  const kv_watcher_terms terms = {.scope = kv_connection_scope(connection),
                                  .group = group,
                                  .key = key,
                                  .capacity = capacity,
                                  .since = connection->events->ledger.order};
  code = add_watcher(connection, *id, &terms);
  return code == SQLITE_OK ? go_on_listening(connection) : code;
}

/* Somebody went: with the last, the witness goes as soon as it can. */
static int end_listening(kv_connection *connection) {
  if (!kv_events_are_on(connection)) (void)kv_witness_look(connection);
  kv_clear_error(connection);
  return 1;
}

int kv_events_unwatch(kv_connection *connection, sqlite3_int64 id) {
  if (connection->events == NULL) return 0;
  int is_removed =
      kv_watchers_remove(&connection->events->watchers, id, kv_connection_scope(connection), 0);
  return is_removed ? end_listening(connection) : 0;
}

int kv_events_on_change_sql(kv_connection *connection, kv_text name, int is_after_commit,
                            sqlite3_int64 *id) {
  static const kv_text any = {"*", 1};
  int code = begin_listening(connection, id);
  if (code != SQLITE_OK) return code;
  kv_events *events = connection->events;
  code = kv_callbacks_add_sql(&events->callbacks, connection, *id, name, is_after_commit);
  if (code != SQLITE_OK) return code;
  if (is_after_commit) {
    const kv_watcher_terms terms = {.scope = kv_connection_scope(connection),
                                    .group = any,
                                    .key = any,
                                    .capacity = KV_COMMIT_CAPACITY,
                                    .since = events->ledger.order,
                                    .is_hidden = 1};
    code = add_watcher(connection, *id, &terms);
    if (code != SQLITE_OK) (void)kv_callbacks_remove(&events->callbacks, connection, *id);
  }
  return code == SQLITE_OK ? go_on_listening(connection) : code;
}

int kv_events_on_change_c(kv_connection *connection, kv_change_callback *function, void *user_data,
                          void (*destroy)(void *), sqlite3_int64 *id) {
  int code = begin_listening(connection, id);
  if (code != SQLITE_OK) {
    if (destroy != NULL) destroy(user_data);
    return code;
  }
  kv_events *events = connection->events;
  code = kv_callbacks_add_c(&events->callbacks, connection, *id, function, user_data, destroy);
  return code == SQLITE_OK ? go_on_listening(connection) : code;
}

int kv_events_off_change(kv_connection *connection, sqlite3_int64 id) {
  kv_events *events = connection->events;
  if (events == NULL || !kv_callbacks_remove(&events->callbacks, connection, id)) return 0;
  (void)kv_watchers_remove(&events->watchers, id, "", 1);
  return end_listening(connection);
}

int kv_events_chain_hook(kv_connection *connection, kv_update_hook *hook, void *user_data) {
  int code = kv_events_open(connection);
  if (code == SQLITE_OK) kv_hook_chain(connection, hook, user_data);
  return code;
}

int kv_events_allow_hook(kv_connection *connection, int is_allowed) {
  int code = kv_events_open(connection);
  if (code != SQLITE_OK) return code;
  connection->events->hook.is_forbidden = !is_allowed;
  if (is_allowed && kv_events_are_on(connection)) kv_hook_set(connection);
  return SQLITE_OK;
}

int kv_events_rebase(kv_connection *connection) {
  if (!kv_events_are_on(connection)) return SQLITE_OK;
  int code = look_for_others(connection);
  if (code == SQLITE_OK) code = kv_witness_move(connection);
  if (code == SQLITE_OK) settle(connection);
  return code;
}

/* ---- the room -------------------------------------------------------------------------------- */

static int begin_call(kv_connection *connection) {
  kv_events *events = connection->events;
  if (events == NULL || events->witness.running > 0 || events->is_at_work) return SQLITE_OK;
  events->is_at_work = 1;
  int code = kv_witness_look(connection);
  if (code == SQLITE_OK && kv_events_are_on(connection)) {
    if (events->ledger.is_resync_owed || events->ledger.open > 0) settle(connection);
    if (events->ledger.is_unheard) code = tell_unheard(connection);
    kv_callbacks_call_after_commit(&events->callbacks, connection, &events->watchers);
  }
  events->is_at_work = 0;
  return code;
}

static void end_call(kv_connection *connection) {
  kv_events *events = connection->events;
  if (events == NULL || events->witness.running > 0 || events->is_at_work) return;
  events->is_at_work = 1;
  kv_callbacks_call_after_commit(&events->callbacks, connection, &events->watchers);
  events->is_at_work = 0;
}

/* The store was made by the call that runs: its rows are to be witnessed from the first on. */
static int vouch(kv_connection *connection) {
  const kv_events *events = connection->events;
  if (events == NULL || !kv_events_are_on(connection) || connection->store != KV_STORE_READY) {
    return SQLITE_OK;
  }
  if (!events->witness.is_in_place) kv_witness_doubt(connection);
  return kv_witness_look(connection);
}

static void close_statements(kv_connection *connection) {
  if (connection->events != NULL) kv_callbacks_close_statements(&connection->events->callbacks);
}

static void free_events(kv_connection *connection) {
  kv_events *events = connection->events;
  if (events == NULL) return;
  kv_callbacks_clear(&events->callbacks);
  kv_watchers_clear(&events->watchers);
  kv_ledger_free(&events->ledger);
  kv_vanished_free(&events->vanished);
  sqlite3_free(events);
  connection->events = NULL;
}

const kv_room kv_events_room = {.pause = close_statements,
                                .begin_call = begin_call,
                                .end_call = end_call,
                                .vouch = vouch,
                                .free = free_events};
