/*
** Text of the template library: bytes that belong to somebody else.
*/
#ifndef KV_TEMPLATE_STR_H
#define KV_TEMPLATE_STR_H

#include <stddef.h>
#include <stdint.h>

/* `bytes` is never NULL, not even of an empty one. */
typedef struct kv_str {
  const char *bytes;
  size_t length;
} kv_str;

#define KV_STR(literal) ((kv_str){literal, sizeof(literal) - 1})

int kv_str_equals(kv_str a, kv_str b);
int kv_str_is(kv_str a, const char *text);
/* Bytewise: less than, equal to or greater than 0, as memcmp(). */
int kv_str_compare(kv_str a, kv_str b);
uint32_t kv_str_hash(kv_str text);

#endif
