/*
** kv_import: the grammar of export.h, read twice: once to see that all is well, once to store.
** See import.h.
*/
#include "transfer/import.h"
#include "store/purge.h"
#include "store/schema.h"
#include "store/write.h"
#include "transfer/json.h"

#include <limits.h>
#include <string.h>

struct value {
  int type; /* SQLITE_INTEGER, SQLITE_FLOAT, SQLITE_TEXT, SQLITE_BLOB; 0: none */
  kv_json_number number;
  int has_expiry;
  sqlite3_int64 expires_at;
};

struct import {
  kv_connection *connection;
  kv_json json;
  sqlite3_int64 now_ms;
  int is_writing;       /* 0: the text is looked through only */
  kv_text stored_group; /* of the entry that is being stored */
  kv_json_string group; /* as stored; what is kept is the prefix */
  kv_json_string key;
  kv_json_string text;   /* the bytes of a value that is TEXT or a BLOB */
  kv_json_string member; /* a name that is the format's, not the store's */
  struct value value;
  int has_version, has_groups; /* of a document; of a row: */
  int has_group, has_key;
  sqlite3_int64 keys, expiring;
};

/* ---- errors ---------------------------------------------------------------------------------- */

static sqlite3_int64 position(const struct import *import) {
  return (sqlite3_int64)(import->json.at - import->json.start) + 1;
}

static int check(struct import *import, int code) {
  if (code != SQLITE_ERROR) return code;
  return kv_fail(import->connection, code, "json is malformed at byte %lld", position(import));
}

static int fail_no_object(struct import *import) {
  if (kv_json_peek(&import->json) == 0) return check(import, SQLITE_ERROR);
  return kv_fail(import->connection, SQLITE_ERROR,
                 "json is no export: an object belongs at byte %lld", position(import));
}

static int fail_key(struct import *import, const char *what) {
  return kv_fail(import->connection, SQLITE_ERROR, "group \"%s\", key \"%s\": %s",
                 import->group.bytes + import->group.kept, import->key.bytes, what);
}

static int fail_member(struct import *import) {
  return kv_fail(import->connection, SQLITE_ERROR, "json is no export: unknown member \"%s\"",
                 import->member.bytes);
}

/* ---- storing --------------------------------------------------------------------------------- */

static kv_text text_of(const kv_json_string *string) {
  return (kv_text){string->bytes, string->length};
}

static void bind_value(kv_query *query, int parameter, const struct import *import) {
  if (import->value.type == SQLITE_INTEGER) {
    kv_bind_integer(query, parameter, import->value.number.integer);
  } else if (import->value.type == SQLITE_FLOAT) {
    kv_bind_real(query, parameter, import->value.number.real);
  } else if (import->value.type == SQLITE_TEXT) {
    kv_bind_text(query, parameter, text_of(&import->text));
  } else {
    kv_bind_blob(query, parameter, import->text.bytes, import->text.length);
  }
}

static int store(void *pointer) {
  struct import *import = pointer;
  const kv_entry entry = {.has_expiry = import->value.has_expiry,
                          .expires_at = import->value.expires_at};
  kv_query query;
  sqlite3_int64 changes;
  import->stored_group = text_of(&import->group);
  kv_query_begin(&query, import->connection, KV_SQL_SET_EXPIRING);
  kv_bind_text(&query, 1, import->stored_group);
  kv_bind_text(&query, 2, text_of(&import->key));
  bind_value(&query, 3, import);
  kv_bind_expiry(&query, 4, &entry);
  return kv_query_write(&query, &changes);
}

/* The entry was read: counts it, and stores it if that is what is being done. */
static int end_entry(struct import *import) {
  if (import->value.has_expiry && import->value.expires_at <= import->now_ms) return SQLITE_OK;
  import->keys++;
  if (import->value.has_expiry) import->expiring++;
  return import->is_writing ? kv_again_inside(import->connection, store, import) : SQLITE_OK;
}

/* ---- the grammar ----------------------------------------------------------------------------- */

/* Reads an object: each member's name into `name`, and then by `read_member` what it holds. */
static int read_object(struct import *import, kv_json_string *name,
                       int (*read_member)(struct import *)) {
  int code = SQLITE_OK;
  if (!kv_json_take(&import->json, "{")) return fail_no_object(import);
  if (kv_json_take(&import->json, "}")) return SQLITE_OK;
  do {
    code = check(import, kv_json_read_string(&import->json, name));
    if (code != SQLITE_OK) return code;
    if (!kv_json_take(&import->json, ":")) return check(import, SQLITE_ERROR);
    code = read_member(import);
    if (code != SQLITE_OK) return code;
  } while (kv_json_take(&import->json, ","));
  return kv_json_take(&import->json, "}") ? SQLITE_OK : check(import, SQLITE_ERROR);
}

