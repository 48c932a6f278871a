/*
** The pipelines inside of an action, as the parser has them (parser_state.h).
*/
#ifndef KV_TEMPLATE_PIPELINES_H
#define KV_TEMPLATE_PIPELINES_H

#include "parser_state.h"

/* Up to and with the token `end`. The node is of the type given: KV_NODE_PIPE or KV_NODE_ACTION. */
kv_node *kv_parser_pipeline(kv_parser *p, kv_node_type type, const char *context,
                            kv_token_type end);
/* A quoted string's value; "" where it is malformed, which is an error. */
kv_str kv_parser_unquote(kv_parser *p, kv_token token);

#endif
