/*
** Go's fmt.Sprintf, Sprint and Sprintln. An error is the buffer's code.
*/
#ifndef KV_TEMPLATE_PRINTF_H
#define KV_TEMPLATE_PRINTF_H

#include "buffer.h"
#include "value.h"

typedef struct kv_render kv_render;

void kv_printf(kv_render *render, kv_buffer *out, kv_str format, const kv_value *arguments,
               int count);
/* Sprint puts a space between two that are no strings, Sprintln between all. */
void kv_print(kv_render *render, kv_buffer *out, const kv_value *arguments, int count);
void kv_println(kv_render *render, kv_buffer *out, const kv_value *arguments, int count);

#endif
