/*
** kv_config: the settings of a connection.
**
**     schema   the schema that the store is in: main, or one that is attached
**     now      Unix milliseconds at which this connection's clock stands; NULL: it runs
**     update_hook  1: the update hook may be taken while there are watchers or callbacks; 0: it
** stays the host's
*/
#ifndef KV_SETTINGS_H
#define KV_SETTINGS_H

#include "base/connection.h"

/* Sets the setting, unless `value` is no pointer, and answers with it. */
int kv_settings_call(kv_connection *connection, sqlite3_context *context, sqlite3_value *name,
                     sqlite3_value *value);

#endif
