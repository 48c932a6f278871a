/*
** Floating-point numbers in Go's notations. See floats.h.
**
** The C library converts exactly, but with the locale's decimal point: so only its digits and
** exponent are taken ("%.*e"), and all else is put together here.
*/
#include "floats.h"
#include "state.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A double has no more digits that are not 0: in all, and behind the point. */
enum { MAX_DIGITS = 767, MAX_PLACES = 1074, MAX_BEFORE_POINT = 309 };

/* d[0].d[1]d[2]… times ten to the exponent. */
typedef struct decimal {
  int count, exponent;
  char digits[MAX_DIGITS + 1];
} decimal;

/* `count` significant digits of a finite value that is not negative, or all that there are. */
static void to_decimal(double value, int count, decimal *out) {
  char text[MAX_DIGITS + 32];
  if (count > MAX_DIGITS) count = MAX_DIGITS;
  snprintf(text, sizeof text, "%.*e", count - 1, value);
  const char *e = strchr(text, 'e');
  out->count = 0;
  for (const char *c = text; c < e; c++) {
    if (*c >= '0' && *c <= '9') out->digits[out->count++] = *c;
  }
  out->exponent = (int)strtol(e + 1, NULL, 10);
}

static double from_decimal(const decimal *number) {
  char text[64];
  snprintf(text, sizeof text, "%.*se%d", number->count, number->digits,
           number->exponent - number->count + 1);
  return strtod(text, NULL);
}

static void add_to_last_digit(decimal *number) {
  int i = number->count - 1;
  while (i >= 0 && number->digits[i] == '9') number->digits[i--] = '0';
  if (i >= 0) {
    number->digits[i]++;
  } else {
    number->digits[0] = '1';
    number->exponent++;
  }
}

/*
** The fewest digits that read back as the value. The nearest decimal of so many digits is the one, but
** at a power of two: its neighbours are twice as far above as below, so that a decimal above may read
** back where a nearer one below does not.
*/
static void to_shortest(double value, decimal *out) {
  int exponent;
  int is_power = frexp(value, &exponent) == 0.5;
  for (int count = 1; count <= 17; count++) {
    to_decimal(value, count, out);
    if (from_decimal(out) == value) break;
    if (!is_power) continue;
    add_to_last_digit(out);
    if (from_decimal(out) == value) break;
  }
  while (out->count > 1 && out->digits[out->count - 1] == '0') out->count--;
}

/* ---- the notations --------------------------------------------------------------------------- */

static void append_exponent(kv_buffer *out, char letter, int exponent) {
  char text[16];
  snprintf(text, sizeof text, "%c%c%02d", letter, exponent < 0 ? '-' : '+',
           exponent < 0 ? -exponent : exponent);
  kv_buffer_text(out, text);
}

/* So many digits from this place of the number on, counted from its first; zeroes beyond it. */
static void append_digits(kv_buffer *out, const decimal *number, int place, int count) {
  for (; count > 0 && place < number->count; place++, count--) {
    kv_buffer_char(out, place >= 0 ? number->digits[place] : '0');
  }
  kv_buffer_repeat(out, '0', count > 0 ? (size_t)count : 0);
}

static void append_e(kv_buffer *out, const decimal *number, int precision, char letter) {
  append_digits(out, number, 0, 1);
  if (precision > 0) kv_buffer_char(out, '.');
  append_digits(out, number, 1, precision);
  append_exponent(out, letter, number->exponent);
}

static void append_f(kv_buffer *out, const decimal *number, int precision) {
  if (number->exponent < 0) kv_buffer_char(out, '0');
  append_digits(out, number, 0, number->exponent + 1);
  if (precision > 0) kv_buffer_char(out, '.');
  append_digits(out, number, number->exponent + 1, precision);
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
static void append_decimal(kv_buffer *out, double value, int verb, int precision) {
  decimal number;
  int is_shortest = precision < 0, is_e = verb == 'e' || verb == 'E';
  if (is_shortest) {
    to_shortest(value, &number);
    precision = is_e ? number.count - 1 : verb == 'g' || verb == 'G' ? number.count : 0;
  } else {
    if (!is_e && precision == 0) precision = 1;
    to_decimal(value, is_e ? precision + 1 : precision, &number);
  }
  if (is_e) {
    append_e(out, &number, precision, (char)verb);
    return;
  }
  while (number.count > 1 && number.digits[number.count - 1] == '0') number.count--;
  append_g(out, &number, precision, is_shortest, verb == 'G');
}

/* %f of a fixed precision: exact digits from the library, its point replaced. */
static void append_fixed(kv_buffer *out, double value, int precision) {
  char text[MAX_BEFORE_POINT + MAX_PLACES + 16];
  int places = precision > MAX_PLACES ? MAX_PLACES : precision;
  snprintf(text, sizeof text, "%.*f", places, value);
  const char *c = text;
  while (*c >= '0' && *c <= '9') kv_buffer_char(out, *c++);
  if (precision > 0) kv_buffer_char(out, '.');
  while (*c != 0 && !(*c >= '0' && *c <= '9')) c++;
  kv_buffer_text(out, c);
  kv_buffer_repeat(out, '0', (size_t)(precision - places));
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
    for (; mantissa != 0; mantissa <<= 4)
      kv_buffer_hex(out, (uint32_t)(mantissa >> 60), 1, is_upper);
  } else if (precision > 0) {
    kv_buffer_char(out, '.');
    for (int i = 0; i < precision; i++, mantissa <<= 4)
      kv_buffer_hex(out, (uint32_t)(mantissa >> 60), 1, is_upper);
  }
  append_exponent(out, is_upper ? 'P' : 'p', exponent);
}

static void append_number(kv_buffer *out, double value, int verb, int precision) {
  if (verb == 'b') {
    append_binary(out, value);
  } else if (verb == 'x' || verb == 'X') {
    append_hexadecimal(out, value, precision, verb == 'X');
  } else if (verb == 'f' && precision >= 0) {
    append_fixed(out, value, precision);
  } else {
    append_decimal(out, value, verb, precision);
  }
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
  kv_buffer_repeat(out, '0', digits > 0 ? (size_t)digits : 0);
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
  kv_buffer whole = {.meter = &format->render->meter};
  if (sign != 0) kv_buffer_char(&whole, sign);
  kv_buffer_append(&whole, number->bytes, number->length);
  if (whole.code != SQLITE_OK) format->out->code = whole.code;
  kv_format_pad(&plain, kv_buffer_all(&whole).bytes, whole.length);
  kv_buffer_free(&whole);
}

/* The value is finite: it was a constant of the template, and there is no arithmetic. */
void kv_format_float(kv_format *format, double value, int verb, int precision) {
  kv_buffer number = {.meter = &format->render->meter};
  kv_buffer sharp = {.meter = &format->render->meter};
  int is_negative = signbit(value) != 0;
  if (format->has_precision) precision = format->precision;
  append_number(&number, fabs(value), verb, precision);
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
