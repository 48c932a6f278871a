/*
** From tokens to a tree: actions, lists and definitions. See parser_state.h.
**
** As Go's parser, token by token, so that an error has its words and its line. Where that one calls
** itself for a control inside another, this one keeps what is open on a list: actions nest as deep as
** there is memory for, without C stack.
*/
#include "parser_state.h"
#include "pipelines.h"
#include "runes.h"

#include <assert.h>
#include <string.h>

/* ---- what is open ---------------------------------------------------------------------------- */

static void append(kv_parser *p, kv_node *node) {
  *p->open->tail = node;
  p->open->tail = &node->next;
}

/* What comes belongs to `node`, or to a unit if that is NULL. 0: no memory. */
static int open_list(kv_parser *p, kv_open_kind kind, kv_node *node) {
  kv_open *open = p->unused_open;
  if (open != NULL) {
    p->unused_open = open->outer;
  } else {
    open = kv_arena_alloc(&p->made->arena, sizeof *open);
  }
  if (open == NULL) return 0;
  *open = (kv_open){.outer = p->open, .kind = kind, .node = node};
  open->tail = kind == KV_OPEN_UNIT ? &open->first : &node->first;
  open->declared_count = p->declared_count;
  p->open = open;
  return 1;
}

static void close_list(kv_parser *p) {
  kv_open *open = p->open;
  kv_parser_forget(p, open->declared_count);
  p->open = open->outer;
  open->outer = p->unused_open;
  p->unused_open = open;
}

/* ---- units ----------------------------------------------------------------------------------- */

/* White space, as Go's bytes.TrimSpace sees it. */
static int is_blank(kv_meter *meter, kv_str text) {
  size_t size;
  for (size_t at = 0; at < text.length; at += size) {
    int32_t rune = kv_rune_decode(text.bytes + at, text.length - at, &size);
    int is_space = rune == ' ' || (rune >= '\t' && rune <= '\r') || rune == 0x85 || rune == 0xa0 ||
                   rune == 0x1680 || (rune >= 0x2000 && rune <= 0x200a) || rune == 0x2028 ||
                   rune == 0x2029 || rune == 0x202f || rune == 0x205f || rune == 0x3000;
    if (!is_space || kv_meter_work(meter, size) != SQLITE_OK) return 0;
  }
  return 1;
}

static int is_empty(const kv_parser *p, const kv_node *node) {
  for (; node != NULL; node = node->next) {
    kv_str text = {p->made->source.bytes + node->at, node->length};
    if (node->type != KV_NODE_TEXT || !is_blank(&p->made->meter, text)) return 0;
  }
  return 1;
}

/* A template begins. `node` is the {{template}} of a {{block}}. */
static void begin_unit(kv_parser *p, kv_node *node) {
  kv_unit *unit = kv_meter_resize(&p->made->meter, NULL, 0, sizeof *unit);
  if (unit == NULL) return;
  *unit = (kv_unit){.outer = p->unit, .scope = ++p->scope_count};
  p->unit = unit;
  if (open_list(p, KV_OPEN_UNIT, node)) kv_parser_declare(p, KV_STR("$"));
}

static void free_unit(kv_parser *p) {
  kv_unit *unit = p->unit;
  p->unit = unit->outer;
  kv_meter_resize(&p->made->meter, unit, sizeof *unit, 0);
}

/* A definition replaces an empty one, and gives way to any if it is empty itself. */
static void define(kv_parser *p) {
  kv_name *name = p->unit->name;
  kv_node *first = p->open->first;
  if (kv_parser_has_failed(p)) return;
  int has_content = !is_empty(p, first);
  if (!name->is_defined || name->is_empty) {
    name->first = first;
    name->is_defined = 1;
    name->is_empty = (unsigned char)!has_content;
    name->dollar = kv_parser_name(p, KV_STR("$"), p->unit->scope, 0);
  } else if (has_content) {
    kv_parser_fail_quoted(p, "template: multiple definition of template %s", name->text);
  }
}

static void end_unit(kv_parser *p) {
  kv_node *block = p->open->node;
  define(p);
  close_list(p);
  if (kv_parser_has_failed(p)) return; /* the unit is where the error was */
  free_unit(p);
  if (block != NULL) {
    append(p, block);
    p->unit->action_line = 0;
  }
}

/* ---- actions --------------------------------------------------------------------------------- */

static kv_name *parse_name(kv_parser *p, kv_token token, const char *context) {
  kv_str text = KV_STR("");
  if (token.type == KV_TOKEN_STRING || token.type == KV_TOKEN_RAW_STRING) {
    text = kv_parser_unquote(p, token);
  } else {
    kv_parser_unexpected(p, token, context);
  }
  return kv_parser_name(p, text, 0, 1);
}

static void parse_block(kv_parser *p) {
  kv_token token = kv_parser_next_non_space(p);
  kv_node *node = kv_parser_node(p, KV_NODE_TEMPLATE, token);
  kv_name *name = parse_name(p, token, "block clause");
  node->name = name;
  node->argument = kv_parser_pipeline(p, KV_NODE_PIPE, "block clause", KV_TOKEN_RIGHT_DELIM);
  if (kv_parser_has_failed(p)) return;
  begin_unit(p, node);
  p->unit->name = name;
}

