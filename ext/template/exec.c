/*
** Walks the tree and writes the output. See template.h.
**
** As Go's executor, over the one type of data that there is here: the dot is the group, a string of
** it, or whatever a pipeline made of it.
*/
#include "state.h"

#include <string.h>

/* Values that a render makes, all together. */
static const size_t max_memory = 256 * 1024 * 1024;

/* How a list of nodes ended. */
typedef enum outcome { WENT_ON, BROKE, CONTINUED } outcome;

/* ---- evaluation ------------------------------------------------------------------------------ */

/* `final` is what the stage before pipes in, or NULL. */
static int eval_pipe(kv_render *render, const kv_value *dot, const kv_pipe *pipe, kv_value *result);
static int eval_function(kv_render *render, const kv_value *dot, const kv_node *node,
                         const kv_node *arguments, int count, const kv_value *final,
                         kv_value *result);

/* One field of a value. Only the group has any. */
static int eval_field(kv_render *render, const kv_node *node, kv_str name, const kv_value *receiver,
                      int has_arguments, kv_value *result) {
  int is_found;
  *result = (kv_value){0};
  if (receiver->kind == KV_INVALID) {
    if (render->missing != KV_MISSING_ERROR) return SQLITE_OK;
    return kv_render_fail_at(render, node->line, node->text, "nil data; no entry for key \"%.*s\"",
                             (int)name.length, name.bytes);
  }
  if (receiver->kind != KV_MAP) {
    return kv_render_fail_at(render, node->line, node->text, "can't evaluate field %.*s in type %s",
                             (int)name.length, name.bytes, kv_value_type(receiver));
  }
  if (has_arguments) {
    return kv_render_fail_at(render, node->line, node->text,
                             "%.*s is not a method but has arguments", (int)name.length,
                             name.bytes);
  }
  int code = kv_render_lookup(render, name, &result->string, &is_found);
  if (code != SQLITE_OK) return code;
  if (is_found || render->missing == KV_MISSING_ZERO) {
    if (!is_found) result->string = KV_STR("");
    result->kind = KV_STRING;
  } else if (render->missing == KV_MISSING_ERROR) {
    return kv_render_fail_at(render, node->line, node->text, "map has no entry for key \"%.*s\"",
                             (int)name.length, name.bytes);
  }
  return SQLITE_OK;
}

/* The node's fields from `first` on, each of what the one before gave. */
static int eval_fields(kv_render *render, const kv_node *node, int first, const kv_value *receiver,
                       int has_arguments, kv_value *result) {
  kv_value current = *receiver;
  int code = SQLITE_OK;
  for (int i = first; i < node->names.count && code == SQLITE_OK; i++) {
    int is_last = i + 1 == node->names.count;
    code =
        eval_field(render, node, node->names.names[i], &current, is_last && has_arguments, result);
    current = *result;
  }
  return code;
}

static int is_hex_integer(kv_str text) {
  if (text.length < 3 || text.bytes[0] != '0' || (text.bytes[1] | 32) != 'x') return 0;
  return memchr(text.bytes, 'p', text.length) == NULL &&
         memchr(text.bytes, 'P', text.length) == NULL;
}

static int looks_like_float(kv_str text) {
  if (is_hex_integer(text) || text.bytes[0] == '\'') return 0;
  for (size_t i = 0; i < text.length; i++) {
    if (strchr(".eEpP", text.bytes[i]) != NULL) return 1;
  }
  return 0;
}

/* A constant without a context that would give it a type. */
static int eval_number(kv_render *render, const kv_node *node, kv_value *result) {
  const kv_number *number = &node->number;
  *result = (kv_value){0};
  if (number->is_complex) {
    *result = (kv_value){.kind = KV_COMPLEX, .real = number->real, .imaginary = number->imaginary};
  } else if (number->is_float && looks_like_float(node->text)) {
    *result = (kv_value){.kind = KV_FLOAT, .real = number->real};
  } else if (number->is_int) {
    *result = (kv_value){.kind = KV_INT, .integer = number->integer};
  } else if (number->is_uint) {
    return kv_render_fail_at(render, node->line, node->text, "%.*s overflows int",
                             (int)node->text.length, node->text.bytes);
  }
  return SQLITE_OK;
}

