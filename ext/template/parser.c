/*
** From tokens to a tree. See tree.h.
**
** A recursive descent as in Go, with up to three tokens of look-ahead. An error is sticky: once
** there is one, the lexer gives only ends of input, and every loop here stops at one.
*/
#include "tree.h"

#include <string.h>

/* Each level of nesting is a few small frames of C stack: this many fit 64 KB. */
enum { MAX_NESTING = 100 };

typedef struct parser {
  kv_template *made;
  kv_lexer lexer;
  kv_token ahead[3]; /* given back, the last first */
  int ahead_count;
  kv_str variables[256];
  int variable_count;
  int scope; /* the first of them that is in scope; $ always is */
  int range_depth;
  int nesting;
  char *error;
  /* Stand in for what there is no memory for: written, never read. */
  kv_node spare_node;
  kv_command spare_command;
  kv_pipe spare_pipe;
} parser;

/* ---- errors ---------------------------------------------------------------------------------- */

/* The first error is the one: "line 3: …". */
static void fail(parser *p, int line, const char *format, ...) {
  va_list arguments;
  if (p->error != NULL || p->made->arena.code != SQLITE_OK) return;
  va_start(arguments, format);
  char *message = sqlite3_vmprintf(format, arguments);
  va_end(arguments);
  p->error = message != NULL ? sqlite3_mprintf("line %d: %s", line, message) : NULL;
  if (p->error == NULL) p->made->arena.code = SQLITE_NOMEM;
  sqlite3_free(message);
}

static int has_failed(const parser *p) {
  return p->error != NULL || p->made->arena.code != SQLITE_OK;
}

/* ---- tokens ---------------------------------------------------------------------------------- */

static kv_token next(parser *p) {
  static const kv_token end = {KV_TOKEN_EOF, {"", 0}, 0};
  if (has_failed(p)) return end;
  if (p->ahead_count > 0) return p->ahead[--p->ahead_count];
  kv_token token = kv_lexer_next(&p->lexer);
  if (token.type == KV_TOKEN_ERROR) {
    fail(p, token.line, "%.*s", (int)token.text.length, token.text.bytes);
    return end;
  }
  return token;
}

static void give_back(parser *p, kv_token token) {
  if (!has_failed(p)) p->ahead[p->ahead_count++] = token;
}

static kv_token peek(parser *p) {
  kv_token token = next(p);
  give_back(p, token);
  return token;
}

static kv_token next_non_space(parser *p) {
  kv_token token;
  do token = next(p);
  while (token.type == KV_TOKEN_SPACE);
  return token;
}

static kv_token peek_non_space(parser *p) {
  kv_token token = next_non_space(p);
  give_back(p, token);
  return token;
}

static void fail_unexpected(parser *p, kv_token token, const char *context) {
  if (token.type == KV_TOKEN_EOF) {
    fail(p, token.line, "unexpected EOF in %s", context);
  } else {
    int length = token.text.length > 40 ? 40 : (int)token.text.length;
    fail(p, token.line, "unexpected <%.*s> in %s", length, token.text.bytes, context);
  }
}

static kv_token expect(parser *p, kv_token_type type, const char *context) {
  kv_token token = next_non_space(p);
  if (token.type != type) fail_unexpected(p, token, context);
  return token;
}

/* ---- making nodes ---------------------------------------------------------------------------- */

static kv_node *new_node(parser *p, kv_node_type type, kv_token token) {
  kv_node *node = kv_arena_alloc(&p->made->arena, sizeof *node);
  if (node == NULL) node = &p->spare_node;
  node->type = type;
  node->line = token.line;
  node->text = token.text;
  return node;
}

static void append(kv_list *list, kv_node *node) {
  if (list->last != NULL) {
    list->last->next = node;
  } else {
    list->first = node;
  }
  list->last = node;
}

