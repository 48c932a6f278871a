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

#include <assert.h>
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

enum place { AT, AFTER, BEYOND }; /* a text; what follows it; what follows all that begin with it */

static unsigned char *append_ascii(unsigned char *out, const char *text, unsigned char encoding) {
  for (; *text != 0; text++) {
    if (encoding == SQLITE_UTF16BE) *out++ = 0;
    *out++ = (unsigned char)*text;
    if (encoding == SQLITE_UTF16LE) *out++ = 0;
  }
  return out;
}

/* The bound for `scope` (ASCII) followed by `text` (in `encoding`). Replaces what `bound` was. */
static int set_bound(kv_bound *bound, unsigned char encoding, const char *scope, const char *text,
                     int text_length, enum place place) {
  enum { MARK = 2, NUL = 2 };
  int unit = encoding == SQLITE_UTF8 ? 1 : 2;
  sqlite3_uint64 length = strlen(scope) * (unsigned)unit + (unsigned)text_length;
  unsigned char *bytes = sqlite3_malloc64(length + MARK + NUL);
  if (bytes == NULL) return SQLITE_NOMEM;
  unsigned char *end = append_ascii(bytes, scope, encoding);
  if (text_length > 0) memcpy(end, text, (size_t)text_length);
  if (place == AFTER) {
    memset(bytes + length, 0, NUL);
    length += (unsigned)unit;
  } else if (place == BEYOND) {
    length = raise_to_successor(bytes, length, unit);
  }
  if (place == BEYOND && length == 0) {
    sqlite3_free(bytes);
    bytes = NULL;
  } else {
    length = protect_mark(bytes, length, encoding);
  }
  sqlite3_free(bound->bytes);
  *bound = (kv_bound){(char *)bytes, length, encoding};
  return SQLITE_OK;
}

static int set_to_value(kv_bound *bound, kv_connection *connection, const char *scope,
                        sqlite3_value *value, enum place place) {
  int length = 0;
  const char *text = encoded_text(value, connection->encoding, &length);
  if (text == NULL) return SQLITE_NOMEM;
  return set_bound(bound, connection->encoding, scope, text, length, place);
}

int kv_bound_set(kv_bound *bound, kv_connection *connection, const char *scope,
                 sqlite3_value *value, int is_upper, int is_after) {
  int length = 0;
  const char *text = encoded_text(value, connection->encoding, &length);
  enum place place = is_after ? AFTER : AT;
  if (text == NULL) return SQLITE_NOMEM;
  if (connection->encoding != SQLITE_UTF8 && length % 2 == 1) {
    length--;
    place = is_upper ? BEYOND : AT;
  }
  return set_bound(bound, connection->encoding, scope, text, length, place);
}

int kv_bound_set_ascii(kv_bound *bound, kv_connection *connection, const char *scope,
                       const char *text) {
  enum { MOST = 4 }; /* characters */
  char encoded[2 * MOST];
  assert(strlen(text) <= MOST);
  int length = (int)(append_ascii((unsigned char *)encoded, text, connection->encoding) -
                     (unsigned char *)encoded);
  return set_bound(bound, connection->encoding, scope, encoded, length, AT);
}

int kv_bound_is_before(const kv_bound *a, const kv_bound *b) {
  assert(a->bytes != NULL && b->bytes != NULL && a->encoding == b->encoding);
  sqlite3_uint64 shorter = a->length < b->length ? a->length : b->length;
  int order = memcmp(a->bytes, b->bytes, (size_t)shorter);
  return order < 0 || (order == 0 && a->length < b->length);
}

int kv_range_all(kv_range *range, kv_connection *connection) {
  return kv_range_scope(range, connection, kv_connection_scope(connection));
}

int kv_range_scope(kv_range *range, kv_connection *connection, const char *scope) {
  *range = (kv_range){{0}, {0}};
  int code = set_bound(&range->lower, connection->encoding, scope, "", 0, AT);
  if (code != SQLITE_OK) return code;
  return set_bound(&range->upper, connection->encoding, scope, "", 0, BEYOND);
}

int kv_range_prefix(kv_range *range, kv_connection *connection, const char *scope,
                    sqlite3_value *prefix) {
  *range = (kv_range){{0}, {0}};
  int code = set_to_value(&range->lower, connection, scope, prefix, AT);
  if (code == SQLITE_OK) code = set_to_value(&range->upper, connection, scope, prefix, BEYOND);
  return code;
}

int kv_range_group(kv_range *range, kv_text group) {
  *range = (kv_range){{0}, {0}};
  int code = set_bound(&range->lower, SQLITE_UTF8, "", group.bytes, group.length, AT);
  if (code == SQLITE_OK) {
    code = set_bound(&range->upper, SQLITE_UTF8, "", group.bytes, group.length, AFTER);
  }
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