static int eval_variable(kv_render *render, const kv_node *node, int has_arguments,
                         kv_value *result) {
  const variable *found = kv_render_find_variable(render, node->names.names[0]);
  if (found == NULL) {
    kv_str name = node->names.names[0];
    return kv_render_fail_at(render, node->line, node->text, "undefined variable: %.*s",
                             (int)name.length, name.bytes);
  }
  *result = found->value;
  if (node->names.count == 1) {
    if (!has_arguments) return SQLITE_OK;
    return kv_render_fail_at(render, node->line, node->text,
                             "can't give argument to non-function %.*s", (int)node->text.length,
                             node->text.bytes);
  }
  kv_value receiver = found->value;
  return eval_fields(render, node, 1, &receiver, has_arguments, result);
}

/* A value that stands by itself: an argument, or a command without arguments. */
static int eval_operand(kv_render *render, const kv_value *dot, const kv_node *node,
                        int has_arguments, kv_value *result) {
  kv_value receiver;
  int code;
  switch (node->type) {
  case KV_NODE_DOT:
    *result = *dot;
    return SQLITE_OK;
  case KV_NODE_BOOL:
    *result = (kv_value){.kind = KV_BOOL, .integer = node->is_true};
    return SQLITE_OK;
  case KV_NODE_STRING:
    *result = (kv_value){.kind = KV_STRING, .string = node->text};
    return SQLITE_OK;
  case KV_NODE_NUMBER:
    return eval_number(render, node, result);
  case KV_NODE_FIELD:
    return eval_fields(render, node, 0, dot, has_arguments, result);
  case KV_NODE_VARIABLE:
    return eval_variable(render, node, has_arguments, result);
  case KV_NODE_PIPE:
    return eval_pipe(render, dot, node->pipe, result);
  case KV_NODE_IDENTIFIER:
    return eval_function(render, dot, node, NULL, 0, NULL, result);
  case KV_NODE_CHAIN:
    if (node->operand->type == KV_NODE_NIL) {
      return kv_render_fail_node(render, node, "indirection through explicit nil");
    }
    code = eval_operand(render, dot, node->operand, 0, &receiver);
    if (code != SQLITE_OK) return code;
    return eval_fields(render, node, 0, &receiver, has_arguments, result);
  default:
    *result = (kv_value){0};
    return SQLITE_OK; /* nil */
  }
}

/* `and` and `or` evaluate no further than they must. */
static int eval_short_circuit(kv_render *render, const kv_value *dot, int is_or,
                              const kv_node *arguments, const kv_value *final, kv_value *result) {
  for (const kv_node *argument = arguments; argument != NULL; argument = argument->next) {
    int is_true = 0;
    int code = eval_operand(render, dot, argument, 0, result);
    if (code == SQLITE_OK) code = kv_value_is_true(render, result, &is_true);
    if (code != SQLITE_OK || is_true == is_or) return code;
  }
  if (final != NULL) *result = *final;
  return SQLITE_OK;
}

static int check_count(kv_render *render, const kv_node *node, const kv_builtin *builtin, int given,
                       int total) {
  if (builtin->is_variadic && given < builtin->least && total < builtin->least) {
    return kv_render_fail_at(render, node->line, node->text,
                             "wrong number of args for %s: want at least %d got %d", builtin->name,
                             builtin->least, given);
  }
  if (!builtin->is_variadic && total != builtin->least) {
    return kv_render_fail_at(render, node->line, node->text,
                             "wrong number of args for %s: want %d got %d", builtin->name,
                             builtin->least, total);
  }
  return SQLITE_OK;
}

/* printf's format: nothing else has an argument of a type. */
static int check_text(kv_render *render, const kv_node *node, const kv_value *value) {
  if (value->kind == KV_STRING) return SQLITE_OK;
  if (value->kind == KV_INVALID)
    return kv_render_fail_node(render, node, "invalid value; expected string");
  return kv_render_fail_at(render, node->line, node->text,
                           "wrong type for value; expected string; got %s", kv_value_type(value));
}

