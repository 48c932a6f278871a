/* The durable feed: what it costs the sets that it records, and what a change costs that is read. */
#include "bench.h"

#include <stdio.h>

enum { SIDES = 2 };

static const char start[] = "SELECT kv_feed(100000)";

static void bench_sets(enum place place, long batch) {
  static const char *const names[SIDES] = {"feed on", "feed off"};
  static const char *const files[SIDES] = {"feed-on", "feed-off"};
  struct keyed sets[SIDES];
  struct contender contenders[SIDES];
  char where[64];
  snprintf(where, sizeof where, "%s%s", place_names[place], batch ? ", transactions of 1,000" : "");
  for (int i = 0; i < SIDES; i++) {
    sets[i] = (struct keyed){.db = open_database(place, files[i], WITH_KV),
                             .sql = "SELECT kv_set('g', ?1, ?2)",
                             .keys = 1000,
                             .batch = batch};
    fill(sets[i].db, "g", 1000, "a value of some length", 22);
    if (i == 0) run_sql(sets[i].db, start);
    contenders[i] = (struct contender){names[i], &sets[i], forget_new_keys, run_keyed};
  }
  measure(&(struct measurement){.family = "feed",
                                .work = "set",
                                .where = where,
                                .step = batch,
                                .span = place == IN_MEMORY ? 1 : 3},
          contenders, SIDES);
  for (int i = 0; i < SIDES; i++) close_database(sets[i].db, files[i]);
}

/* ---- reading --------------------------------------------------------------------------------- */

struct reader {
  sqlite3 *db;
  const char *sql; /* ?1 is the seq that was read last */
  sqlite3_int64 seen;
};

static void set_many(void *pointer, long count) {
  struct reader *reader = pointer;
  reader->seen = ask_integer(reader->db, "SELECT max(seq) FROM kv_log");
  struct keyed sets = {.db = reader->db, .sql = "SELECT kv_set('g', ?1, ?2)", .keys = 1000};
  run_keyed(&sets, count);
}

static void read_all(void *pointer, long count) {
  const struct reader *reader = pointer;
  sqlite3_stmt *statement = prepare(reader->db, reader->sql);
  sqlite3_bind_int64(statement, 1, reader->seen);
  if (step_all(reader->db, statement) < count) fail(reader->sql, "some changes are missing");
  sqlite3_finalize(statement);
}

static void bench_reading(void) {
  sqlite3 *db = open_database(IN_MEMORY, "feed", WITH_KV);
  run_sql(db, start);
  struct reader log = {db, "SELECT seq, type, grp, key, value FROM kv_log WHERE seq > ?1", 0};
  struct reader changes = {db, "SELECT seq, type, grp, key, value FROM kv_changes(?1)", 0};
  measure(&(struct measurement){.family = "feed",
                                .work = "a change read",
                                .where = place_names[IN_MEMORY],
                                .step = 1000,
                                .most = 20000},
          (const struct contender[]){{"kv_changes", &changes, set_many, read_all},
                                     {"kv_log", &log, set_many, read_all}},
          2);
  close_database(db, NULL);
}

void bench_feed(void) {
  sqlite3 *db = open_again(IN_MEMORY, "feed", WITH_KV);
  int is_there = is_built(db, "kv_feed", start);
  close_database(db, NULL);
  if (!is_there) return;
  bench_sets(IN_MEMORY, 0);
  bench_sets(WAL_NORMAL, 0);
  bench_sets(WAL_NORMAL, 1000);
  bench_reading();
}
