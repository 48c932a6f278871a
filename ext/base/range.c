/*
** Ranges of texts, and the successor of a prefix in UTF-8 and UTF-16. See range.h.
**
** All strings that begin with the bytes P lie in [P, successor(P)), where the successor is P with
** its last byte raised by one, after dropping the last bytes that are 0xff already. In UTF-16 the
** bytes come in pairs, and SQLite compares them as bytes too, so the same holds with one addition:
** where dropping leaves an odd number of bytes, a zero byte fills the pair. And where the result
** begins as a byte order mark, which SQLite takes off, a mark to be taken off stands in front of it.
** The result need not be well-formed text: it is bound in the database's own encoding, so that
** nothing converts it, and only ever compared.
*/
#include "base/range.h"

#include <string.h>

/* Raises `bytes` to its successor in place and returns its new length; 0: there is none. */
static sqlite3_uint64 raise_to_successor(unsigned char *bytes, sqlite3_uint64 length, int unit) {
  sqlite3_uint64 end = length;
  while (end > 0 && bytes[end - 1] == 0xff) end--;
  if (end == 0) return 0;
  bytes[end - 1]++;
  if (unit == 2 && end % 2 == 1) bytes[end++] = 0;
  return end;
}

/* Saves text that begins as a byte order mark from losing that. Returns its new length. */
static sqlite3_uint64 protect_mark(unsigned char *bytes, sqlite3_uint64 length,
                                   unsigned char encoding) {
  static const unsigned char marks[2][2] = {{0xff, 0xfe}, {0xfe, 0xff}}; /* little, big endian */
  if (encoding == SQLITE_UTF8 || length < 2) return length;
  if (memcmp(bytes, marks[0], 2) != 0 && memcmp(bytes, marks[1], 2) != 0) return length;
  memmove(bytes + 2, bytes, (size_t)length);
  memcpy(bytes, marks[encoding == SQLITE_UTF16BE], 2);
  return length + 2;
}

/* The text of `value` in `encoding`. In UTF-16 the length first: before 3.40 to ask for it changes
** the order of the bytes to the machine's. */
static const char *encoded_text(sqlite3_value *value, unsigned char encoding, int *length) {
  if (encoding == SQLITE_UTF8) {
    const void *bytes = sqlite3_value_text(value);
    *length = sqlite3_value_bytes(value);
    return bytes;
  }
  *length = sqlite3_value_bytes16(value);
  return encoding == SQLITE_UTF16LE ? sqlite3_value_text16le(value) : sqlite3_value_text16be(value);
}

/* The upper bound for `scope` (ASCII) followed by `text` (in the database's encoding). */
static int set_successor(kv_bound *bound, unsigned char encoding, const char *scope,
                         const char *text, int length) {
  sqlite3_uint64 scope_length = strlen(scope);
  int unit = encoding == SQLITE_UTF8 ? 1 : 2;
  sqlite3_uint64 total = scope_length * (unsigned)unit + (unsigned)length;
  unsigned char *bytes = sqlite3_malloc64(total + 3);
  if (bytes == NULL) return SQLITE_NOMEM;
  unsigned char *out = bytes;
  for (const char *in = scope; *in != 0; in++) {
    if (encoding == SQLITE_UTF16BE) *out++ = 0;
    *out++ = (unsigned char)*in;
    if (encoding == SQLITE_UTF16LE) *out++ = 0;
  }
  if (length > 0) memcpy(out, text, (size_t)length);
  total = protect_mark(bytes, raise_to_successor(bytes, total, unit), encoding);
  if (total == 0) {
    sqlite3_free(bytes);
    bytes = NULL;
  }
  *bound = (kv_bound){(char *)bytes, total, encoding};
  return SQLITE_OK;
}

int kv_bound_set(kv_bound *bound, const char *scope, kv_text text, int is_after) {
  sqlite3_uint64 scope_length = strlen(scope);
  sqlite3_uint64 length = scope_length + (unsigned)text.length + (is_after ? 1 : 0);
  char *bytes = sqlite3_malloc64(length + 1);
  if (bytes == NULL) return SQLITE_NOMEM;
  memcpy(bytes, scope, (size_t)scope_length);
  if (text.length > 0) memcpy(bytes + scope_length, text.bytes, (size_t)text.length);
  bytes[length] = 0;
  if (is_after) bytes[length - 1] = 0;
  sqlite3_free(bound->bytes);
  *bound = (kv_bound){bytes, length, SQLITE_UTF8};
  return SQLITE_OK;
}

int kv_range_all(kv_range *range, kv_connection *connection) {
  return kv_range_scope(range, connection, kv_connection_scope(connection));
}

int kv_range_scope(kv_range *range, kv_connection *connection, const char *scope) {
  *range = (kv_range){{0}, {0}};
  int code = kv_bound_set(&range->lower, scope, (kv_text){"", 0}, 0);
  if (code == SQLITE_OK) code = set_successor(&range->upper, connection->encoding, scope, "", 0);
  return code;
}

int kv_range_prefix(kv_range *range, kv_connection *connection, sqlite3_value *prefix) {
  const char *scope = kv_connection_scope(connection);
  int length = 0;
  *range = (kv_range){{0}, {0}};
  const char *text = (const char *)sqlite3_value_text(prefix);
  if (text == NULL) return SQLITE_NOMEM;
  int code = kv_bound_set(&range->lower, scope, (kv_text){text, sqlite3_value_bytes(prefix)}, 0);
  if (code != SQLITE_OK) return code;
  text = encoded_text(prefix, connection->encoding, &length);
  if (text == NULL) return SQLITE_NOMEM;
  return set_successor(&range->upper, connection->encoding, scope, text, length);
}

int kv_range_group(kv_range *range, kv_text group) {
  *range = (kv_range){{0}, {0}};
  int code = kv_bound_set(&range->lower, "", group, 0);
  if (code == SQLITE_OK) code = kv_bound_set(&range->upper, "", group, 1);
  return code;
}

static void bind_bound(kv_query *query, int parameter, const kv_bound *bound) {
  if (bound->bytes != NULL) {
    kv_bind_encoded(query, parameter, bound->bytes, bound->length, bound->encoding);
  } else {
    kv_bind_beyond_text(query, parameter);
  }
}

void kv_range_bind(kv_query *query, int parameter, const kv_range *range) {
  bind_bound(query, parameter, &range->lower);
  bind_bound(query, parameter + 1, &range->upper);
}

void kv_range_free(kv_range *range) {
  sqlite3_free(range->lower.bytes);
  sqlite3_free(range->upper.bytes);
  *range = (kv_range){{0}, {0}};
}
