/*
** Runes: UTF-8 as Go reads and writes it, what Unicode says of a character, and Go's quotes.
*/
#ifndef KV_TEMPLATE_RUNES_H
#define KV_TEMPLATE_RUNES_H

#include "arena.h"

enum { KV_RUNE_ERROR = 0xfffd };

/* The rune at `bytes`, KV_RUNE_ERROR with *size 1 for what is malformed. length > 0. */
int32_t kv_rune_decode(const char *bytes, size_t length, size_t *size);
/* Writes at most 4 bytes; returns how many. What is no rune is written as U+FFFD. */
size_t kv_rune_encode(int32_t rune, char *out);
int kv_rune_is_letter(int32_t rune);
int kv_rune_is_digit(int32_t rune);
int kv_rune_is_print(int32_t rune);

/* How many runes there are: a piece at a time, so that the meter hears of it. */
size_t kv_rune_count(kv_meter *meter, kv_str text);
/* The first so many runes. */
kv_str kv_rune_first(kv_meter *meter, kv_str text, size_t count);

/* quote.c: as Go's strconv.Quote, and its like for one rune. */
void kv_quote(kv_buffer *out, kv_str text, int is_ascii_only);
void kv_quote_rune(kv_buffer *out, int32_t rune, int is_ascii_only);
/* As Go's %U and %#U, the character behind its number. */
void kv_quote_unicode(kv_buffer *out, uint64_t value, int least_digits, int has_character);

#endif
