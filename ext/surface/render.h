/*
** kv_render: a template (template/template.h) over the live keys of a group.
*/
#ifndef KV_RENDER_H
#define KV_RENDER_H

#include "base/connection.h"

/*
** Renders arguments[0], the template, over the group arguments[1], with the option arguments[2] if
** `count` is 3 ("missingkey=default", "=invalid" (the same), "=zero" or "=error"), and answers with
** the text. A template that this connection parsed lately is not parsed again. The first two are
** neither NULL nor BLOBs. Reads only what the template names, and the whole group once if it asks for
** that.
*/
int kv_render_call(kv_connection *connection, sqlite3_context *context, sqlite3_value **arguments,
                   int count, sqlite3_int64 now_ms);

/* Keeps the templates that a connection parsed lately. */
extern const kv_room kv_render_room;

#endif
