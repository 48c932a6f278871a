/*
** html, js and urlquery. See value.h.
*/
#include "value.h"

#include <string.h>

void kv_escape_html(kv_buffer *out, kv_str text) {
  for (size_t i = 0; i < text.length; i++) {
    switch (text.bytes[i]) {
    case 0:
      kv_buffer_rune(out, KV_RUNE_ERROR);
      break;
    case '"':
      kv_buffer_text(out, "&#34;");
      break;
    case '\'':
      kv_buffer_text(out, "&#39;");
      break;
    case '&':
      kv_buffer_text(out, "&amp;");
      break;
    case '<':
      kv_buffer_text(out, "&lt;");
      break;
    case '>':
      kv_buffer_text(out, "&gt;");
      break;
    default:
      kv_buffer_char(out, text.bytes[i]);
      break;
    }
  }
}

static void append_hex(kv_buffer *out, const char *before, unsigned value, int digits) {
  static const char hex[] = "0123456789ABCDEF";
  kv_buffer_text(out, before);
  for (int shift = (digits - 1) * 4; shift >= 0; shift -= 4) {
    kv_buffer_char(out, hex[value >> shift & 15]);
  }
}

void kv_escape_js(kv_buffer *out, kv_str text) {
  size_t size;
  for (size_t at = 0; at < text.length; at += size) {
    int32_t rune = kv_rune_decode(text.bytes + at, text.length - at, &size);
    if (rune == '\\' || rune == '\'' || rune == '"') {
      kv_buffer_char(out, '\\');
      kv_buffer_char(out, (char)rune);
    } else if (rune < ' ' || rune == '<' || rune == '>' || rune == '&' || rune == '=') {
      append_hex(out, "\\u", (unsigned)rune, 4);
    } else if (rune < 0x80 || kv_rune_is_print(rune)) {
      kv_buffer_append(out, text.bytes + at, size);
    } else {
      append_hex(out, "\\u", (unsigned)rune, rune > 0xfffff ? 6 : rune > 0xffff ? 5 : 4);
    }
  }
}

void kv_escape_url(kv_buffer *out, kv_str text) {
  static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~";
  for (size_t i = 0; i < text.length; i++) {
    char c = text.bytes[i];
    if (c == ' ') {
      kv_buffer_char(out, '+');
    } else if (c != 0 && strchr(plain, c) != NULL) {
      kv_buffer_char(out, c);
    } else {
      append_hex(out, "%", (unsigned char)c, 2);
    }
  }
}
