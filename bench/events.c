/* What it costs to be told: sets with no watcher, one and ten, and events that are read. */
#include "bench.h"

static const char set[] = "SELECT kv_set('g', ?1, ?2)";

enum { SIDES = 3 };

/* What is kept of one turn is not the next one's. */
static void drain_watchers(void *pointer, long count) {
  struct keyed *sets = pointer;
  sqlite3_stmt *statement = prepare(sets->db, "SELECT value FROM kv_events");
  (void)count;
  step_all(sets->db, statement);
  sqlite3_finalize(statement);
  forget_new_keys(sets, count);
}

static void bench_watchers(enum place place) {
  struct keyed sets[SIDES];
  static const char *const names[SIDES] = {"1 watcher", "10 watchers", "no watcher"};
  static const char *const files[SIDES] = {"events-1", "events-10", "events-0"};
  static const char *const watches[SIDES] = {
      "SELECT kv_watch('g', '*', 1000000)",
      "SELECT kv_watch('g', '*', 1000000) FROM json_each('[1,2,3,4,5,6,7,8,9,10]')", "SELECT 1"};
  struct contender contenders[SIDES];
  for (int i = 0; i < SIDES; i++) {
    sets[i] =
        (struct keyed){.db = open_database(place, files[i], WITH_KV), .sql = set, .keys = 1000};
    fill(sets[i].db, "g", 1000, "a value of some length", 22);
    run_sql(sets[i].db, watches[i]);
    contenders[i] = (struct contender){names[i], &sets[i], drain_watchers, run_keyed};
  }
  measure(
      &(struct measurement){
          .family = "events", .work = "set", .where = place_names[place], .most = 20000},
      contenders, SIDES);
  for (int i = 0; i < SIDES; i++) close_database(sets[i].db, files[i]);
}

static void set_many(void *pointer, long count) {
  struct query *drain = pointer;
  run_query(drain, 1);
  struct keyed sets = {.db = drain->db, .sql = set, .keys = 1000};
  run_keyed(&sets, count);
}

static void drain_all(void *pointer, long count) {
  struct query *drain = pointer;
  if (step_all(drain->db, drain->statement) < count) fail(drain->sql, "some events are missing");
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
  bench_watchers(IN_MEMORY);
  bench_watchers(WAL_NORMAL);
  bench_reading();
}
