/*
** Pipelines: what a template computes. See state.h.
**
** As Go's executor, over the one type of data that there is here: the dot is the group, a string of
** it, or whatever a pipeline made of it. render->at is set wherever Go's is, so that an error says
** what Go's says.
*/
#include "builtins.h"
#include "state.h"
#include "values.h"

#include <string.h>

static int eval_function(kv_render *render, const kv_value *dot, const kv_node *node,
                         const kv_command *command, const kv_value *final, kv_value *result);

/* ---- fields ---------------------------------------------------------------------------------- */

/* One field of a value. Only the group has any. */
static int eval_field(kv_render *render, kv_str name, const kv_value *receiver, int has_arguments,
                      kv_value *result) {
  int is_found, length = (int)name.length;
  *result = (kv_value){.kind = KV_INVALID};
  if (receiver->kind == KV_INVALID) {
    if (render->missing != KV_MISSING_ERROR) return SQLITE_OK;
    return kv_render_fail(render, "nil data; no entry for key \"%.*s\"", length, name.bytes);
  }
  if (receiver->kind != KV_MAP) {
    return kv_render_fail(render, "can't evaluate field %.*s in type %s", length, name.bytes,
                          kv_value_type(receiver));
  }
  if (has_arguments) {
    return kv_render_fail(render, "%.*s is not a method but has arguments", length, name.bytes);
  }
  kv_value found = {.kind = KV_STRING, .string = KV_STR("")};
  int code = kv_render_lookup(render, name, KV_OF_ALL, &found.string, &is_found);
  if (code != SQLITE_OK) return code;
  if (is_found || render->missing == KV_MISSING_ZERO) {
    *result = found;
  } else if (render->missing == KV_MISSING_ERROR) {
    return kv_render_fail(render, "map has no entry for key \"%.*s\"", length, name.bytes);
  }
  return SQLITE_OK;
}

/* The fields ".a.b", each of what the one before gave. *result is the receiver, then the answer. */
static int eval_fields(kv_render *render, kv_str fields, int has_arguments, kv_value *result) {
  const char *at = fields.bytes, *end = fields.bytes + fields.length;
  int code = SQLITE_OK;
  while (at < end && code == SQLITE_OK) {
    const char *dot = memchr(at + 1, '.', (size_t)(end - at - 1));
    if (dot == NULL) dot = end;
    const kv_value receiver = *result;
    code = eval_field(render, (kv_str){at + 1, (size_t)(dot - at - 1)}, &receiver,
                      has_arguments && dot == end, result);
    at = dot;
    if (code == SQLITE_OK) code = kv_meter_work(&render->meter, 16);
  }
  return code;
}

static kv_str source_of(const kv_render *render, const kv_node *node) {
  return (kv_str){render->parsed->source.bytes + node->at, node->length};
}

static int fail_not_a_function(kv_render *render, const kv_node *node) {
  kv_buffer shown = {.meter = &render->meter};
  kv_tree_show(&shown, render->parsed, node);
  int code = shown.code;
  if (code == SQLITE_OK) {
    code = kv_render_fail(render, "can't give argument to non-function %.*s", (int)shown.length,
                          kv_buffer_message(&shown).bytes);
  }
  kv_buffer_free(&shown);
  return code;
}

static int eval_variable(kv_render *render, const kv_node *node, int has_arguments,
                         kv_value *result) {
  kv_str name = node->variable->text, source = source_of(render, node);
  const kv_variable *found = kv_render_find_variable(render, node->variable);
  if (found == NULL) {
    return kv_render_fail(render, "undefined variable: %.*s", (int)name.length, name.bytes);
  }
  *result = found->value;
  if (source.length == name.length) {
    return has_arguments ? fail_not_a_function(render, node) : SQLITE_OK;
  }
  kv_str fields = {source.bytes + name.length, source.length - name.length};
  return eval_fields(render, fields, has_arguments, result);
}