static int eval_function(kv_render *render, const kv_value *dot, const kv_node *node,
                         const kv_node *arguments, int count, const kv_value *final,
                         kv_value *result) {
  const kv_builtin *builtin = kv_builtin_find(node->text);
  int total = count + (final != NULL);
  int code = check_count(render, node, builtin, count, total);
  if (code != SQLITE_OK) return code;
  *result = (kv_value){0};
  if (builtin->call == NULL) {
    return eval_short_circuit(render, dot, *builtin->name == 'o', arguments, final, result);
  }
  kv_value *values = kv_render_alloc(render, (size_t)(total + 1) * sizeof *values);
  if (values == NULL) return render->arena.code;
  int i = 0;
  for (const kv_node *argument = arguments; argument != NULL && code == SQLITE_OK;
       argument = argument->next) {
    code = eval_operand(render, dot, argument, 0, &values[i]);
    if (code == SQLITE_OK && i == 0 && builtin->wants_text) {
      code = check_text(render, argument, &values[i]);
    }
    i++;
  }
  if (code == SQLITE_OK && final != NULL) values[i] = *final;
  if (code == SQLITE_OK && final != NULL && i == 0 && builtin->wants_text) {
    code = check_text(render, node, final);
  }
  if (code == SQLITE_OK) code = builtin->call(render, values, total, result);
  if (code == SQLITE_ERROR && render->error == NULL) {
    return kv_render_fail_at(render, node->line, node->text, "error calling %s: %s", builtin->name,
                             render->reason);
  }
  return code;
}

static int eval_command(kv_render *render, const kv_value *dot, const kv_command *command,
                        const kv_value *final, kv_value *result) {
  const kv_node *first = command->arguments;
  int has_arguments = command->count > 1 || final != NULL;
  if (first->type == KV_NODE_IDENTIFIER) {
    return eval_function(render, dot, first, first->next, command->count - 1, final, result);
  }
  int may_have_arguments = first->type == KV_NODE_FIELD || first->type == KV_NODE_CHAIN ||
                           first->type == KV_NODE_VARIABLE;
  if (has_arguments && !may_have_arguments) {
    return kv_render_fail_at(render, first->line, first->text,
                             "can't give argument to non-function %.*s", (int)first->text.length,
                             first->text.bytes);
  }
  if (first->type == KV_NODE_NIL) return kv_render_fail_node(render, first, "nil is not a command");
  return eval_operand(render, dot, first, has_arguments, result);
}

static int eval_pipe(kv_render *render, const kv_value *dot, const kv_pipe *pipe,
                     kv_value *result) {
  kv_value piped;
  *result = (kv_value){0};
  if (pipe == NULL) return SQLITE_OK;
  int code = kv_render_enter(render, pipe->line);
  for (const kv_command *c = pipe->first; c != NULL && code == SQLITE_OK; c = c->next) {
    piped = *result;
    code = eval_command(render, dot, c, c == pipe->first ? NULL : &piped, result);
  }
  for (int i = 0; i < pipe->variables.count && code == SQLITE_OK; i++) {
    code = pipe->is_assignment
               ? kv_render_assign(render, pipe->line, pipe->variables.names[i], result)
               : kv_render_push(render, pipe->variables.names[i], result);
  }
  render->depth--;
  return code;
}

/* ---- walking --------------------------------------------------------------------------------- */

static int walk_list(kv_render *render, const kv_value *dot, const kv_list *list, outcome *how);

static int print_value(kv_render *render, const kv_value *value) {
  if (value->kind == KV_STRING) {
    kv_buffer_append(&render->out, value->string.bytes, value->string.length);
  } else if (value->kind == KV_INVALID) {
    kv_buffer_text(&render->out, "<no value>");
  } else {
    int code = kv_print(render, &render->out, value, 1);
    if (code != SQLITE_OK) return code;
  }
  return render->out.code;
}