static void parse_define(kv_parser *p) {
  begin_unit(p, NULL);
  kv_token token = kv_parser_next_non_space(p);
  p->unit->name = parse_name(p, token, "define clause");
  kv_parser_expect(p, KV_TOKEN_RIGHT_DELIM, "define clause");
}

static void parse_template(kv_parser *p) {
  kv_token token = kv_parser_next_non_space(p);
  kv_node *node = kv_parser_node(p, KV_NODE_TEMPLATE, token);
  node->name = parse_name(p, token, "template clause");
  if (kv_parser_next_non_space(p).type != KV_TOKEN_RIGHT_DELIM) {
    kv_parser_back(p);
    node->argument = kv_parser_pipeline(p, KV_NODE_PIPE, "template clause", KV_TOKEN_RIGHT_DELIM);
  }
  append(p, node);
}

static void parse_loop_control(kv_parser *p, kv_node_type type, const char *name) {
  kv_token token = kv_parser_next_non_space(p);
  if (token.type != KV_TOKEN_RIGHT_DELIM) kv_parser_unexpected(p, token, name);
  if (p->unit->loops == 0) kv_parser_fail(p, "%s outside {{range}}", name);
  append(p, kv_parser_node(p, type, token));
}

static const char *control_name(const kv_node *node) {
  return node->type == KV_NODE_IF ? "if" : node->type == KV_NODE_WITH ? "with" : "range";
}

/* The keyword has been taken. */
static kv_node *parse_control(kv_parser *p, kv_node_type type) {
  kv_node *node = kv_parser_node(p, type, (kv_token){.text = KV_STR("")});
  kv_node *pipe = kv_parser_pipeline(p, KV_NODE_PIPE, control_name(node), KV_TOKEN_RIGHT_DELIM);
  node->at = pipe->at;
  node->pipe = pipe;
  return node;
}

static void open_control(kv_parser *p, kv_node_type type) {
  size_t declared_count = p->declared_count;
  kv_node *node = parse_control(p, type);
  append(p, node);
  if (type == KV_NODE_RANGE) p->unit->loops++;
  if (open_list(p, KV_OPEN_CONTROL, node)) p->open->declared_count = declared_count;
}

/* What a control's first list leaves. */
static void end_first_list(kv_parser *p) {
  if (p->open->kind == KV_OPEN_CONTROL && p->open->node->type == KV_NODE_RANGE) p->unit->loops--;
}

/* {{else if}} and {{else with}} share their {{end}} with what they are the else of: they take its
** place among what is open. */
static void chain_control(kv_parser *p) {
  kv_open *open = p->open;
  kv_parser_next(p);
  kv_node *node = parse_control(p, (kv_node_type)open->node->type);
  open->node->else_first = node;
  open->node->is_chained = 1;
  open->node = node;
  open->tail = &node->first;
}

/* An error if {{else}} or {{end}} has no place here. `what` is one of the two. */
static void fail_misplaced(kv_parser *p, const char *what) {
  const kv_open *open = p->open;
  if (open->kind == KV_OPEN_ELSE) {
    kv_parser_fail(p, "expected end; found %s", what);
  } else if (p->unit->outer == NULL) {
    kv_parser_fail(p, "unexpected %s", what);
  } else if (open->node == NULL) {
    kv_parser_fail(p, "unexpected %s in define clause", what);
  } else {
    free_unit(p); /* the block's action is what complains */
    kv_parser_fail(p, "unexpected %s in block clause", what);
  }
}

static void parse_else(kv_parser *p) {
  kv_token token = kv_parser_peek_non_space(p);
  if (token.type != KV_TOKEN_IF && token.type != KV_TOKEN_WITH) {
    kv_parser_expect(p, KV_TOKEN_RIGHT_DELIM, "else");
  }
  p->unit->action_line = 0;
  if (kv_parser_has_failed(p)) return;
  if (p->open->kind != KV_OPEN_CONTROL) {
    fail_misplaced(p, "{{else}}");
    return;
  }
  end_first_list(p);
  kv_node *node = p->open->node;
  node->has_else = 1;
  if ((node->type == KV_NODE_IF && token.type == KV_TOKEN_IF) ||
      (node->type == KV_NODE_WITH && token.type == KV_TOKEN_WITH)) {
    chain_control(p);
  } else {
    p->open->kind = KV_OPEN_ELSE;
    p->open->tail = &node->else_first;
  }
}

static void parse_end(kv_parser *p) {
  kv_parser_expect(p, KV_TOKEN_RIGHT_DELIM, "end");
  p->unit->action_line = 0;
  if (kv_parser_has_failed(p)) return;
  if (p->open->kind != KV_OPEN_UNIT) {
    end_first_list(p);
    close_list(p);
  } else if (p->unit->outer == NULL) {
    fail_misplaced(p, "{{end}}");
  } else {
    end_unit(p);
  }
}

