/*
** Runes: UTF-8 as Go reads and writes it, and what Unicode says of a character.
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

#endif
