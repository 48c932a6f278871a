/*
** Constants: numbers in Go's notations, quoted strings and characters. See literals.h.
**
** Nothing here depends on the locale, although strtod() does: it is never shown a decimal point.
*/
#include "literals.h"
#include "runes.h"

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

typedef enum reading { GOOD, MALFORMED, TOO_LARGE } reading;

/* Decimal and hexadecimal floats. MALFORMED too if there is no memory: the meter has the code. */
static reading parse_float(kv_meter *meter, kv_str text, double *value) {
  enum { SHORT = 200 };
  char space[SHORT], *buffer = space;
  size_t size = text.length + 64;
  if (!underscores_are_good(text)) return MALFORMED;
  if (size > SHORT) buffer = kv_meter_resize(meter, NULL, 0, size);
  if (buffer == NULL) return MALFORMED;
  int is_good = without_point(text, buffer, size);
  if (is_good) *value = strtod(buffer, NULL);
  if (buffer != space) kv_meter_resize(meter, buffer, size, 0);
  return !is_good ? MALFORMED : isinf(*value) ? TOO_LARGE : GOOD;
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

static size_t escape_length(kv_str text) {
  const char *escape = memchr(text.bytes, '\\', text.length);
  return escape == NULL ? text.length : (size_t)(escape - text.bytes);
}

/* What may be taken as it is: no escape, no malformed character. */
static int is_plain(kv_meter *meter, kv_str text) {
  size_t size;
  for (size_t at = 0; at < text.length; at += size) {
    size = 1;
    if (kv_meter_work(meter, 1) != SQLITE_OK) return 1;
    if ((unsigned char)text.bytes[at] < 0x80) continue;
    kv_rune_decode(text.bytes + at, text.length - at, &size);
    if (size == 1) return 0;
  }
  return escape_length(text) == text.length;
}

static int unquote_raw(kv_str inner, kv_arena *arena, kv_str *out) {
  *out = inner;
  if (memchr(inner.bytes, '\r', inner.length) == NULL) return SQLITE_OK;
  char *bytes = kv_arena_alloc(arena, inner.length), *at = bytes;
  if (bytes == NULL) return arena->meter->code;
  for (size_t i = 0; i < inner.length; i++) {
    if (inner.bytes[i] != '\r') *at++ = inner.bytes[i];
  }
  *out = (kv_str){bytes, (size_t)(at - bytes)};
  return SQLITE_OK;
}

int kv_string_unquote(kv_str text, kv_arena *arena, kv_str *out) {
  if (text.length < 2) return SQLITE_ERROR;
  kv_str inner = {text.bytes + 1, text.length - 2};
  if (text.bytes[0] == '`') return unquote_raw(inner, arena, out);
  *out = inner;
  if (is_plain(arena->meter, inner)) return SQLITE_OK;
  /* A malformed byte becomes U+FFFD, of three bytes. */
  char *bytes = kv_arena_alloc(arena, inner.length * 3 + 4), *at = bytes;
  if (bytes == NULL) return arena->meter->code;
  for (size_t i = 0; i < inner.length;) {
    int32_t rune;
    int is_byte;
    if (!unquote_rune(inner, &i, '"', &rune, &is_byte)) return SQLITE_ERROR;
    if (kv_meter_work(arena->meter, 1) != SQLITE_OK) return arena->meter->code;
    if (is_byte) {
      *at++ = (char)rune;
    } else {
      at += kv_rune_encode(rune, at);
    }
  }
  *out = (kv_str){bytes, (size_t)(at - bytes)};
  return SQLITE_OK;
}

/* ---- numbers --------------------------------------------------------------------------------- */

static int wrong_about(kv_buffer *wrong, const char *reason, kv_str text) {
  kv_buffer_text(wrong, reason);
  kv_quote(wrong, text, 0);
  return SQLITE_ERROR;
}

static int parse_character(kv_str text, kv_value *value, kv_buffer *wrong) {
  kv_str inner = {text.bytes + 1, text.length - 1}; /* with the closing quote */
  size_t at = 0;
  int32_t rune;
  int is_byte;
  if (!unquote_rune(inner, &at, '\'', &rune, &is_byte)) {
    kv_buffer_text(wrong, "invalid syntax");
    return SQLITE_ERROR;
  }
  if (at + 1 != inner.length) {
    kv_buffer_text(wrong, "malformed character constant: ");
    kv_buffer_str(wrong, text);
    return SQLITE_ERROR;
  }
  *value = (kv_value){.kind = KV_INT, .integer = rune};
  return SQLITE_OK;
}

static int takes(kv_str text, size_t *at, const char *valid) {
  if (*at >= text.length || strchr(valid, text.bytes[*at]) == NULL) return 0;
  ++*at;
  return 1;
}

/* A float as Go's Scan takes it from a text, whose idea of one is loose. */
static kv_str scan_float(kv_str text, size_t *at) {
  static const char decimal[] = "0123456789_", hexadecimal[] = "0123456789aAbBcCdDeEfF_";
  const char *digits = decimal, *exponent = "eEpP";
  size_t first = *at;
  takes(text, at, "+-");
  takes(text, at, "iI"); /* of "Inf" */
  if (takes(text, at, "0") && takes(text, at, "xX")) {
    digits = hexadecimal;
    exponent = "pP";
  }
  while (takes(text, at, digits)) continue;
  if (takes(text, at, ".")) {
    while (takes(text, at, digits)) continue;
  }
  if (takes(text, at, exponent)) {
    takes(text, at, "+-");
    while (takes(text, at, decimal)) continue;
  }
  return (kv_str){text.bytes + first, *at - first};
}

static int parse_part(kv_meter *meter, kv_str text, double *value, kv_buffer *wrong) {
  reading how = parse_float(meter, text, value);
  if (how == GOOD) return SQLITE_OK;
  wrong_about(wrong, "strconv.ParseFloat: parsing ", text);
  kv_buffer_text(wrong, how == TOO_LARGE ? ": value out of range" : ": invalid syntax");
  return SQLITE_ERROR;
}

/* "1+2i" */
static int parse_complex(kv_meter *meter, kv_str text, kv_value *value, kv_buffer *wrong) {
  size_t at = 0;
  kv_str real = scan_float(text, &at), imaginary = {text.bytes + at, 0};
  if (takes(text, &at, "+-")) {
    scan_float(text, &at);
    imaginary.length = (size_t)(text.bytes + at - imaginary.bytes);
  }
  if (imaginary.length == 0 || !takes(text, &at, "i")) {
    kv_buffer_text(wrong, "syntax error scanning complex number");
    return SQLITE_ERROR;
  }
  *value = (kv_value){.kind = KV_COMPLEX};
  int code = parse_part(meter, real, &value->real, wrong);
  if (code == SQLITE_OK) code = parse_part(meter, imaginary, &value->imaginary, wrong);
  return code;
}

static int contains_any(kv_str text, const char *characters) {
  for (size_t i = 0; i < text.length; i++) {
    if (strchr(characters, text.bytes[i]) != NULL) return 1;
  }
  return 0;
}

/* An integer that is written as a float is one. */
static int looks_like_float(kv_str text) {
  int is_hexadecimal = text.length > 2 && text.bytes[0] == '0' && lower(text.bytes[1]) == 'x' &&
                       !contains_any(text, "pP");
  return !is_hexadecimal && contains_any(text, ".eEpP");
}

static int parse_plain(kv_meter *meter, kv_str text, kv_value *value, int *is_too_large,
                       kv_buffer *wrong) {
  int64_t integer = 0;
  uint64_t magnitude = 0;
  double real = 0.0;
  int is_integer = parse_signed(text, &integer);
  if (is_integer || parse_unsigned(text, &magnitude)) {
    *is_too_large = !is_integer;
    if (looks_like_float(text)) {
      *is_too_large = 0;
      *value =
          (kv_value){.kind = KV_FLOAT, .real = is_integer ? (double)integer : (double)magnitude};
    } else {
      *value = (kv_value){.kind = KV_INT, .integer = integer};
    }
    return SQLITE_OK;
  }
  if (parse_float(meter, text, &real) != GOOD) {
    return wrong_about(wrong, "illegal number syntax: ", text);
  }
  if (!contains_any(text, ".eEpP")) return wrong_about(wrong, "integer overflow: ", text);
  *value = (kv_value){.kind = KV_FLOAT, .real = real};
  return SQLITE_OK;
}

int kv_number_parse(kv_meter *meter, kv_str text, kv_token_type type, kv_value *value,
                    int *is_too_large, kv_buffer *wrong) {
  int code;
  *is_too_large = 0;
  kv_meter_work(meter, text.length);
  *value = (kv_value){.kind = KV_COMPLEX};
  if (type == KV_TOKEN_CHAR_CONSTANT) {
    code = parse_character(text, value, wrong);
  } else if (type == KV_TOKEN_COMPLEX) {
    code = parse_complex(meter, text, value, wrong);
  } else if (text.bytes[text.length - 1] == 'i' &&
             parse_float(meter, (kv_str){text.bytes, text.length - 1}, &value->imaginary) == GOOD) {
    code = SQLITE_OK;
  } else {
    code = parse_plain(meter, text, value, is_too_large, wrong);
  }
  return meter->code != SQLITE_OK ? meter->code : code;
}
