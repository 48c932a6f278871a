/*
** The C interface. See kv.h.
*/
#include "surface/interface.h"
#include "events/events.h"

static int on_change(void *handle, kv_change_callback *callback, void *user_data,
                     void (*destroy)(void *), sqlite3_int64 *id) {
  sqlite3_int64 made = 0;
  int code = kv_events_on_change_c(handle, callback, user_data, destroy, &made);
  if (id != NULL) *id = made;
  return code;
}

static int off_change(void *handle, sqlite3_int64 id) {
  return kv_events_off_change(handle, id);
}

static int chain_update_hook(void *handle, kv_update_hook *hook, void *user_data) {
  return kv_events_chain_hook(handle, hook, user_data);
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
