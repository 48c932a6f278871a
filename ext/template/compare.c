/*
** eq, ne, lt, le, gt, ge. See compare.h.
**
** Values compare with their own kind, and signed with unsigned integers. What is missing equals
** only what is missing.
*/
#include "compare.h"
#include "printf.h"
#include "state.h"

/* The kinds that Go tells apart when it compares. */
typedef enum group { NO_GROUP, BOOLS, COMPLEXES, INTEGERS, FLOATS, STRINGS } group;

static group group_of(const kv_value *value) {
  static const group groups[] = {
      [KV_INVALID] = NO_GROUP, [KV_BOOL] = BOOLS,   [KV_INT] = INTEGERS,
      [KV_BYTE] = INTEGERS,    [KV_FLOAT] = FLOATS, [KV_COMPLEX] = COMPLEXES,
      [KV_STRING] = STRINGS,   [KV_MAP] = NO_GROUP};
  return groups[value->kind];
}

static int fail_incompatible(kv_render *render, const kv_value *a, const kv_value *b) {
  return kv_builtin_fail(render, "incompatible types for comparison: %s and %s", kv_value_type(a),
                         kv_value_type(b));
}

static int equal_in_group(kv_render *render, const kv_value *a, const kv_value *b) {
  switch (group_of(a)) {
  case FLOATS:
    return a->real == b->real;
  case COMPLEXES:
    return a->real == b->real && a->imaginary == b->imaginary;
  case STRINGS:
    return kv_meter_equals(&render->meter, a->string, b->string);
  case NO_GROUP:
    return 1; /* both missing */
  default:
    return a->integer == b->integer;
  }
}

/* One of eq's comparisons. */
static int compare_equal(kv_render *render, const kv_value *a, const kv_value *b, int *is_equal) {
  *is_equal = 0;
  if (group_of(a) != group_of(b)) {
    int is_one_missing = a->kind == KV_INVALID || b->kind == KV_INVALID;
    return is_one_missing ? SQLITE_OK : fail_incompatible(render, a, b);
  }
  if (a->kind == KV_MAP && b->kind == KV_MAP) {
    kv_buffer reason = {.meter = &render->meter};
    kv_buffer_text(&reason, "non-comparable type ");
    kv_print(render, &reason, b, 1);
    kv_buffer_text(&reason, ": map[string]string");
    return kv_builtin_fail_with(render, &reason);
  }
  *is_equal = a->kind == KV_MAP || b->kind == KV_MAP ? 0 : equal_in_group(render, a, b);
  return render->meter.code;
}

int kv_builtin_eq(kv_render *render, const kv_value *arguments, int count, kv_value *result) {
  int is_equal = 0, code = SQLITE_OK;
  if (count < 2) return kv_builtin_fail(render, "missing argument for comparison");
  for (int i = 1; i < count && code == SQLITE_OK && !is_equal; i++) {
    code = compare_equal(render, &arguments[0], &arguments[i], &is_equal);
  }
  *result = (kv_value){.kind = KV_BOOL, .integer = is_equal};
  return code;
}

int kv_builtin_ne(kv_render *render, const kv_value *arguments, int count, kv_value *result) {
  int code = kv_builtin_eq(render, arguments, count, result);
  result->integer = !result->integer;
  return code;
}

static int less_in_group(kv_render *render, const kv_value *a, const kv_value *b) {
  if (group_of(a) == FLOATS) return a->real < b->real;
  if (group_of(a) == INTEGERS) return a->integer < b->integer;
  return kv_meter_compare(&render->meter, a->string, b->string) < 0;
}

int kv_builtin_lt(kv_render *render, const kv_value *arguments, int count, kv_value *result) {
  const kv_value *a = &arguments[0], *b = &arguments[1];
  (void)count;
  if (group_of(a) == NO_GROUP || group_of(b) == NO_GROUP) {
    return kv_builtin_fail(render, "invalid type for comparison");
  }
  if (group_of(a) != group_of(b)) return fail_incompatible(render, a, b);
  if (group_of(a) == BOOLS || group_of(a) == COMPLEXES) {
    return kv_builtin_fail(render, "invalid type for comparison");
  }
  *result = (kv_value){.kind = KV_BOOL, .integer = less_in_group(render, a, b)};
  return render->meter.code;
}

int kv_builtin_le(kv_render *render, const kv_value *arguments, int count, kv_value *result) {
  int code = kv_builtin_lt(render, arguments, count, result);
  if (code != SQLITE_OK || result->integer) return code;
  return kv_builtin_eq(render, arguments, count, result);
}

int kv_builtin_gt(kv_render *render, const kv_value *arguments, int count, kv_value *result) {
  int code = kv_builtin_le(render, arguments, count, result);
  result->integer = !result->integer;
  return code;
}

int kv_builtin_ge(kv_render *render, const kv_value *arguments, int count, kv_value *result) {
  int code = kv_builtin_lt(render, arguments, count, result);
  result->integer = !result->integer;
  return code;
}
