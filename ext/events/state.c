/*
** The room's state. See state.h.
*/
#include "events/state.h"

int kv_events_open(kv_connection *connection) {
  if (connection->events != NULL) return SQLITE_OK;
  connection->events = sqlite3_malloc64(sizeof *connection->events);
  if (connection->events == NULL) return SQLITE_NOMEM;
  *connection->events = (kv_events){0};
  return SQLITE_OK;
}

int kv_events_are_on(const kv_connection *connection) {
  const kv_events *events = connection->events;
  return events != NULL &&
         (events->watchers.first != NULL || kv_callbacks_are_there(&events->callbacks));
}

int kv_events_is_writing(const kv_connection *connection) {
  return sqlite3_txn_state(connection->db, kv_connection_schema(connection)) == SQLITE_TXN_WRITE;
}

void kv_events_deliver(kv_connection *connection) {
  static const kv_text nothing = {NULL, 0};
  kv_events *events = connection->events;
  kv_event *resync = NULL;
  kv_ledger_give_up_places(&events->ledger);
  if (events->ledger.is_resync_owed && events->watchers.first != NULL) {
    resync = kv_event_new(KV_EVENT_RESYNC, nothing, nothing, NULL, kv_connection_now(connection));
  }
  (void)kv_ledger_commit(&events->ledger, &events->watchers, resync);
  kv_event_release(resync);
}

void kv_events_owe_resync(kv_connection *connection) {
  connection->events->ledger.is_resync_owed = 1;
  connection->events->ledger.is_unheard = 1;
}
