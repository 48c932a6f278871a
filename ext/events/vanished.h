/*
** Groups that a statement deletes whole: kv_delete_group and kv_delete_prefix. The first row of a
** group that goes is the event, "delete_group"; the others are part of it. But where something was
** set in the group meanwhile (by a trigger of the host), or where the state is in doubt, each row is
** a "delete" of its own, which is always true. A pure data structure.
*/
#ifndef KV_VANISHED_H
#define KV_VANISHED_H

#include "base/connection.h"

/* Names that are remembered, at most; rows of further groups are a "delete" each. */
enum { KV_MAX_VANISHED = 65536 };

struct kv_vanished_group;

typedef struct kv_vanished {
  const char *intent; /* bytes of the name or prefix that the statement is about; NULL: none runs */
  int level;          /* the savepoint that the statement runs in */
  int is_plain;       /* in doubt: nothing is said of groups any more */
  struct kv_vanished_group *groups; /* a hash table */
  unsigned used, size;
} kv_vanished;

/* A row is about to be told, by a call of this depth: 1 if a statement that deletes groups has begun
** since the last. `level`: the number of the innermost savepoint. Where the first row is that of a call
** inside of it (by a trigger of the host), all is in doubt until the transaction ends. */
int kv_vanished_look(kv_vanished *vanished, const kv_intent *intent, int depth, int level);
/* The statement is over if it ran in this savepoint or one inside of it. */
void kv_vanished_end(kv_vanished *vanished, int level);
void kv_vanished_free(kv_vanished *vanished);
/* Some of what was told was undone, or somebody began to listen. */
void kv_vanished_doubt(kv_vanished *vanished);

typedef enum kv_vanishing {
  KV_ROW_GOES,   /* the row is a "delete" */
  KV_GROUP_GOES, /* the row stands for its group */
  KV_WAS_TOLD    /* it is part of what was told */
} kv_vanishing;
/* A row of the group was deleted. */
kv_vanishing kv_vanished_row(kv_vanished *vanished, const kv_intent *intent, kv_text group);
/* Something was set in the group. */
void kv_vanished_set(kv_vanished *vanished, kv_text group);

#endif
