/*
** Names of groups and keys: text in UTF-8, and the scope, which is put in front of a group's name
** on its way into the store and taken off on its way out. Nobody else does either.
*/
#ifndef KV_NAMES_H
#define KV_NAMES_H

#include "base/sqlite.h"

/* Text in UTF-8, U+0000 allowed. A NULL pointer means that there is none. */
typedef struct kv_text {
  const char *bytes;
  int length;
} kv_text;

int kv_text_equals(kv_text a, kv_text b);

/* The text of an argument that is TEXT or a number, valid as long as the value, and not
** NUL-terminated: sqlite3_value_text() copies every text that has no NUL after it, as most have
** none. NULL bytes: out of memory. For names only, which nobody else sees again:
** sqlite3_value_blob() leaves a mark on the value that makes sqlite3_value_bytes16() of it wrong. */
kv_text kv_name_of(sqlite3_value *value);

/* Does the stored name of a group lie in the scope ("namespace:", or "" for the whole store)? */
int kv_name_is_in(kv_text stored, const char *scope);

/* The name as the scope sees it. The stored name must lie in it. */
kv_text kv_name_without(kv_text stored, const char *scope);

/* The stored name: `scope` and `visible`, with a NUL after it that does not count, in memory that
** the caller frees (sqlite3_free). NULL: out of memory. */
char *kv_name_with(const char *scope, kv_text visible, int *length);

#endif
