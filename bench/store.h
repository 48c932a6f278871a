/*
** A store: one contender for the work on single keys. It is opened, filled, set to one operation
** and then told to do that on one key after another, singly or in batches.
*/
#ifndef STORE_H
#define STORE_H

#include "bench.h"

enum operation {
  GET,
  SET,     /* of a key that is there */
  SET_NEW, /* of one that is not */
  SET_TTL,
  DELETE,
  INCREMENT,
  SWAP, /* compare-and-swap, which succeeds */
  OPERATIONS
};

struct store;

struct store_kind {
  const char *name;
  /* NULL: it cannot be had. The name is for files. */
  struct store *(*open)(enum place place, const char *name);
  void (*close)(struct store *store);
  /* The same for a store that is there and stays: what another process does. */
  struct store *(*join)(enum place place, const char *name);
  void (*leave)(struct store *store);
  void (*fill)(struct store *store, long count); /* with keys 0 to count - 1 */
  /* 0: it has no such operation. */
  int (*start)(struct store *store, enum operation operation);
  void (*operate)(struct store *store, const struct key *key);
  /* Before a turn, not timed: nothing is left over from the last one. May be NULL. */
  void (*settle)(struct store *store);
  /* Around a batch: a transaction, or one pipeline. */
  void (*begin)(struct store *store);
  void (*commit)(struct store *store);
  /* Operations in a batch where no transactions are asked for; 0: none. */
  long own_batch;
};

struct store {
  const struct store_kind *kind;
  /* What is written, and what SWAP expects. Both are changed with each write: SQLite does not write
  ** a row that stays as it is. */
  char *value, *expected;
  int length;
};

extern const struct store_kind kv_store, kv_text_store, bare_store, bare_text_store, hand_store,
    update_store, hand_text_store, go_store, lmdb_store, redis_store, redis_pipeline_store;

/* Redis: a group of 1,000 keys is a hash, and reading it one HGETALL. The contender is one operation
** a key; 0: it cannot be had. */
int open_redis_group(enum place place, struct contender *contender);

/* The group of the keys of an operation: those that INCREMENT counts are a group of their own. */
const char *group_of(enum operation operation);

/* So many operations on a store, as a contender. */
struct stint {
  struct store *store;
  enum operation operation;
  long keys;           /* there are so many */
  long batch;          /* 0: each by itself */
  long added, writes;  /* so far: new keys, and all that was set */
  long versions[1000]; /* what SWAP last left in each key */
};
void run_stint(void *stint, long count);
void prepare_stint(void *stint, long count);

#endif
