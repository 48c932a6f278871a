/*
** One value under one verb's flags, as Go's fmt writes it. An error is the buffer's code.
*/
#ifndef KV_TEMPLATE_FORMAT_H
#define KV_TEMPLATE_FORMAT_H

#include "buffer.h"

typedef struct kv_render kv_render;

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

#endif