static int is_member(const struct import *import, const char *name) {
  return kv_text_equals(text_of(&import->member), (kv_text){name, (int)strlen(name)});
}

static int read_text(struct import *import, int type) {
  import->value.type = type;
  return check(import, kv_json_read_string(&import->json, &import->text));
}

static int read_number(struct import *import) {
  int code = check(import, kv_json_read_number(&import->json, &import->value.number));
  import->value.type = import->value.number.is_real ? SQLITE_FLOAT : SQLITE_INTEGER;
  return code;
}

/* true and false are SQLite's 1 and 0. */
static int read_word(struct import *import) {
  int is_true = kv_json_take(&import->json, "true");
  import->value.type = SQLITE_INTEGER;
  import->value.number = (kv_json_number){.integer = is_true};
  if (is_true || kv_json_take(&import->json, "false")) return SQLITE_OK;
  if (kv_json_take(&import->json, "null")) return fail_key(import, "null is no value");
  return check(import, SQLITE_ERROR);
}

static int read_scalar(struct import *import) {
  char first = kv_json_peek(&import->json);
  if (first == '"') return read_text(import, SQLITE_TEXT);
  if (first == '-' || (first >= '0' && first <= '9')) return read_number(import);
  if (first == '[') return fail_key(import, "an array is no value");
  if (first == '{') return fail_key(import, "an object is no value");
  return read_word(import);
}

static int digit_of(char letter) {
  static const char digits[] = "0123456789abcdef";
  const char *found = memchr(digits, letter >= 'A' ? letter | 0x20 : letter, 16);
  return found != NULL ? (int)(found - digits) : -1;
}

/* Hexadecimal digits, made into their bytes where they stand. */
static int read_blob(struct import *import) {
  int code = read_text(import, SQLITE_BLOB);
  if (code != SQLITE_OK) return code;
  char *bytes = import->text.bytes;
  int length = import->text.length;
  for (int i = 0; i + 1 < length; i += 2) {
    int high = digit_of(bytes[i]), low = digit_of(bytes[i + 1]);
    if (high < 0 || low < 0) return fail_key(import, "blob is not hexadecimal");
    bytes[i / 2] = (char)(high << 4 | low);
  }
  if (length % 2 != 0) return fail_key(import, "blob is not hexadecimal");
  import->text.length = length / 2;
  return SQLITE_OK;
}

static int read_expiry(struct import *import) {
  kv_json_number number = {.is_real = 1};
  int code = SQLITE_OK;
  if (strchr("-0123456789", kv_json_peek(&import->json)) != NULL) {
    code = check(import, kv_json_read_number(&import->json, &number));
  }
  if (code == SQLITE_OK && number.is_real) {
    code = fail_key(import, "expires_at is no integer (Unix milliseconds)");
  }
  import->value.has_expiry = 1;
  import->value.expires_at = number.integer;
  return code;
}

static int read_value_member(struct import *import) {
  if (is_member(import, "expires_at")) return read_expiry(import);
  int is_blob = is_member(import, "blob");
  if (!is_blob && !is_member(import, "value")) {
    return fail_key(import, "an object here has \"value\" or \"blob\", and perhaps \"expires_at\"");
  }
  if (import->value.type != 0) return fail_key(import, "has two values");
  return is_blob ? read_blob(import) : read_scalar(import);
}

static int read_key(struct import *import) {
  import->value = (struct value){0};
  int is_object = kv_json_peek(&import->json) == '{';
  int code =
      is_object ? read_object(import, &import->member, read_value_member) : read_scalar(import);
  if (code == SQLITE_OK && import->value.type == 0) code = fail_key(import, "has no value");
  return code == SQLITE_OK ? end_entry(import) : code;
}

static int read_group(struct import *import) {
  return read_object(import, &import->key, read_key);
}

static int read_version(struct import *import) {
  kv_json_number number;
  int code = check(import, kv_json_read_number(&import->json, &number));
  if (code != SQLITE_OK) return code;
  import->has_version = 1;
  if (!number.is_real && number.integer == 1) return SQLITE_OK;
  return kv_fail(import->connection, SQLITE_ERROR,
                 "json is an export of another version: \"kv\" is not 1");
}

