/*
** Tokens, as Go's lexer makes them (lexer.c).
*/
#ifndef KV_TEMPLATE_TOKENS_H
#define KV_TEMPLATE_TOKENS_H

#include "arena.h"

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
  KV_TOKEN_RIGHT_PAREN,
  KV_TOKEN_CHAR, /* any other character: a comma */
  /* These begin a term: */
  KV_TOKEN_LEFT_PAREN,
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
  /* Keywords; the dot and nil count as such in messages. */
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
  int line;    /* in which it begins */
  uint32_t at; /* where in the input */
  kv_str text;
} kv_token;

typedef struct kv_lexer {
  kv_str input;
  size_t at, start; /* the token so far is between them */
  int line;         /* of `start` */
  int is_inside;    /* of {{ }} */
  int is_finished;
  long paren_depth;
  kv_arena *arena; /* for messages */
} kv_lexer;

/* The input must outlive the tokens, and is shorter than 4 GB. */
void kv_lexer_init(kv_lexer *lexer, kv_str input, kv_arena *arena);
/* After an error and at the end: KV_TOKEN_EOF. */
kv_token kv_lexer_next(kv_lexer *lexer);

#endif
