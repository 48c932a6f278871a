/*
** What html, js and urlquery write.
*/
#ifndef KV_TEMPLATE_ESCAPE_H
#define KV_TEMPLATE_ESCAPE_H

#include "buffer.h"

void kv_escape_html(kv_buffer *out, kv_str text);
void kv_escape_js(kv_buffer *out, kv_str text);
void kv_escape_url(kv_buffer *out, kv_str text);

#endif
