/*
** The tree between parser and executor. It never changes once it is made.
*/
#ifndef KV_TEMPLATE_TREE_H
#define KV_TEMPLATE_TREE_H

#include "buffer.h"
#include "value.h"

typedef enum kv_node_type {
  KV_NODE_TEXT,
  KV_NODE_ACTION, /* a pipeline of its own */
  KV_NODE_IF,
  KV_NODE_RANGE,
  KV_NODE_WITH,
  KV_NODE_TEMPLATE,
  KV_NODE_BREAK,
  KV_NODE_CONTINUE,
  KV_NODE_BOOL,
  KV_NODE_DOT,
  KV_NODE_NIL,
  KV_NODE_NUMBER,
  KV_NODE_STRING,
  KV_NODE_FIELD,      /* .a.b */
  KV_NODE_VARIABLE,   /* $x.a */
  KV_NODE_CHAIN,      /* (pipeline).a */
  KV_NODE_IDENTIFIER, /* a function */
  KV_NODE_PIPE        /* in parentheses, or of a control */
} kv_node_type;

/*
** The name of a template or of a variable. There is one of each in its scope, so that names are the
** same if their addresses are: scope 0 has the templates, each template's variables have their own.
*/
typedef struct kv_name {
  struct kv_name *next; /* of the same hash */
  kv_str text;
  uint32_t hash, scope;
  int declared;                 /* a variable: so many times in sight, while parsing */
  unsigned char is_defined;     /* a template */
  unsigned char is_empty;       /* a template of white space: another may take its place */
  struct kv_node *first;        /* a template's nodes */
  const struct kv_name *dollar; /* a template's $ */
} kv_name;

typedef struct kv_command {
  struct kv_command *next;
  struct kv_node *arguments; /* the first is what is done */
  uint32_t at, count;
} kv_command;

enum { KV_MAX_DECLARED = 2 };

/* Where what is written is the source itself, it is source[at..at + length). */
typedef struct kv_node {
  struct kv_node *next; /* in a list, or in a command */
  uint32_t at, length;
  unsigned char type;           /* kv_node_type */
  unsigned char variable_count; /* KV_NODE_ACTION, KV_NODE_PIPE: declared or assigned */
  unsigned char is_assignment;
  unsigned char is_chained;   /* KV_NODE_IF, KV_NODE_WITH: the else list is an {{else if}}, only */
  unsigned char is_too_large; /* KV_NODE_NUMBER: for an int */
  unsigned char has_else;
  union {
    struct {
      kv_command *commands;
      const kv_name *variables[KV_MAX_DECLARED];
    };
    struct {
      struct kv_node *pipe, *first, *else_first; /* control */
    };
    struct {
      struct kv_node *argument; /* KV_NODE_TEMPLATE: its pipeline, or NULL */
      const kv_name *name;
    };
    const kv_name *variable; /* KV_NODE_VARIABLE, its fields are what follows in the source */
    struct kv_node *operand; /* KV_NODE_CHAIN: what the fields are taken of */
    const struct kv_builtin *builtin; /* KV_NODE_IDENTIFIER */
    kv_value value;                   /* KV_NODE_BOOL, KV_NODE_NUMBER, KV_NODE_STRING */
  };
} kv_node;

struct kv_template {
  kv_meter meter;
  kv_arena arena;
  kv_str source;
  const kv_name *main;
};

/* The main template's name, as Go's New() would be given it. */
#define KV_MAIN_TEMPLATE "template"

/* tree.c: the node as Go shows it in an error; a command and what it does. */
void kv_tree_show(kv_buffer *out, const kv_template *parsed, const kv_node *node);
void kv_tree_show_command(kv_buffer *out, const kv_template *parsed, const kv_command *command);
/* The line, from 1, of a place in the source. */
int kv_tree_line(const kv_template *parsed, uint32_t at);

#endif
