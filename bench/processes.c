/*
** 1 to 8 processes that write one store at once, each set a transaction by itself, on a WAL file
** with synchronous NORMAL: how many sets they get done together. SQLite lets one write at a time,
** and the others sleep and try again; it is the same for the extension and for SQL written by hand.
*/
#include "redis.h"
#include "store.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MOST = 8, KEYS = 1000 };

static char value[] = "00000000 of some length";

/* What a process does, in one connection of its own, until the time is over: sets, counted. */
static long set_until(struct store *store, double end) {
  struct stint stint = {.store = store, .operation = SET, .keys = KEYS};
  long count = 0;
  stint.writes = (long)getpid() % 1000000;
  for (; now_ns() < end; count += 10) run_stint(&stint, 10);
  return count;
}

static struct store *join(const struct store_kind *kind) {
  struct store *store = kind->join(WAL_NORMAL, "processes");
  store->value = value;
  store->length = sizeof value - 1;
  kind->start(store, SET);
  return store;
}

/* Never returns into the families: a child that does would run them all. */
static _Noreturn void work(const struct store_kind *kind, int result, int start, double span) {
  char byte;
  struct store *store = join(kind);
  if (read(start, &byte, 1) < 0) _exit(1);
  long count = set_until(store, now_ns() + span);
  if (write(result, &count, sizeof count) != sizeof count) _exit(1);
  _exit(0);
}

/* Sets a second, by so many processes together. */
static double race(const struct store_kind *kind, int processes, double span) {
  int result[2], start[2];
  long total = 0, count;
  pid_t children[MOST];
  if (pipe(result) != 0 || pipe(start) != 0) fail("processes", "no pipe");
  fflush(stdout);
  for (int i = 0; i < processes; i++) {
    children[i] = fork();
    if (children[i] < 0) fail("processes", "no fork");
    if (children[i] == 0) {
      close(start[1]);
      work(kind, result[1], start[0], span);
    }
  }
  close(start[0]);
  close(result[1]);
  usleep(50000); /* until all have joined */
  close(start[1]);
  while (read(result[0], &count, sizeof count) == sizeof count) total += count;
  close(result[0]);
  for (int i = 0; i < processes; i++) {
    int status;
    waitpid(children[i], &status, 0);
    if (status != 0) fail(kind->name, "a writing process failed");
  }
  return (double)total / (span / 1e9);
}

static void make_store(const struct store_kind *kind, int *is_there) {
  struct store *store = kind->open(WAL_NORMAL, "processes");
  *is_there = store != NULL;
  if (store == NULL) return;
  store->value = value;
  store->length = sizeof value - 1;
  kind->fill(store, KEYS);
  kind->leave(store);
}

static void bench_writers(const struct store_kind *const *kinds, int count, int processes) {
  double span = options.is_quick ? 2e8 : 7e8, rates[4][MAX_ROUNDS], ratios[MAX_ROUNDS];
  int rounds = 3, is_there[4];
  const struct measurement of = {.family = "processes",
                                 .work = "sets a second, all together",
                                 .where = place_names[WAL_NORMAL],
                                 .x = processes};
  for (int round = 0; round < rounds; round++) {
    for (int i = 0; i < count; i++) {
      make_store(kinds[i], &is_there[i]);
      if (is_there[i]) rates[i][round] = race(kinds[i], processes, span);
    }
  }
  for (int i = 1; i < count; i++) {
    if (!is_there[i]) continue;
    for (int round = 0; round < rounds; round++) ratios[round] = rates[0][round] / rates[i][round];
    tell_ratio(&of, kinds[0]->name, kinds[i]->name, spread_of(ratios, rounds));
  }
  for (int i = 0; i < count; i++) {
    if (is_there[i]) tell_figure(&of, kinds[i]->name, spread_of(rates[i], rounds), "a second");
  }
}

void bench_processes(void) {
  static const struct store_kind *const kinds[] = {&kv_store, &hand_store, &lmdb_store,
                                                   &redis_store};
  for (int processes = 1; processes <= MOST; processes *= 2) bench_writers(kinds, 4, processes);
  remove_database("processes");
}