static int walk_if_or_with(kv_render *render, const kv_value *dot, const kv_node *node,
                           outcome *how) {
  kv_value value;
  int is_true = 0;
  int code = eval_pipe(render, dot, node->pipe, &value);
  if (code == SQLITE_OK) code = kv_value_is_true(render, &value, &is_true);
  if (code != SQLITE_OK) return code;
  if (!is_true) return walk_list(render, dot, &node->else_list, how);
  return walk_list(render, node->type == KV_NODE_WITH ? &value : dot, &node->list, how);
}

/* Gives the loop's variables their values: with two, the index comes first. */
static int set_loop_variables(kv_render *render, const kv_node *node, int mark,
                              const kv_value *index, const kv_value *element) {
  const kv_pipe *pipe = node->pipe;
  int count = pipe->variables.count;
  if (count == 0) return SQLITE_OK;
  const kv_value *first = count > 1 ? index : element;
  if (!pipe->is_assignment) {
    render->variables[mark - count].value = *first;
    if (count > 1) render->variables[mark - 1].value = *element;
    return SQLITE_OK;
  }
  int code = kv_render_assign(render, node->line, pipe->variables.names[0], first);
  if (code == SQLITE_OK && count > 1) {
    code = kv_render_assign(render, node->line, pipe->variables.names[1], element);
  }
  return code;
}

/* One turn of a loop: *is_over if it was the last. */
static int walk_turn(kv_render *render, const kv_node *node, const kv_value *index,
                     const kv_value *element, int *is_over) {
  outcome how = WENT_ON;
  int mark = render->variable_count;
  int code = kv_render_step(render);
  if (code == SQLITE_OK) code = set_loop_variables(render, node, mark, index, element);
  if (code == SQLITE_OK) code = walk_list(render, element, &node->list, &how);
  render->variable_count = mark;
  *is_over = how == BROKE;
  return code;
}

static int range_map(kv_render *render, const kv_node *node, size_t *turns) {
  const kv_pair *pairs;
  int is_over = 0;
  int code = kv_render_load(render, &pairs, turns);
  for (size_t i = 0; i < *turns && code == SQLITE_OK && !is_over; i++) {
    const kv_value key = {.kind = KV_STRING, .string = render->pairs[i].key};
    const kv_value value = {.kind = KV_STRING, .string = render->pairs[i].value};
    code = walk_turn(render, node, &key, &value, &is_over);
  }
  return code;
}

static int range_integer(kv_render *render, const kv_node *node, const kv_value *end,
                         size_t *turns) {
  static const kv_value none = {0};
  int code = SQLITE_OK, is_over = 0;
  if (node->pipe->variables.count > 1) {
    return kv_render_fail_at(render, node->line, node->text,
                             "can't use %lld to iterate over more than one variable",
                             (long long)end->integer);
  }
  *turns = end->integer > 0;
  for (int64_t i = 0; i < end->integer && code == SQLITE_OK && !is_over; i++) {
    const kv_value element = {.kind = end->kind, .integer = i};
    code = walk_turn(render, node, &none, &element, &is_over);
  }
  return code;
}

static int walk_range(kv_render *render, const kv_value *dot, const kv_node *node, outcome *how) {
  kv_value value;
  size_t turns = 0;
  int code = eval_pipe(render, dot, node->pipe, &value);
  if (code != SQLITE_OK) return code;
  if (value.kind == KV_MAP) {
    code = range_map(render, node, &turns);
  } else if (value.kind == KV_INT || value.kind == KV_BYTE) {
    code = range_integer(render, node, &value, &turns);
  } else if (value.kind != KV_INVALID) {
    code = kv_render_fail_at(render, node->line, node->text, "range can't iterate over a %s",
                             kv_value_type(&value));
  }
  if (code != SQLITE_OK || turns > 0) return code;
  code = walk_list(render, dot, &node->else_list, how);
  if (*how == BROKE)
    *how = WENT_ON; /* as in Go: a break in the else ends this loop, not the one around */
  return code;
}

