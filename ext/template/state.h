/*
** The state of a render: its memory, its error, the group as far as it was read, its variables. Shared
** by the executor (exec.c), which walks the tree, and state.c, which looks after it.
*/
#ifndef KV_TEMPLATE_STATE_H
#define KV_TEMPLATE_STATE_H

#include "value.h"

enum { KV_MAX_KNOWN_KEYS = 32 };

typedef struct variable {
  kv_str name;
  kv_value value;
} variable;

/* A key that was looked up already. */
typedef struct known_key {
  kv_str key, value;
  int is_found;
} known_key;

struct kv_render {
  const kv_template *parsed;
  const kv_template_source *source;
  kv_template_missing missing;
  kv_arena arena;
  kv_buffer out;
  char *reason; /* of the error; the place is put in front where it is known */
  char *error;
  const kv_definition *definition; /* the template that runs */
  variable *variables;             /* a stack; the template's begin with $ */
  int variable_count, variable_size, frame;
  int depth;
  unsigned steps;
  known_key known[KV_MAX_KNOWN_KEYS];
  int known_count;
  kv_pair *pairs; /* the whole group, once it was read */
  size_t pair_count, pair_size;
  int is_loaded;
};

/* Keeps an error at a node: "line 3: executing "name" at <.a>: reason". Returns SQLITE_ERROR. */
int kv_render_fail_at(kv_render *render, int line, kv_str source, const char *format, ...);
int kv_render_fail_node(kv_render *render, const kv_node *node, const char *reason);
/* To be called in every loop: SQLITE_INTERRUPT when the host wants an end. */
int kv_render_step(kv_render *render);
/* One level deeper; render->depth-- when it is left, whatever this returns. */
int kv_render_enter(kv_render *render, int line);

/* Variables are a stack; those of the running template begin at render->frame. */
int kv_render_push(kv_render *render, kv_str name, const kv_value *value);
/* The innermost of this name in the running template; NULL: there is none. */
variable *kv_render_find_variable(kv_render *render, kv_str name);
int kv_render_assign(kv_render *render, int line, kv_str name, const kv_value *value);

#endif
