/*
** The state of a render: its memory, its error, the group as far as it was read, its variables.
** exec.c walks the lists, eval.c computes pipelines, builtins.c and its neighbours the functions;
** state.c looks after what they share.
*/
#ifndef KV_TEMPLATE_STATE_H
#define KV_TEMPLATE_STATE_H

#include "tree.h"

typedef struct kv_pair {
  kv_str key, value;
} kv_pair;

typedef struct kv_variable {
  const kv_name *name;
  kv_value value;
} kv_variable;

/* A key that was looked up already. */
typedef struct kv_known_key {
  kv_str key, value;
  int is_found;
} kv_known_key;

typedef struct kv_render {
  const kv_template *parsed;
  const kv_template_source *source;
  kv_template_missing missing;
  kv_meter meter;
  kv_arena group;  /* what was read of it */
  kv_arena values; /* what builtins make, until their action has ended */
  kv_buffer out;
  kv_buffer scratch; /* of the one builtin that runs */

  const kv_node *at;      /* what is evaluated, as Go has it: an error is there */
  const kv_name *running; /* the template */
  char *reason;           /* of a builtin's error */
  char *error;

  kv_variable *variables; /* a stack; the running template's begin at `base`, with $ */
  size_t variable_count, variable_size, base;
  struct kv_retired *retired; /* what variables had before, until the action has ended */

  struct kv_frame *frames; /* exec.c: a stack of what is being walked */
  size_t frame_count, frame_size;
  int depth; /* of {{template}} */

  int known_count;
  kv_pair *pairs; /* the whole group, once it was read, in the order of the keys' bytes */
  size_t pair_count, pair_size;
  int is_loaded;
  kv_known_key known[KV_TEMPLATE_MAX_ASKED]; /* the last: it is not zeroed */
} kv_render;

/* ---- errors: each returns SQLITE_ERROR, or the meter's code ----------------------------------- */

/* "line 3: executing "name" at <.a>: reason", at the node that is evaluated. */
int kv_render_fail(kv_render *render, const char *format, ...);
/* The same at a command: one that called a builtin. */
int kv_render_fail_call(kv_render *render, const kv_command *command, const char *name);
/* Keeps a builtin's reason, for the one above. */
int kv_builtin_fail(kv_render *render, const char *format, ...);
/* The same; the buffer's text is the reason, and is freed. */
int kv_builtin_fail_with(kv_render *render, kv_buffer *reason);

/* ---- the group ------------------------------------------------------------------------------- */

/* Reads the whole group, once: render->pairs. */
int kv_render_load(kv_render *render);
/* One key of it, whose bytes are the owner's: *is_found 0, and *value as it was, where there is none. */
int kv_render_lookup(kv_render *render, kv_str key, int owner, kv_str *value, int *is_found);

/* ---- values and variables -------------------------------------------------------------------- */

/* A builtin's text is written here; nothing of the one before is needed any more. */
kv_buffer *kv_render_scratch(kv_render *render);
/* Makes what was written into a value. */
int kv_render_take(kv_render *render, kv_value *result);
/* A value that outlives the variable it may be of. */
int kv_render_keep(kv_render *render, kv_value *value);

int kv_render_push(kv_render *render, const kv_name *name, const kv_value *value);
/* Variables above the first so many are gone. */
void kv_render_pop(kv_render *render, size_t count);
/* The innermost of this name in the running template; NULL: there is none. */
kv_variable *kv_render_find_variable(kv_render *render, const kv_name *name);
int kv_render_replace(kv_render *render, kv_variable *variable, const kv_value *value);
/* An error where there is no variable of this name. */
int kv_render_assign(kv_render *render, const kv_name *name, const kv_value *value);
/* An action has ended: frees what only its values were in, back to what there was before it. */
void kv_render_end_action(kv_render *render, kv_arena_mark before);

/* Frees all but the frames, and *render itself. */
void kv_render_free(kv_render *render);

/* ---- eval.c ---------------------------------------------------------------------------------- */

/* The value of a pipeline, and its variables. */
int kv_eval_pipe(kv_render *render, const kv_value *dot, const kv_node *pipe, kv_value *result);

#endif