static void add_name(parser *p, kv_names *names, kv_str name) {
  kv_str *grown = kv_arena_alloc(&p->made->arena, ((size_t)names->count + 1) * sizeof *grown);
  if (grown == NULL) return;
  if (names->count > 0) memcpy(grown, names->names, (size_t)names->count * sizeof *grown);
  grown[names->count++] = name;
  names->names = grown;
}

static void declare(parser *p, kv_str name, int line) {
  if (p->variable_count == (int)(sizeof p->variables / sizeof p->variables[0])) {
    fail(p, line, "too many variables");
    return;
  }
  p->variables[p->variable_count++] = name;
}

static int is_declared(const parser *p, kv_str name) {
  for (int i = p->scope; i < p->variable_count; i++) {
    if (kv_str_equals(p->variables[i], name)) return 1;
  }
  return kv_str_is(name, "$");
}

static int enter(parser *p, int line, const char *what) {
  if (++p->nesting <= MAX_NESTING) return 1;
  fail(p, line, "%s nested too deep: more than %d levels", what, MAX_NESTING);
  return 0;
}

/* ---- pipelines ------------------------------------------------------------------------------- */

static kv_pipe *parse_pipeline(parser *p, const char *context, kv_token_type end);

static kv_node *parse_number(parser *p, kv_token token) {
  kv_node *node = new_node(p, KV_NODE_NUMBER, token);
  const char *wrong = kv_number_parse(token.text, token.type, &node->number);
  if (wrong != NULL) fail(p, token.line, wrong, (int)token.text.length, token.text.bytes);
  return node;
}

static kv_node *parse_string(parser *p, kv_token token) {
  kv_node *node = new_node(p, KV_NODE_STRING, token);
  if (!kv_string_unquote(token.text, &p->made->arena, &node->text)) {
    fail(p, token.line, "invalid syntax in %.*s", (int)token.text.length, token.text.bytes);
  }
  return node;
}

static kv_node *parse_variable(parser *p, kv_token token) {
  kv_node *node = new_node(p, KV_NODE_VARIABLE, token);
  if (!is_declared(p, token.text)) {
    fail(p, token.line, "undefined variable \"%.*s\"", (int)token.text.length, token.text.bytes);
  }
  add_name(p, &node->names, token.text);
  return node;
}

static kv_str without_dot(kv_str field) {
  return (kv_str){field.bytes + 1, field.length - 1};
}

static kv_node *parse_identifier(parser *p, kv_token token) {
  if (!kv_is_function(token.text)) {
    fail(p, token.line, "function \"%.*s\" not defined", (int)token.text.length, token.text.bytes);
  }
  return new_node(p, KV_NODE_IDENTIFIER, token);
}

/* A constant, name, or parenthesized pipeline; NULL, and nothing taken, where there is none. */
static kv_node *parse_term(parser *p) {
  kv_token token = next_non_space(p);
  kv_node *node = NULL;
  switch (token.type) {
  case KV_TOKEN_IDENTIFIER:
    return parse_identifier(p, token);
  case KV_TOKEN_DOT:
    return new_node(p, KV_NODE_DOT, token);
  case KV_TOKEN_NIL:
    return new_node(p, KV_NODE_NIL, token);
  case KV_TOKEN_VARIABLE:
    return parse_variable(p, token);
  case KV_TOKEN_CHAR_CONSTANT:
  case KV_TOKEN_COMPLEX:
  case KV_TOKEN_NUMBER:
    return parse_number(p, token);
  case KV_TOKEN_STRING:
  case KV_TOKEN_RAW_STRING:
    return parse_string(p, token);
  case KV_TOKEN_FIELD:
    node = new_node(p, KV_NODE_FIELD, token);
    add_name(p, &node->names, without_dot(token.text));
    return node;
  case KV_TOKEN_BOOL:
    node = new_node(p, KV_NODE_BOOL, token);
    node->is_true = kv_str_is(token.text, "true");
    return node;
  case KV_TOKEN_LEFT_PAREN:
    node = new_node(p, KV_NODE_PIPE, token);
    if (enter(p, token.line, "parentheses")) {
      node->pipe = parse_pipeline(p, "parenthesized pipeline", KV_TOKEN_RIGHT_PAREN);
    }
    p->nesting--;
    return node;
  default:
    give_back(p, token);
    return NULL;
  }
}

