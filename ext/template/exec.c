/*
** Walks the lists of the tree and writes the output. See template.h.
**
** What is being walked is a stack of frames in the render's memory, and not C's: templates call each
** other as deep as Go lets them.
*/
#include "printf.h"
#include "state.h"
#include "values.h"

#include <assert.h>
#include <string.h>

/* A list that is walked, and why. */
typedef struct kv_frame {
  enum { LIST, LOOP, ELSE_OF_LOOP, CALL } kind;
  const kv_node *next;    /* what is walked next */
  const kv_node *loop;    /* LOOP */
  kv_value dot;           /* of the list */
  kv_value over;          /* LOOP: the group, or an integer */
  int64_t turn, turns;    /* LOOP */
  size_t variable_count;  /* that there were before */
  size_t turn_variables;  /* LOOP: that there are before a turn */
  size_t base;            /* CALL: the caller's */
  const kv_name *running; /* CALL: the caller */
  kv_arena_mark mark;     /* what values took before */
} kv_frame;

/* ---- frames ---------------------------------------------------------------------------------- */

static int push_frame(kv_render *render, const kv_frame *frame) {
  if (render->frame_count == render->frame_size) {
    kv_frame *grown =
        kv_meter_grow(&render->meter, render->frames, &render->frame_size, sizeof *grown);
    if (grown == NULL) return render->meter.code;
    render->frames = grown;
  }
  render->frames[render->frame_count++] = *frame;
  return SQLITE_OK;
}

static kv_frame *top_frame(kv_render *render) {
  assert(render->frame_count > 0);
  return &render->frames[render->frame_count - 1];
}

/* The list is over, and with it its variables and its dot. */
static void pop_frame(kv_render *render) {
  const kv_frame *frame = top_frame(render);
  kv_render_pop(render, frame->variable_count);
  kv_render_end_action(render, frame->mark);
  if (frame->kind == CALL) {
    render->base = frame->base;
    render->running = frame->running;
    render->depth--;
  }
  render->frame_count--;
}

/* ---- loops ----------------------------------------------------------------------------------- */

/* Gives the loop's variables their values: of two, the first is the index. */
static int set_loop_variables(kv_render *render, const kv_node *pipe, const kv_value *index,
                              const kv_value *element) {
  int count = pipe->variable_count;
  int code = SQLITE_OK;
  for (int i = 0; i < count && code == SQLITE_OK; i++) {
    const kv_value *value = count == 2 && i == 0 ? index : element;
    if (pipe->is_assignment) {
      code = kv_render_assign(render, pipe->variables[i], value);
    } else {
      size_t at = render->variable_count - (size_t)(count - i);
      code = kv_render_replace(render, &render->variables[at], value);
    }
  }
  return code;
}

/* The next turn of the loop on top of the stack, or its end. */
static int walk_turn(kv_render *render) {
  kv_frame *frame = top_frame(render);
  const kv_node *pipe = frame->loop->pipe;
  kv_render_pop(render, frame->turn_variables);
  if (frame->turn == frame->turns) {
    pop_frame(render);
    return SQLITE_OK;
  }
  kv_value index = {.kind = KV_INVALID}, element = frame->over;
  if (element.kind == KV_MAP) {
    const kv_pair *pair = &render->pairs[frame->turn];
    index = (kv_value){.kind = KV_STRING, .string = pair->key};
    element = (kv_value){.kind = KV_STRING, .string = pair->value};
  } else {
    element.integer = frame->turn;
  }
  frame->turn++;
  frame->dot = element;
  frame->next = frame->loop->first;
  int code = set_loop_variables(render, pipe, &index, &element);
  return code == SQLITE_OK ? kv_meter_work(&render->meter, 32) : code;
}

enum { MAX_SHOWN = 100000 }; /* bytes of a value in an error */

static int fail_range(kv_render *render, const char *before, const kv_value *value,
                      const char *after) {
  kv_buffer shown = {.meter = &render->meter};
  kv_print(render, &shown, value, 1);
  int code = shown.code;
  if (code == SQLITE_OK) {
    kv_str text = kv_buffer_message(&shown);
    int length = text.length > MAX_SHOWN ? MAX_SHOWN : (int)text.length;
    code = kv_render_fail(render, "%s%.*s%s", before, length, text.bytes, after);
  }
  kv_buffer_free(&shown);
  return code;
}

