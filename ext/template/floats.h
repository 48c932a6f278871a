/*
** Floating-point numbers in Go's notations.
*/
#ifndef KV_TEMPLATE_FLOATS_H
#define KV_TEMPLATE_FLOATS_H

#include "format.h"

/* precision -1: as many digits as make the value */
void kv_format_float(kv_format *format, double value, int verb, int precision);

#endif
