/*
** Decoding of arguments. See arguments.h.
*/
#include "arguments/arguments.h"
#include "arguments/duration.h"

#include <string.h>

int kv_argument_is_name(sqlite3_value *value) {
  int type = sqlite3_value_type(value);
  return type != SQLITE_NULL && type != SQLITE_BLOB;
}

static int require_text(kv_connection *connection, sqlite3_value *value, const char *what) {
  int type = sqlite3_value_type(value);
  if (type == SQLITE_NULL) return kv_fail(connection, SQLITE_ERROR, "%s is NULL", what);
  if (type == SQLITE_BLOB) return kv_fail(connection, SQLITE_ERROR, "%s is a BLOB", what);
  return SQLITE_OK;
}

int kv_argument_name(kv_connection *connection, sqlite3_value *value, const char *what,
                     kv_text *name) {
  int code = require_text(connection, value, what);
  if (code != SQLITE_OK) return code;
  *name = kv_name_of(value);
  return name->bytes != NULL ? SQLITE_OK : SQLITE_NOMEM;
}

int kv_argument_text(kv_connection *connection, sqlite3_value *value, const char *what,
                     kv_text *text) {
  int code = require_text(connection, value, what);
  if (code != SQLITE_OK) return code;
  text->bytes = (const char *)sqlite3_value_text(value);
  text->length = sqlite3_value_bytes(value);
  return text->bytes != NULL ? SQLITE_OK : SQLITE_NOMEM;
}

int kv_argument_integer(kv_connection *connection, sqlite3_value *value, const char *what,
                        sqlite3_int64 least, sqlite3_int64 most, sqlite3_int64 *integer) {
  *integer = sqlite3_value_int64(value);
  if (sqlite3_value_numeric_type(value) == SQLITE_INTEGER && *integer >= least &&
      *integer <= most) {
    return SQLITE_OK;
  }
  return kv_fail(connection, SQLITE_ERROR, "%s must be an integer from %lld to %lld", what, least,
                 most);
}

int kv_argument_value(kv_connection *connection, sqlite3_value *value) {
  if (sqlite3_value_type(value) != SQLITE_NULL) return SQLITE_OK;
  return kv_fail(connection, SQLITE_ERROR, "value is NULL");
}

static int fail_duration(kv_connection *connection, const char *what, kv_text text,
                         kv_duration_result result) {
  static const char *const reasons[] = {
      [KV_DURATION_OK] = "is negative",
      [KV_DURATION_MALFORMED] = "is no duration such as \"1h30m\" or \"1.5s\"",
      [KV_DURATION_NO_UNIT] = "has no unit, as \"60s\" has (a number without quotes is seconds)",
      [KV_DURATION_UNKNOWN_UNIT] = "has an unknown unit (known: ns us ms s m h d)",
      [KV_DURATION_TOO_LONG] = "is too long",
  };
  return kv_fail(connection, SQLITE_ERROR, "%s \"%.*s\" %s", what, text.length, text.bytes,
                 reasons[result]);
}

static int parse_duration(kv_connection *connection, sqlite3_value *value, const char *what,
                          sqlite3_int64 *milliseconds) {
  kv_text text = {NULL, 0};
  int code = kv_argument_text(connection, value, what, &text);
  if (code != SQLITE_OK) return code;
  kv_duration_result result = kv_duration_parse(text.bytes, text.length, milliseconds);
  return result == KV_DURATION_OK ? SQLITE_OK : fail_duration(connection, what, text, result);
}

int kv_argument_duration(kv_connection *connection, sqlite3_value *value, const char *what,
                         int may_be_zero, sqlite3_int64 *milliseconds) {
  int type = sqlite3_value_type(value);
  int code = SQLITE_OK;
  if (type == SQLITE_INTEGER || type == SQLITE_FLOAT) {
    double seconds = sqlite3_value_double(value);
    if (kv_duration_of_seconds(seconds, milliseconds) != KV_DURATION_OK) {
      code = kv_fail(connection, SQLITE_ERROR, "%s %g is too long", what, seconds);
    }
  } else {
    code = parse_duration(connection, value, what, milliseconds);
  }
  if (code != SQLITE_OK || *milliseconds > 0 || (*milliseconds == 0 && may_be_zero)) return code;
  return kv_fail(connection, SQLITE_ERROR, "%s must be positive", what);
}

int kv_argument_instant(kv_connection *connection, sqlite3_value *value, int *is_given,
                        sqlite3_int64 *instant) {
  int type = value == NULL ? SQLITE_NULL : sqlite3_value_numeric_type(value);
  *is_given = type == SQLITE_INTEGER;
  *instant = *is_given ? sqlite3_value_int64(value) : 0;
  if (*is_given || type == SQLITE_NULL) return SQLITE_OK;
  return kv_fail(connection, SQLITE_ERROR, "now must be an integer (Unix milliseconds) or NULL");
}

int kv_argument_ttl(kv_connection *connection, sqlite3_value *value, sqlite3_int64 now_ms,
                    kv_entry *entry) {
  static const sqlite3_int64 max = 0x7fffffffffffffff;
  sqlite3_int64 milliseconds;
  entry->has_expiry = value != NULL && sqlite3_value_type(value) != SQLITE_NULL;
  if (!entry->has_expiry) return SQLITE_OK;
  int code = kv_argument_duration(connection, value, "ttl", 0, &milliseconds);
  if (code != SQLITE_OK) return code;
  if (now_ms > 0 && milliseconds > max - now_ms) {
    return kv_fail(connection, SQLITE_ERROR, "ttl is too long: it ends after the last millisecond");
  }
  entry->expires_at = now_ms + milliseconds;
  return SQLITE_OK;
}

int kv_argument_scoped(kv_connection *connection, kv_text name, kv_text *stored, char **memory) {
  *memory = NULL;
  *stored = name;
  if (connection->scope == NULL) return SQLITE_OK;
  int length;
  *memory = kv_name_with(connection->scope, name, &length);
  if (*memory == NULL) return SQLITE_NOMEM;
  *stored = (kv_text){*memory, length};
  return SQLITE_OK;
}
