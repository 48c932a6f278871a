/*
** What a template computes with.
*/
#ifndef KV_TEMPLATE_VALUE_H
#define KV_TEMPLATE_VALUE_H

#include "str.h"

typedef enum kv_kind {
  KV_INVALID, /* a missing key, or nil */
  KV_BOOL,
  KV_INT,
  KV_BYTE, /* what index takes out of a string */
  KV_FLOAT,
  KV_COMPLEX,
  KV_STRING,
  KV_MAP /* the group; there is one */
} kv_kind;

/* Whose a string's bytes are. */
typedef enum kv_owner {
  KV_OF_ALL,     /* the template's or the group's: they stay as long as the render */
  KV_OF_ACTION,  /* made by a builtin: they stay until its action has ended */
  KV_OF_VARIABLE /* they stay until the variable gets another value, and that action has ended */
} kv_owner;

typedef struct kv_value {
  unsigned char kind;  /* kv_kind */
  unsigned char owner; /* kv_owner, of a KV_STRING */
  union {
    int64_t integer; /* KV_BOOL, KV_INT, KV_BYTE */
    struct {
      double real, imaginary;
    };
    kv_str string;
  };
} kv_value;

/* "int", "map[string]string" */
const char *kv_value_type(const kv_value *value);

#endif
