/*
** Constraints on a text column, as a range of texts to be read.
**
** SQLite hands over the value of `column < value` as it is and says nothing of its affinity, which
** decides how the two are compared: as texts (a literal, a parameter), as numbers where the text
** looks like one (an INTEGER or NUMERIC column, a CAST), or text against number, every text being
** greater (a column without a type). It tests each row itself afterwards, so a range holds what any
** of the three would find, and may hold more. All texts that look like numbers lie in
** [U+0009, ':'): they begin with white space, a sign, a point or a digit.
*/
#ifndef KV_BOUNDS_H
#define KV_BOUNDS_H

#include "base/range.h"

/* What a plan says of one column. */
enum {
  KV_BOUNDS_EQUAL = 1,
  KV_BOUNDS_LOWER = 2,
  KV_BOUNDS_LOWER_IS_AFTER = 4,
  KV_BOUNDS_UPPER = 8,
  KV_BOUNDS_UPPER_IS_INCLUSIVE = 16,
  KV_BOUNDS_UPPER_IS_TEXT = 32, /* a literal */
  KV_BOUNDS_BITS = 6
};

/* Takes an equality, or else at most one lower and one upper bound, of the column. Returns the
** bits. */
int kv_bounds_plan(sqlite3_index_info *info, int column, int *next_argument);

/* Narrows `range`, which holds the widest that may be, by what the plan has for the column; takes
** the values from *argv on. *is_nothing is set if no text compares so. */
int kv_bounds_read(kv_range *range, kv_connection *connection, const char *scope, int bits,
                   sqlite3_value ***argv, int *is_nothing);

#endif