/* A term, and the fields taken of it. */
static kv_node *parse_operand(parser *p) {
  kv_node *node = parse_term(p);
  if (node == NULL || peek(p).type != KV_TOKEN_FIELD) return node;
  if (node->type == KV_NODE_BOOL || node->type == KV_NODE_STRING || node->type == KV_NODE_NUMBER ||
      node->type == KV_NODE_NIL || node->type == KV_NODE_DOT) {
    fail(p, node->line, "unexpected . after term \"%.*s\"", (int)node->text.length,
         node->text.bytes);
    return node;
  }
  if (node->type != KV_NODE_FIELD && node->type != KV_NODE_VARIABLE) {
    kv_node *chain = new_node(p, KV_NODE_CHAIN, peek(p));
    chain->operand = node;
    node = chain;
  }
  while (peek(p).type == KV_TOKEN_FIELD) add_name(p, &node->names, without_dot(next(p).text));
  return node;
}

static kv_command *parse_command(parser *p) {
  kv_command *command = kv_arena_alloc(&p->made->arena, sizeof *command);
  kv_list arguments = {NULL, NULL};
  if (command == NULL) command = &p->spare_command;
  command->count = 0;
  for (;;) {
    kv_token first = peek_non_space(p);
    kv_node *operand = parse_operand(p);
    if (operand != NULL) {
      append(&arguments, operand);
      if (command->count++ == 0) command->line = first.line;
    }
    kv_token token = next(p);
    if (token.type == KV_TOKEN_SPACE) continue;
    if (token.type == KV_TOKEN_RIGHT_DELIM || token.type == KV_TOKEN_RIGHT_PAREN) {
      give_back(p, token);
    } else if (token.type != KV_TOKEN_PIPE) {
      fail_unexpected(p, token, "operand");
    }
    break;
  }
  command->arguments = arguments.first;
  if (command->count == 0) fail(p, p->lexer.line, "empty command");
  return command;
}

/* The variables that a pipeline declares or assigns, if it begins with any. */
static void parse_declarations(parser *p, kv_pipe *pipe, const char *context) {
  for (;;) {
    kv_token variable = peek_non_space(p);
    if (variable.type != KV_TOKEN_VARIABLE) return;
    next(p);
    kv_token after = peek(p);
    kv_token token = peek_non_space(p);
    int is_comma = token.type == KV_TOKEN_CHAR && kv_str_is(token.text, ",");
    if (token.type != KV_TOKEN_ASSIGN && token.type != KV_TOKEN_DECLARE && !is_comma) {
      if (after.type == KV_TOKEN_SPACE) give_back(p, after);
      give_back(p, variable);
      return;
    }
    next_non_space(p);
    add_name(p, &pipe->variables, variable.text);
    declare(p, variable.text, variable.line);
    if (!is_comma) {
      pipe->is_assignment = token.type == KV_TOKEN_ASSIGN;
      return;
    }
    if (strcmp(context, "range") != 0 || pipe->variables.count >= 2) {
      fail(p, token.line, "too many declarations in %s", context);
      return;
    }
    kv_token_type following = peek_non_space(p).type;
    if (following != KV_TOKEN_VARIABLE && following != KV_TOKEN_RIGHT_DELIM &&
        following != KV_TOKEN_RIGHT_PAREN) {
      fail(p, token.line, "range can only initialize variables");
      return;
    }
  }
}

/* A pipeline must do something, and what is piped to must be able to take it. */
static void check_pipeline(parser *p, const kv_pipe *pipe, const char *context) {
  int stage = 2;
  if (pipe->first == NULL) {
    fail(p, pipe->line, "missing value for %s", context);
    return;
  }
  for (const kv_command *c = pipe->first->next; c != NULL && !has_failed(p); c = c->next, stage++) {
    kv_node_type type = c->arguments->type;
    if (type == KV_NODE_BOOL || type == KV_NODE_DOT || type == KV_NODE_NIL ||
        type == KV_NODE_NUMBER || type == KV_NODE_STRING) {
      fail(p, c->line, "non executable command in pipeline stage %d", stage);
    }
  }
}

