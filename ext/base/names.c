/*
** Names of groups and keys. See names.h.
*/
#include "base/names.h"

#include <assert.h>
#include <string.h>

int kv_text_equals(kv_text a, kv_text b) {
  return a.length == b.length && (a.length == 0 || memcmp(a.bytes, b.bytes, (size_t)a.length) == 0);
}

kv_text kv_name_of(sqlite3_value *value) {
  int length = sqlite3_value_bytes(value); /* first: it makes UTF-8 of the text, if it is not */
  const void *bytes = length > 0 ? sqlite3_value_blob(value) : sqlite3_value_text(value);
  return (kv_text){bytes, length};
}

int kv_name_is_in(kv_text stored, const char *scope) {
  int hidden = (int)strlen(scope);
  return hidden == 0 ||
         (stored.length >= hidden && memcmp(stored.bytes, scope, (size_t)hidden) == 0);
}

kv_text kv_name_without(kv_text stored, const char *scope) {
  int hidden = (int)strlen(scope);
  assert(kv_name_is_in(stored, scope));
  return (kv_text){stored.bytes + hidden, stored.length - hidden};
}

char *kv_name_with(const char *scope, kv_text visible, int *length) {
  size_t hidden = strlen(scope);
  char *stored = sqlite3_malloc64(hidden + (size_t)visible.length + 1);
  if (stored == NULL) return NULL;
  memcpy(stored, scope, hidden);
  if (visible.length > 0) memcpy(stored + hidden, visible.bytes, (size_t)visible.length);
  *length = (int)hidden + visible.length;
  stored[*length] = 0;
  return stored;
}
