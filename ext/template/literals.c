/*
** Constants: numbers in Go's notations, quoted strings and characters. See tree.h.
**
** Nothing here depends on the locale, although strtod() does: it is never shown a decimal point.
*/
#include "tree.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static int digit_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'z') return c - 'a' + 10;
  if (c >= 'A' && c <= 'Z') return c - 'A' + 10;
  return 99;
}

static char lower(char c) {
  return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

/* Underscores stand between digits, or between a base prefix and a digit. */
static int underscores_are_good(kv_str text) {
  size_t i = text.length > 0 && (text.bytes[0] == '-' || text.bytes[0] == '+') ? 1 : 0;
  char before = '^'; /* '0' for a digit, '!' for anything else */
  int is_hexadecimal = 0;
  if (text.length >= i + 2 && text.bytes[i] == '0') {
    char base = lower(text.bytes[i + 1]);
    if (base == 'b' || base == 'o' || base == 'x') {
      i += 2;
      before = '0';
      is_hexadecimal = base == 'x';
    }
  }
  for (; i < text.length; i++) {
    char c = lower(text.bytes[i]);
    if ((c >= '0' && c <= '9') || (is_hexadecimal && c >= 'a' && c <= 'f')) {
      before = '0';
    } else if (c == '_') {
      if (before != '0') return 0;
      before = '_';
    } else {
      if (before == '_') return 0;
      before = '!';
    }
  }
  return before != '_';
}

/* ---- integers -------------------------------------------------------------------------------- */

/* Digits in Go's notation for any base; 0: malformed, or too large for 64 bits. */
static int parse_unsigned(kv_str text, uint64_t *value) {
  unsigned base = 10;
  size_t i = 0;
  if (text.length > 0 && text.bytes[0] == '0') {
    char prefix = text.length >= 3 ? lower(text.bytes[1]) : 0;
    base = prefix == 'b' ? 2 : prefix == 'o' ? 8 : prefix == 'x' ? 16 : 8;
    i = prefix == 'b' || prefix == 'o' || prefix == 'x' ? 2 : 1;
    if (text.length == 1) i = 0;
  }
  if (i >= text.length || !underscores_are_good(text)) return 0;
  *value = 0;
  for (; i < text.length; i++) {
    if (text.bytes[i] == '_') continue;
    unsigned digit = (unsigned)digit_value(text.bytes[i]);
    if (digit >= base || *value > (UINT64_MAX - digit) / base) return 0;
    *value = *value * base + digit;
  }
  return 1;
}

static int parse_signed(kv_str text, int64_t *value) {
  uint64_t magnitude;
  int is_negative = text.length > 0 && text.bytes[0] == '-';
  if (text.length > 0 && (text.bytes[0] == '-' || text.bytes[0] == '+')) {
    text = (kv_str){text.bytes + 1, text.length - 1};
  }
  if (!parse_unsigned(text, &magnitude)) return 0;
  if (magnitude > (uint64_t)INT64_MAX + (is_negative ? 1 : 0)) return 0;
  *value = is_negative ? (int64_t)(0 - magnitude) : (int64_t)magnitude;
  return 1;
}

/* ---- floats ---------------------------------------------------------------------------------- */

/*
** Rewrites the float without point and underscores: digits, and an exponent that makes up for the
** point. 0: malformed, or too long to matter.
*/
static int without_point(kv_str text, char *out, size_t size) {
  size_t i = 0, length = 0;
  int is_hexadecimal = 0, digits = 0;
  long exponent = 0, point = 0;
  if (i < text.length && (text.bytes[i] == '-' || text.bytes[i] == '+'))
    out[length++] = text.bytes[i++];
  if (text.length >= i + 2 && text.bytes[i] == '0' && lower(text.bytes[i + 1]) == 'x') {
    is_hexadecimal = 1;
    memcpy(out + length, "0x", 2);
    length += 2;
    i += 2;
  }
  char mark = is_hexadecimal ? 'p' : 'e';
  int has_point = 0;
  for (; i < text.length && lower(text.bytes[i]) != mark; i++) {
    if (text.bytes[i] == '_') continue;
    if (text.bytes[i] == '.' && !has_point) {
      has_point = 1;
      continue;
    }
    if (digit_value(text.bytes[i]) >= (is_hexadecimal ? 16 : 10) || length + 32 > size) return 0;
    out[length++] = text.bytes[i];
    digits++;
    if (has_point) point -= is_hexadecimal ? 4 : 1;
  }
  if (digits == 0 || (is_hexadecimal && i >= text.length)) return 0;
  if (i < text.length) {
    size_t first = ++i;
    int is_negative = i < text.length && text.bytes[i] == '-';
    if (i < text.length && (text.bytes[i] == '-' || text.bytes[i] == '+')) first = ++i;
    for (; i < text.length; i++) {
      if (text.bytes[i] == '_') continue;
      if (text.bytes[i] < '0' || text.bytes[i] > '9') return 0;
      if (exponent < 100000) exponent = exponent * 10 + (text.bytes[i] - '0');
    }
    if (i == first) return 0;
    if (is_negative) exponent = -exponent;
  }
  sqlite3_snprintf((int)(size - length), out + length, "%c%ld", mark, exponent + point);
  return 1;
}

int kv_float_parse(kv_str text, double *value) {
  enum { SHORT = 200 };
  char space[SHORT], *buffer = space;
  size_t size = text.length + 64;
  if (!underscores_are_good(text)) return 0;
  if (size > SHORT) buffer = sqlite3_malloc64(size);
  if (buffer == NULL) return 0;
  int is_good = without_point(text, buffer, size);
  if (is_good) {
    *value = strtod(buffer, NULL);
    is_good = !isinf(*value); /* an overflow is Go's error too */
  }
  if (buffer != space) sqlite3_free(buffer);
  return is_good;
}

/* ---- escapes --------------------------------------------------------------------------------- */

/* Reads so many digits of the base; -1: they are not there. */
static int64_t read_digits(kv_str text, size_t at, int count, int base) {
  int64_t value = 0;
  if (at + (size_t)count > text.length) return -1;
  for (int i = 0; i < count; i++) {
    int digit = digit_value(text.bytes[at + (size_t)i]);
    if (digit >= base) return -1;
    value = value * base + digit;
  }
  return value;
}

/*
** Reads the character at *at of a quoted text, escapes included, and moves *at behind it. *is_byte
** says that it is a byte and not a rune. 0: malformed.
*/
static int unquote_rune(kv_str text, size_t *at, char quote, int32_t *rune, int *is_byte) {
  static const char names[] = "abfnrtv\\", values[] = "\a\b\f\n\r\t\v\\";
  size_t size;
  *is_byte = 0;
  if (*at >= text.length || text.bytes[*at] == quote) return 0;
  *rune = kv_rune_decode(text.bytes + *at, text.length - *at, &size);
  if (*rune != '\\') {
    *at += size;
    return 1;
  }
  if (++*at >= text.length) return 0;
  char c = text.bytes[(*at)++];
  const char *named = memchr(names, c, sizeof names - 1);
  if (named != NULL) {
    *rune = (unsigned char)values[named - names];
    return 1;
  }
  if (c == '\'' || c == '"') {
    *rune = (unsigned char)c;
    return c == quote;
  }
  int count = c == 'x' ? 2 : c == 'u' ? 4 : c == 'U' ? 8 : c >= '0' && c <= '7' ? 3 : 0;
  if (count == 0) return 0;
  size_t first = count == 3 ? *at - 1 : *at;
  int64_t value = read_digits(text, first, count, count == 3 ? 8 : 16);
  *at = first + (size_t)count;
  *is_byte = c != 'u' && c != 'U';
  *rune = (int32_t)value;
  if (*is_byte) return value >= 0 && value <= 255;
  return value >= 0 && value <= 0x10ffff && !(value >= 0xd800 && value <= 0xdfff);
}

int kv_string_unquote(kv_str text, kv_arena *arena, kv_str *out) {
  if (text.length < 2) return 0;
  kv_str inner = {text.bytes + 1, text.length - 2};
  /* A malformed byte becomes U+FFFD, of three bytes. */
  char *bytes = kv_arena_alloc(arena, inner.length * 3 + 4), *at = bytes;
  if (bytes == NULL) return 0;
  if (text.bytes[0] == '`') {
    for (size_t i = 0; i < inner.length; i++) {
      if (inner.bytes[i] != '\r') *at++ = inner.bytes[i];
    }
  } else {
    for (size_t i = 0; i < inner.length;) {
      int32_t rune;
      int is_byte;
      if (!unquote_rune(inner, &i, '"', &rune, &is_byte)) return 0;
      if (is_byte) {
        *at++ = (char)rune;
      } else {
        at += kv_rune_encode(rune, at);
      }
    }
  }
  *out = (kv_str){bytes, (size_t)(at - bytes)};
  return 1;
}

/* ---- numbers --------------------------------------------------------------------------------- */

static const char *parse_character(kv_str text, kv_number *number) {
  kv_str inner = {text.bytes + 1, text.length - 1}; /* with the closing quote */
  size_t at = 0;
  int32_t rune;
  int is_byte;
  int is_good = unquote_rune(inner, &at, '\'', &rune, &is_byte);
  if (!is_good || at + 1 != inner.length) return "malformed character constant: %.*s";
  *number = (kv_number){.is_int = 1,
                        .is_uint = 1,
                        .is_float = 1,
                        .integer = rune,
                        .unsigned_integer = (uint64_t)rune,
                        .real = rune};
  return NULL;
}

/* A whole float may serve as an integer. */
static void add_integers(kv_number *number, double value) {
  if (!number->is_int && value >= -9223372036854775808.0 && value < 9223372036854775808.0 &&
      (double)(int64_t)value == value) {
    number->is_int = 1;
    number->integer = (int64_t)value;
  }
  if (!number->is_uint && value >= 0.0 && value < 18446744073709551616.0 &&
      (double)(uint64_t)value == value) {
    number->is_uint = 1;
    number->unsigned_integer = (uint64_t)value;
  }
}

static void simplify_complex(kv_number *number) {
  number->is_complex = 1;
  number->is_float = number->imaginary == 0.0;
  if (number->is_float) add_integers(number, number->real);
}

/* "1+2i": the last sign that is no exponent's divides it. */
static const char *parse_complex(kv_str text, kv_number *number) {
  size_t sign = text.length - 1;
  while (sign > 0 && !((text.bytes[sign] == '+' || text.bytes[sign] == '-') &&
                       strchr("eEpP", text.bytes[sign - 1]) == NULL)) {
    sign--;
  }
  kv_str real = {text.bytes, sign}, imaginary = {text.bytes + sign, text.length - sign - 1};
  if (!kv_float_parse(real, &number->real) || !kv_float_parse(imaginary, &number->imaginary)) {
    return "illegal number syntax: \"%.*s\"";
  }
  simplify_complex(number);
  return NULL;
}

static int contains_any(kv_str text, const char *characters) {
  for (size_t i = 0; i < text.length; i++) {
    if (strchr(characters, text.bytes[i]) != NULL) return 1;
  }
  return 0;
}

const char *kv_number_parse(kv_str text, kv_token_type type, kv_number *number) {
  *number = (kv_number){0};
  if (type == KV_TOKEN_CHAR_CONSTANT) return parse_character(text, number);
  if (type == KV_TOKEN_COMPLEX) return parse_complex(text, number);
  if (text.length > 0 && text.bytes[text.length - 1] == 'i' &&
      kv_float_parse((kv_str){text.bytes, text.length - 1}, &number->imaginary)) {
    simplify_complex(number);
    return NULL;
  }
  number->is_uint = parse_unsigned(text, &number->unsigned_integer);
  number->is_int = parse_signed(text, &number->integer);
  if (number->is_int && number->integer == 0) number->is_uint = 1; /* -0 */
  if (number->is_int || number->is_uint) {
    number->is_float = 1;
    number->real = number->is_int ? (double)number->integer : (double)number->unsigned_integer;
  } else if (kv_float_parse(text, &number->real)) {
    if (!contains_any(text, ".eEpP")) return "integer overflow: \"%.*s\"";
    number->is_float = 1;
    add_integers(number, number->real);
  }
  return number->is_int || number->is_uint || number->is_float ? NULL
                                                               : "illegal number syntax: \"%.*s\"";
}