static int begins_command(kv_token_type type) {
  return (type >= KV_TOKEN_BOOL && type <= KV_TOKEN_NIL) || type == KV_TOKEN_LEFT_PAREN;
}

static kv_pipe *parse_pipeline(parser *p, const char *context, kv_token_type end) {
  kv_pipe *pipe = kv_arena_alloc(&p->made->arena, sizeof *pipe);
  if (pipe == NULL) pipe = &p->spare_pipe;
  pipe->line = peek_non_space(p).line;
  parse_declarations(p, pipe, context);
  kv_command **last = &pipe->first;
  for (;;) {
    kv_token token = next_non_space(p);
    if (token.type == end) {
      check_pipeline(p, pipe, context);
      return pipe;
    }
    if (!begins_command(token.type)) {
      fail_unexpected(p, token, context);
      return pipe;
    }
    give_back(p, token);
    *last = parse_command(p);
    last = &(*last)->next;
  }
}

/* ---- actions --------------------------------------------------------------------------------- */

static kv_node *parse_text_or_action(parser *p);

/* Up to {{end}} or {{else}}, which is returned. */
static kv_node *parse_list(parser *p, kv_list *list) {
  for (;;) {
    kv_token token = peek_non_space(p);
    if (token.type == KV_TOKEN_EOF) {
      fail(p, token.line, "unexpected EOF");
      return new_node(p, KV_NODE_END, token);
    }
    kv_node *node = parse_text_or_action(p);
    if (node->type == KV_NODE_END || node->type == KV_NODE_ELSE || has_failed(p)) return node;
    append(list, node);
  }
}

static void fail_node(parser *p, const kv_node *node, const char *context) {
  const char *name = node->type == KV_NODE_ELSE ? "{{else}}" : "{{end}}";
  if (context != NULL) {
    fail(p, node->line, "unexpected %s in %s", name, context);
  } else {
    fail(p, node->line, "unexpected %s", name);
  }
}

/* if, with and range. The keyword has been taken. */
static kv_node *parse_control(parser *p, kv_token keyword, kv_node_type type, const char *context) {
  kv_node *node = new_node(p, type, keyword);
  int variables = p->variable_count;
  if (!enter(p, keyword.line, "actions")) return node;
  node->pipe = parse_pipeline(p, context, KV_TOKEN_RIGHT_DELIM);
  p->range_depth += type == KV_NODE_RANGE;
  kv_node *end = parse_list(p, &node->list);
  p->range_depth -= type == KV_NODE_RANGE;
  if (end->type == KV_NODE_ELSE && !has_failed(p)) {
    kv_token token = peek(p);
    node->has_else = 1;
    /* {{else if}} and {{else with}} share their {{end}} with what they are the else of. */
    if ((type == KV_NODE_IF && token.type == KV_TOKEN_IF) ||
        (type == KV_NODE_WITH && token.type == KV_TOKEN_WITH)) {
      next(p);
      append(&node->else_list, parse_control(p, token, type, context));
    } else if (parse_list(p, &node->else_list)->type != KV_NODE_END) {
      fail(p, token.line, "expected end; found {{else}}");
    }
  }
  p->variable_count = variables;
  p->nesting--;
  return node;
}

static kv_node *parse_else(parser *p, kv_token keyword) {
  kv_token token = peek_non_space(p);
  if (token.type == KV_TOKEN_IF || token.type == KV_TOKEN_WITH) {
    next_non_space(p);
    give_back(p, token);
  } else {
    expect(p, KV_TOKEN_RIGHT_DELIM, "else");
  }
  return new_node(p, KV_NODE_ELSE, keyword);
}

