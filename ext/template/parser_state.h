/*
** The parser, in three parts: actions and lists (parser.c), the pipelines in them (pipelines.c), and what
** both stand on (parser_state.c).
**
** Errors are sticky: once there is one, the lexer gives only ends of input, and every loop here stops
** at one.
*/
#ifndef KV_TEMPLATE_PARSER_STATE_H
#define KV_TEMPLATE_PARSER_STATE_H

#include "tokens.h"
#include "tree.h"

/* Names by their hash, in chains of about one. */
typedef struct kv_names {
  kv_name **chains;
  uint32_t size, count;
} kv_names;

/*
** One template of the text: the main one, a {{define}} or a {{block}}. Each looks ahead for itself,
** as in Go, where the line of an error is that of the token that the template took last.
*/
typedef struct kv_unit {
  struct kv_unit *outer;
  kv_name *name;
  uint32_t scope;    /* of its variables */
  kv_token ahead[3]; /* the last from the lexer first; those given back behind it */
  int ahead_count;
  int action_line; /* of the action that is being read, 0: none */
  int loops;       /* that are open */
  int nesting;     /* parentheses that are open */
} kv_unit;

typedef enum kv_open_kind { KV_OPEN_UNIT, KV_OPEN_CONTROL, KV_OPEN_ELSE } kv_open_kind;

/* Something that waits for its {{end}}. */
typedef struct kv_open {
  struct kv_open *outer;
  kv_open_kind kind;
  kv_node *node;  /* the control, or the {{template}} that a {{block}} is */
  kv_node *first; /* of a unit */
  kv_node **tail; /* where the next node goes */
  size_t declared_count;
} kv_open;

typedef struct kv_parser {
  kv_template *made;
  kv_lexer lexer;
  kv_names names;
  uint32_t scope_count;
  kv_unit *unit;
  kv_open *open, *unused_open;
  kv_name **declared; /* the variables in sight, the last last */
  size_t declared_count, declared_size;
  char *error;
  kv_node spare_node; /* stands in where there is no memory: written, never read */
  kv_command spare_command;
  kv_name spare_name;
} kv_parser;

int kv_parser_has_failed(const kv_parser *p);
/* The first error is the one: "line 3: …", with the line of the unit's last token. */
void kv_parser_fail(kv_parser *p, const char *format, ...);
/* The same with a text in Go's quotes for the format's one %s. */
void kv_parser_fail_quoted(kv_parser *p, const char *format, kv_str text);
void kv_parser_unexpected(kv_parser *p, kv_token token, const char *context);

/* ---- tokens ---------------------------------------------------------------------------------- */

kv_token kv_parser_next(kv_parser *p);
kv_token kv_parser_peek(kv_parser *p);
/* Gives back the token that was taken last; with `before`, others before it, the last first. */
void kv_parser_back(kv_parser *p);
void kv_parser_back_before(kv_parser *p, const kv_token *before, int count);
kv_token kv_parser_next_non_space(kv_parser *p);
kv_token kv_parser_peek_non_space(kv_parser *p);
kv_token kv_parser_expect(kv_parser *p, kv_token_type type, const char *context);

/* ---- names and nodes ------------------------------------------------------------------------- */

/* The one of this text in this scope; with `is_new` it is made where there is none, else NULL. */
kv_name *kv_parser_name(kv_parser *p, kv_str text, uint32_t scope, int is_new);
void kv_parser_declare(kv_parser *p, kv_str name);
/* Those that were declared since are out of sight. */
void kv_parser_forget(kv_parser *p, size_t declared_count);
kv_node *kv_parser_node(kv_parser *p, kv_node_type type, kv_token token);

#endif
