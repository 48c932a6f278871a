/*
** The predefined functions, a row each. See value.h.
*/
#include "value.h"

#include <string.h>

const char *kv_value_type(const kv_value *value) {
  static const char *const names[] = {"<nil>",   "bool",       "int",    "uint8",
                                      "float64", "complex128", "string", "map[string]string"};
  return names[value->kind];
}

int kv_value_is_true(kv_render *render, const kv_value *value, int *is_true) {
  const kv_pair *pairs;
  size_t count = 0;
  int code = SQLITE_OK;
  switch (value->kind) {
  case KV_INVALID:
    *is_true = 0;
    break;
  case KV_FLOAT:
    *is_true = value->real != 0.0;
    break;
  case KV_COMPLEX:
    *is_true = value->real != 0.0 || value->imaginary != 0.0;
    break;
  case KV_STRING:
    *is_true = value->string.length > 0;
    break;
  case KV_MAP:
    code = kv_render_load(render, &pairs, &count);
    *is_true = count > 0;
    break;
  default:
    *is_true = value->integer != 0;
    break;
  }
  return code;
}

static kv_value integer_value(int64_t integer) {
  return (kv_value){.kind = KV_INT, .integer = integer};
}

static int text_result(kv_render *render, int code, kv_buffer *buffer, kv_value *result) {
  if (code != SQLITE_OK) {
    kv_buffer_free(buffer);
    return code;
  }
  result->kind = KV_STRING;
  return kv_render_take(render, buffer, &result->string);
}

/* ---- collections ----------------------------------------------------------------------------- */

static int call_len(kv_render *render, const kv_value *arguments, int count, kv_value *result) {
  const kv_pair *pairs;
  size_t length = arguments[0].string.length;
  (void)count;
  if (arguments[0].kind == KV_MAP) {
    int code = kv_render_load(render, &pairs, &length);
    if (code != SQLITE_OK) return code;
  } else if (arguments[0].kind != KV_STRING) {
    return kv_render_fail(render, "len of type %s", kv_value_type(&arguments[0]));
  }
  *result = integer_value((int64_t)length);
  return SQLITE_OK;
}

/* An index into a string, up to `most`. */
static int read_index(kv_render *render, const kv_value *index, size_t most, size_t *out) {
  if (index->kind == KV_INVALID) return kv_render_fail(render, "cannot index slice/array with nil");
  if (index->kind != KV_INT && index->kind != KV_BYTE) {
    return kv_render_fail(render, "cannot index slice/array with type %s", kv_value_type(index));
  }
  if (index->integer < 0 || (uint64_t)index->integer > most) {
    return kv_render_fail(render, "index out of range: %lld", (long long)index->integer);
  }
  *out = (size_t)index->integer;
  return SQLITE_OK;
}

static int index_map(kv_render *render, const kv_value *key, kv_value *item) {
  int is_found;
  if (key->kind == KV_INVALID)
    return kv_render_fail(render, "value is nil; should be of type string");
  if (key->kind != KV_STRING) {
    return kv_render_fail(render, "value has type %s; should be string", kv_value_type(key));
  }
  *item = (kv_value){.kind = KV_STRING, .string = KV_STR("")};
  return kv_render_lookup(render, key->string, &item->string, &is_found);
}

static int index_string(kv_render *render, const kv_value *index, kv_value *item) {
  size_t at = 0;
  int code = read_index(render, index, item->string.length, &at);
  if (code != SQLITE_OK) return code;
  if (at == item->string.length) return kv_render_fail(render, "string index out of range");
  *item = (kv_value){.kind = KV_BYTE, .integer = (unsigned char)item->string.bytes[at]};
  return SQLITE_OK;
}

static int call_index(kv_render *render, const kv_value *arguments, int count, kv_value *result) {
  kv_value item = arguments[0];
  int code = SQLITE_OK;
  if (item.kind == KV_INVALID) return kv_render_fail(render, "index of untyped nil");
  for (int i = 1; i < count && code == SQLITE_OK; i++) {
    if (item.kind == KV_MAP) {
      code = index_map(render, &arguments[i], &item);
    } else if (item.kind == KV_STRING) {
      code = index_string(render, &arguments[i], &item);
    } else {
      code = kv_render_fail(render, "can't index item of type %s", kv_value_type(&item));
    }
  }
  *result = item;
  return code;
}