static kv_node *parse_loop_control(parser *p, kv_token keyword, kv_node_type type,
                                   const char *name) {
  kv_token token = next_non_space(p);
  if (token.type != KV_TOKEN_RIGHT_DELIM) fail_unexpected(p, token, name);
  if (p->range_depth == 0) fail(p, keyword.line, "%s outside {{range}}", name);
  return new_node(p, type, keyword);
}

static kv_str parse_name(parser *p, const char *context) {
  kv_token token = next_non_space(p);
  if (token.type != KV_TOKEN_STRING && token.type != KV_TOKEN_RAW_STRING) {
    fail_unexpected(p, token, context);
    return token.text;
  }
  return parse_string(p, token)->text;
}

static kv_node *parse_template(parser *p, kv_token keyword) {
  kv_node *node = new_node(p, KV_NODE_TEMPLATE, keyword);
  node->text = parse_name(p, "template clause");
  kv_token token = next_non_space(p);
  if (token.type != KV_TOKEN_RIGHT_DELIM) {
    give_back(p, token);
    node->pipe = parse_pipeline(p, "template clause", KV_TOKEN_RIGHT_DELIM);
  }
  return node;
}

/* ---- definitions ----------------------------------------------------------------------------- */

static int is_blank(kv_str text) {
  size_t size;
  for (size_t at = 0; at < text.length; at += size) {
    int32_t rune = kv_rune_decode(text.bytes + at, text.length - at, &size);
    int is_space = rune == ' ' || (rune >= '\t' && rune <= '\r') || rune == 0x85 || rune == 0xa0 ||
                   rune == 0x1680 || (rune >= 0x2000 && rune <= 0x200a) || rune == 0x2028 ||
                   rune == 0x2029 || rune == 0x202f || rune == 0x205f || rune == 0x3000;
    if (!is_space) return 0;
  }
  return 1;
}

static int is_empty(const kv_list *list) {
  for (const kv_node *node = list->first; node != NULL; node = node->next) {
    if (node->type != KV_NODE_TEXT || !is_blank(node->text)) return 0;
  }
  return 1;
}

/* A definition replaces an empty one, and gives way to any if it is empty itself. */
static void define(parser *p, kv_str name, kv_list root, int line) {
  kv_definition **at = &p->made->first;
  for (; *at != NULL; at = &(*at)->next) {
    if (!kv_str_equals((*at)->name, name)) continue;
    if (is_empty(&(*at)->root)) {
      (*at)->root = root;
    } else if (!is_empty(&root)) {
      fail(p, line, "template: multiple definition of template \"%.*s\"", (int)name.length,
           name.bytes);
    }
    return;
  }
  *at = kv_arena_alloc(&p->made->arena, sizeof **at);
  if (*at != NULL) **at = (kv_definition){NULL, name, root};
}

/* The body of a definition, up to its {{end}}: variables and loops around it are not its own. */
static void parse_body(parser *p, kv_str name, const char *context, int line) {
  kv_list root = {NULL, NULL};
  int scope = p->scope, variable_count = p->variable_count, range_depth = p->range_depth;
  p->scope = p->variable_count;
  p->range_depth = 0;
  if (enter(p, line, "definitions")) {
    kv_node *end = parse_list(p, &root);
    if (end->type != KV_NODE_END) fail_node(p, end, context);
    if (!has_failed(p)) define(p, name, root, line);
  }
  p->nesting--;
  p->scope = scope;
  p->variable_count = variable_count;
  p->range_depth = range_depth;
}

static kv_node *parse_block(parser *p, kv_token keyword) {
  kv_node *node = new_node(p, KV_NODE_TEMPLATE, keyword);
  node->text = parse_name(p, "block clause");
  node->pipe = parse_pipeline(p, "block clause", KV_TOKEN_RIGHT_DELIM);
  parse_body(p, node->text, "block clause", keyword.line);
  return node;
}

static void parse_definition(parser *p, kv_token keyword) {
  kv_str name = parse_name(p, "define clause");
  expect(p, KV_TOKEN_RIGHT_DELIM, "define clause");
  parse_body(p, name, "define clause", keyword.line);
}