static int eval_number(kv_render *render, const kv_node *node, kv_value *result) {
  *result = node->value;
  if (!node->is_too_large) return SQLITE_OK;
  kv_str source = source_of(render, node);
  return kv_render_fail(render, "%.*s overflows int", (int)source.length, source.bytes);
}

/* A value that stands by itself: an argument, or a command without arguments. */
static int eval_operand(kv_render *render, const kv_value *dot, const kv_node *node,
                        int has_arguments, kv_value *result) {
  int code;
  render->at = node;
  switch (node->type) {
  case KV_NODE_DOT:
    *result = *dot;
    return SQLITE_OK;
  case KV_NODE_BOOL:
  case KV_NODE_STRING:
    *result = node->value;
    return SQLITE_OK;
  case KV_NODE_NUMBER:
    return eval_number(render, node, result);
  case KV_NODE_FIELD:
    *result = *dot;
    return eval_fields(render, source_of(render, node), has_arguments, result);
  case KV_NODE_VARIABLE:
    return eval_variable(render, node, has_arguments, result);
  case KV_NODE_PIPE:
    return kv_eval_pipe(render, dot, node, result);
  case KV_NODE_IDENTIFIER:
    return eval_function(render, dot, node, NULL, NULL, result);
  case KV_NODE_CHAIN:
    code = eval_operand(render, dot, node->operand, 0, result);
    if (code != SQLITE_OK) return code;
    return eval_fields(render, source_of(render, node), has_arguments, result);
  default:
    *result = (kv_value){.kind = KV_INVALID};
    return SQLITE_OK; /* nil */
  }
}

/* ---- functions ------------------------------------------------------------------------------- */

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

static int check_count(kv_render *render, const kv_builtin *builtin, int given, int total) {
  if (builtin->is_variadic && total < builtin->least) {
    return kv_render_fail(render, "wrong number of args for %s: want at least %d got %d",
                          builtin->name, builtin->least, given);
  }
  if (!builtin->is_variadic && total != builtin->least) {
    return kv_render_fail(render, "wrong number of args for %s: want %d got %d", builtin->name,
                          builtin->least, total);
  }
  return SQLITE_OK;
}

/* printf's format: nothing else has an argument of a type. `node` is NULL for what is piped in. */
static int check_text(kv_render *render, const kv_node *node, const kv_value *value) {
  int type = node != NULL ? node->type : KV_NODE_PIPE;
  if (value->kind == KV_STRING) return SQLITE_OK;
  if (type == KV_NODE_NIL) return kv_render_fail(render, "cannot assign nil to string");
  if (type == KV_NODE_BOOL || type == KV_NODE_NUMBER) {
    kv_str source = source_of(render, node);
    return kv_render_fail(render, "expected string; found %.*s", (int)source.length, source.bytes);
  }
  if (value->kind == KV_INVALID) return kv_render_fail(render, "invalid value; expected string");
  return kv_render_fail(render, "wrong type for value; expected string; got %s",
                        kv_value_type(value));
}

/* A number that an argument of type string would be is not evaluated, and so never too large. */
static int eval_text(kv_render *render, const kv_value *dot, const kv_node *node, kv_value *value) {
  if (node->type == KV_NODE_NUMBER) {
    render->at = node;
    return check_text(render, node, &node->value);
  }
  int code = eval_operand(render, dot, node, 0, value);
  return code == SQLITE_OK ? check_text(render, node, value) : code;
}

/* The data hold no functions, so that there is never anything to call. */
static int fail_call(kv_render *render, const kv_node *callee, const kv_value *value) {
  kv_buffer reason = {.meter = &render->meter};
  if (value->kind == KV_INVALID) return kv_builtin_fail(render, "call of nil");
  kv_buffer_text(&reason, "non-function ");
  if (callee != NULL) {
    kv_tree_show(&reason, render->parsed, callee);
  } else if (value->kind == KV_STRING) {
    kv_buffer_str(&reason, value->string);
  } else { /* what came through a pipe, as Go's reflection names it */
    kv_buffer_char(&reason, '<');
    kv_buffer_text(&reason, kv_value_type(value));
    kv_buffer_text(&reason, " Value>");
  }
  kv_buffer_text(&reason, " of type ");
  kv_buffer_text(&reason, kv_value_type(value));
  return kv_builtin_fail_with(render, &reason);
}

