/*
** See arena.h.
*/
#include "arena.h"
#include "runes.h"

#include <assert.h>
#include <string.h>

/* ---- meter ----------------------------------------------------------------------------------- */

/* Some tens of microseconds of work lie between two questions, of about one each. */
enum { WORK_BETWEEN_QUESTIONS = 32 * 1024 };

int kv_meter_work(kv_meter *meter, size_t bytes) {
  meter->work += bytes;
  if (meter->work < WORK_BETWEEN_QUESTIONS || meter->code != SQLITE_OK) return meter->code;
  meter->work = 0;
  meter->code = meter->host->may_go_on(meter->host->context);
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

enum { BLOCK_SIZE = 2000, ALIGNMENT = 8 };

struct kv_arena_block {
  struct kv_arena_block *next;
  size_t used, size;
  _Alignas(ALIGNMENT) char bytes[];
};

static struct kv_arena_block *add_block(kv_arena *arena, size_t size) {
  size_t wanted = size > BLOCK_SIZE ? size : BLOCK_SIZE;
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

/* ---- buffer ---------------------------------------------------------------------------------- */

static void *resize(kv_buffer *buffer, size_t size) {
  if (buffer->limit == 0) {
    void *grown = kv_meter_resize(buffer->meter, buffer->bytes, buffer->size, size);
    if (grown == NULL) buffer->code = buffer->meter->code;
    return grown;
  }
  void *grown = sqlite3_realloc64(buffer->bytes, size);
  if (grown == NULL) buffer->code = SQLITE_NOMEM;
  return grown;
}

/* 1: there is room for so much more. */
static int reserve(kv_buffer *buffer, size_t more) {
  if (buffer->code != SQLITE_OK) return 0;
  buffer->code = kv_meter_work(buffer->meter, more);
  if (buffer->code != SQLITE_OK) return 0;
  if (buffer->limit > 0 && more > buffer->limit - buffer->length) {
    buffer->code = SQLITE_TOOBIG;
    return 0;
  }
  if (more <= buffer->size - buffer->length) return 1;
  size_t size = buffer->size + buffer->size / 2 + more + 64;
  char *grown = resize(buffer, size);
  if (grown == NULL) return 0;
  buffer->bytes = grown;
  buffer->size = size;
  return 1;
}

void kv_buffer_append(kv_buffer *buffer, const char *bytes, size_t length) {
  if (length == 0 || !reserve(buffer, length)) return;
  memcpy(buffer->bytes + buffer->length, bytes, length);
  buffer->length += length;
}

void kv_buffer_str(kv_buffer *buffer, kv_str text) {
  kv_buffer_append(buffer, text.bytes, text.length);
}

void kv_buffer_text(kv_buffer *buffer, const char *text) {
  kv_buffer_append(buffer, text, strlen(text));
}

void kv_buffer_char(kv_buffer *buffer, char c) {
  if (reserve(buffer, 1)) buffer->bytes[buffer->length++] = c;
}

void kv_buffer_repeat(kv_buffer *buffer, char c, size_t count) {
  if (count == 0 || !reserve(buffer, count)) return;
  memset(buffer->bytes + buffer->length, c, count);
  buffer->length += count;
}

void kv_buffer_rune(kv_buffer *buffer, int32_t rune) {
  char bytes[4] = {0};
  kv_buffer_append(buffer, bytes, kv_rune_encode(rune, bytes));
}

void kv_buffer_hex(kv_buffer *buffer, uint32_t value, int digits, int is_upper) {
  const char *hex = is_upper ? "0123456789ABCDEF" : "0123456789abcdef";
  for (int shift = (digits - 1) * 4; shift >= 0; shift -= 4) {
    kv_buffer_char(buffer, hex[value >> shift & 15]);
  }
}

kv_str kv_buffer_all(const kv_buffer *buffer) {
  return buffer->bytes != NULL ? (kv_str){buffer->bytes, buffer->length} : KV_STR("");
}

kv_str kv_buffer_message(kv_buffer *buffer) {
  for (size_t i = 0; i < buffer->length; i++) {
    if (buffer->bytes[i] == 0) buffer->bytes[i] = ' ';
  }
  return kv_buffer_all(buffer);
}

void kv_buffer_free(kv_buffer *buffer) {
  if (buffer->limit > 0) {
    sqlite3_free(buffer->bytes);
  } else {
    kv_meter_resize(buffer->meter, buffer->bytes, buffer->size, 0);
  }
  *buffer = (kv_buffer){.meter = buffer->meter, .limit = buffer->limit};
}