static kv_node *parse_action(parser *p) {
  kv_token token = next_non_space(p);
  kv_node *node;
  switch (token.type) {
  case KV_TOKEN_BLOCK:
    return parse_block(p, token);
  case KV_TOKEN_BREAK:
    return parse_loop_control(p, token, KV_NODE_BREAK, "{{break}}");
  case KV_TOKEN_CONTINUE:
    return parse_loop_control(p, token, KV_NODE_CONTINUE, "{{continue}}");
  case KV_TOKEN_ELSE:
    return parse_else(p, token);
  case KV_TOKEN_END:
    expect(p, KV_TOKEN_RIGHT_DELIM, "end");
    return new_node(p, KV_NODE_END, token);
  case KV_TOKEN_IF:
    return parse_control(p, token, KV_NODE_IF, "if");
  case KV_TOKEN_RANGE:
    return parse_control(p, token, KV_NODE_RANGE, "range");
  case KV_TOKEN_TEMPLATE:
    return parse_template(p, token);
  case KV_TOKEN_WITH:
    return parse_control(p, token, KV_NODE_WITH, "with");
  default:
    give_back(p, token);
    node = new_node(p, KV_NODE_ACTION, token);
    node->pipe = parse_pipeline(p, "command", KV_TOKEN_RIGHT_DELIM);
    return node;
  }
}

static kv_node *parse_text_or_action(parser *p) {
  kv_token token = next_non_space(p);
  if (token.type == KV_TOKEN_TEXT) return new_node(p, KV_NODE_TEXT, token);
  if (token.type == KV_TOKEN_LEFT_DELIM) return parse_action(p);
  fail_unexpected(p, token, "input");
  return new_node(p, KV_NODE_END, token);
}

static void parse_main(parser *p) {
  kv_list root = {NULL, NULL};
  while (peek(p).type != KV_TOKEN_EOF && !has_failed(p)) {
    if (peek(p).type == KV_TOKEN_LEFT_DELIM) {
      kv_token delim = next(p), token = next_non_space(p);
      if (token.type == KV_TOKEN_DEFINE) {
        parse_definition(p, token);
        continue;
      }
      give_back(p, token);
      give_back(p, delim);
    }
    kv_node *node = parse_text_or_action(p);
    if (node->type == KV_NODE_END || node->type == KV_NODE_ELSE) {
      fail_node(p, node, NULL);
      break;
    }
    append(&root, node);
  }
  if (!has_failed(p)) define(p, KV_STR(KV_MAIN_TEMPLATE), root, p->lexer.line);
}

int kv_template_parse(const char *text, size_t length, kv_template **out, char **error) {
  *out = NULL;
  *error = NULL;
  parser *p = sqlite3_malloc64(sizeof *p);
  kv_template *made = sqlite3_malloc64(sizeof *made);
  if (p == NULL || made == NULL) {
    sqlite3_free(p);
    sqlite3_free(made);
    return SQLITE_NOMEM;
  }
  *made = (kv_template){0};
  memset(p, 0, sizeof *p);
  p->made = made;
  char *copy = kv_arena_alloc(&made->arena, length + 1);
  if (copy != NULL) {
    memcpy(copy, text, length);
    kv_lexer_init(&p->lexer, copy, length, &made->arena);
    parse_main(p);
  }
  int code = made->arena.code != SQLITE_OK ? made->arena.code
             : p->error != NULL            ? SQLITE_ERROR
                                           : SQLITE_OK;
  if (code == SQLITE_ERROR) *error = p->error;
  if (code != SQLITE_ERROR) sqlite3_free(p->error);
  sqlite3_free(p);
  if (code != SQLITE_OK) {
    kv_template_free(made);
  } else {
    *out = made;
  }
  return code;
}

void kv_template_free(kv_template *parsed) {
  if (parsed == NULL) return;
  kv_arena_free(&parsed->arena);
  sqlite3_free(parsed);
}