static int call_slice(kv_render *render, const kv_value *arguments, int count, kv_value *result) {
  const kv_value *item = &arguments[0];
  size_t bounds[2] = {0, item->string.length};
  int code = SQLITE_OK;
  if (item->kind == KV_INVALID) return kv_render_fail(render, "slice of untyped nil");
  if (count > 4) return kv_render_fail(render, "too many slice indexes: %d", count - 1);
  if (item->kind != KV_STRING) {
    return kv_render_fail(render, "can't slice item of type %s", kv_value_type(item));
  }
  if (count == 4) return kv_render_fail(render, "cannot 3-index slice a string");
  for (int i = 1; i < count && code == SQLITE_OK; i++) {
    code = read_index(render, &arguments[i], item->string.length, &bounds[i - 1]);
  }
  if (code != SQLITE_OK) return code;
  if (bounds[0] > bounds[1]) {
    return kv_render_fail(render, "invalid slice index: %lld > %lld", (long long)bounds[0],
                          (long long)bounds[1]);
  }
  *result = (kv_value){.kind = KV_STRING,
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

/* The data hold no functions, so that there is never anything to call. */
static int call_call(kv_render *render, const kv_value *arguments, int count, kv_value *result) {
  (void)count, (void)result;
  if (arguments[0].kind == KV_INVALID) return kv_render_fail(render, "call of nil");
  return kv_render_fail(render, "non-function of type %s", kv_value_type(&arguments[0]));
}

/* ---- text ------------------------------------------------------------------------------------ */

static int call_print(kv_render *render, const kv_value *arguments, int count, kv_value *result) {
  kv_buffer buffer = {.limit = kv_render_limit(render)};
  return text_result(render, kv_print(render, &buffer, arguments, count), &buffer, result);
}

static int call_println(kv_render *render, const kv_value *arguments, int count, kv_value *result) {
  kv_buffer buffer = {.limit = kv_render_limit(render)};
  return text_result(render, kv_println(render, &buffer, arguments, count), &buffer, result);
}

static int call_printf(kv_render *render, const kv_value *arguments, int count, kv_value *result) {
  kv_buffer buffer = {.limit = kv_render_limit(render)};
  int code = kv_printf(render, &buffer, arguments[0].string, arguments + 1, count - 1);
  return text_result(render, code, &buffer, result);
}

/* The text to be escaped: a single string as it is, anything else as print would have it, but that
** what is missing reads as in the output. */
static int join(kv_render *render, const kv_value *arguments, int count, kv_str *text) {
  if (count == 1 && arguments[0].kind == KV_STRING) {
    *text = arguments[0].string;
    return SQLITE_OK;
  }
  kv_buffer buffer = {.limit = kv_render_limit(render)};
  kv_value *shown = kv_render_alloc(render, (size_t)(count + 1) * sizeof *shown);
  if (shown == NULL) return SQLITE_NOMEM;
  for (int i = 0; i < count; i++) {
    shown[i] = arguments[i];
    if (shown[i].kind == KV_INVALID) {
      shown[i] = (kv_value){.kind = KV_STRING, .string = KV_STR("<no value>")};
    }
  }
  int code = kv_print(render, &buffer, shown, count);
  if (code != SQLITE_OK) {
    kv_buffer_free(&buffer);
    return code;
  }
  return kv_render_take(render, &buffer, text);
}

static int escape(kv_render *render, const kv_value *arguments, int count,
                  void (*with)(kv_buffer *, kv_str), kv_value *result) {
  kv_str text = {NULL, 0};
  kv_buffer buffer = {.limit = kv_render_limit(render)};
  int code = join(render, arguments, count, &text);
  if (code == SQLITE_OK) with(&buffer, text);
  return text_result(render, code, &buffer, result);
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
    {"call", 1, 1, 0, call_call},
    {"eq", 1, 1, 0, kv_compare_eq},
    {"ge", 2, 0, 0, kv_compare_ge},
    {"gt", 2, 0, 0, kv_compare_gt},
    {"html", 0, 1, 0, call_html},
    {"index", 1, 1, 0, call_index},
    {"js", 0, 1, 0, call_js},
    {"le", 2, 0, 0, kv_compare_le},
    {"len", 1, 0, 0, call_len},
    {"lt", 2, 0, 0, kv_compare_lt},
    {"ne", 2, 0, 0, kv_compare_ne},
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

int kv_is_function(kv_str name) {
  return kv_builtin_find(name) != NULL;
}
