/*
** Floating-point numbers in Go's notations. See value.h.
**
** The C library converts exactly, but with the locale's decimal point: so only its digits and
** exponent are taken ("%.*e"), and all else is put together here.
*/
#include "value.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* d[0].d[1]d[2]… times ten to the exponent. */
typedef struct decimal {
  char *digits;
  int count;
  int exponent;
  char space[40];
} decimal;

static void free_decimal(decimal *number) {
  if (number->digits != number->space) sqlite3_free(number->digits);
}

/* `count` significant digits of a finite value that is not negative; 0: out of memory. */
static int to_decimal(double value, int count, decimal *out) {
  size_t size = (size_t)count + 32;
  char space[64], *text = space;
  out->digits = out->space;
  if (size > sizeof space) text = sqlite3_malloc64(size);
  if ((size_t)count >= sizeof out->space) out->digits = sqlite3_malloc64((size_t)count + 1);
  int is_good = text != NULL && out->digits != NULL;
  if (is_good) {
    snprintf(text, size, "%.*e", count - 1, value);
    const char *e = strchr(text, 'e');
    out->count = 0;
    for (const char *c = text; c < e; c++) {
      if (*c >= '0' && *c <= '9') out->digits[out->count++] = *c;
    }
    out->exponent = (int)strtol(e + 1, NULL, 10);
  } else {
    free_decimal(out);
  }
  if (text != space) sqlite3_free(text);
  return is_good;
}

static double from_decimal(const decimal *number) {
  char text[64];
  snprintf(text, sizeof text, "%.*se%d", number->count, number->digits,
           number->exponent - number->count + 1);
  return strtod(text, NULL);
}

/* The fewest digits that read back as the value. */
static int to_shortest(double value, decimal *out) {
  int count = 1;
  do {
    if (!to_decimal(value, count, out)) return 0;
  } while (from_decimal(out) != value && ++count <= 17);
  while (out->count > 1 && out->digits[out->count - 1] == '0') out->count--;
  return 1;
}

/* ---- the notations --------------------------------------------------------------------------- */

static void append_exponent(kv_buffer *out, char letter, int exponent) {
  char text[16];
  snprintf(text, sizeof text, "%c%c%02d", letter, exponent < 0 ? '-' : '+',
           exponent < 0 ? -exponent : exponent);
  kv_buffer_text(out, text);
}

/* The digit at this place of the number, counted from its first; zeroes beyond. */
static char digit_at(const decimal *number, int place) {
  return place >= 0 && place < number->count ? number->digits[place] : '0';
}

static void append_e(kv_buffer *out, const decimal *number, int precision, char letter) {
  kv_buffer_char(out, digit_at(number, 0));
  if (precision > 0) kv_buffer_char(out, '.');
  for (int i = 1; i <= precision; i++) kv_buffer_char(out, digit_at(number, i));
  append_exponent(out, letter, number->exponent);
}

static void append_f(kv_buffer *out, const decimal *number, int precision) {
  if (number->exponent < 0) kv_buffer_char(out, '0');
  for (int i = 0; i <= number->exponent; i++) kv_buffer_char(out, digit_at(number, i));
  if (precision > 0) kv_buffer_char(out, '.');
  for (int i = 1; i <= precision; i++) kv_buffer_char(out, digit_at(number, number->exponent + i));
}

/* %e for what is very small or large, else %f, with no zeroes at the end. */
static void append_g(kv_buffer *out, const decimal *number, int precision, int is_shortest,
                     int is_upper) {
  int limit = precision;
  if (limit > number->count && number->count >= number->exponent + 1) limit = number->count;
  if (is_shortest) limit = 6;
  if (number->exponent < -4 || number->exponent >= limit) {
    int shown = precision > number->count ? number->count : precision;
    append_e(out, number, shown - 1, is_upper ? 'E' : 'e');
  } else {
    int behind = number->count - number->exponent - 1;
    append_f(out, number, behind > 0 ? behind : 0);
  }
}

