/*
** Hints. See hints.h.
*/
#include "store/hints.h"

#include <stdint.h>
#include <string.h>

enum {
  LOOKS_BEFORE = 512, /* so many looks of a connection are made without hints */
  PLACES = 2048       /* 32 KB for a connection that looks more often; a power of two */
};

struct kv_hints {
  kv_hint places[PLACES];
};

/* FNV-1a: its low bits choose the place, its high ones tell the keys apart that share it. */
static uint64_t hash(uint64_t state, kv_text text) {
  for (int i = 0; i < text.length; i++) {
    state = (state ^ (unsigned char)text.bytes[i]) * 0x100000001b3u;
  }
  return (state ^ 0xff) * 0x100000001b3u; /* where one text ends and the next begins */
}

kv_hint *kv_hint_of(kv_connection *connection, kv_text group, kv_text key, unsigned *tag) {
  if (connection->hints == NULL) {
    if (++connection->looks < LOOKS_BEFORE) return NULL;
    connection->looks = 0; /* without memory for it, asked for again after as many */
    connection->hints = sqlite3_malloc64(sizeof *connection->hints);
    if (connection->hints == NULL) return NULL;
    memset(connection->hints, 0, sizeof *connection->hints);
  }
  uint64_t of_key = hash(hash(0xcbf29ce484222325u, group), key);
  *tag = (unsigned)(of_key >> 32);
  return &connection->hints->places[of_key % PLACES];
}

static void free_hints(kv_connection *connection) {
  sqlite3_free(connection->hints);
  connection->hints = NULL;
}

const kv_room kv_hints_room = {.free = free_hints};
