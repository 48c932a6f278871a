/*
** The predefined functions, a row each. See builtins.h.
*/
#include "builtins.h"
#include "compare.h"
#include "escape.h"
#include "printf.h"
#include "state.h"
#include "values.h"

static kv_value integer_value(int64_t integer) {
  return (kv_value){.kind = KV_INT, .integer = integer};
}

/* ---- collections ----------------------------------------------------------------------------- */

static int call_len(kv_render *render, const kv_value *arguments, int count, kv_value *result) {
  int code = SQLITE_OK;
  (void)count;
  switch (arguments[0].kind) {
  case KV_MAP:
    code = kv_render_load(render);
    *result = integer_value((int64_t)render->pair_count);
    return code;
  case KV_STRING:
    *result = integer_value((int64_t)arguments[0].string.length);
    return SQLITE_OK;
  case KV_INVALID:
    return kv_builtin_fail(render, "reflect: call of reflect.Value.Type on zero Value");
  default:
    return kv_builtin_fail(render, "len of type %s", kv_value_type(&arguments[0]));
  }
}

/* An index into a string, up to `most`. */
static int read_index(kv_render *render, const kv_value *index, size_t most, size_t *out) {
  if (index->kind == KV_INVALID)
    return kv_builtin_fail(render, "cannot index slice/array with nil");
  if (index->kind != KV_INT && index->kind != KV_BYTE) {
    return kv_builtin_fail(render, "cannot index slice/array with type %s", kv_value_type(index));
  }
  if (index->integer < 0 || (uint64_t)index->integer > most) {
    return kv_builtin_fail(render, "index out of range: %lld", (long long)index->integer);
  }
  *out = (size_t)index->integer;
  return SQLITE_OK;
}

static int index_map(kv_render *render, const kv_value *key, kv_value *item) {
  int is_found;
  if (key->kind == KV_INVALID)
    return kv_builtin_fail(render, "value is nil; should be of type string");
  if (key->kind != KV_STRING) {
    return kv_builtin_fail(render, "value has type %s; should be string", kv_value_type(key));
  }
  *item = (kv_value){.kind = KV_STRING, .string = KV_STR("")}; /* where there is none */
  return kv_render_lookup(render, key->string, key->owner, &item->string, &is_found);
}

static int index_string(kv_render *render, const kv_value *index, kv_value *item) {
  size_t at = 0;
  int code = read_index(render, index, item->string.length, &at);
  if (code != SQLITE_OK) return code;
  if (at == item->string.length)
    return kv_builtin_fail(render, "reflect: string index out of range");
  *item = (kv_value){.kind = KV_BYTE, .integer = (unsigned char)item->string.bytes[at]};
  return SQLITE_OK;
}

static int call_index(kv_render *render, const kv_value *arguments, int count, kv_value *result) {
  kv_value item = arguments[0];
  int code = SQLITE_OK;
  if (item.kind == KV_INVALID) return kv_builtin_fail(render, "index of untyped nil");
  for (int i = 1; i < count && code == SQLITE_OK; i++) {
    if (item.kind == KV_MAP) {
      code = index_map(render, &arguments[i], &item);
    } else if (item.kind == KV_STRING) {
      code = index_string(render, &arguments[i], &item);
    } else {
      code = kv_builtin_fail(render, "can't index item of type %s", kv_value_type(&item));
    }
  }
  *result = item;
  return code;
}

static int call_slice(kv_render *render, const kv_value *arguments, int count, kv_value *result) {
  const kv_value *item = &arguments[0];
  size_t bounds[2] = {0, 0};
  int code = SQLITE_OK;
  if (item->kind == KV_INVALID) return kv_builtin_fail(render, "slice of untyped nil");
  if (count > 4) return kv_builtin_fail(render, "too many slice indexes: %d", count - 1);
  if (item->kind != KV_STRING) {
    return kv_builtin_fail(render, "can't slice item of type %s", kv_value_type(item));
  }
  if (count == 4) return kv_builtin_fail(render, "cannot 3-index slice a string");
  bounds[1] = item->string.length;
  for (int i = 1; i < count && code == SQLITE_OK; i++) {
    code = read_index(render, &arguments[i], item->string.length, &bounds[i - 1]);
  }
  if (code != SQLITE_OK) return code;
  if (bounds[0] > bounds[1]) {
    return kv_builtin_fail(render, "invalid slice index: %lld > %lld", (long long)bounds[0],
                           (long long)bounds[1]);
  }
  *result = (kv_value){.kind = KV_STRING,
                       .owner = item->owner,
                       .string = {item->string.bytes + bounds[0], bounds[1] - bounds[0]}};
  return SQLITE_OK;
}

