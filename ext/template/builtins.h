/*
** The predefined functions, and how values are written.
*/
#ifndef KV_TEMPLATE_BUILTINS_H
#define KV_TEMPLATE_BUILTINS_H

#include "buffer.h"
#include "value.h"

typedef struct kv_render kv_render;

typedef struct kv_builtin {
  const char *name;
  int least;       /* arguments */
  int is_variadic; /* takes any number from `least` on, else exactly that */
  int wants_text;  /* the first argument must be a string */
  /* NULL: the executor's own, `and`, `or` and `call`. */
  int (*call)(kv_render *render, const kv_value *arguments, int count, kv_value *result);
} kv_builtin;

/* NULL: there is none. */
const kv_builtin *kv_builtin_find(kv_str name);

/* ---- values.c -------------------------------------------------------------------------------- */

int kv_value_is_true(kv_render *render, const kv_value *value, int *is_true);

/* ---- compare.c, escape.c: the builtins of these names ---------------------------------------- */

int kv_builtin_eq(kv_render *render, const kv_value *arguments, int count, kv_value *result);
int kv_builtin_ne(kv_render *render, const kv_value *arguments, int count, kv_value *result);
int kv_builtin_lt(kv_render *render, const kv_value *arguments, int count, kv_value *result);
int kv_builtin_le(kv_render *render, const kv_value *arguments, int count, kv_value *result);
int kv_builtin_gt(kv_render *render, const kv_value *arguments, int count, kv_value *result);
int kv_builtin_ge(kv_render *render, const kv_value *arguments, int count, kv_value *result);

void kv_escape_html(kv_buffer *out, kv_str text);
void kv_escape_js(kv_buffer *out, kv_str text);
void kv_escape_url(kv_buffer *out, kv_str text);

/* ---- printf.c, format.c, floats.c: Go's fmt. An error is the buffer's code. ------------------- */

void kv_printf(kv_render *render, kv_buffer *out, kv_str format, const kv_value *arguments,
               int count);
/* Sprint puts a space between two that are no strings, Sprintln between all. */
void kv_print(kv_render *render, kv_buffer *out, const kv_value *arguments, int count);
void kv_println(kv_render *render, kv_buffer *out, const kv_value *arguments, int count);

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
