/*
** Constants, by Go's rules (literals.c).
*/
#ifndef KV_TEMPLATE_LITERALS_H
#define KV_TEMPLATE_LITERALS_H

#include "buffer.h"
#include "tokens.h"
#include "value.h"

/*
** Reads a number or a character. *is_too_large: an integer of more than 63 bits, which is an error
** only where it is evaluated. On SQLITE_ERROR, `wrong` has what Go says; else the meter's code.
*/
int kv_number_parse(kv_meter *meter, kv_str text, kv_token_type type, kv_value *value,
                    int *is_too_large, kv_buffer *wrong);
/* Reads a quoted or raw string: the text itself where that will do. SQLITE_ERROR: malformed. */
int kv_string_unquote(kv_str text, kv_arena *arena, kv_str *out);

#endif
