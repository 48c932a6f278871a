/*
** The C interface. See kv.h.
**
** It is called from outside of SQLite, so it takes the connection's mutex, as SQLite's own functions
** do. That is recursive: a callback, which runs under it, may come back in.
*/
#include "surface/interface.h"
#include "events/events.h"

/* NULL where SQLite takes none: that does nothing. */
static sqlite3_mutex *enter(const kv_connection *connection) {
  sqlite3_mutex *mutex = sqlite3_db_mutex(connection->db);
  sqlite3_mutex_enter(mutex);
  return mutex;
}

static int on_change(void *handle, kv_change_callback *callback, void *user_data,
                     void (*destroy)(void *), sqlite3_int64 *id) {
  sqlite3_int64 made = 0;
  sqlite3_mutex *mutex = enter(handle);
  int code = kv_events_on_change_c(handle, callback, user_data, destroy, &made);
  sqlite3_mutex_leave(mutex);
  if (id != NULL) *id = made;
  return code;
}

static int off_change(void *handle, sqlite3_int64 id) {
  sqlite3_mutex *mutex = enter(handle);
  int is_removed = kv_events_off_change(handle, id);
  sqlite3_mutex_leave(mutex);
  return is_removed;
}

static int chain_update_hook(void *handle, kv_update_hook *hook, void *user_data) {
  sqlite3_mutex *mutex = enter(handle);
  int code = kv_events_chain_hook(handle, hook, user_data);
  sqlite3_mutex_leave(mutex);
  return code;
}

const kv_interface *kv_interface_for(kv_connection *connection) {
  kv_interface *made = connection->interface;
  if (made != NULL) return made;
  made = sqlite3_malloc64(sizeof *made);
  if (made == NULL) return NULL;
  *made = (kv_interface){.size = (int)sizeof *made,
                         .handle = connection,
                         .on_change = on_change,
                         .off_change = off_change,
                         .chain_update_hook = chain_update_hook};
  connection->interface = made;
  return made;
}
