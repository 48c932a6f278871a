/*
** Memory and work of the template library, both counted in bytes and both within bounds.
*/
#ifndef KV_TEMPLATE_ARENA_H
#define KV_TEMPLATE_ARENA_H

#include "str.h"
#include "template.h"

/*
** What a parse or a render has taken so far. The first failure stays: SQLITE_NOMEM, the host's code,
** or SQLITE_FULL where `max_memory` is used up.
*/
typedef struct kv_meter {
  const kv_template_host *host;
  size_t work; /* bytes made, read or compared since the host was asked last */
  size_t memory, max_memory;
  int code;
} kv_meter;

/* Counts work, and asks the host once in a while. Returns the meter's code. */
int kv_meter_work(kv_meter *meter, size_t bytes);
/* Counts memory that somebody else holds, until the end. Returns the meter's code. */
int kv_meter_hold(kv_meter *meter, size_t bytes);
/* realloc, and with new_size 0 free. NULL, and the old memory as it was: the meter says why. */
void *kv_meter_resize(kv_meter *meter, void *memory, size_t old_size, size_t new_size);

/* Makes room for more items of an array that has room for *size. NULL: the meter says why. */
void *kv_meter_grow(kv_meter *meter, void *items, size_t *size, size_t item_size);

/* A bytewise comparison, and a look for equality, of texts of any length. */
int kv_meter_compare(kv_meter *meter, kv_str a, kv_str b);
int kv_meter_equals(kv_meter *meter, kv_str a, kv_str b);

/* Memory that is given back in the opposite order: all at once, or back to a mark. */
typedef struct kv_arena {
  kv_meter *meter;
  struct kv_arena_block *blocks;
} kv_arena;

typedef struct kv_arena_mark {
  struct kv_arena_block *block;
  size_t used;
} kv_arena_mark;

/* Aligned for anything, not zeroed. NULL: the meter says why. */
void *kv_arena_alloc(kv_arena *arena, size_t size);
/* A copy that ends with a zero byte, which is not counted. Returns the meter's code. */
int kv_arena_copy(kv_arena *arena, kv_str text, kv_str *copy);
kv_arena_mark kv_arena_now(const kv_arena *arena);
void kv_arena_return(kv_arena *arena, kv_arena_mark mark);
void kv_arena_free(kv_arena *arena);

#endif
