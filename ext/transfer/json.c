/*
** Strings and numbers in JSON. See json.h.
**
** The C library converts REALs exactly, but with the locale's decimal point: it is replaced in what
** is printed, and what is parsed has its point moved into the exponent.
*/
#include "transfer/json.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- writing --------------------------------------------------------------------------------- */

/* How many bytes the UTF-8 character at `text` has; 0: it is none. */
static int character_length(const unsigned char *text, int left) {
  int length = text[0] < 0x80 ? 1 : text[0] < 0xe0 ? 2 : text[0] < 0xf0 ? 3 : 4;
  if (length == 1) return 1;
  if (text[0] < 0xc2 || text[0] > 0xf4 || left < length) return 0;
  for (int i = 1; i < length; i++) {
    if ((text[i] & 0xc0) != 0x80) return 0;
  }
  int is_overlong = (text[0] == 0xe0 && text[1] < 0xa0) || (text[0] == 0xf0 && text[1] < 0x90);
  int is_surrogate = text[0] == 0xed && text[1] > 0x9f;
  int is_too_large = text[0] == 0xf4 && text[1] > 0x8f;
  return is_overlong || is_surrogate || is_too_large ? 0 : length;
}

static int is_plain(unsigned char byte) {
  return byte >= 0x20 && byte != '"' && byte != '\\';
}

static void append_escape(sqlite3_str *out, unsigned char byte) {
  static const char bytes[] = "\"\\\n\r\t", letters[] = "\"\\nrt";
  const char *found = byte != 0 ? strchr(bytes, byte) : NULL;
  if (found != NULL) {
    sqlite3_str_appendf(out, "\\%c", letters[found - bytes]);
  } else {
    sqlite3_str_appendf(out, "\\u%04x", byte < 0x80 ? byte : 0xdc00 + byte);
  }
}

void kv_json_append_string(sqlite3_str *out, kv_text text) {
  const unsigned char *bytes = (const unsigned char *)text.bytes;
  int from = 0, at = 0;
  sqlite3_str_appendchar(out, 1, '"');
  while (at < text.length) {
    int length = is_plain(bytes[at]) ? character_length(bytes + at, text.length - at) : 0;
    if (length == 0) {
      sqlite3_str_append(out, text.bytes + from, at - from);
      append_escape(out, bytes[at]);
      from = at + 1;
    }
    at += length > 0 ? length : 1;
  }
  sqlite3_str_append(out, text.bytes + from, at - from);
  sqlite3_str_appendchar(out, 1, '"');
}

void kv_json_append_real(sqlite3_str *out, double real) {
  char text[64];
  if (isinf(real)) {
    sqlite3_str_appendall(out, real > 0 ? "9e999" : "-9e999");
    return;
  }
  for (int digits = 15; digits <= 17; digits++) {
    snprintf(text, sizeof text, "%.*g", digits, real);
    if (strtod(text, NULL) == real) break;
  }
  static const char allowed[] = "+-0123456789e";
  size_t whole = strspn(text, allowed), point = strcspn(text + whole, allowed);
  sqlite3_str_append(out, text, (int)whole);
  if (point > 0) sqlite3_str_appendchar(out, 1, '.');
  sqlite3_str_appendall(out, text + whole + point);
  if (point == 0 && strchr(text, 'e') == NULL) sqlite3_str_appendall(out, ".0");
}

/* ---- reading --------------------------------------------------------------------------------- */

char kv_json_peek(kv_json *json) {
  while (json->at < json->end && memchr(" \t\r\n", *json->at, 4) != NULL) json->at++;
  return json->at < json->end ? *json->at : 0;
}

int kv_json_take(kv_json *json, const char *word) {
  size_t length = strlen(word);
  kv_json_peek(json);
  if ((size_t)(json->end - json->at) < length || memcmp(json->at, word, length) != 0) return 0;
  json->at += length;
  return 1;
}

int kv_json_reserve(kv_json_string *string, sqlite3_uint64 size) {
  if (size <= string->capacity) return SQLITE_OK;
  if (size < 2 * string->capacity) size = 2 * string->capacity;
  char *bytes = sqlite3_realloc64(string->bytes, size);
  if (bytes == NULL) return SQLITE_NOMEM;
  string->bytes = bytes;
  string->capacity = size;
  return SQLITE_OK;
}

/* The four hexadecimal digits after "\u"; -1: they are not there. */
static int read_unit(kv_json *json) {
  static const char digits[] = "0123456789abcdef";
  int unit = 0;
  if (json->end - json->at < 6 || json->at[0] != '\\' || json->at[1] != 'u') return -1;
  for (const char *digit = json->at + 2; digit < json->at + 6; digit++) {
    const char *found = memchr(digits, *digit >= 'A' ? *digit | 0x20 : *digit, 16);
    if (found == NULL) return -1;
    unit = unit * 16 + (int)(found - digits);
  }
  json->at += 6;
  return unit;
}

static void put_character(kv_json_string *string, int character) {
  char *out = string->bytes + string->length;
  int length = character < 0x80 ? 1 : character < 0x800 ? 2 : character < 0x10000 ? 3 : 4;
  static const int marks[] = {0, 0, 0xc0, 0xe0, 0xf0};
  for (int i = length - 1; i > 0; i--) {
    out[i] = (char)(0x80 | (character & 0x3f));
    character >>= 6;
  }
  out[0] = (char)(marks[length] | character);
  string->length += length;
}