/* The left delimiter has been taken. A control or a block stays open, as does its action's line. */
static void parse_action(kv_parser *p) {
  kv_token token = kv_parser_next_non_space(p);
  switch (token.type) {
  case KV_TOKEN_BLOCK:
    parse_block(p);
    return;
  case KV_TOKEN_IF:
    open_control(p, KV_NODE_IF);
    return;
  case KV_TOKEN_RANGE:
    open_control(p, KV_NODE_RANGE);
    return;
  case KV_TOKEN_WITH:
    open_control(p, KV_NODE_WITH);
    return;
  case KV_TOKEN_ELSE:
    parse_else(p);
    return;
  case KV_TOKEN_END:
    parse_end(p);
    return;
  case KV_TOKEN_BREAK:
    parse_loop_control(p, KV_NODE_BREAK, "{{break}}");
    break;
  case KV_TOKEN_CONTINUE:
    parse_loop_control(p, KV_NODE_CONTINUE, "{{continue}}");
    break;
  case KV_TOKEN_TEMPLATE:
    parse_template(p);
    break;
  default:
    kv_parser_back(p);
    append(p, kv_parser_pipeline(p, KV_NODE_ACTION, "command", KV_TOKEN_RIGHT_DELIM));
    break;
  }
  p->unit->action_line = 0;
}

static void parse_item(kv_parser *p) {
  kv_token token = kv_parser_next_non_space(p);
  if (token.type == KV_TOKEN_TEXT) {
    append(p, kv_parser_node(p, KV_NODE_TEXT, token));
  } else if (token.type == KV_TOKEN_LEFT_DELIM) {
    p->unit->action_line = token.line;
    parse_action(p);
  } else {
    kv_parser_unexpected(p, token, "input");
  }
}

/* A {{define}} may stand between the main template's items only. 1: it was one. */
static int parse_possible_define(kv_parser *p) {
  if (p->open->outer != NULL || kv_parser_peek(p).type != KV_TOKEN_LEFT_DELIM) return 0;
  kv_token delim = kv_parser_next(p);
  if (kv_parser_next_non_space(p).type != KV_TOKEN_DEFINE) {
    kv_parser_back_before(p, &delim, 1);
    return 0;
  }
  parse_define(p);
  return 1;
}

static void parse(kv_parser *p) {
  begin_unit(p, NULL);
  if (kv_parser_has_failed(p)) return;
  p->unit->name = kv_parser_name(p, KV_STR(KV_MAIN_TEMPLATE), 0, 1);
  while (!kv_parser_has_failed(p) && kv_parser_peek_non_space(p).type != KV_TOKEN_EOF) {
    if (!parse_possible_define(p)) parse_item(p);
  }
  if (p->open->outer != NULL) kv_parser_fail(p, "unexpected EOF");
  p->made->main = p->unit->name;
  define(p);
}

/* ---- the template ---------------------------------------------------------------------------- */

static int copy_source(kv_template *made, const char *text, size_t length) {
  return kv_arena_copy(&made->arena, (kv_str){length > 0 ? text : "", length}, &made->source);
}

int kv_template_parse(const char *text, size_t length, const kv_template_host *host,
                      kv_template **out, char **error) {
  kv_template *made = NULL;
  *out = NULL;
  *error = NULL;
  if (length > KV_TEMPLATE_MAX_LENGTH) return SQLITE_TOOBIG;
  made = sqlite3_malloc64(sizeof *made);
  if (made == NULL) return SQLITE_NOMEM;
  *made = (kv_template){.meter = {.host = host}};
  made->meter.max_memory = KV_TEMPLATE_PARSE_FACTOR * length + KV_TEMPLATE_PARSE_BYTES;
  made->arena.meter = &made->meter;
  kv_parser p = {.made = made};
  if (copy_source(made, text, length) == SQLITE_OK) {
    kv_lexer_init(&p.lexer, made->source, &made->arena);
    parse(&p);
  }
  while (p.unit != NULL) free_unit(&p);
  kv_meter_resize(&made->meter, p.declared, p.declared_size * sizeof(kv_name *), 0);
  int code = made->meter.code;
  assert(code != SQLITE_FULL); /* no text makes that much of itself */
  if (code == SQLITE_FULL) code = SQLITE_TOOBIG;
  if (code == SQLITE_OK && p.error != NULL) code = SQLITE_ERROR;
  if (code == SQLITE_ERROR) {
    *error = p.error;
  } else {
    sqlite3_free(p.error);
  }
  if (code == SQLITE_OK) {
    made->meter.host = NULL; /* which may be gone when it is rendered */
    *out = made;
  } else {
    kv_template_free(made);
  }
  return code;
}

void kv_template_free(kv_template *parsed) {
  if (parsed == NULL) return;
  kv_arena_free(&parsed->arena);
  assert(parsed->meter.memory == 0);
  sqlite3_free(parsed);
}

int kv_template_is_of(const kv_template *parsed, const char *text, size_t length) {
  return kv_str_equals(parsed->source, (kv_str){text, length});
}

size_t kv_template_size(const kv_template *parsed) {
  return sizeof *parsed + parsed->meter.memory;
}
