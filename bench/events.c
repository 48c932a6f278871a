/* What it costs to be told: sets with no watcher, one and ten, and events that are read. */
#include "bench.h"

static const char set[] = "SELECT kv_set('g', ?1, ?2)";

static void bench_watchers(void) {
  struct keyed sets[3];
  static const char *const names[] = {"10 watchers", "1 watcher", "no watcher"};
  static const char *const watches[] = {
      "SELECT kv_watch('g', '*', 1000000) FROM json_each('[1,2,3,4,5,6,7,8,9,10]')",
      "SELECT kv_watch('g', '*', 1000000)", "SELECT 1"};
  struct contender contenders[3];
  for (int i = 0; i < 3; i++) {
    sets[i] = (struct keyed){open_database(IN_MEMORY, "events", WITH_KV), set, 1000, 0, 0};
    fill(sets[i].db, "g", 1000, "a value of some length", 22);
    run_sql(sets[i].db, watches[i]);
    contenders[i] = (struct contender){names[i], &sets[i], NULL, run_keyed};
  }
  const struct measurement of = {
      .family = "events", .work = "set", .where = place_names[IN_MEMORY], .most = 50000};
  measure(&of, (const struct contender[]){contenders[1], contenders[2]}, 2);
  measure(&(struct measurement){.family = "events",
                                .work = "set, ten watchers",
                                .where = place_names[IN_MEMORY],
                                .most = 5000},
          (const struct contender[]){contenders[0], contenders[2]}, 2);
  for (int i = 0; i < 3; i++) close_database(sets[i].db, NULL);
}

static void set_many(void *pointer, long count) {
  struct query *drain = pointer;
  run_query(drain, 1);
  struct keyed sets = {drain->db, set, 1000, 0, 0};
  run_keyed(&sets, count);
}

static void drain_all(void *pointer, long count) {
  (void)count;
  run_query(pointer, 1);
}

static void bench_reading(void) {
  sqlite3 *db = open_database(IN_MEMORY, "events", WITH_KV);
  run_sql(db, "SELECT kv_watch('g', '*', 100000)");
  struct query drain = {.db = db, .sql = "SELECT value FROM kv_events"};
  struct query version = {.db = db, .sql = "PRAGMA data_version"};
  measure(&(struct measurement){.family = "events",
                                .work = "an event read",
                                .where = place_names[IN_MEMORY],
                                .step = 1000,
                                .most = 20000},
          (const struct contender[]){{"kv", &drain, set_many, drain_all}}, 1);
  measure(&(struct measurement){.family = "events",
                                .work = "a poll that finds nothing",
                                .where = place_names[IN_MEMORY]},
          (const struct contender[]){{"kv", &drain, NULL, run_query},
                                     {"PRAGMA data_version", &version, NULL, run_query}},
          2);
  sqlite3_finalize(drain.statement);
  sqlite3_finalize(version.statement);
  close_database(db, NULL);
}

void bench_events(void) {
  bench_watchers();
  bench_reading();
}
