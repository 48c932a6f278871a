/*
** html, js and urlquery. See escape.h.
**
** Each writes what needs no escape in one piece, of a limited length so that the meter hears of it.
*/
#include "escape.h"
#include "runes.h"

#include <string.h>

enum { PIECE = 64 * 1024 };

/* Appends text from *at on while `is_plain`, and moves *at behind it. 0: there is no more to do. */
static int pass_plain(kv_buffer *out, kv_str text, size_t *at, int (*is_plain)(unsigned char)) {
  size_t first = *at;
  while (*at < text.length && *at - first < PIECE && is_plain((unsigned char)text.bytes[*at]))
    ++*at;
  kv_buffer_append(out, text.bytes + first, *at - first);
  return *at < text.length && out->code == SQLITE_OK;
}

static int is_plain_html(unsigned char c) {
  return c != 0 && c != '"' && c != '\'' && c != '&' && c != '<' && c != '>';
}

void kv_escape_html(kv_buffer *out, kv_str text) {
  for (size_t at = 0; pass_plain(out, text, &at, is_plain_html);) {
    if (is_plain_html((unsigned char)text.bytes[at])) continue;
    switch (text.bytes[at++]) {
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
      kv_buffer_rune(out, KV_RUNE_ERROR); /* for U+0000 */
      break;
    }
  }
}

static int is_plain_js(unsigned char c) {
  return c >= ' ' && c < 0x80 && c != '\\' && c != '\'' && c != '"' && c != '<' && c != '>' &&
         c != '&' && c != '=';
}

void kv_escape_js(kv_buffer *out, kv_str text) {
  size_t size;
  for (size_t at = 0; pass_plain(out, text, &at, is_plain_js); at += size) {
    int32_t rune = kv_rune_decode(text.bytes + at, text.length - at, &size);
    if (rune == '\\' || rune == '\'' || rune == '"') {
      kv_buffer_char(out, '\\');
      kv_buffer_char(out, (char)rune);
    } else if (rune < 0x80 ? is_plain_js((unsigned char)rune) : kv_rune_is_print(rune)) {
      kv_buffer_append(out, text.bytes + at, size);
    } else {
      kv_buffer_text(out, "\\u");
      kv_buffer_hex(out, (uint32_t)rune, rune > 0xfffff ? 6 : rune > 0xffff ? 5 : 4, 1);
    }
  }
}

static int is_plain_url(unsigned char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '_' || c == '.' || c == '~';
}

void kv_escape_url(kv_buffer *out, kv_str text) {
  for (size_t at = 0; pass_plain(out, text, &at, is_plain_url);) {
    unsigned char c = (unsigned char)text.bytes[at];
    if (is_plain_url(c)) continue;
    if (c == ' ') {
      kv_buffer_char(out, '+');
    } else {
      kv_buffer_char(out, '%');
      kv_buffer_hex(out, c, 2, 1);
    }
    at++;
  }
}
