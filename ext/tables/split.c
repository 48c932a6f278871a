/*
** kv_split(group, key, separator) and kv_fields(group, key): the parts of a value, a row each.
**
** As Go's strings.Split and strings.Fields: an empty separator splits between characters; fields
** are what stands between runs of white space, as Unicode defines it. A key that is not there has
** no rows.
*/
#include "tables/split.h"
#include "arguments/arguments.h"
#include "store/schema.h"

#include <string.h>

struct parts {
  sqlite3_value *value; /* owned: the text that is split */
  const char *bytes;
  int length;
  int at;   /* where the next part begins; -1: there is none */
  int from; /* the part of this row */
  int to;
};

static void free_parts(void *pointer) {
  struct parts *parts = pointer;
  if (parts != NULL) sqlite3_value_free(parts->value);
  sqlite3_free(parts);
}

/* How many bytes the UTF-8 character at `bytes` takes; what is malformed counts byte by byte, as in
** Go. */
static int character_length(const char *bytes, int length) {
  const unsigned char *in = (const unsigned char *)bytes;
  int wanted = in[0] < 0x80                    ? 1
               : in[0] >= 0xc2 && in[0] < 0xe0 ? 2
               : in[0] >= 0xe0 && in[0] < 0xf0 ? 3
               : in[0] >= 0xf0 && in[0] < 0xf5 ? 4
                                               : 1;
  if (wanted > length) return 1;
  for (int i = 1; i < wanted; i++) {
    if ((in[i] & 0xc0) != 0x80) return 1;
  }
  int is_overlong = (in[0] == 0xe0 && in[1] < 0xa0) || (in[0] == 0xf0 && in[1] < 0x90);
  int is_beyond = (in[0] == 0xed && in[1] > 0x9f) || (in[0] == 0xf4 && in[1] > 0x8f);
  return is_overlong || is_beyond ? 1 : wanted;
}

/* How many bytes of white space `bytes` begins with: one character, or 0. */
static int space_length(const char *bytes, int length) {
  static const char *const wide[] = {"\302\205",     "\302\240",     "\341\232\200",
                                     "\342\200\250", "\342\200\251", "\342\200\257",
                                     "\342\201\237", "\343\200\200"}; /* U+0085 00A0 1680 2028 2029
                                                                         202F 205F 3000 */
  if (*bytes == ' ' || (*bytes >= '\t' && *bytes <= '\r')) return 1;
  if ((unsigned char)*bytes < 0x80) return 0;
  for (size_t i = 0; i < sizeof wide / sizeof wide[0]; i++) {
    int n = (int)strlen(wide[i]);
    if (n <= length && memcmp(bytes, wide[i], (size_t)n) == 0) return n;
  }
  /* U+2000 to U+200A */
  return length >= 3 && memcmp(bytes, "\342\200", 2) == 0 && (unsigned char)bytes[2] >= 0x80 &&
                 (unsigned char)bytes[2] <= 0x8a
             ? 3
             : 0;
}

static int skip_spaces(const struct parts *parts, int at) {
  int n;
  while (at < parts->length && (n = space_length(parts->bytes + at, parts->length - at)) > 0) {
    at += n;
  }
  return at;
}

static int next_field(kv_cursor *cursor) {
  struct parts *parts = cursor->state;
  parts->from = skip_spaces(parts, parts->at);
  cursor->is_end = parts->from >= parts->length;
  int at = parts->from;
  while (at < parts->length && space_length(parts->bytes + at, parts->length - at) == 0) at++;
  parts->to = parts->at = at;
  return SQLITE_OK;
}

static const char *find(const char *in, int length, const char *what, int what_length) {
  const char *last = in + length - what_length;
  while (in <= last && (in = memchr(in, *what, (size_t)(last - in) + 1)) != NULL) {
    if (memcmp(in, what, (size_t)what_length) == 0) return in;
    in++;
  }
  return NULL;
}

