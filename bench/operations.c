/*
** Work on single keys: every store, in memory and on a file, each call by itself and in
** transactions of a thousand.
*/
#include "store.h"

#include <stdio.h>
#include <string.h>

enum { KEYS = 1000, BATCH = 1000, MOST_DELETES = 20000, LENGTH = 22 };

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
    &kv_store,      &bare_store,      &hand_store,           &update_store,
    &kv_text_store, &bare_text_store, &hand_text_store,      &go_store,
    &lmdb_store,    &redis_store,     &redis_pipeline_store,
};
enum { KINDS = sizeof kinds / sizeof kinds[0] };

const char *group_of(enum operation operation) {
  return operation == INCREMENT ? "n" : "g";
}

void prepare_stint(void *pointer, long count) {
  struct stint *stint = pointer;
  const struct store_kind *kind = stint->store->kind;
  if (stint->operation == DELETE) kind->fill(stint->store, count);
  if (kind->settle != NULL) kind->settle(stint->store);
}

static struct key pick(struct stint *stint, long i) {
  long number = any_below(stint->keys);
  write_digits(stint->store->value, ++stint->writes);
  switch (stint->operation) {
  case SET_NEW:
    return new_key(++stint->added, stint->keys);
  case DELETE:
    return key_of(i);
  case SWAP:
    write_digits(stint->store->expected, stint->versions[number]);
    write_digits(stint->store->value, ++stint->versions[number]);
    return key_of(number);
  default:
    return key_of(number);
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

static void fill_anew(struct store *store) {
  memcpy(store->value, "00000000 of some length", LENGTH);
  memcpy(store->expected, store->value, LENGTH);
  store->kind->fill(store, KEYS);
}

static void measure_operation(struct store *stores[KINDS], enum operation operation,
                              enum place place, long batch) {
  struct stint stints[KINDS];
  struct contender contenders[KINDS];
  int count = 0;
  char where[64];
  for (int i = 0; i < KINDS; i++) {
    if (stores[i] == NULL || !stores[i]->kind->start(stores[i], operation)) continue;
    stints[count] =
        (struct stint){.store = stores[i], .operation = operation, .keys = KEYS, .batch = batch};
    if (operation == SWAP) fill_anew(stores[i]);
    contenders[count] =
        (struct contender){kinds[i]->name, &stints[count], prepare_stint, run_stint};
    count++;
  }
  snprintf(where, sizeof where, "%s%s", place_names[place], batch ? ", transactions of 1,000" : "");
  measure(&(struct measurement){.family = "operations",
                                .work = works[operation],
                                .where = where,
                                .step = batch,
                                .most = operation == DELETE ? MOST_DELETES : 0,
                                .span = place == IN_MEMORY ? 1 : 3},
          contenders, count);
}

static void bench_place(enum place place, long batch) {
  struct store *stores[KINDS];
  for (int i = 0; i < KINDS; i++) {
    static char names[KINDS][16], values[KINDS][LENGTH + 1], expected[KINDS][LENGTH + 1];
    snprintf(names[i], sizeof names[i], "store-%d", i);
    stores[i] = kinds[i]->open(place, names[i]);
    if (stores[i] == NULL) continue;
    stores[i]->value = values[i];
    stores[i]->expected = expected[i];
    stores[i]->length = LENGTH;
    fill_anew(stores[i]);
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
    if (options.is_counting && place == WAL_FULL) break; /* the disk's part is no instructions */
    bench_place((enum place)place, 0);
    /* With FULL, a transaction of a thousand is one more wait for the disk: it says nothing more. */
    if (!options.is_counting && place != WAL_FULL) bench_place((enum place)place, BATCH);
  }
}
