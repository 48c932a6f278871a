/*
** See buffer.h.
*/
#include "buffer.h"
#include "runes.h"

#include <string.h>

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
