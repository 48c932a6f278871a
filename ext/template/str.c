/*
** See str.h.
*/
#include "str.h"

#include <string.h>

int kv_str_equals(kv_str a, kv_str b) {
  return a.length == b.length && memcmp(a.bytes, b.bytes, a.length) == 0;
}

int kv_str_is(kv_str a, const char *text) {
  return kv_str_equals(a, (kv_str){text, strlen(text)});
}

int kv_str_compare(kv_str a, kv_str b) {
  size_t shorter = a.length < b.length ? a.length : b.length;
  int order = memcmp(a.bytes, b.bytes, shorter);
  return order != 0 ? order : (a.length > b.length) - (a.length < b.length);
}

/* FNV-1a */
uint32_t kv_str_hash(kv_str text) {
  uint32_t hash = 2166136261u;
  for (size_t i = 0; i < text.length; i++) {
    hash = (hash ^ (unsigned char)text.bytes[i]) * 16777619u;
  }
  return hash;
}
