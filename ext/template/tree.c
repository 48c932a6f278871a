/*
** What an error shows of the tree: the source again, but with spaces as Go sets them.
*/
#include "tree.h"

#include <string.h>

static void show_pipe(kv_buffer *out, const kv_template *parsed, const kv_node *pipe) {
  for (int i = 0; i < pipe->variable_count; i++) {
    if (i > 0) kv_buffer_text(out, ", ");
    kv_buffer_str(out, pipe->variables[i]->text);
  }
  if (pipe->variable_count > 0) kv_buffer_text(out, pipe->is_assignment ? " = " : " := ");
  for (const kv_command *c = pipe->commands; c != NULL; c = c->next) {
    if (c != pipe->commands) kv_buffer_text(out, " | ");
    kv_tree_show_command(out, parsed, c);
  }
}

static void show_operand(kv_buffer *out, const kv_template *parsed, const kv_node *node) {
  int is_pipe = node->type == KV_NODE_PIPE;
  if (is_pipe) kv_buffer_char(out, '(');
  kv_tree_show(out, parsed, node);
  if (is_pipe) kv_buffer_char(out, ')');
}

void kv_tree_show_command(kv_buffer *out, const kv_template *parsed, const kv_command *command) {
  for (const kv_node *node = command->arguments; node != NULL; node = node->next) {
    if (node != command->arguments) kv_buffer_char(out, ' ');
    show_operand(out, parsed, node);
  }
}

void kv_tree_show(kv_buffer *out, const kv_template *parsed, const kv_node *node) {
  kv_str source = {parsed->source.bytes + node->at, node->length};
  switch (node->type) {
  case KV_NODE_ACTION:
  case KV_NODE_PIPE:
    show_pipe(out, parsed, node);
    break;
  case KV_NODE_CHAIN:
    show_operand(out, parsed, node->operand);
    kv_buffer_str(out, source);
    break;
  case KV_NODE_TEMPLATE:
    kv_buffer_text(out, "{{template ");
    kv_quote(out, node->name->text, 0);
    if (node->argument != NULL) {
      kv_buffer_char(out, ' ');
      kv_tree_show(out, parsed, node->argument);
    }
    kv_buffer_text(out, "}}");
    break;
  default:
    kv_buffer_str(out, source);
    break;
  }
}

int kv_tree_line(const kv_template *parsed, uint32_t at) {
  const char *from = parsed->source.bytes, *to = from + at;
  int line = 1;
  while (from < to && (from = memchr(from, '\n', (size_t)(to - from))) != NULL) {
    line++;
    from++;
  }
  return line;
}
