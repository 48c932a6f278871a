/*
** Where keys were found: a small table from a key's hash to a rowid, which spares the look through the
** primary key's index where the same keys are asked for again and again. A hint is only that: the
** statement that takes one looks whether the row still bears the name.
*/
#ifndef KV_HINTS_H
#define KV_HINTS_H

#include "base/connection.h"

/* The place for a key's hint; it may be another key's. */
typedef struct kv_hint {
  unsigned tag; /* of the key's hash */
  sqlite3_int64 rowid;
} kv_hint;

/* The key's place, with *tag what it has there if the hint is about this key. NULL: hints are not kept (yet):
** a connection that asks seldom needs none. */
kv_hint *kv_hint_of(kv_connection *connection, kv_text group, kv_text key, unsigned *tag);

/* Frees them. */
extern const kv_room kv_hints_room;

#endif
