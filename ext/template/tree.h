/*
** What the rooms of the template library share: text, memory, and the tree between parser and
** executor.
*/
#ifndef KV_TEMPLATE_TREE_H
#define KV_TEMPLATE_TREE_H

#include "template.h"

#include <stdarg.h>
#include <stdint.h>

/* Bytes that belong to somebody else: the template's text, an arena, a constant. */
typedef struct kv_str {
  const char *bytes;
  size_t length;
} kv_str;

#define KV_STR(literal) ((kv_str){literal, sizeof(literal) - 1})
int kv_str_equals(kv_str a, kv_str b);
int kv_str_is(kv_str a, const char *text);

/* Memory that is freed all at once. */
typedef struct kv_arena {
  struct kv_arena_block *blocks;
  size_t used, limit; /* limit 0: none */
  int code;           /* SQLITE_NOMEM or SQLITE_TOOBIG once an allocation failed */
} kv_arena;
/* Zeroed memory, or NULL. */
void *kv_arena_alloc(kv_arena *arena, size_t size);
void kv_arena_free(kv_arena *arena);

/* A growing buffer with a sticky error. */
typedef struct kv_buffer {
  char *bytes;
  size_t length, size, limit;
  int code;
} kv_buffer;
void kv_buffer_append(kv_buffer *buffer, const char *bytes, size_t length);
void kv_buffer_text(kv_buffer *buffer, const char *text);
void kv_buffer_char(kv_buffer *buffer, char c);
void kv_buffer_repeat(kv_buffer *buffer, char c, size_t count);
void kv_buffer_rune(kv_buffer *buffer, int32_t rune);
void kv_buffer_free(kv_buffer *buffer);

/* UTF-8 as Go reads it: the rune at `bytes`, U+FFFD with *size 1 for what is malformed. length > 0.
*/
enum { KV_RUNE_ERROR = 0xfffd };
int32_t kv_rune_decode(const char *bytes, size_t length, size_t *size);
/* Writes at most 4 bytes; returns how many. What is no rune is written as U+FFFD. */
size_t kv_rune_encode(int32_t rune, char *out);
size_t kv_rune_count(kv_str text);
int kv_rune_is_letter(int32_t rune);
int kv_rune_is_digit(int32_t rune);
int kv_rune_is_print(int32_t rune);

/* ---- tokens (lexer.c) ------------------------------------------------------------------------ */

typedef enum kv_token_type {
  KV_TOKEN_ERROR, /* text is the message */
  KV_TOKEN_EOF,
  KV_TOKEN_TEXT,
  KV_TOKEN_LEFT_DELIM,
  KV_TOKEN_RIGHT_DELIM,
  KV_TOKEN_SPACE,
  KV_TOKEN_ASSIGN,
  KV_TOKEN_DECLARE,
  KV_TOKEN_PIPE,
  KV_TOKEN_LEFT_PAREN,
  KV_TOKEN_RIGHT_PAREN,
  KV_TOKEN_CHAR, /* any other character: a comma */
  KV_TOKEN_BOOL,
  KV_TOKEN_CHAR_CONSTANT,
  KV_TOKEN_COMPLEX,
  KV_TOKEN_NUMBER,
  KV_TOKEN_STRING,
  KV_TOKEN_RAW_STRING,
  KV_TOKEN_IDENTIFIER,
  KV_TOKEN_FIELD,    /* with its dot */
  KV_TOKEN_VARIABLE, /* with its dollar */
  KV_TOKEN_DOT,
  KV_TOKEN_NIL,
  KV_TOKEN_BLOCK,
  KV_TOKEN_BREAK,
  KV_TOKEN_CONTINUE,
  KV_TOKEN_DEFINE,
  KV_TOKEN_ELSE,
  KV_TOKEN_END,
  KV_TOKEN_IF,
  KV_TOKEN_RANGE,
  KV_TOKEN_TEMPLATE,
  KV_TOKEN_WITH
} kv_token_type;

typedef struct kv_token {
  kv_token_type type;
  kv_str text;
  int line;
} kv_token;

typedef struct kv_lexer {
  const char *input;
  size_t length, at, start;
  int line; /* of `start` */
  int is_inside;
  int paren_depth;
  int is_finished;
  kv_arena *arena; /* for messages */
} kv_lexer;

void kv_lexer_init(kv_lexer *lexer, const char *input, size_t length, kv_arena *arena);
/* After an error or the end, the same again. */
kv_token kv_lexer_next(kv_lexer *lexer);

/* ---- literals (literals.c) ------------------------------------------------------------------- */

typedef struct kv_number {
  int is_int, is_uint, is_float, is_complex;
  int64_t integer;
  uint64_t unsigned_integer;
  double real;
  double imaginary;
} kv_number;

/* What a constant may be read as, by Go's rules. NULL, or what is wrong (format: the text as %q).
*/
const char *kv_number_parse(kv_str text, kv_token_type type, kv_number *number);
/* Reads a quoted or raw string; 0: it is malformed. */
int kv_string_unquote(kv_str text, kv_arena *arena, kv_str *out);
/* Reads decimal and hexadecimal floats; 0: it is none, or is too large. */
int kv_float_parse(kv_str text, double *value);

/* ---- the tree -------------------------------------------------------------------------------- */

typedef enum kv_node_type {
  KV_NODE_TEXT,
  KV_NODE_ACTION,
  KV_NODE_IF,
  KV_NODE_RANGE,
  KV_NODE_WITH,
  KV_NODE_TEMPLATE,
  KV_NODE_BREAK,
  KV_NODE_CONTINUE,
  KV_NODE_END,  /* seen by the parser only */
  KV_NODE_ELSE, /* likewise */
  KV_NODE_BOOL,
  KV_NODE_DOT,
  KV_NODE_NIL,
  KV_NODE_NUMBER,
  KV_NODE_STRING,
  KV_NODE_FIELD,    /* .a.b */
  KV_NODE_VARIABLE, /* $x.a */
  KV_NODE_CHAIN,    /* (pipeline).a */
  KV_NODE_IDENTIFIER,
  KV_NODE_PIPE
} kv_node_type;

typedef struct kv_node kv_node;
typedef struct kv_pipe kv_pipe;

typedef struct kv_list {
  kv_node *first, *last;
} kv_list;

typedef struct kv_names {
  kv_str *names;
  int count;
} kv_names;

struct kv_node {
  kv_node_type type;
  kv_node *next; /* in a list, or in a command */
  int line;
  kv_str text; /* text; a constant's source; a template's or function's name; a string's value */
  kv_number number; /* KV_NODE_NUMBER */
  int is_true;      /* KV_NODE_BOOL */
  kv_names names;   /* fields; a variable's own name first */
  kv_node *operand; /* KV_NODE_CHAIN: what the fields are taken of */
  kv_pipe *pipe;    /* actions, control, KV_NODE_PIPE */
  kv_list list;     /* control */
  kv_list else_list;
  int has_else;
};

typedef struct kv_command {
  struct kv_command *next;
  kv_node *arguments; /* the first is what is done */
  int count;
  int line;
} kv_command;

struct kv_pipe {
  kv_names variables; /* declared or assigned */
  int is_assignment;
  kv_command *first;
  int line;
};

/* A named template. The first is the main one. */
typedef struct kv_definition {
  struct kv_definition *next;
  kv_str name;
  kv_list root;
} kv_definition;

struct kv_template {
  kv_arena arena;
  kv_definition *first;
};

/* The main template's name, as Go's New() would be given it. */
#define KV_MAIN_TEMPLATE "template"

int kv_is_function(kv_str name);

#endif