static int is_row(const struct import *import) {
  return import->has_group || import->has_key || import->value.type != 0 ||
         import->value.has_expiry;
}

static int read_row_member(struct import *import) {
  int *has_name = is_member(import, "group") ? &import->has_group
                  : is_member(import, "key") ? &import->has_key
                                             : NULL;
  if (has_name == NULL) return read_value_member(import);
  *has_name = 1;
  return check(import,
               kv_json_read_string(&import->json,
                                   has_name == &import->has_group ? &import->group : &import->key));
}

static int is_row_member(const struct import *import) {
  static const char *const names[] = {"group", "key", "value", "blob", "expires_at"};
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
    if (is_member(import, names[i])) return 1;
  }
  return 0;
}

static int read_document_member(struct import *import) {
  int is_document = import->has_version || import->has_groups;
  if (!is_document && is_row_member(import)) return read_row_member(import);
  if (is_member(import, "kv")) return read_version(import);
  if (!is_member(import, "groups")) return fail_member(import);
  import->has_groups = 1;
  return read_object(import, &import->group, read_group);
}

/* The object was a row of kv_dump (export.h). */
static int end_row(struct import *import) {
  const char *missing = !import->has_group        ? "group"
                        : !import->has_key        ? "key"
                        : import->value.type == 0 ? "value"
                                                  : NULL;
  if (missing != NULL) {
    return kv_fail(import->connection, SQLITE_ERROR, "json is no row: it has no member \"%s\"",
                   missing);
  }
  return end_entry(import);
}

static int end_document(struct import *import) {
  if (import->has_version && import->has_groups) return SQLITE_OK;
  return kv_fail(import->connection, SQLITE_ERROR, "json is no export: it has no member \"%s\"",
                 import->has_version ? "groups" : "kv");
}

/* One object: a document, or a row. */
static int read_one(struct import *import) {
  import->has_version = import->has_groups = import->has_group = import->has_key = 0;
  import->value = (struct value){0};
  int code = read_object(import, &import->member, read_document_member);
  if (code != SQLITE_OK) return code;
  if (import->has_version || import->has_groups) return end_document(import);
  return is_row(import) ? end_row(import) : end_document(import);
}

/* A document, or rows one after the other. */
static int read_all(struct import *import) {
  import->json.at = import->json.start;
  import->keys = import->expiring = 0;
  int code = read_one(import);
  while (code == SQLITE_OK && is_row(import) && kv_json_peek(&import->json) == '{') {
    code = read_one(import);
  }
  if (code != SQLITE_OK) return code;
  if (kv_json_peek(&import->json) != 0 || import->json.at < import->json.end) {
    return check(import, SQLITE_ERROR);
  }
  return SQLITE_OK;
}

/* ---- the call -------------------------------------------------------------------------------- */

/* As with other writes that store a ttl, expired rows go, more of them than came. */
static int purge_some(const struct import *import) {
  static const sqlite3_int64 most = INT_MAX / KV_PURGE_ON_WRITE;
  sqlite3_int64 expiring = import->expiring < most ? import->expiring : most;
  return kv_purge_some(import->connection, import->now_ms, (int)expiring * KV_PURGE_ON_WRITE);
}

static int write_document(void *pointer) {
  struct import *import = pointer;
  import->is_writing = 1;
  int code = read_all(import);
  return code == SQLITE_OK && import->expiring > 0 ? purge_some(import) : code;
}

int kv_import_json(kv_connection *connection, kv_text json, kv_text prefix, sqlite3_int64 now_ms,
                   sqlite3_int64 *stored) {
  struct import import = {.connection = connection,
                          .stored_group = prefix,
                          .json = {json.bytes, json.bytes, json.bytes + json.length},
                          .now_ms = now_ms,
                          .group.kept = prefix.length};
  int code = kv_json_reserve(&import.group, (sqlite3_uint64)prefix.length + 1);
  if (code == SQLITE_OK) memcpy(import.group.bytes, prefix.bytes, (size_t)prefix.length);
  if (code == SQLITE_OK) code = read_all(&import);
  if (code == SQLITE_OK && import.keys > 0) {
    code = kv_write_all(connection, &import.stored_group, write_document, &import);
  }
  *stored = code == SQLITE_OK ? import.keys : 0;
  sqlite3_free(import.group.bytes);
  sqlite3_free(import.key.bytes);
  sqlite3_free(import.text.bytes);
  sqlite3_free(import.member.bytes);
  return code;
}
