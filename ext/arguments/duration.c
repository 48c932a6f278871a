/*
** Durations. See duration.h.
**
** A duration is summed up in whole nanoseconds where a 64-bit integer holds them, as in Go, so that
** "0.1s" is exactly 100 ms; a day and more times 106,751 does not fit, so the sum is kept in two
** parts, whole milliseconds and the nanoseconds that are left.
*/
#include "arguments/duration.h"

#include <string.h>

struct unit {
  const char *name;
  sqlite3_int64 nanoseconds;
};

/* The first is the nanosecond. */
static const struct unit units[] = {{"ns", 1},
                                    {"us", 1000},
                                    {"\302\265s", 1000}, /* U+00B5, the micro sign */
                                    {"\316\274s", 1000}, /* U+03BC, the Greek letter */
                                    {"ms", 1000000},
                                    {"s", 1000000000},
                                    {"m", 60000000000},
                                    {"h", 3600000000000},
                                    {"d", 86400000000000}};

struct sum {
  sqlite3_int64 milliseconds;
  sqlite3_int64 nanoseconds; /* less than a millisecond */
};

static const sqlite3_int64 max_int64 = 0x7fffffffffffffff;
static const sqlite3_int64 ns_per_ms = 1000000;

static int is_digit(char c) {
  return c >= '0' && c <= '9';
}

static const struct unit *find_unit(const char *name, int length) {
  for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
    if (strlen(units[i].name) == (size_t)length &&
        memcmp(units[i].name, name, (size_t)length) == 0) {
      return &units[i];
    }
  }
  return NULL;
}

/* Adds `count` times the unit; 0 if that is too long. */
static int add_whole(struct sum *total, sqlite3_int64 count, const struct unit *unit) {
  sqlite3_int64 ms_each = unit->nanoseconds / ns_per_ms;
  sqlite3_int64 milliseconds;
  if (ms_each > 0) {
    if (count > (max_int64 - total->milliseconds) / ms_each) return 0;
    milliseconds = count * ms_each;
  } else {
    sqlite3_int64 per_ms = ns_per_ms / unit->nanoseconds;
    milliseconds = count / per_ms;
    total->nanoseconds += count % per_ms * unit->nanoseconds;
    if (milliseconds > max_int64 - total->milliseconds) return 0;
  }
  total->milliseconds += milliseconds;
  return 1;
}

/* Adds the digits after the point, as fractions of the unit, down to the nanosecond. What is
** smaller counts as one, so that no positive duration is zero. */
static int add_fraction(struct sum *total, const char *digits, int length,
                        const struct unit *unit) {
  double fraction = 0.0, weight = 1.0;
  for (int i = 0; i < length; i++) {
    weight /= 10;
    fraction += (digits[i] - '0') * weight;
  }
  double nanoseconds = fraction * (double)unit->nanoseconds;
  sqlite3_int64 whole = (sqlite3_int64)(nanoseconds + 0.5);
  if (whole == 0 && nanoseconds > 0.0) whole = 1;
  return add_whole(total, whole, &units[0]);
}

/* One number with its unit, from *at on. */
static kv_duration_result parse_term(const char **at, const char *end, struct sum *total) {
  const char *in = *at, *digits = in;
  sqlite3_int64 whole = 0;
  for (; in < end && is_digit(*in); in++) {
    if (whole > (max_int64 - 9) / 10) return KV_DURATION_TOO_LONG;
    whole = whole * 10 + (*in - '0');
  }
  int count = (int)(in - digits);
  const char *fraction = in;
  if (in < end && *in == '.') {
    fraction = ++in;
    while (in < end && is_digit(*in)) in++;
  }
  int fraction_length = (int)(in - fraction);
  if (count + fraction_length == 0) return KV_DURATION_MALFORMED;
  const char *name = in;
  while (in < end && *in != '.' && !is_digit(*in)) in++;
  if (in == name) return KV_DURATION_NO_UNIT;
  const struct unit *unit = find_unit(name, (int)(in - name));
  if (unit == NULL) return KV_DURATION_UNKNOWN_UNIT;
  *at = in;
  if (!add_whole(total, whole, unit)) return KV_DURATION_TOO_LONG;
  return add_fraction(total, fraction, fraction_length, unit) ? KV_DURATION_OK
                                                              : KV_DURATION_TOO_LONG;
}

/* Rounds up; 0 if the sum is too long. */
static int finish(const struct sum *total, sqlite3_int64 *milliseconds) {
  sqlite3_int64 carry = (total->nanoseconds + ns_per_ms - 1) / ns_per_ms;
  if (carry > max_int64 - total->milliseconds) return 0;
  *milliseconds = total->milliseconds + carry;
  return 1;
}

kv_duration_result kv_duration_parse(const char *text, int length, sqlite3_int64 *milliseconds) {
  const char *at = text, *end = text + length;
  struct sum total = {0, 0};
  int is_negative = at < end && *at == '-';
  if (at < end && (*at == '-' || *at == '+')) at++;
  *milliseconds = 0;
  if (at + 1 == end && *at == '0') return KV_DURATION_OK;
  if (at == end) return KV_DURATION_MALFORMED;
  while (at < end) {
    kv_duration_result result = parse_term(&at, end, &total);
    if (result != KV_DURATION_OK) return result;
  }
  if (!finish(&total, milliseconds)) return KV_DURATION_TOO_LONG;
  if (is_negative) *milliseconds = -*milliseconds;
  return KV_DURATION_OK;
}

kv_duration_result kv_duration_of_seconds(double seconds, sqlite3_int64 *milliseconds) {
  double product = seconds * 1000.0;
  if (!(product > -9.2e18 && product < 9.2e18)) return KV_DURATION_TOO_LONG;
  sqlite3_int64 whole = (sqlite3_int64)product;
  double rest = product - (double)whole;
  /* 1.1 * 1000 is 1100.0000000000002: a rest that small is the product's own error. */
  double tolerance = (product < 0 ? -product : product) * 1e-15;
  if (rest > tolerance) whole++;
  if (rest < -tolerance) whole--;
  *milliseconds = whole;
  return KV_DURATION_OK;
}
