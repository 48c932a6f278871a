/*
** Values of 10 bytes to 10 megabytes, set and read back, on a WAL file.
**
** glibc gives large blocks back to the system when they are freed, and asks for them again with the
** next value; whether it does depends on what was freed before, and the same set takes 31 or 79 µs.
** So it is told to keep them, as MALLOC_TRIM_THRESHOLD_ and MALLOC_MMAP_THRESHOLD_ do from outside.
*/
#include "store.h"

#include <stdlib.h>
#include <string.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif

enum { SIZES = 4, KEYS = 20 };
static const long sizes[SIZES] = {10, 1000, 100000, 10000000};

static const struct store_kind *const kinds[] = {&kv_store, &hand_store, &lmdb_store, &redis_store};
enum { KINDS = sizeof kinds / sizeof kinds[0] };

static void measure_size(struct store *stores[KINDS], enum operation operation, long size,
                         long keys) {
  struct stint stints[KINDS];
  struct contender contenders[KINDS];
  int count = 0;
  for (int i = 0; i < KINDS; i++) {
    if (stores[i] == NULL) continue;
    stores[i]->kind->start(stores[i], operation);
    stints[count] = (struct stint){.store = stores[i], .operation = operation, .keys = keys};
    contenders[count] =
        (struct contender){kinds[i]->name, &stints[count], prepare_stint, run_stint};
    count++;
  }
  measure(&(struct measurement){.family = "values",
                                .work = operation == GET ? "get" : "set",
                                .where = place_names[WAL_NORMAL],
                                .x = size,
                                .span = 3,
                                .counted = 20},
          contenders, count);
}

static void bench_size(long size, char *value) {
  static const char *const names[] = {"value-kv", "value-hand", "value-lmdb", "value-redis"};
  struct store *stores[KINDS];
  long keys = size > 1000000 ? 3 : KEYS;
  for (int i = 0; i < KINDS; i++) {
    stores[i] = kinds[i]->open(WAL_NORMAL, names[i]);
    if (stores[i] == NULL) continue;
    stores[i]->value = value;
    stores[i]->length = (int)size;
    stores[i]->kind->fill(stores[i], keys);
  }
  measure_size(stores, GET, size, keys);
  measure_size(stores, SET, size, keys);
  for (int i = 0; i < KINDS; i++) {
    if (stores[i] != NULL) stores[i]->kind->close(stores[i]);
  }
}

static void keep_freed_memory(void) {
#ifdef __GLIBC__
  mallopt(M_MMAP_THRESHOLD, 32 << 20); /* the most that there can be */
  mallopt(M_TRIM_THRESHOLD, 1 << 30);
  tell_about("values measured with", "MALLOC_TRIM_THRESHOLD_ 1 GB, MALLOC_MMAP_THRESHOLD_ 32 MB");
#endif
}

void bench_values(void) {
  keep_freed_memory();
  char *value = malloc((size_t)sizes[SIZES - 1]);
  if (value == NULL) fail("values", "out of memory");
  memset(value, 'v', (size_t)sizes[SIZES - 1]);
  for (int i = 0; i < SIZES; i++) {
    if (!options.is_counting || sizes[i] <= 100000) bench_size(sizes[i], value);
  }
  free(value);
}
