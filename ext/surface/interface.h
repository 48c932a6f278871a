/*
** The C interface of kv.h, made for a connection.
*/
#ifndef KV_INTERFACE_INTERNAL_H
#define KV_INTERFACE_INTERNAL_H

#include "base/connection.h"
#define KV_INSIDE_EXTENSION
#include "kv.h"

/* Made at the first call, kept with the connection. NULL: out of memory. */
const kv_interface *kv_interface_for(kv_connection *connection);

#endif
