/*
** Go's quotes. See buffer.h.
*/
#include "buffer.h"
#include "runes.h"

#include <string.h>

static void append_escaped(kv_buffer *out, int32_t rune, char quote, int is_ascii_only) {
  static const char specials[] = "\a\b\f\n\r\t\v", names[] = "abfnrtv";
  if (rune == quote || rune == '\\') {
    kv_buffer_char(out, '\\');
    kv_buffer_char(out, (char)rune);
    return;
  }
  if ((rune < 0x80 || !is_ascii_only) && kv_rune_is_print(rune)) {
    kv_buffer_rune(out, rune);
    return;
  }
  const char *special = rune > 0 && rune < 0x80 ? strchr(specials, (int)rune) : NULL;
  if (special != NULL) {
    kv_buffer_char(out, '\\');
    kv_buffer_char(out, names[special - specials]);
  } else if (rune < ' ' || rune == 0x7f) {
    kv_buffer_text(out, "\\x");
    kv_buffer_hex(out, (uint32_t)rune, 2, 0);
  } else if (rune < 0x10000) {
    kv_buffer_text(out, "\\u");
    kv_buffer_hex(out, (uint32_t)rune, 4, 0);
  } else {
    kv_buffer_text(out, "\\U");
    kv_buffer_hex(out, (uint32_t)rune, 8, 0);
  }
}

enum { PIECE = 64 * 1024 };

/* So many bytes from the start, a piece of them at most, are the same in quotes as outside. */
static size_t plain_length(kv_str text) {
  size_t i = 0, most = text.length < PIECE ? text.length : PIECE;
  for (; i < most; i++) {
    unsigned char c = (unsigned char)text.bytes[i];
    if (c < ' ' || c >= 0x7f || c == '"' || c == '\\') break;
  }
  return i;
}

void kv_quote(kv_buffer *out, kv_str text, int is_ascii_only) {
  size_t size;
  kv_buffer_char(out, '"');
  for (size_t at = 0; at < text.length && out->code == SQLITE_OK; at += size) {
    size = plain_length((kv_str){text.bytes + at, text.length - at});
    if (size > 0) {
      kv_buffer_append(out, text.bytes + at, size);
      continue;
    }
    int32_t rune = kv_rune_decode(text.bytes + at, text.length - at, &size);
    if (rune == KV_RUNE_ERROR && size == 1) {
      kv_buffer_text(out, "\\x");
      kv_buffer_hex(out, (unsigned char)text.bytes[at], 2, 0);
    } else {
      append_escaped(out, rune, '"', is_ascii_only);
    }
  }
  kv_buffer_char(out, '"');
}

void kv_quote_rune(kv_buffer *out, int32_t rune, int is_ascii_only) {
  kv_buffer_char(out, '\'');
  append_escaped(out, rune, '\'', is_ascii_only);
  kv_buffer_char(out, '\'');
}

void kv_quote_unicode(kv_buffer *out, uint64_t value, int least_digits, int has_character) {
  int digits = 1;
  while (digits < 16 && value >> (digits * 4) > 0) digits++;
  kv_buffer_text(out, "U+");
  kv_buffer_repeat(out, '0', least_digits > digits ? (size_t)(least_digits - digits) : 0);
  if (digits > 8) kv_buffer_hex(out, (uint32_t)(value >> 32), digits - 8, 1);
  kv_buffer_hex(out, (uint32_t)value, digits > 8 ? 8 : digits, 1);
  if (has_character && value <= 0x10ffff && kv_rune_is_print((int32_t)value)) {
    kv_buffer_text(out, " '");
    kv_buffer_rune(out, (int32_t)value);
    kv_buffer_char(out, '\'');
  }
}
