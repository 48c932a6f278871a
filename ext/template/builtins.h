/*
** The predefined functions.
*/
#ifndef KV_TEMPLATE_BUILTINS_H
#define KV_TEMPLATE_BUILTINS_H

#include "value.h"

typedef struct kv_render kv_render;

typedef struct kv_builtin {
  const char *name;
  int least;       /* arguments */
  int is_variadic; /* takes any number from `least` on, else exactly that */
  int wants_text;  /* the first argument must be a string */
  /* NULL: the executor's own, `and`, `or` and `call`. */
  int (*call)(kv_render *render, const kv_value *arguments, int count, kv_value *result);
} kv_builtin;

/* NULL: there is none. */
const kv_builtin *kv_builtin_find(kv_str name);

#endif