/* How many turns there are over a value. */
static int count_turns(kv_render *render, const kv_node *pipe, const kv_value *over,
                       int64_t *turns) {
  int code = SQLITE_OK;
  *turns = 0;
  switch (over->kind) {
  case KV_INVALID:
    return SQLITE_OK;
  case KV_MAP:
    code = kv_render_load(render);
    *turns = (int64_t)render->pair_count;
    return code;
  case KV_INT:
  case KV_BYTE:
    if (pipe->variable_count > 1) {
      return fail_range(render, "can't use ", over, " to iterate over more than one variable");
    }
    *turns = over->integer > 0 ? over->integer : 0;
    return SQLITE_OK;
  default:
    return fail_range(render, "range can't iterate over ", over, "");
  }
}

static int walk_range(kv_render *render, const kv_value *dot, const kv_node *node) {
  kv_frame frame = {.kind = LOOP,
                    .loop = node,
                    .variable_count = render->variable_count,
                    .mark = kv_arena_now(&render->values)};
  int code = kv_eval_pipe(render, dot, node->pipe, &frame.over);
  if (code == SQLITE_OK) code = count_turns(render, node->pipe, &frame.over, &frame.turns);
  if (code != SQLITE_OK) return code;
  kv_render_end_action(render, frame.mark);
  frame.turn_variables = render->variable_count;
  if (frame.turns == 0) {
    frame.kind = ELSE_OF_LOOP;
    frame.dot = *dot;
    frame.next = node->else_first;
  }
  return push_frame(render, &frame); /* a loop begins with its first turn when it is on top */
}

/* {{break}} ends the loop that it is in; or, as in Go, the one that it is in the else of.
** {{continue}} ends a turn, and in an else that of the loop around. */
static void leave_turn(kv_render *render, int is_break) {
  for (;;) {
    kv_frame *frame = top_frame(render);
    assert(frame->kind != CALL);
    if (frame->kind == LOOP) {
      frame->next = NULL;
      if (is_break) frame->turn = frame->turns;
      return;
    }
    int is_left = frame->kind == ELSE_OF_LOOP && is_break;
    pop_frame(render);
    if (is_left) return;
  }
}

/* ---- the other nodes ------------------------------------------------------------------------- */

/* A chain of {{else if}} or {{else with}} is gone through here: it makes no frames. */
static int walk_if_or_with(kv_render *render, const kv_value *dot, const kv_node *node) {
  kv_frame frame = {.kind = LIST,
                    .dot = *dot,
                    .variable_count = render->variable_count,
                    .mark = kv_arena_now(&render->values)};
  kv_arena_mark mark = frame.mark;
  kv_value value;
  int is_true = 0;
  for (;; node = node->else_first) {
    int code = kv_eval_pipe(render, dot, node->pipe, &value);
    if (code == SQLITE_OK) code = kv_value_is_true(render, &value, &is_true);
    if (code != SQLITE_OK) return code;
    if (is_true || !node->is_chained) break;
    kv_render_end_action(render, mark);
  }
  frame.next = is_true ? node->first : node->else_first;
  if (is_true && node->type == KV_NODE_WITH) {
    int code = kv_render_keep(render, &value);
    if (code != SQLITE_OK) return code;
    frame.dot = value;
    mark = kv_arena_now(&render->values);
  }
  kv_render_end_action(render, mark);
  return push_frame(render, &frame);
}

static int walk_template(kv_render *render, const kv_value *dot, const kv_node *node) {
  kv_frame frame = {.kind = CALL,
                    .base = render->base,
                    .running = render->running,
                    .mark = kv_arena_now(&render->values)};
  render->at = node;
  if (!node->name->is_defined) {
    kv_buffer name = {.meter = &render->meter};
    kv_quote(&name, node->name->text, 0);
    kv_buffer_char(&name, 0);
    int code = name.code;
    if (code == SQLITE_OK) code = kv_render_fail(render, "template %s not defined", name.bytes);
    kv_buffer_free(&name);
    return code;
  }
  if (render->depth == KV_TEMPLATE_MAX_DEPTH) {
    return kv_render_fail(render, "exceeded maximum template depth (%d)", KV_TEMPLATE_MAX_DEPTH);
  }
  int code = kv_eval_pipe(render, dot, node->argument, &frame.dot);
  if (code == SQLITE_OK) code = kv_render_keep(render, &frame.dot);
  if (code != SQLITE_OK) return code;
  kv_render_end_action(render, kv_arena_now(&render->values));
  frame.variable_count = render->variable_count;
  frame.next = node->name->first;
  code = push_frame(render, &frame);
  if (code != SQLITE_OK) return code;
  render->depth++;
  render->running = node->name;
  render->base = render->variable_count;
  return kv_render_push(render, node->name->dollar, &frame.dot);
}