/* Takes "\uXXXX", or two of them that are one character, or one that is one byte. */
static int read_unicode_escape(kv_json *json, kv_json_string *string) {
  int unit = read_unit(json);
  if (unit < 0) return SQLITE_ERROR;
  if (unit >= 0xdc80 && unit <= 0xdcff) {
    string->bytes[string->length++] = (char)(unit - 0xdc00);
    return SQLITE_OK;
  }
  if (unit >= 0xd800 && unit <= 0xdfff) {
    int low = unit < 0xdc00 ? read_unit(json) : -1;
    if (low < 0xdc00 || low > 0xdfff) return SQLITE_ERROR;
    unit = 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
  }
  put_character(string, unit);
  return SQLITE_OK;
}

static int read_escape(kv_json *json, kv_json_string *string) {
  static const char letters[] = "\"\\/bfnrt", bytes[] = "\"\\/\b\f\n\r\t";
  if (json->end - json->at < 2) return SQLITE_ERROR;
  if (json->at[1] == 'u') return read_unicode_escape(json, string);
  const char *found = memchr(letters, json->at[1], sizeof letters - 1);
  if (found == NULL) return SQLITE_ERROR;
  string->bytes[string->length++] = bytes[found - letters];
  json->at += 2;
  return SQLITE_OK;
}

/* The end of the string whose first byte, after the quote, is at json->at; NULL: it has none. */
static const char *find_quote(const kv_json *json) {
  for (const char *at = json->at; at < json->end; at++) {
    if (*at == '"') return at;
    if (*at == '\\') at++;
  }
  return NULL;
}

/* What is read is never longer than what is written in the JSON text. */
int kv_json_read_string(kv_json *json, kv_json_string *string) {
  if (!kv_json_take(json, "\"")) return SQLITE_ERROR;
  const char *quote = find_quote(json);
  if (quote == NULL) return SQLITE_ERROR;
  string->length = string->kept;
  int code = kv_json_reserve(string,
                             (sqlite3_uint64)string->kept + (sqlite3_uint64)(quote - json->at) + 1);
  while (code == SQLITE_OK && json->at < quote) {
    if (*json->at == '\\') {
      code = read_escape(json, string);
    } else if (!is_plain((unsigned char)*json->at)) {
      code = SQLITE_ERROR;
    } else {
      string->bytes[string->length++] = *json->at++;
    }
  }
  if (code != SQLITE_OK) return code;
  string->bytes[string->length] = 0;
  json->at = quote + 1;
  return SQLITE_OK;
}

/* How many digits come next, which are taken. */
static int take_digits(kv_json *json) {
  const char *first = json->at;
  while (json->at < json->end && *json->at >= '0' && *json->at <= '9') json->at++;
  return (int)(json->at - first);
}

/* Takes a number by JSON's grammar: 0 if it is none. *point and *exponent are where these stand, or
** its end. */
static int scan_number(kv_json *json, const char **point, const char **exponent) {
  kv_json_take(json, "-");
  const char *first = json->at;
  int digits = take_digits(json);
  if (digits == 0 || (digits > 1 && *first == '0')) return 0;
  *point = json->at;
  if (json->at < json->end && *json->at == '.') {
    json->at++;
    if (take_digits(json) == 0) return 0;
  }
  *exponent = json->at;
  if (json->at < json->end && (*json->at == 'e' || *json->at == 'E')) {
    json->at++;
    if (json->at < json->end && (*json->at == '+' || *json->at == '-')) json->at++;
    if (take_digits(json) == 0) return 0;
  }
  return 1;
}

/* 0: the integer is out of range. */
static int parse_integer(const char *text, const char *end, sqlite3_int64 *integer) {
  int is_negative = *text == '-';
  *integer = 0;
  for (text += is_negative; text < end; text++) {
    int digit = *text - '0';
    if (*integer < (-0x7fffffffffffffff - 1 + digit) / 10) return 0;
    *integer = *integer * 10 - digit; /* there is one negative number more */
  }
  if (is_negative) return 1;
  if (*integer < -0x7fffffffffffffff) return 0;
  *integer = -*integer;
  return 1;
}

/* The exponent that begins with the 'e' at `text`; one that is huge is huge enough. */
static long parse_exponent(const char *text, const char *end) {
  long power = 0;
  if (text == end) return 0;
  int is_negative = *++text == '-';
  if (is_negative || *text == '+') text++;
  for (; text < end; text++) {
    if (power < 100000000) power = power * 10 + (*text - '0');
  }
  return is_negative ? -power : power;
}

static int parse_real(const char *text, const char *point, const char *exponent, const char *end,
                      double *real) {
  enum { ROOM_FOR_EXPONENT = 32 };
  char space[128], *buffer = space;
  size_t size = (size_t)(exponent - text) + ROOM_FOR_EXPONENT;
  size_t length = (size_t)(point - text);
  size_t decimals = point < exponent ? (size_t)(exponent - point) - 1 : 0;
  if (size > sizeof space) buffer = sqlite3_malloc64(size);
  if (buffer == NULL) return SQLITE_NOMEM;
  memcpy(buffer, text, length);
  memcpy(buffer + length, point + (decimals > 0), decimals);
  snprintf(buffer + length + decimals, ROOM_FOR_EXPONENT, "e%ld",
           parse_exponent(exponent, end) - (long)decimals);
  *real = strtod(buffer, NULL);
  if (buffer != space) sqlite3_free(buffer);
  return SQLITE_OK;
}

int kv_json_read_number(kv_json *json, kv_json_number *number) {
  kv_json_peek(json);
  const char *first = json->at, *point, *exponent;
  if (!scan_number(json, &point, &exponent)) return SQLITE_ERROR;
  number->is_real = point < json->at || !parse_integer(first, json->at, &number->integer);
  if (!number->is_real) return SQLITE_OK;
  return parse_real(first, point, exponent, json->at, &number->real);
}
