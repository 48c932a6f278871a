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
/* Those among them that begin with the text of `prefix`, which is no BLOB and not NULL. */
int kv_range_prefix(kv_range *range, kv_connection *connection, sqlite3_value *prefix);
/* One group, by its stored name. */
int kv_range_group(kv_range *range, kv_text group);

/* The bound `scope` + `text`, or, with `is_after`, the text that follows it. Replaces what `bound`
** was. */
int kv_bound_set(kv_bound *bound, const char *scope, kv_text text, int is_after);

/* A range must not be freed before the query that it is bound to ends. */
void kv_range_bind(kv_query *query, int parameter, const kv_range *range);
void kv_range_free(kv_range *range);

#endif