static int print_value(kv_render *render, const kv_value *value) {
  if (value->kind == KV_STRING) {
    kv_buffer_str(&render->out, value->string);
  } else if (value->kind == KV_INVALID) {
    kv_buffer_text(&render->out, "<no value>");
  } else {
    kv_print(render, &render->out, value, 1);
  }
  return render->out.code;
}

/* What it declares lives on until the list ends. */
static int walk_action(kv_render *render, const kv_value *dot, const kv_node *node) {
  kv_arena_mark mark = kv_arena_now(&render->values);
  kv_value value;
  int code = kv_eval_pipe(render, dot, node, &value);
  if (code == SQLITE_OK && node->variable_count == 0) code = print_value(render, &value);
  kv_render_end_action(render, mark);
  return code;
}

static int walk_node(kv_render *render, const kv_value *dot, const kv_node *node) {
  switch (node->type) {
  case KV_NODE_TEXT:
    kv_buffer_append(&render->out, render->parsed->source.bytes + node->at, node->length);
    return render->out.code;
  case KV_NODE_ACTION:
    return walk_action(render, dot, node);
  case KV_NODE_TEMPLATE:
    return walk_template(render, dot, node);
  case KV_NODE_BREAK:
  case KV_NODE_CONTINUE:
    leave_turn(render, node->type == KV_NODE_BREAK);
    return SQLITE_OK;
  case KV_NODE_RANGE:
    return walk_range(render, dot, node);
  default:
    return walk_if_or_with(render, dot, node);
  }
}

/* ---- the render ------------------------------------------------------------------------------ */

static int walk(kv_render *render) {
  int code = SQLITE_OK;
  while (render->frame_count > 0 && code == SQLITE_OK) {
    kv_frame *frame = top_frame(render);
    const kv_node *node = frame->next;
    if (node != NULL) {
      const kv_value dot = frame->dot; /* the frames may move */
      frame->next = node->next;
      code = walk_node(render, &dot, node);
    } else if (frame->kind == LOOP) {
      code = walk_turn(render);
    } else {
      pop_frame(render);
    }
  }
  return code;
}

static int run(kv_render *render) {
  const kv_name *name = render->parsed->main;
  const kv_frame first = {.kind = LIST, .next = name->first, .dot = {.kind = KV_MAP}};
  render->running = name;
  render->at = name->first; /* where memory may run out before anything was evaluated */
  int code = kv_render_push(render, name->dollar, &first.dot);
  if (code == SQLITE_OK) code = push_frame(render, &first);
  if (code == SQLITE_OK) code = walk(render);
  if (code == SQLITE_OK) {
    kv_buffer_append(&render->out, "", 1); /* the terminating zero */
    code = render->out.code;
  }
  if (code != SQLITE_FULL || render->meter.code != SQLITE_FULL) return code;
  render->meter.code = SQLITE_OK; /* this one error needs a little more */
  render->meter.max_memory = SIZE_MAX;
  return kv_render_fail(render, "exceeded maximum memory (%d bytes)", KV_TEMPLATE_MAX_MEMORY);
}

int kv_template_render(const kv_template *parsed, const kv_template_host *host,
                       const kv_template_source *source, kv_template_missing missing,
                       size_t max_output, char **output, size_t *output_length, char **error) {
  *output = NULL;
  *error = NULL;
  kv_render *render = sqlite3_malloc64(sizeof *render);
  if (render == NULL) return SQLITE_NOMEM;
  memset(render, 0, offsetof(kv_render, known));
  render->parsed = parsed;
  render->source = source;
  render->missing = missing;
  render->meter = (kv_meter){.host = host, .max_memory = KV_TEMPLATE_MAX_MEMORY};
  render->group.meter = render->values.meter = &render->meter;
  render->out = (kv_buffer){.meter = &render->meter, .limit = max_output};
  render->scratch.meter = &render->meter;
  int code = run(render);
  if (code == SQLITE_OK) {
    *output = render->out.bytes;
    *output_length = render->out.length - 1;
    render->out.bytes = NULL;
  } else if (code == SQLITE_ERROR) {
    *error = render->error;
    render->error = NULL;
  }
  kv_meter_resize(&render->meter, render->frames, render->frame_size * sizeof(kv_frame), 0);
  kv_render_free(render);
  return code;
}
