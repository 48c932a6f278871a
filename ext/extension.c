/*
** The entry point: registers the functions and tables on a connection.
**
** Data goes one way from here. functions.c and the tables (tables.c) decode arguments (arguments.c)
** and ask the store by intent (store.h); it runs the statements of sql/ (statements.c) on a table
** whose shape schema.c vouches for. connection.c holds what they share.
*/
#define KV_DEFINES_SQLITE_API
#include "base/sqlite.h"
SQLITE_EXTENSION_INIT1

#include "base/connection.h"
#include "base/statements.h"
#include "events/events.h"
#include "events/wait.h"
#include "store/driver.h"
#include "store/hints.h"
#include "store/purger.h"
#include "store/run.h"
#include "store/schema.h"
#include "surface/functions.h"
#include "surface/render.h"
#include "tables/bulk.h"
#include "tables/call_table.h"
#include "tables/tables.h"

/* The first with sqlite3_txn_state(), without which it cannot be known when a write is committed.
*/
enum { OLDEST_SQLITE = 3034000 };

#ifdef _WIN32
#define KV_EXPORT __declspec(dllexport)
#else
#define KV_EXPORT __attribute__((visibility("default")))
#endif

/* SQLITE_EXTENSION_INIT2 for threads that load at once: under a mutex, and what is set already is
** not written again, as others read it. */
static void take_routines(const sqlite3_api_routines *api) {
#ifdef SQLITE_CORE
  (void)api;
#else
  int has_threads = api->mutex_alloc != NULL; /* not with SQLITE_THREADSAFE=0 */
  sqlite3_mutex *mutex = has_threads ? api->mutex_alloc(SQLITE_MUTEX_STATIC_APP3) : NULL;
  if (has_threads) api->mutex_enter(mutex);
  if (sqlite3_api != api) sqlite3_api = api;
  if (has_threads) api->mutex_leave(mutex);
#endif
}

/* All that keep something for a connection, in the order in which they end. */
static const kv_room *const rooms[] = {
    &kv_hints_room,  &kv_purger_room, &kv_wait_room, &kv_events_room,
    &kv_schema_room, &kv_bulk_room,   &kv_call_room, &kv_statements_room,
    &kv_tables_room, &kv_render_room, NULL};

KV_EXPORT int sqlite3_kv_init(sqlite3 *db, char **error, const sqlite3_api_routines *api);

int sqlite3_kv_init(sqlite3 *db, char **error, const sqlite3_api_routines *api) {
  take_routines(api);
  if (sqlite3_libversion_number() < OLDEST_SQLITE) {
    *error = sqlite3_mprintf("kv: needs SQLite 3.34 or newer, this is %s", sqlite3_libversion());
    return SQLITE_ERROR;
  }
  /* A second load on one connection changes nothing: what is there has state, and may be in use. */
  if (kv_statement_compiles(db, KV_SQL_IS_LOADED)) return SQLITE_OK;
  kv_connection *connection = kv_connection_new(db, rooms);
  if (connection == NULL) return SQLITE_NOMEM;
  int code = kv_driver_register(db);
  if (code == SQLITE_OK) code = kv_functions_register(connection);
  if (code == SQLITE_OK) code = kv_tables_register(connection);
  if (code == SQLITE_OK) code = kv_events_register(connection);
  if (code == SQLITE_OK) code = kv_run_register(connection);
  if (code != SQLITE_OK) {
    /* The library is about to be unloaded: leave nothing that points into it. */
    kv_run_unregister(db);
    kv_events_unregister(db);
    kv_tables_unregister(db);
    kv_functions_unregister(db);
    kv_driver_unregister(db);
  }
  kv_connection_release(connection);
  /* SQLite takes an error that is left on the connection for this function's own (auto extensions). */
  if (code == SQLITE_OK) (void)kv_statement_compiles(db, KV_SQL_IS_LOADED);
  return code;
}
