/*
** Work on single keys: every store, in memory and on a file, each call by itself and in transactions
** of a thousand.
*/
#include "store.h"

#include <stdio.h>
#include <string.h>

enum { KEYS = 1000, BATCH = 1000, MOST_DELETES = 20000 };

static const char *const works[OPERATIONS] = {
    [GET] = "get",
    [SET] = "set",
    [SET_NEW] = "set of a new key",
    [SET_TTL] = "set with ttl",
    [DELETE] = "delete",
    [INCREMENT] = "incr",
    [SWAP] = "cas",
};

static const struct store_kind *const kinds[] = {
    &kv_store, &hand_store, &kv_text_store, &hand_text_store,
    &go_store, &lmdb_store, &redis_store,   &redis_pipeline_store,
};
enum { KINDS = sizeof kinds / sizeof kinds[0] };

const char *group_of(enum operation operation) {
  return operation == INCREMENT ? "n" : "g";
}

void prepare_stint(void *pointer, long count) {
  struct stint *stint = pointer;
  if (stint->operation == DELETE) stint->store->kind->fill(stint->store, count);
}

static struct key pick(struct stint *stint, long i) {
  switch (stint->operation) {
  case SET_NEW:
    return new_key(++stint->added, stint->keys);
  case DELETE:
    return key_of(i);
  default:
    return key_of(any_below(stint->keys));
  }
}

void run_stint(void *pointer, long count) {
  struct stint *stint = pointer;
  struct store *store = stint->store;
  const struct store_kind *kind = store->kind;
  long batch = kind->own_batch > 0 ? kind->own_batch : stint->batch;
  for (long i = 0; i < count; i++) {
    struct key key = pick(stint, i);
    if (batch > 0 && i % batch == 0) kind->begin(store);
    kind->operate(store, &key);
    if (batch > 0 && (i % batch == batch - 1 || i == count - 1)) kind->commit(store);
  }
}

static void measure_operation(struct store *stores[KINDS], enum operation operation,
                              enum place place, long batch) {
  struct stint stints[KINDS];
  struct contender contenders[KINDS];
  int count = 0;
  char where[64];
  for (int i = 0; i < KINDS; i++) {
    if (stores[i] == NULL || !stores[i]->kind->start(stores[i], operation)) continue;
    stints[count] = (struct stint){stores[i], operation, KEYS, batch, 0};
    contenders[count] =
        (struct contender){kinds[i]->name, &stints[count], prepare_stint, run_stint};
    count++;
  }
  snprintf(where, sizeof where, "%s%s", place_names[place], batch ? ", transactions of 1,000" : "");
  measure(&(struct measurement){.family = "operations",
                                .work = works[operation],
                                .where = where,
                                .step = batch,
                                .most = operation == DELETE ? MOST_DELETES : 0},
          contenders, count);
}

static void bench_place(enum place place, long batch) {
  struct store *stores[KINDS];
  for (int i = 0; i < KINDS; i++) {
    static char names[KINDS][16];
    snprintf(names[i], sizeof names[i], "store-%d", i);
    stores[i] = kinds[i]->open(place, names[i]);
    if (stores[i] == NULL) continue;
    stores[i]->value = "a value of some length";
    stores[i]->length = 22;
    stores[i]->kind->fill(stores[i], KEYS);
  }
  for (int operation = 0; operation < OPERATIONS; operation++) {
    if (operation == DELETE) continue; /* it leaves no keys to the others */
    measure_operation(stores, (enum operation)operation, place, batch);
  }
  measure_operation(stores, DELETE, place, batch);
  for (int i = 0; i < KINDS; i++) {
    if (stores[i] != NULL) stores[i]->kind->close(stores[i]);
  }
}

void bench_operations(void) {
  for (int place = 0; place < PLACES; place++) {
    bench_place((enum place)place, 0);
    bench_place((enum place)place, BATCH);
  }
}
