/*
** The pipelines inside of an action. See pipelines.h.
*/
#include "pipelines.h"
#include "builtins.h"
#include "literals.h"

#include <assert.h>
#include <string.h>

/* ---- terms ----------------------------------------------------------------------------------- */

static kv_node *parse_number(kv_parser *p, kv_token token) {
  kv_node *node = kv_parser_node(p, KV_NODE_NUMBER, token);
  kv_buffer wrong = {.meter = &p->made->meter};
  int is_too_large;
  int code =
      kv_number_parse(&p->made->meter, token.text, token.type, &node->value, &is_too_large, &wrong);
  node->is_too_large = (unsigned char)is_too_large;
  if (code == SQLITE_ERROR) {
    kv_parser_fail(p, "%.*s", (int)wrong.length, kv_buffer_message(&wrong).bytes);
  }
  kv_buffer_free(&wrong);
  return node;
}

kv_str kv_parser_unquote(kv_parser *p, kv_token token) {
  kv_str text = KV_STR("");
  int code = kv_string_unquote(token.text, &p->made->arena, &text);
  if (code == SQLITE_ERROR) kv_parser_fail(p, "invalid syntax");
  return text;
}

static kv_node *parse_variable(kv_parser *p, kv_token token) {
  kv_node *node = kv_parser_node(p, KV_NODE_VARIABLE, token);
  const kv_name *name = kv_parser_name(p, token.text, p->unit->scope, 0);
  if (name == NULL || name->declared == 0) {
    kv_parser_fail_quoted(p, "undefined variable %s", token.text);
  }
  node->variable = name;
  return node;
}

static kv_node *parse_identifier(kv_parser *p, kv_token token) {
  kv_node *node = kv_parser_node(p, KV_NODE_IDENTIFIER, token);
  node->builtin = kv_builtin_find(token.text);
  if (node->builtin == NULL) kv_parser_fail_quoted(p, "function %s not defined", token.text);
  return node;
}

static kv_node *parse_constant(kv_parser *p, kv_token token, kv_node_type type, kv_value value) {
  kv_node *node = kv_parser_node(p, type, token);
  node->value = value;
  return node;
}

static kv_node *parse_parentheses(kv_parser *p) {
  kv_node *node = &p->spare_node;
  if (++p->unit->nesting <= KV_TEMPLATE_MAX_NESTING) {
    node = kv_parser_pipeline(p, KV_NODE_PIPE, "parenthesized pipeline", KV_TOKEN_RIGHT_PAREN);
  } else {
    kv_parser_fail(p, "max expression depth exceeded");
  }
  p->unit->nesting--;
  return node;
}

/* A constant, name, or parenthesized pipeline; NULL, and nothing taken, where there is none. */
static kv_node *parse_term(kv_parser *p) {
  kv_token token = kv_parser_next_non_space(p);
  switch (token.type) {
  case KV_TOKEN_IDENTIFIER:
    return parse_identifier(p, token);
  case KV_TOKEN_DOT:
    return kv_parser_node(p, KV_NODE_DOT, token);
  case KV_TOKEN_NIL:
    return kv_parser_node(p, KV_NODE_NIL, token);
  case KV_TOKEN_VARIABLE:
    return parse_variable(p, token);
  case KV_TOKEN_CHAR_CONSTANT:
  case KV_TOKEN_COMPLEX:
  case KV_TOKEN_NUMBER:
    return parse_number(p, token);
  case KV_TOKEN_STRING:
  case KV_TOKEN_RAW_STRING:
    return parse_constant(p, token, KV_NODE_STRING,
                          (kv_value){.kind = KV_STRING, .string = kv_parser_unquote(p, token)});
  case KV_TOKEN_FIELD:
    return kv_parser_node(p, KV_NODE_FIELD, token);
  case KV_TOKEN_BOOL:
    return parse_constant(p, token, KV_NODE_BOOL,
                          (kv_value){.kind = KV_BOOL, .integer = token.text.bytes[0] == 't'});
  case KV_TOKEN_LEFT_PAREN:
    return parse_parentheses(p);
  default:
    kv_parser_back(p);
    return NULL;
  }
}

static int takes_no_fields(const kv_node *node) {
  return node->type == KV_NODE_BOOL || node->type == KV_NODE_STRING ||
         node->type == KV_NODE_NUMBER || node->type == KV_NODE_NIL || node->type == KV_NODE_DOT;
}

/* A chain has the fields as its source, as a field or a variable has them in its own. As in Go, all
** of them are taken before any is found to have no place here. */
static kv_node *parse_fields(kv_parser *p, kv_node *node) {
  kv_token field = kv_parser_peek(p);
  kv_node *taken = node;
  if (node->type != KV_NODE_FIELD && node->type != KV_NODE_VARIABLE) {
    taken = kv_parser_node(p, KV_NODE_CHAIN, field);
    taken->operand = node;
  }
  uint32_t end = taken->at;
  for (; field.type == KV_TOKEN_FIELD; field = kv_parser_peek(p)) {
    end = field.at + (uint32_t)field.text.length;
    kv_parser_next(p);
  }
  taken->length = end - taken->at;
  if (takes_no_fields(node)) {
    kv_parser_fail_quoted(p, "unexpected . after term %s",
                          (kv_str){p->made->source.bytes + node->at, node->length});
  }
  return taken;
}

