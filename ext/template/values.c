/*
** What a value is. See value.h.
*/
#include "values.h"
#include "state.h"

const char *kv_value_type(const kv_value *value) {
  static const char *const names[] = {"<nil>",   "bool",       "int",    "uint8",
                                      "float64", "complex128", "string", "map[string]string"};
  return names[value->kind];
}

int kv_value_is_true(kv_render *render, const kv_value *value, int *is_true) {
  int code = SQLITE_OK;
  switch ((kv_kind)value->kind) {
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
    code = kv_render_load(render);
    *is_true = render->pair_count > 0;
    break;
  default:
    *is_true = value->integer != 0;
    break;
  }
  return code;
}