static int walk_template(kv_render *render, const kv_value *dot, const kv_node *node) {
  const kv_definition *callee = render->parsed->first, *caller = render->definition;
  kv_value value;
  outcome how = WENT_ON;
  while (callee != NULL && !kv_str_equals(callee->name, node->text)) callee = callee->next;
  if (callee == NULL) {
    return kv_render_fail_at(render, node->line, node->text, "template \"%.*s\" not defined",
                             (int)node->text.length, node->text.bytes);
  }
  int code = eval_pipe(render, dot, node->pipe, &value);
  if (code != SQLITE_OK) return code;
  int frame = render->frame, mark = render->variable_count;
  render->definition = callee;
  render->frame = mark;
  code = kv_render_push(render, KV_STR("$"), &value);
  if (code == SQLITE_OK) code = walk_list(render, &value, &callee->root, &how);
  render->variable_count = mark;
  render->frame = frame;
  render->definition = caller;
  return code;
}

static int walk_node(kv_render *render, const kv_value *dot, const kv_node *node, outcome *how) {
  kv_value value;
  int code = SQLITE_OK, mark = render->variable_count;
  switch (node->type) {
  case KV_NODE_TEXT:
    kv_buffer_append(&render->out, node->text.bytes, node->text.length);
    return render->out.code;
  case KV_NODE_ACTION: /* what it declares lives on until the list ends */
    code = eval_pipe(render, dot, node->pipe, &value);
    if (code != SQLITE_OK || node->pipe->variables.count > 0) return code;
    return print_value(render, &value);
  case KV_NODE_TEMPLATE:
    return walk_template(render, dot, node);
  case KV_NODE_BREAK:
    *how = BROKE;
    return SQLITE_OK;
  case KV_NODE_CONTINUE:
    *how = CONTINUED;
    return SQLITE_OK;
  case KV_NODE_RANGE:
    code = walk_range(render, dot, node, how);
    break;
  default:
    code = walk_if_or_with(render, dot, node, how);
    break;
  }
  render->variable_count = mark;
  return code;
}

static int walk_list(kv_render *render, const kv_value *dot, const kv_list *list, outcome *how) {
  const kv_node *node = list->first;
  if (node == NULL) return SQLITE_OK;
  int code = kv_render_enter(render, node->line);
  for (; node != NULL && code == SQLITE_OK && *how == WENT_ON; node = node->next) {
    code = walk_node(render, dot, node, how);
  }
  render->depth--;
  return code;
}

/* ---- the render ------------------------------------------------------------------------------ */

static void free_render(kv_render *render) {
  kv_arena_free(&render->arena);
  kv_buffer_free(&render->out);
  sqlite3_free(render->variables);
  sqlite3_free(render->pairs);
  sqlite3_free(render->reason);
  sqlite3_free(render->error);
  sqlite3_free(render);
}

static int run(kv_render *render) {
  static const kv_value group = {.kind = KV_MAP};
  outcome how = WENT_ON;
  render->definition = render->parsed->first;
  while (!kv_str_is(render->definition->name, KV_MAIN_TEMPLATE)) {
    render->definition = render->definition->next;
  }
  int code = kv_render_push(render, KV_STR("$"), &group);
  if (code == SQLITE_OK) code = walk_list(render, &group, &render->definition->root, &how);
  return code;
}

int kv_template_render(const kv_template *parsed, const kv_template_source *source,
                       kv_template_missing missing, size_t max_output, char **output,
                       size_t *output_length, char **error) {
  *output = NULL;
  *error = NULL;
  kv_render *render = sqlite3_malloc64(sizeof *render);
  if (render == NULL) return SQLITE_NOMEM;
  memset(render, 0, sizeof *render);
  render->parsed = parsed;
  render->source = source;
  render->missing = missing;
  render->out.limit = max_output;
  render->arena.limit = max_memory;
  int code = run(render);
  if (code == SQLITE_OK) {
    kv_buffer_append(&render->out, "", 1); /* the terminating zero */
    code = render->out.code;
  }
  if (code == SQLITE_OK) {
    *output = render->out.bytes;
    *output_length = render->out.length - 1;
    render->out.bytes = NULL;
  } else if (code == SQLITE_ERROR) {
    *error = render->error;
    render->error = NULL;
  }
  free_render(render);
  return code;
}
