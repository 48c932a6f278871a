/*
** eq, ne, lt, le, gt and ge, as builtins.h has it.
*/
#ifndef KV_TEMPLATE_COMPARE_H
#define KV_TEMPLATE_COMPARE_H

#include "value.h"

typedef struct kv_render kv_render;

int kv_builtin_eq(kv_render *render, const kv_value *arguments, int count, kv_value *result);
int kv_builtin_ne(kv_render *render, const kv_value *arguments, int count, kv_value *result);
int kv_builtin_lt(kv_render *render, const kv_value *arguments, int count, kv_value *result);
int kv_builtin_le(kv_render *render, const kv_value *arguments, int count, kv_value *result);
int kv_builtin_gt(kv_render *render, const kv_value *arguments, int count, kv_value *result);
int kv_builtin_ge(kv_render *render, const kv_value *arguments, int count, kv_value *result);

#endif
