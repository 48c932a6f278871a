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

static int read_limit(kv_connection *connection, sqlite3_value *value, const char *name,
                      sqlite3_int64 *limit) {
  static const sqlite3_int64 max = 0x7fffffffffffffff;
  *limit = 0;
  return value == NULL ? SQLITE_OK : kv_argument_integer(connection, value, name, 0, max, limit);
}

static int read_policy(kv_connection *connection, sqlite3_value *value, int *is_evicting) {
  kv_text policy = {"refuse", 6};
  int code = value == NULL ? SQLITE_OK : kv_argument_text(connection, value, "policy", &policy);
  if (code != SQLITE_OK) return code;
  *is_evicting = kv_text_equals(policy, (kv_text){"evict", 5});
  if (*is_evicting || kv_text_equals(policy, (kv_text){"refuse", 6})) return SQLITE_OK;
  return kv_fail(connection, SQLITE_ERROR, "policy must be 'refuse' or 'evict'");
}

static int is_null(sqlite3_value *value) {
  return value == NULL || sqlite3_value_type(value) == SQLITE_NULL;
}

/* Whose quota: that of the namespace, or, for '', of the whole store, which no scope may limit. */
static int read_owner(kv_connection *connection, sqlite3_value *value, char **prefix) {
  kv_text namespace, own = kv_connection_namespace(connection);
  *prefix = NULL;
  int code = kv_argument_text(connection, value, "namespace", &namespace);
  if (code == SQLITE_OK && namespace.length > 0) {
    code = read_namespace(connection, value, &namespace);
  }
  if (code != SQLITE_OK) return code;
  if (own.length > 0 && !kv_text_equals(own, namespace)) {
    const char *what = namespace.length > 0 ? "namespace \"%s\"" : "the whole store%s";
    char *name = sqlite3_mprintf(what, namespace.bytes);
    if (name == NULL) return SQLITE_NOMEM;
    code = kv_fail(connection, SQLITE_ERROR, "%s is outside of the scope \"%.*s\"", name,
                   own.length, own.bytes);
    sqlite3_free(name);
    return code;
  }
  *prefix = namespace.length > 0 ? sqlite3_mprintf("%s:", namespace.bytes)
                                 : sqlite3_mprintf("%s", KV_QUOTA_STORE);
  return *prefix != NULL ? SQLITE_OK : SQLITE_NOMEM;
}

int kv_scope_set_quota(kv_connection *connection, int count, sqlite3_value **arguments) {
  sqlite3_value *bytes = count > 3 ? arguments[3] : NULL, *policy = count > 4 ? arguments[4] : NULL;
  kv_quota_limits limits;
  char *prefix;
  int is_removal = is_null(arguments[1]) && is_null(arguments[2]) && is_null(bytes);
  int code = read_owner(connection, arguments[0], &prefix);
  limits.prefix = prefix;
  if (code == SQLITE_OK) code = read_policy(connection, policy, &limits.is_evicting);
  if (code == SQLITE_OK && !is_removal) {
    code = read_limit(connection, arguments[1], "max_keys", &limits.max_keys);
    if (code == SQLITE_OK)
      code = read_limit(connection, arguments[2], "max_groups", &limits.max_groups);
    if (code == SQLITE_OK) code = read_limit(connection, bytes, "max_bytes", &limits.max_bytes);
    if (code == SQLITE_OK) code = kv_limits_set(connection, &limits);
  } else if (code == SQLITE_OK) {
    code = kv_limits_remove(connection, prefix);
  }
  sqlite3_free(prefix);
  return code;
}
