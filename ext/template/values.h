/*
** What a value is worth.
*/
#ifndef KV_TEMPLATE_VALUES_H
#define KV_TEMPLATE_VALUES_H

#include "value.h"

typedef struct kv_render kv_render;

/* As Go has it in conditions: what is there, and is neither zero nor empty. */
int kv_value_is_true(kv_render *render, const kv_value *value, int *is_true);

#endif