/* The arguments, and what is piped in as the last of them. */
static int eval_arguments(kv_render *render, const kv_value *dot, const kv_builtin *builtin,
                          const kv_node *argument, const kv_value *final, kv_value *values) {
  int code = SQLITE_OK, i = 0;
  for (; argument != NULL && code == SQLITE_OK; argument = argument->next, i++) {
    code = i == 0 && builtin->wants_text ? eval_text(render, dot, argument, &values[i])
                                         : eval_operand(render, dot, argument, 0, &values[i]);
  }
  if (code != SQLITE_OK || final == NULL) return code;
  values[i] = *final;
  return i == 0 && builtin->wants_text ? check_text(render, NULL, final) : SQLITE_OK;
}

/* `command` is what the function is the first word of; NULL: it is an argument, and has none. */
static int eval_function(kv_render *render, const kv_value *dot, const kv_node *node,
                         const kv_command *command, const kv_value *final, kv_value *result) {
  const kv_builtin *builtin = node->builtin;
  const kv_node *arguments = command != NULL ? node->next : NULL;
  int count = command != NULL ? (int)command->count - 1 : 0, total = count + (final != NULL);
  *result = (kv_value){.kind = KV_INVALID};
  int code = check_count(render, builtin, count, total);
  if (code != SQLITE_OK) return code;
  if (builtin->call == NULL && builtin->name[0] != 'c') {
    return eval_short_circuit(render, dot, builtin->name[0] == 'o', arguments, final, result);
  }
  kv_value *values = kv_arena_alloc(&render->values, (size_t)total * sizeof *values);
  if (values == NULL) return render->meter.code;
  code = eval_arguments(render, dot, builtin, arguments, final, values);
  if (code != SQLITE_OK) return code;
  code = builtin->call != NULL ? builtin->call(render, values, total, result)
                               : fail_call(render, arguments, &values[0]);
  if (code == SQLITE_ERROR && render->error == NULL && render->reason != NULL) {
    if (command == NULL) render->at = node;
    return kv_render_fail_call(render, command, builtin->name);
  }
  return code;
}

/* ---- pipelines ------------------------------------------------------------------------------- */

static int eval_command(kv_render *render, const kv_value *dot, const kv_command *command,
                        const kv_value *final, kv_value *result) {
  const kv_node *first = command->arguments;
  int has_arguments = command->count > 1 || final != NULL;
  if (first->type == KV_NODE_IDENTIFIER) {
    render->at = first;
    return eval_function(render, dot, first, command, final, result);
  }
  int may_have_arguments = first->type == KV_NODE_FIELD || first->type == KV_NODE_CHAIN ||
                           first->type == KV_NODE_VARIABLE;
  if (first->type != KV_NODE_PIPE) render->at = first;
  if (has_arguments && !may_have_arguments) return fail_not_a_function(render, first);
  if (first->type == KV_NODE_NIL) return kv_render_fail(render, "nil is not a command");
  return eval_operand(render, dot, first, has_arguments, result);
}

int kv_eval_pipe(kv_render *render, const kv_value *dot, const kv_node *pipe, kv_value *result) {
  kv_value piped;
  *result = (kv_value){.kind = KV_INVALID};
  if (pipe == NULL) return SQLITE_OK;
  render->at = pipe;
  int code = kv_meter_work(&render->meter, 32);
  for (const kv_command *c = pipe->commands; c != NULL && code == SQLITE_OK; c = c->next) {
    piped = *result;
    code = eval_command(render, dot, c, c == pipe->commands ? NULL : &piped, result);
  }
  for (int i = 0; i < pipe->variable_count && code == SQLITE_OK; i++) {
    code = pipe->is_assignment ? kv_render_assign(render, pipe->variables[i], result)
                               : kv_render_push(render, pipe->variables[i], result);
  }
  return code;
}