/* A term, and the fields taken of it; NULL where there is none. */
static kv_node *parse_operand(kv_parser *p) {
  kv_node *node = parse_term(p);
  if (node == NULL || kv_parser_peek(p).type != KV_TOKEN_FIELD) return node;
  return parse_fields(p, node);
}

/* ---- commands and pipelines ------------------------------------------------------------------ */

/* What stands behind an operand: 1 if another may follow. */
static int goes_on(kv_parser *p) {
  kv_token token = kv_parser_next(p);
  if (token.type == KV_TOKEN_SPACE) return 1;
  if (token.type == KV_TOKEN_RIGHT_DELIM || token.type == KV_TOKEN_RIGHT_PAREN) {
    kv_parser_back(p);
  } else if (token.type != KV_TOKEN_PIPE) {
    kv_parser_unexpected(p, token, "operand");
  }
  return 0;
}

static kv_command *new_command(kv_parser *p) {
  kv_command *command = kv_arena_alloc(&p->made->arena, sizeof *command);
  if (command == NULL) command = &p->spare_command;
  *command = (kv_command){.at = kv_parser_peek_non_space(p).at};
  return command;
}

static kv_command *parse_command(kv_parser *p) {
  kv_command *command = new_command(p);
  kv_node **tail = &command->arguments;
  do {
    kv_parser_peek_non_space(p);
    kv_node *operand = parse_operand(p);
    if (operand == NULL) continue;
    *tail = operand;
    tail = &operand->next;
    command->count++;
  } while (goes_on(p));
  if (command->count == 0) kv_parser_fail(p, "empty command");
  return command;
}

/* The variables that a pipeline declares or assigns, if it begins with any. */
static void parse_declarations(kv_parser *p, kv_node *pipe, const char *context) {
  for (;;) {
    kv_token variable = kv_parser_peek_non_space(p);
    if (variable.type != KV_TOKEN_VARIABLE) return;
    kv_parser_next(p);
    kv_token after = kv_parser_peek(p), token = kv_parser_peek_non_space(p);
    int is_comma = token.type == KV_TOKEN_CHAR && kv_str_is(token.text, ",");
    if (token.type != KV_TOKEN_ASSIGN && token.type != KV_TOKEN_DECLARE && !is_comma) {
      const kv_token both[] = {after, variable};
      if (after.type == KV_TOKEN_SPACE) {
        kv_parser_back_before(p, both, 2);
      } else {
        kv_parser_back_before(p, &variable, 1);
      }
      return;
    }
    kv_parser_next_non_space(p);
    kv_parser_declare(p, variable.text);
    if (pipe->variable_count < KV_MAX_DECLARED) {
      pipe->variables[pipe->variable_count++] = kv_parser_name(p, variable.text, p->unit->scope, 0);
    }
    if (!is_comma) {
      pipe->is_assignment = token.type == KV_TOKEN_ASSIGN;
      return;
    }
    if (strcmp(context, "range") != 0 || pipe->variable_count == KV_MAX_DECLARED) {
      kv_parser_fail(p, "too many declarations in %s", context);
      return;
    }
    kv_token_type following = kv_parser_peek_non_space(p).type;
    if (following != KV_TOKEN_VARIABLE && following != KV_TOKEN_RIGHT_DELIM &&
        following != KV_TOKEN_RIGHT_PAREN) {
      kv_parser_fail(p, "range can only initialize variables");
      return;
    }
  }
}

/* A pipeline must do something, and what is piped to must be able to take it. */
static void check_pipeline(kv_parser *p, const kv_node *pipe, const char *context) {
  if (pipe->commands == NULL) {
    kv_parser_fail(p, "missing value for %s", context);
    return;
  }
  int stage = 2;
  const kv_command *c = pipe->commands->next;
  for (; c != NULL && !kv_parser_has_failed(p); c = c->next, stage++) {
    assert(c->arguments != NULL); /* an empty command is an error already */
    int type = c->arguments->type;
    if (type == KV_NODE_BOOL || type == KV_NODE_DOT || type == KV_NODE_NIL ||
        type == KV_NODE_NUMBER || type == KV_NODE_STRING) {
      kv_parser_fail(p, "non executable command in pipeline stage %d", stage);
    }
  }
}

/* 1: a command begins with the token that comes. 0: the pipeline has ended, or cannot go on. */
static int begins_command(kv_parser *p, const char *context, kv_token_type end) {
  kv_token token = kv_parser_next_non_space(p);
  if (token.type == end) return 0;
  if (token.type >= KV_TOKEN_LEFT_PAREN && token.type <= KV_TOKEN_NIL) {
    kv_parser_back(p);
    return 1;
  }
  kv_parser_unexpected(p, token, context);
  return 0;
}

static kv_node *new_pipe(kv_parser *p, kv_node_type type) {
  return kv_parser_node(p, type, kv_parser_peek_non_space(p));
}

kv_node *kv_parser_pipeline(kv_parser *p, kv_node_type type, const char *context,
                            kv_token_type end) {
  kv_node *pipe = new_pipe(p, type);
  kv_command **tail = &pipe->commands;
  parse_declarations(p, pipe, context);
  while (begins_command(p, context, end)) {
    kv_command *command = parse_command(p);
    *tail = command;
    tail = &command->next;
  }
  if (!kv_parser_has_failed(p)) check_pipeline(p, pipe, context);
  return pipe;
}
