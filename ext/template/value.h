/*
** What a template computes with, and how it is written: the room of values, builtins and printf.
*/
#ifndef KV_TEMPLATE_VALUE_H
#define KV_TEMPLATE_VALUE_H

#include "tree.h"

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

typedef struct kv_value {
  kv_kind kind;
  int64_t integer; /* KV_BOOL, KV_INT, KV_BYTE */
  double real, imaginary;
  kv_str string;
} kv_value;

typedef struct kv_pair {
  kv_str key, value;
} kv_pair;

/* What a builtin may use: memory, the group, and where its error goes. */
typedef struct kv_render kv_render;

void *kv_render_alloc(kv_render *render, size_t size);
/* Reads the whole group, once. Its pairs are in the order of their keys' bytes. */
int kv_render_load(kv_render *render, const kv_pair **pairs, size_t *count);
/* One key of it: *is_found 0 where there is none. */
int kv_render_lookup(kv_render *render, kv_str key, kv_str *value, int *is_found);
/* Keeps the reason ("error calling len: …" is put in front by the executor) and returns
** SQLITE_ERROR. */
int kv_render_fail(kv_render *render, const char *format, ...);
/* Copies the buffer into the render's memory and frees it. Returns the buffer's code, or its own.
*/
int kv_render_take(kv_render *render, kv_buffer *buffer, kv_str *out);
/* The most that any text may be. */
size_t kv_render_limit(const kv_render *render);

/* "int", "map[string]string" */
const char *kv_value_type(const kv_value *value);
int kv_value_is_true(kv_render *render, const kv_value *value, int *is_true);

/* ---- builtins.c, compare.c, escape.c --------------------------------------------------------- */

typedef struct kv_builtin {
  const char *name;
  int least;       /* arguments */
  int is_variadic; /* takes any number from `least` on, else exactly that */
  int wants_text;  /* the first argument must be a string */
  int (*call)(kv_render *render, const kv_value *arguments, int count, kv_value *result);
} kv_builtin;

/* NULL: there is none. `and` and `or` have no `call`: they are the executor's. */
const kv_builtin *kv_builtin_find(kv_str name);

int kv_compare_eq(kv_render *, const kv_value *arguments, int count, kv_value *result);
int kv_compare_ne(kv_render *, const kv_value *arguments, int count, kv_value *result);
int kv_compare_lt(kv_render *, const kv_value *arguments, int count, kv_value *result);
int kv_compare_le(kv_render *, const kv_value *arguments, int count, kv_value *result);
int kv_compare_gt(kv_render *, const kv_value *arguments, int count, kv_value *result);
int kv_compare_ge(kv_render *, const kv_value *arguments, int count, kv_value *result);

void kv_escape_html(kv_buffer *out, kv_str text);
void kv_escape_js(kv_buffer *out, kv_str text);
void kv_escape_url(kv_buffer *out, kv_str text);

/* ---- printf.c, format.c: Go's fmt ------------------------------------------------------------ */

int kv_printf(kv_render *render, kv_buffer *out, kv_str format, const kv_value *arguments,
              int count);
/* Sprint puts a space between two that are no strings, Sprintln between all. */
int kv_print(kv_render *render, kv_buffer *out, const kv_value *arguments, int count);
int kv_println(kv_render *render, kv_buffer *out, const kv_value *arguments, int count);

/* The flags of one verb. */
typedef struct kv_format {
  kv_render *render;
  kv_buffer *out;
  int has_width, has_precision, is_minus, is_plus, is_sharp, is_space, is_zero;
  int is_plus_v, is_sharp_v;
  int width, precision;
} kv_format;

void kv_format_pad(kv_format *format, const char *bytes, size_t length);
void kv_format_bool(kv_format *format, int is_true);
void kv_format_string(kv_format *format, kv_str text);
void kv_format_quoted(kv_format *format, kv_str text);
void kv_format_hex(kv_format *format, kv_str text, int is_upper);
void kv_format_integer(kv_format *format, uint64_t magnitude, int is_negative, int base, int verb,
                       int is_upper);
void kv_format_rune(kv_format *format, uint64_t value);
void kv_format_quoted_rune(kv_format *format, uint64_t value);
void kv_format_unicode(kv_format *format, uint64_t value);
/* floats.c. precision -1: as many digits as make the value */
void kv_format_float(kv_format *format, double value, int verb, int precision);

#endif