/* ---- logic ----------------------------------------------------------------------------------- */

static int call_not(kv_render *render, const kv_value *arguments, int count, kv_value *result) {
  int is_true = 0;
  (void)count;
  int code = kv_value_is_true(render, &arguments[0], &is_true);
  *result = (kv_value){.kind = KV_BOOL, .integer = !is_true};
  return code;
}

/* ---- text ------------------------------------------------------------------------------------ */

static int call_print(kv_render *render, const kv_value *arguments, int count, kv_value *result) {
  kv_print(render, kv_render_scratch(render), arguments, count);
  return kv_render_take(render, result);
}

static int call_println(kv_render *render, const kv_value *arguments, int count, kv_value *result) {
  kv_println(render, kv_render_scratch(render), arguments, count);
  return kv_render_take(render, result);
}

static int call_printf(kv_render *render, const kv_value *arguments, int count, kv_value *result) {
  kv_printf(render, kv_render_scratch(render), arguments[0].string, arguments + 1, count - 1);
  return kv_render_take(render, result);
}

/* The text to be escaped: a single string as it is, anything else as print would have it, but that
** what is missing reads as in the output. */
static int join(kv_render *render, const kv_value *arguments, int count, kv_value *text) {
  if (count == 1 && arguments[0].kind == KV_STRING) {
    *text = arguments[0];
    return SQLITE_OK;
  }
  kv_value *shown = kv_arena_alloc(&render->values, (size_t)count * sizeof *shown);
  if (shown == NULL) return render->meter.code;
  for (int i = 0; i < count; i++) {
    shown[i] = arguments[i];
    if (shown[i].kind == KV_INVALID) {
      shown[i] = (kv_value){.kind = KV_STRING, .string = KV_STR("<no value>")};
    }
  }
  kv_print(render, kv_render_scratch(render), shown, count);
  return kv_render_take(render, text);
}

static int escape(kv_render *render, const kv_value *arguments, int count,
                  void (*with)(kv_buffer *, kv_str), kv_value *result) {
  kv_value text = {.kind = KV_STRING, .string = KV_STR("")};
  int code = join(render, arguments, count, &text);
  if (code != SQLITE_OK) return code;
  with(kv_render_scratch(render), text.string);
  return kv_render_take(render, result);
}

static int call_html(kv_render *render, const kv_value *arguments, int count, kv_value *result) {
  return escape(render, arguments, count, kv_escape_html, result);
}

static int call_js(kv_render *render, const kv_value *arguments, int count, kv_value *result) {
  return escape(render, arguments, count, kv_escape_js, result);
}

static int call_urlquery(kv_render *render, const kv_value *arguments, int count,
                         kv_value *result) {
  return escape(render, arguments, count, kv_escape_url, result);
}

/* ---- the list -------------------------------------------------------------------------------- */

static const kv_builtin builtins[] = {
    {"and", 1, 1, 0, NULL},
    {"call", 1, 1, 0, NULL},
    {"eq", 1, 1, 0, kv_builtin_eq},
    {"ge", 2, 0, 0, kv_builtin_ge},
    {"gt", 2, 0, 0, kv_builtin_gt},
    {"html", 0, 1, 0, call_html},
    {"index", 1, 1, 0, call_index},
    {"js", 0, 1, 0, call_js},
    {"le", 2, 0, 0, kv_builtin_le},
    {"len", 1, 0, 0, call_len},
    {"lt", 2, 0, 0, kv_builtin_lt},
    {"ne", 2, 0, 0, kv_builtin_ne},
    {"not", 1, 0, 0, call_not},
    {"or", 1, 1, 0, NULL},
    {"print", 0, 1, 0, call_print},
    {"printf", 1, 1, 1, call_printf},
    {"println", 0, 1, 0, call_println},
    {"slice", 1, 1, 0, call_slice},
    {"urlquery", 0, 1, 0, call_urlquery},
};

const kv_builtin *kv_builtin_find(kv_str name) {
  for (size_t i = 0; i < sizeof builtins / sizeof builtins[0]; i++) {
    if (kv_str_is(name, builtins[i].name)) return &builtins[i];
  }
  return NULL;
}