/* All but %f of a fixed precision, which is append_fixed()'s. */
static int append_decimal(kv_buffer *out, double value, int verb, int precision) {
  decimal number;
  int count = 0;
  int is_shortest = precision < 0;
  if (is_shortest) {
    if (!to_shortest(value, &number)) return 0;
    if (verb == 'e' || verb == 'E') precision = number.count - 1;
    if (verb == 'g' || verb == 'G') precision = number.count;
    if (precision < 0) precision = 0;
  } else {
    if (verb == 'e' || verb == 'E') {
      count = precision + 1;
    } else {
      count = precision == 0 ? 1 : precision;
      precision = count;
    }
    if (!to_decimal(value, count, &number)) return 0;
  }
  if (verb == 'e' || verb == 'E') {
    append_e(out, &number, precision, (char)verb);
  } else {
    while (!is_shortest && number.count > 1 && number.digits[number.count - 1] == '0')
      number.count--;
    append_g(out, &number, precision, is_shortest, verb == 'G');
  }
  free_decimal(&number);
  return 1;
}

/* %f of a fixed precision: exact digits from the library, its point replaced. */
static int append_fixed(kv_buffer *out, double value, int precision) {
  size_t size = (size_t)precision + 400;
  char *text = sqlite3_malloc64(size);
  if (text == NULL) return 0;
  snprintf(text, size, "%.*f", precision, value);
  const char *c = text;
  while (*c >= '0' && *c <= '9') kv_buffer_char(out, *c++);
  if (precision > 0) kv_buffer_char(out, '.');
  while (*c != 0 && !(*c >= '0' && *c <= '9')) c++;
  kv_buffer_text(out, c);
  sqlite3_free(text);
  return 1;
}

/* %b: the mantissa and the power of two. */
static void append_binary(kv_buffer *out, double value) {
  uint64_t bits;
  char text[48];
  memcpy(&bits, &value, sizeof bits);
  int exponent = (int)(bits >> 52 & 0x7ff);
  uint64_t mantissa = bits & 0xfffffffffffff;
  if (exponent == 0) {
    exponent++;
  } else {
    mantissa |= (uint64_t)1 << 52;
  }
  exponent += -1023 - 52;
  snprintf(text, sizeof text, "%llup%+d", (unsigned long long)mantissa, exponent);
  kv_buffer_text(out, text);
}

/* %x: hexadecimal, with one digit before the point, which is 1 but for zero. */
static void append_hexadecimal(kv_buffer *out, double value, int precision, int is_upper) {
  const char *digits = is_upper ? "0123456789ABCDEF" : "0123456789abcdef";
  uint64_t bits;
  memcpy(&bits, &value, sizeof bits);
  int exponent = (int)(bits >> 52 & 0x7ff);
  uint64_t mantissa = bits & 0xfffffffffffff;
  if (exponent == 0) {
    exponent++;
  } else {
    mantissa |= (uint64_t)1 << 52;
  }
  if (mantissa == 0)
    exponent = 0;
  else
    exponent -= 1023;
  mantissa <<= 60 - 52;
  while (mantissa != 0 && !(mantissa & (uint64_t)1 << 60)) {
    mantissa <<= 1;
    exponent--;
  }
  if (precision >= 0 && precision < 15) { /* round to even */
    int shift = precision * 4;
    uint64_t extra = mantissa << shift & (((uint64_t)1 << 60) - 1);
    mantissa >>= 60 - shift;
    if ((extra | (mantissa & 1)) > (uint64_t)1 << 59) mantissa++;
    mantissa <<= 60 - shift;
    if (mantissa & (uint64_t)1 << 61) {
      mantissa >>= 1;
      exponent++;
    }
  }
  kv_buffer_text(out, is_upper ? "0X" : "0x");
  kv_buffer_char(out, (char)('0' + (mantissa >> 60 & 1)));
  mantissa <<= 4;
  if (precision < 0 && mantissa != 0) {
    kv_buffer_char(out, '.');
    for (; mantissa != 0; mantissa <<= 4) kv_buffer_char(out, digits[mantissa >> 60 & 15]);
  } else if (precision > 0) {
    kv_buffer_char(out, '.');
    for (int i = 0; i < precision; i++, mantissa <<= 4)
      kv_buffer_char(out, digits[mantissa >> 60 & 15]);
  }
  append_exponent(out, is_upper ? 'P' : 'p', exponent);
}

