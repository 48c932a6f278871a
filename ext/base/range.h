/*
** A range of texts [lower, upper) in the order in which SQLite compares them: byte by byte, in the
** encoding of the database. A prefix is such a range, and so is a single text ([g, g + U+0000)).
*/
#ifndef KV_RANGE_H
#define KV_RANGE_H

#include "base/statements.h"

typedef struct kv_bound {
  char *bytes; /* owned. NULL, for an upper bound only: beyond every text */
  sqlite3_uint64 length;
  unsigned char encoding;
} kv_bound;

typedef struct kv_range {
  kv_bound lower;
  kv_bound upper;
} kv_range;

/*
** Whatever these return, the range is to be freed.
*/
/* The groups whose stored names begin with `scope`, ASCII. */
int kv_range_scope(kv_range *range, kv_connection *connection, const char *scope);
/* All groups that the connection's scope lets it see. */
int kv_range_all(kv_range *range, kv_connection *connection);
/* Those of `scope` that, without it, begin with the text of `prefix`, which is no BLOB and not NULL. */
int kv_range_prefix(kv_range *range, kv_connection *connection, const char *scope,
                    sqlite3_value *prefix);
/* One group, by its stored name. */
int kv_range_group(kv_range *range, kv_text group);

/* The bound `scope` + the text of `value`, which is no BLOB and not NULL, or, with `is_after`, the
** text that follows it. In the encoding of the database: no other can say all that is stored in
** UTF-16, where half a surrogate pair may stand alone. (Half a character of two bytes cannot be bound
** either: the bound then holds more.) Replaces what `bound` was. */
int kv_bound_set(kv_bound *bound, kv_connection *connection, const char *scope,
                 sqlite3_value *value, int is_upper, int is_after);
/* The bound `scope` + `text`, both ASCII, in the same encoding. */
int kv_bound_set_ascii(kv_bound *bound, kv_connection *connection, const char *scope,
                       const char *text);
/* Does `a` stand before `b`? Both are set, in the encoding of the database. */
int kv_bound_is_before(const kv_bound *a, const kv_bound *b);

/* A range must not be freed before the query that it is bound to ends. */
void kv_range_bind(kv_query *query, int parameter, const kv_range *range);
void kv_range_free(kv_range *range);

#endif
