/*
** Text as it is written: a growing buffer, and Go's quotes.
*/
#ifndef KV_TEMPLATE_BUFFER_H
#define KV_TEMPLATE_BUFFER_H

#include "arena.h"

/*
** A growing buffer. Once it has failed it takes nothing more, and `code` says why: the meter's, or
** SQLITE_TOOBIG at its own limit. With a limit of its own its memory does not count for the meter's.
*/
typedef struct kv_buffer {
  kv_meter *meter;
  char *bytes;
  size_t length, size, limit; /* limit 0: the meter's */
  int code;
} kv_buffer;

void kv_buffer_append(kv_buffer *buffer, const char *bytes, size_t length);
void kv_buffer_str(kv_buffer *buffer, kv_str text);
void kv_buffer_text(kv_buffer *buffer, const char *text);
void kv_buffer_char(kv_buffer *buffer, char c);
void kv_buffer_repeat(kv_buffer *buffer, char c, size_t count);
void kv_buffer_rune(kv_buffer *buffer, int32_t rune);
/* The lowest digits of a number, in hexadecimal. */
void kv_buffer_hex(kv_buffer *buffer, uint32_t value, int digits, int is_upper);
kv_str kv_buffer_all(const kv_buffer *buffer);
/* The same for an error: spaces take the place of the zero bytes that would end it. */
kv_str kv_buffer_message(kv_buffer *buffer);
void kv_buffer_free(kv_buffer *buffer);

/* quote.c: as Go's strconv.Quote, and its like for one rune. */
void kv_quote(kv_buffer *out, kv_str text, int is_ascii_only);
void kv_quote_rune(kv_buffer *out, int32_t rune, int is_ascii_only);
/* As Go's %U and %#U, the character behind its number. */
void kv_quote_unicode(kv_buffer *out, uint64_t value, int least_digits, int has_character);

#endif
