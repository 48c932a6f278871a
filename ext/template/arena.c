/*
** See arena.h.
*/
#include "arena.h"

#include <assert.h>
#include <string.h>

/* ---- meter ----------------------------------------------------------------------------------- */

/* Some tens of microseconds of work lie between two questions, of about one each. A large piece at once,
** which is a mere copy, counts for a few: a progress handler counts the steps of a question. */
enum { WORK_BETWEEN_QUESTIONS = 16 * 1024, LARGE_PIECE = 256 * 1024 };

int kv_meter_work(kv_meter *meter, size_t bytes) {
  meter->work += bytes;
  if (meter->work < WORK_BETWEEN_QUESTIONS) return meter->code;
  size_t questions = 1 + meter->work / LARGE_PIECE;
  meter->work = 0;
  for (; questions > 0 && meter->code == SQLITE_OK; questions--) {
    meter->code = meter->host->may_go_on(meter->host->context);
  }
  return meter->code;
}

/* Is there so much left? */
static int has_left(kv_meter *meter, size_t used, size_t more) {
  if (meter->code != SQLITE_OK) return 0;
  if (more <= meter->max_memory && used <= meter->max_memory - more) return 1;
  meter->code = SQLITE_FULL;
  return 0;
}

int kv_meter_hold(kv_meter *meter, size_t bytes) {
  if (has_left(meter, meter->memory, bytes)) meter->memory += bytes;
  return meter->code;
}

void *kv_meter_resize(kv_meter *meter, void *memory, size_t old_size, size_t new_size) {
  assert(meter->memory >= old_size);
  if (new_size == 0) {
    sqlite3_free(memory);
    meter->memory -= old_size;
    return NULL;
  }
  size_t others = meter->memory - old_size;
  if (!has_left(meter, others, new_size)) return NULL;
  void *resized = sqlite3_realloc64(memory, new_size);
  if (resized == NULL) {
    meter->code = SQLITE_NOMEM;
    return NULL;
  }
  meter->memory = others + new_size;
  return resized;
}

void *kv_meter_grow(kv_meter *meter, void *items, size_t *size, size_t item_size) {
  size_t wanted = *size * 2 + 8;
  void *grown = kv_meter_resize(meter, items, *size * item_size, wanted * item_size);
  if (grown != NULL) *size = wanted;
  return grown;
}

enum { PIECE = 256 * 1024 }; /* is compared in well under a millisecond */

int kv_meter_compare(kv_meter *meter, kv_str a, kv_str b) {
  int order = 0;
  while (order == 0 && a.length > PIECE && b.length > PIECE) {
    order = kv_str_compare((kv_str){a.bytes, PIECE}, (kv_str){b.bytes, PIECE});
    if (kv_meter_work(meter, PIECE) != SQLITE_OK) return order;
    a = (kv_str){a.bytes + PIECE, a.length - PIECE};
    b = (kv_str){b.bytes + PIECE, b.length - PIECE};
  }
  if (order != 0) return order;
  kv_meter_work(meter, a.length < b.length ? a.length : b.length);
  return kv_str_compare(a, b);
}

int kv_meter_equals(kv_meter *meter, kv_str a, kv_str b) {
  return a.length == b.length && kv_meter_compare(meter, a, b) == 0;
}

/* ---- arena ----------------------------------------------------------------------------------- */

/* A block is twice as large as the one before, within these. */
enum { LEAST_SIZE = 2000, MOST_SIZE = 16000, ALIGNMENT = 8 };

struct kv_arena_block {
  struct kv_arena_block *next;
  size_t used, size;
  _Alignas(ALIGNMENT) char bytes[];
};

static struct kv_arena_block *add_block(kv_arena *arena, size_t size) {
  size_t wanted = arena->blocks != NULL ? arena->blocks->size * 2 : LEAST_SIZE;
  if (wanted > MOST_SIZE) wanted = MOST_SIZE;
  if (wanted < size) wanted = size;
  struct kv_arena_block *block = kv_meter_resize(arena->meter, NULL, 0, sizeof *block + wanted);
  if (block == NULL) return NULL;
  *block = (struct kv_arena_block){.next = arena->blocks, .size = wanted};
  arena->blocks = block;
  return block;
}

void *kv_arena_alloc(kv_arena *arena, size_t size) {
  struct kv_arena_block *block = arena->blocks;
  size_t rounded = (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
  if (block == NULL || block->size - block->used < rounded) block = add_block(arena, rounded);
  if (block == NULL) return NULL;
  void *memory = block->bytes + block->used;
  block->used += rounded;
  return memory;
}

int kv_arena_copy(kv_arena *arena, kv_str text, kv_str *copy) {
  char *bytes = kv_arena_alloc(arena, text.length + 1);
  if (bytes == NULL) return arena->meter->code;
  memcpy(bytes, text.bytes, text.length);
  bytes[text.length] = 0;
  *copy = (kv_str){bytes, text.length};
  return SQLITE_OK;
}

kv_arena_mark kv_arena_now(const kv_arena *arena) {
  return (kv_arena_mark){arena->blocks, arena->blocks != NULL ? arena->blocks->used : 0};
}

void kv_arena_return(kv_arena *arena, kv_arena_mark mark) {
  while (arena->blocks != mark.block) {
    struct kv_arena_block *block = arena->blocks;
    assert(block != NULL);
    arena->blocks = block->next;
    kv_meter_resize(arena->meter, block, sizeof *block + block->size, 0);
  }
  if (mark.block != NULL) mark.block->used = mark.used;
}

void kv_arena_free(kv_arena *arena) {
  kv_arena_return(arena, (kv_arena_mark){NULL, 0});
}
