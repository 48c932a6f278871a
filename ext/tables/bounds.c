/*
** From constraints to ranges. See bounds.h.
*/
#include "tables/bounds.h"
#include "tables/tvf.h"

#include <math.h>

static const char numbers_from[] = "\t", numbers_to[] = ":";

static int find_constraint(sqlite3_index_info *info, int column, int op, int or_op) {
  for (int i = 0; i < info->nConstraint; i++) {
    int found = info->aConstraint[i].op;
    if ((found == op || found == or_op) && kv_plan_uses(info, i, column)) return i;
  }
  return -1;
}

/* Is the other side known to be text, and of no numeric affinity? A literal is: a CAST to a number
** gives no text. SQLite tells since 3.38. */
static int is_text_literal(sqlite3_index_info *info, int constraint) {
#if SQLITE_VERSION_NUMBER >= 3038000
  sqlite3_value *value;
  return sqlite3_libversion_number() >= 3038000 &&
         sqlite3_vtab_rhs_value(info, constraint, &value) == SQLITE_OK &&
         sqlite3_value_type(value) == SQLITE_TEXT &&
         sqlite3_value_bytes16(value) % 2 == 0; /* else it cannot be bound: see range.h */
#else
  (void)info, (void)constraint;
  return 0;
#endif
}

/* One that is no IN, or else one that may be, if the plan has none yet. */
static int find_equality(sqlite3_index_info *info, int column) {
  int found = -1;
  for (int i = 0; i < info->nConstraint; i++) {
    if (info->aConstraint[i].op != SQLITE_INDEX_CONSTRAINT_EQ) continue;
    if (!kv_plan_uses(info, i, column)) continue;
    if (!kv_plan_is_in(info, i)) return i;
    if (info->idxNum >> KV_PLAN_IN_SHIFT == 0) found = i;
  }
  return found;
}

/* The constraint gets its place in argv. What is compared to a text that is known to be one need not be
** tested again. */
static void take(sqlite3_index_info *info, int constraint, int *next_argument) {
  info->aConstraintUsage[constraint].argvIndex = ++*next_argument;
  info->aConstraintUsage[constraint].omit = (unsigned char)is_text_literal(info, constraint);
}

int kv_bounds_plan(sqlite3_index_info *info, int column, int *next_argument) {
  int at = find_equality(info, column);
  if (at >= 0) {
    take(info, at, next_argument);
    if (kv_plan_is_in(info, at)) kv_plan_in(info, at);
    return KV_BOUNDS_EQUAL;
  }
  int bits = 0;
  at = find_constraint(info, column, SQLITE_INDEX_CONSTRAINT_GT, SQLITE_INDEX_CONSTRAINT_GE);
  if (at >= 0) {
    take(info, at, next_argument);
    bits |= KV_BOUNDS_LOWER;
    if (info->aConstraint[at].op == SQLITE_INDEX_CONSTRAINT_GT) bits |= KV_BOUNDS_LOWER_IS_AFTER;
  }
  at = find_constraint(info, column, SQLITE_INDEX_CONSTRAINT_LT, SQLITE_INDEX_CONSTRAINT_LE);
  if (at >= 0) {
    take(info, at, next_argument);
    bits |= KV_BOUNDS_UPPER;
    if (info->aConstraint[at].op == SQLITE_INDEX_CONSTRAINT_LE) {
      bits |= KV_BOUNDS_UPPER_IS_INCLUSIVE;
    }
    if (info->aConstraintUsage[at].omit) bits |= KV_BOUNDS_UPPER_IS_TEXT;
  }
  return bits;
}

/* Is this a number whose text does not begin as one: "Inf"? */
static int is_infinite(sqlite3_value *value) {
  return sqlite3_value_type(value) == SQLITE_FLOAT && isinf(sqlite3_value_double(value));
}

static int read_equal(kv_range *range, kv_connection *connection, const char *scope,
                      sqlite3_value *value, int *is_nothing) {
  if (value == NULL) return SQLITE_OK; /* one of several: see tvf.h */
  int type = sqlite3_value_type(value);
  if (type == SQLITE_NULL || type == SQLITE_BLOB) {
    *is_nothing = 1;
    return SQLITE_OK;
  }
  if (is_infinite(value)) return SQLITE_OK;
  if (type == SQLITE_TEXT) {
    int code = kv_bound_set(&range->lower, connection, scope, value, 0, 0);
    return code == SQLITE_OK ? kv_bound_set(&range->upper, connection, scope, value, 1, 1) : code;
  }
  int code = kv_bound_set_ascii(&range->lower, connection, scope, numbers_from);
  if (code != SQLITE_OK) return code;
  return kv_bound_set_ascii(&range->upper, connection, scope, numbers_to);
}

/* As texts, only the texts beyond; as numbers no more than that. A number may be less than every
** text. */
static int read_lower(kv_range *range, kv_connection *connection, const char *scope, int bits,
                      sqlite3_value *value, int *is_nothing) {
  int type = sqlite3_value_type(value);
  if (type == SQLITE_NULL || type == SQLITE_BLOB) *is_nothing = 1;
  if (type != SQLITE_TEXT) return SQLITE_OK;
  return kv_bound_set(&range->lower, connection, scope, value, 0, bits & KV_BOUNDS_LOWER_IS_AFTER);
}

/* A BLOB is beyond every text; below a text, as numbers, is all that looks like one; a number may
** be less than every text or, as text, greater than what looks like none. */
static int read_upper(kv_range *range, kv_connection *connection, const char *scope, int bits,
                      sqlite3_value *value, int *is_nothing) {
  int type = sqlite3_value_type(value);
  if (type == SQLITE_NULL) *is_nothing = 1;
  if (type == SQLITE_NULL || type == SQLITE_BLOB || is_infinite(value)) return SQLITE_OK;
  if (type != SQLITE_TEXT) {
    return kv_bound_set_ascii(&range->upper, connection, scope, numbers_to);
  }
  int code =
      kv_bound_set(&range->upper, connection, scope, value, 1, bits & KV_BOUNDS_UPPER_IS_INCLUSIVE);
  if (code != SQLITE_OK || bits & KV_BOUNDS_UPPER_IS_TEXT) return code;
  if (range->upper.bytes == NULL) return code; /* there is nothing beyond */
  kv_bound numbers = {NULL, 0, 0};
  code = kv_bound_set_ascii(&numbers, connection, scope, numbers_to);
  if (code == SQLITE_OK && kv_bound_is_before(&range->upper, &numbers)) {
    sqlite3_free(range->upper.bytes);
    range->upper = numbers;
  } else {
    sqlite3_free(numbers.bytes);
  }
  return code;
}

int kv_bounds_read(kv_range *range, kv_connection *connection, const char *scope, int bits,
                   sqlite3_value ***argv, int *is_nothing) {
  int code = SQLITE_OK;
  if (bits & KV_BOUNDS_EQUAL) {
    code = read_equal(range, connection, scope, *(*argv)++, is_nothing);
  }
  if (code == SQLITE_OK && bits & KV_BOUNDS_LOWER) {
    code = read_lower(range, connection, scope, bits, *(*argv)++, is_nothing);
  }
  if (code == SQLITE_OK && bits & KV_BOUNDS_UPPER) {
    code = read_upper(range, connection, scope, bits, *(*argv)++, is_nothing);
  }
  return code;
}
