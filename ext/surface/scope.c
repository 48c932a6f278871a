/*
** Namespaces. See scope.h.
**
** The scope is a string that is put in front of every group's name (arguments.c) and of every range
** of names (range.c, listings.c), and taken off again in answers. No name, prefix or bound of a
** caller reaches SQL without it.
*/
#include "surface/scope.h"
#include "arguments/arguments.h"
#include "store/limits.h"

#include <string.h>

/* The namespace, checked. '' may be one that is missing by mistake, and must not open the store. */
static int read_namespace(kv_connection *connection, sqlite3_value *value, kv_text *namespace) {
  static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-";
  int code = kv_argument_text(connection, value, "namespace", namespace);
  if (code != SQLITE_OK) return code;
  if (namespace->length == 0) return kv_fail(connection, SQLITE_ERROR, "namespace is empty");
  int valid = (int)strspn(namespace->bytes, allowed);
  if (valid == namespace->length) return SQLITE_OK;
  return kv_fail(connection, SQLITE_ERROR,
                 "namespace \"%.*s\" is not made of letters, digits and hyphens", namespace->length,
                 namespace->bytes);
}

int kv_scope_set(kv_connection *connection, sqlite3_value *value) {
  kv_text namespace;
  int code = read_namespace(connection, value, &namespace);
  if (code != SQLITE_OK) return code;
  char *scope = sqlite3_mprintf("%s:", namespace.bytes);
  if (scope == NULL) return SQLITE_NOMEM;
  sqlite3_free(connection->scope);
  connection->scope = scope;
  return SQLITE_OK;
}

void kv_scope_leave(kv_connection *connection) {
  sqlite3_free(connection->scope);
  connection->scope = NULL;
}

int kv_scope_set_quota(kv_connection *connection, sqlite3_value *value, sqlite3_value *max_keys,
                       sqlite3_value *max_groups) {
  static const sqlite3_int64 max = 0x7fffffffffffffff;
  kv_text namespace, own = kv_connection_namespace(connection);
  sqlite3_int64 keys = 0, groups = 0;
  int code = read_namespace(connection, value, &namespace);
  if (code == SQLITE_OK)
    code = kv_argument_integer(connection, max_keys, "max_keys", 0, max, &keys);
  if (code == SQLITE_OK)
    code = kv_argument_integer(connection, max_groups, "max_groups", 0, max, &groups);
  if (code != SQLITE_OK) return code;
  if (own.length > 0 && (own.length != namespace.length ||
                         memcmp(own.bytes, namespace.bytes, (size_t)own.length) != 0)) {
    return kv_fail(connection, SQLITE_ERROR, "namespace \"%s\" is outside of the scope \"%.*s\"",
                   namespace.bytes, own.length, own.bytes);
  }
  return kv_quota_set(connection, namespace.bytes, keys, groups);
}