static int append_number(kv_buffer *out, double value, int verb, int precision) {
  if (verb == 'b') {
    append_binary(out, value);
  } else if (verb == 'x' || verb == 'X') {
    append_hexadecimal(out, value, precision, verb == 'X');
  } else if (verb == 'f' && precision >= 0) {
    return append_fixed(out, value, precision);
  } else {
    return append_decimal(out, value, verb, precision);
  }
  return 1;
}

/* ---- flags ----------------------------------------------------------------------------------- */

/* '#' keeps the point and the zeroes behind it: as many as make six digits, for %g and (with its
** prefix counted: it is Go's rule) %x. */
static void append_sharp(kv_buffer *out, const kv_buffer *number, int verb, int precision) {
  int is_hexadecimal = verb == 'x' || verb == 'X';
  int digits = 0, has_point = 0, saw_nonzero = 0;
  size_t i = 0;
  if (verb == 'g' || verb == 'G' || verb == 'x') digits = precision < 0 ? 6 : precision;
  for (; i < number->length; i++) {
    char c = number->bytes[i];
    if (c == 'p' || c == 'P' || (!is_hexadecimal && (c == 'e' || c == 'E'))) break;
    if (c == '.') {
      has_point = 1;
    } else {
      if (c != '0') saw_nonzero = 1;
      if (saw_nonzero) digits--;
    }
    kv_buffer_char(out, c);
  }
  if (!has_point) {
    if (number->length == 1 && number->bytes[0] == '0') digits--;
    kv_buffer_char(out, '.');
  }
  for (; digits > 0; digits--) kv_buffer_char(out, '0');
  kv_buffer_append(out, number->bytes + i, number->length - i);
}

/* Writes sign and number with padding. Zeroes stand between the two. */
static void pad_number(kv_format *format, char sign, const kv_buffer *number) {
  kv_format plain = *format;
  int has_zeroes = format->is_zero && !format->is_minus && format->has_width &&
                   (size_t)format->width > number->length + 1;
  if (sign != 0 && has_zeroes) {
    kv_buffer_char(format->out, sign);
    kv_buffer_repeat(format->out, '0', (size_t)format->width - number->length - 1);
    kv_buffer_append(format->out, number->bytes, number->length);
    return;
  }
  kv_buffer whole = {.limit = kv_render_limit(format->render)};
  if (sign != 0) kv_buffer_char(&whole, sign);
  kv_buffer_append(&whole, number->bytes, number->length);
  if (whole.code != SQLITE_OK) format->out->code = whole.code;
  kv_format_pad(&plain, whole.bytes, whole.length);
  kv_buffer_free(&whole);
}

/* The value is finite: it was a constant of the template, and there is no arithmetic. */
void kv_format_float(kv_format *format, double value, int verb, int precision) {
  kv_buffer number = {.limit = kv_render_limit(format->render)};
  kv_buffer sharp = {.limit = kv_render_limit(format->render)};
  int is_negative = signbit(value) != 0;
  if (format->has_precision) precision = format->precision;
  if (!append_number(&number, fabs(value), verb, precision)) number.code = SQLITE_NOMEM;
  kv_buffer *shown = &number;
  if (format->is_sharp && verb != 'b') {
    append_sharp(&sharp, &number, verb, precision);
    shown = &sharp;
  }
  if (number.code != SQLITE_OK) format->out->code = number.code;
  if (sharp.code != SQLITE_OK) format->out->code = sharp.code;
  char sign = is_negative ? '-' : format->is_plus ? '+' : format->is_space ? ' ' : 0;
  pad_number(format, sign, shown);
  kv_buffer_free(&number);
  kv_buffer_free(&sharp);
}