static int next_part(kv_cursor *cursor) {
  struct parts *parts = cursor->state;
  sqlite3_value *argument = kv_cursor_argument(cursor, 2);
  const char *separator = (const char *)sqlite3_value_text(argument);
  int separator_length = sqlite3_value_bytes(argument);
  if (separator == NULL) return SQLITE_NOMEM;
  cursor->is_end = parts->at < 0 || (separator_length == 0 && parts->at >= parts->length);
  if (cursor->is_end) return SQLITE_OK;
  const char *rest = parts->bytes + parts->at;
  int length = parts->length - parts->at;
  parts->from = parts->at;
  if (separator_length == 0) {
    parts->to = parts->at = parts->at + character_length(rest, length);
    return SQLITE_OK;
  }
  const char *found = find(rest, length, separator, separator_length);
  parts->to = found != NULL ? (int)(found - parts->bytes) : parts->length;
  parts->at = found != NULL ? parts->to + separator_length : -1;
  return SQLITE_OK;
}

static int column(kv_cursor *cursor, sqlite3_context *context, int index) {
  const struct parts *parts = cursor->state;
  (void)index;
  sqlite3_result_text(context, parts->bytes + parts->from, parts->to - parts->from,
                      SQLITE_TRANSIENT);
  return SQLITE_OK;
}

static int read_value(kv_cursor *cursor, sqlite3_value **value) {
  kv_connection *connection = cursor->connection;
  kv_text group = {NULL, 0}, key = {NULL, 0};
  char *memory = NULL;
  int code = kv_argument_name(connection, kv_cursor_argument(cursor, 0), "group", &group);
  if (code == SQLITE_OK) {
    code = kv_argument_name(connection, kv_cursor_argument(cursor, 1), "key", &key);
  }
  if (code == SQLITE_OK) code = kv_argument_scoped(connection, group, &group, &memory);
  if (code == SQLITE_OK && !kv_store_is_absent(connection, &code) && code == SQLITE_OK) {
    code = kv_store_copy(connection, group, key, cursor->now_ms, value);
  }
  sqlite3_free(memory);
  return code;
}

/* An argument that is missing is an error; one that is NULL or a BLOB finds nothing. */
static int check_arguments(kv_cursor *cursor, int *is_nothing) {
  enum { MOST = 3 };
  static const char *const names[MOST] = {"group", "key", "separator"};
  for (int i = 0; i < cursor->table->arguments && i < MOST; i++) {
    sqlite3_value *argument = kv_cursor_argument(cursor, i);
    if (argument == NULL) {
      return kv_fail(cursor->connection, SQLITE_ERROR, "argument %s is missing", names[i]);
    }
    if (!kv_argument_is_name(argument)) *is_nothing = 1;
  }
  return SQLITE_OK;
}

static int filter(kv_cursor *cursor, int plan, int argc, sqlite3_value **argv) {
  sqlite3_value *value = NULL;
  int is_nothing = 0;
  (void)plan, (void)argc, (void)argv;
  int code = check_arguments(cursor, &is_nothing);
  if (code == SQLITE_OK && !is_nothing) code = read_value(cursor, &value);
  cursor->is_end = value == NULL;
  if (code != SQLITE_OK || value == NULL) return code;
  struct parts *made = sqlite3_malloc64(sizeof *made);
  if (made == NULL) {
    sqlite3_value_free(value);
    return SQLITE_NOMEM;
  }
  *made = (struct parts){.value = value};
  cursor->state = made;
  made->bytes = (const char *)sqlite3_value_text(value);
  made->length = sqlite3_value_bytes(value);
  return made->bytes != NULL ? SQLITE_OK : SQLITE_NOMEM;
}

const kv_table kv_split_table = {
    .name = "kv_split",
    .declaration = "CREATE TABLE x(part TEXT, \"group\" HIDDEN, key HIDDEN, separator HIDDEN)",
    .columns = 1,
    .arguments = 3,
    .filter = filter,
    .next = next_part,
    .column = column,
    .free_state = free_parts,
};

const kv_table kv_fields_table = {
    .name = "kv_fields",
    .declaration = "CREATE TABLE x(part TEXT, \"group\" HIDDEN, key HIDDEN)",
    .columns = 1,
    .arguments = 2,
    .filter = filter,
    .next = next_field,
    .column = column,
    .free_state = free_parts,
};
