/*
** Text and memory of the template library. See tree.h.
*/
#include "tree.h"

#include <string.h>

int kv_str_equals(kv_str a, kv_str b) {
  return a.length == b.length && (a.length == 0 || memcmp(a.bytes, b.bytes, a.length) == 0);
}

int kv_str_is(kv_str a, const char *text) {
  return kv_str_equals(a, (kv_str){text, strlen(text)});
}

/* ---- arena ----------------------------------------------------------------------------------- */

enum { BLOCK_SIZE = 4000, ALIGNMENT = 8 };

struct kv_arena_block {
  struct kv_arena_block *next;
  size_t used, size;
  _Alignas(ALIGNMENT) char bytes[];
};

static struct kv_arena_block *add_block(kv_arena *arena, size_t size) {
  size_t wanted = size > BLOCK_SIZE ? size : BLOCK_SIZE;
  if (arena->limit > 0 && (wanted > arena->limit || arena->used > arena->limit - wanted)) {
    arena->code = SQLITE_TOOBIG;
    return NULL;
  }
  struct kv_arena_block *block = sqlite3_malloc64(sizeof *block + wanted);
  if (block == NULL) {
    arena->code = SQLITE_NOMEM;
    return NULL;
  }
  *block = (struct kv_arena_block){.next = arena->blocks, .size = wanted};
  arena->blocks = block;
  arena->used += wanted;
  return block;
}

void *kv_arena_alloc(kv_arena *arena, size_t size) {
  struct kv_arena_block *block = arena->blocks;
  size_t rounded = (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
  if (arena->code != SQLITE_OK) return NULL;
  if (block == NULL || block->size - block->used < rounded) block = add_block(arena, rounded);
  if (block == NULL) return NULL;
  void *memory = block->bytes + block->used;
  block->used += rounded;
  memset(memory, 0, size);
  return memory;
}

void kv_arena_free(kv_arena *arena) {
  while (arena->blocks != NULL) {
    struct kv_arena_block *block = arena->blocks;
    arena->blocks = block->next;
    sqlite3_free(block);
  }
}

/* ---- buffer ---------------------------------------------------------------------------------- */

static int reserve(kv_buffer *buffer, size_t more) {
  if (buffer->code != SQLITE_OK) return 0;
  if (buffer->limit > 0 && more > buffer->limit - buffer->length) {
    buffer->code = SQLITE_TOOBIG;
    return 0;
  }
  if (more <= buffer->size - buffer->length) return 1;
  size_t size = buffer->size * 2 + more + 64;
  char *grown = sqlite3_realloc64(buffer->bytes, size);
  if (grown == NULL) {
    buffer->code = SQLITE_NOMEM;
    return 0;
  }
  buffer->bytes = grown;
  buffer->size = size;
  return 1;
}

void kv_buffer_append(kv_buffer *buffer, const char *bytes, size_t length) {
  if (length == 0 || !reserve(buffer, length)) return;
  memcpy(buffer->bytes + buffer->length, bytes, length);
  buffer->length += length;
}

void kv_buffer_text(kv_buffer *buffer, const char *text) {
  kv_buffer_append(buffer, text, strlen(text));
}

void kv_buffer_char(kv_buffer *buffer, char c) {
  kv_buffer_append(buffer, &c, 1);
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

void kv_buffer_free(kv_buffer *buffer) {
  sqlite3_free(buffer->bytes);
  *buffer = (kv_buffer){0};
}
