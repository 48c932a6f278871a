/*
** The update hook. See hook.h.
*/
#include "events/hook.h"

static void update_hook(void *pointer, int operation, const char *schema, const char *table,
                        sqlite3_int64 rowid) {
  kv_connection *connection = pointer;
  kv_events *events = connection->events;
  if (kv_events_are_on(connection) && sqlite3_stricmp(table, "kv") == 0 &&
      sqlite3_stricmp(schema, kv_connection_schema(connection)) == 0) {
    kv_ledger_reserve(&events->ledger, operation, rowid);
    if (connection->depth == 0) { /* plain SQL: of calls of ours, the witness tells */
      kv_callbacks_call_from_hook(&events->callbacks, connection, operation, rowid);
    }
  }
  if (events->hook.chained != NULL) {
    events->hook.chained(events->hook.chained_data, operation, schema, table, rowid);
  }
}

void kv_hook_set(kv_connection *connection) {
  kv_hook *hook = &connection->events->hook;
  if (hook->is_set || hook->is_forbidden) return;
  if (sqlite3_update_hook(connection->db, update_hook, connection) != NULL) {
    sqlite3_log(SQLITE_WARNING, "kv: another update hook on this connection was replaced");
  }
  hook->is_set = 1;
}

void kv_hook_chain(kv_connection *connection, kv_update_hook *chained, void *user_data) {
  connection->events->hook.chained = chained;
  connection->events->hook.chained_data = user_data;
  if (chained != NULL) kv_hook_set(connection);
}
