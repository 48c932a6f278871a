/*
** What a quota costs: to a new key and to an overwrite, in a store of 100,000 keys; to a set that
** is refused, and to whoever reads kv_quotas, in stores of 1,000 to 1,000,000 keys.
*/
#include "bench.h"

#include <stdio.h>

static const char set[] = "SELECT kv_set('t:g', ?1, ?2)";
static const char limit[] = "SELECT kv_quota('t', 100000000, 10)";

static sqlite3 *open_namespace(enum flavour flavour, long keys) {
  sqlite3 *db = open_database(IN_MEMORY, "quota", flavour);
  fill(db, "t:g", keys, "a value of some length", 22);
  return db;
}

/* Runs what a later library may do; else it is skipped, and the answer is 0. */
static int may_run(sqlite3 *db, const char *what, const char *sql) {
  if (sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK) return 1;
  tell_skipped(what, "not built");
  return 0;
}

/* What go-store's ScopedStore does for one set: is the key new? How many keys are there? Is the
** group new? Then the upsert. */
static void set_go_way(void *pointer, long count) {
  static long added;
  sqlite3 *db = pointer;
  static const char *const statements[] = {
      "SELECT value, expires_at FROM kv WHERE grp = 't:g' AND key = ?1",
      "SELECT COUNT(*) FROM kv WHERE grp LIKE 't:%' ESCAPE '^' "
      "AND (expires_at IS NULL OR expires_at > ?3)",
      "SELECT COUNT(*) FROM kv WHERE grp = 't:g' AND (expires_at IS NULL OR expires_at > ?3)",
      "INSERT INTO kv(grp, key, value, expires_at) VALUES ('t:g', ?1, ?2, NULL) "
      "ON CONFLICT(grp, key) DO UPDATE SET value = excluded.value, expires_at = NULL"};
  for (long i = 0; i < count; i++) {
    struct key key = new_key(++added, 100000);
    for (int j = 0; j < 4; j++) {
      sqlite3_stmt *statement = prepare(db, statements[j]);
      sqlite3_bind_text(statement, 1, key.text, key.length, SQLITE_STATIC);
      sqlite3_bind_text(statement, 2, "a value of some length", 22, SQLITE_STATIC);
      sqlite3_bind_int64(statement, 3, clock_ms());
      step_all(db, statement);
      sqlite3_finalize(statement);
    }
  }
}

/* ---- a set that is let through --------------------------------------------------------------- */

enum { SIDES = 4, MOST = 1 + SIDES };

static const struct {
  const char *name, *sql;
} sides[SIDES] = {
    {"kv", limit},
    {"kv, two quotas", "SELECT kv_quota('t', 100000000, 10), kv_quota('', 100000000, 10)"},
    {"kv, max_bytes", "SELECT kv_quota('t', 100000000, 10, 100000000000)"},
    {"kv, no quota", "SELECT 1"},
};

static void bench_sets(long keys, int is_new) {
  struct keyed keyed[SIDES];
  struct contender contenders[MOST];
  sqlite3 *go = is_new && !options.is_counting ? open_namespace(GO_STORE, keys) : NULL;
  int count = 0;
  for (int i = 0; i < SIDES; i++) {
    sqlite3 *db = open_namespace(WITH_KV, keys);
    if (!may_run(db, sides[i].name, sides[i].sql)) {
      close_database(db, NULL);
      continue;
    }
    keyed[count] = (struct keyed){.db = db, .sql = set, .keys = keys, .is_new = is_new};
    contenders[count] =
        (struct contender){sides[i].name, &keyed[count], forget_new_keys, run_keyed};
    count++;
  }
  if (go != NULL) contenders[count] = (struct contender){"go-store's way", go, NULL, set_go_way};
  measure(&(struct measurement){.family = "quotas",
                                .work = is_new ? "set of a new key under a quota"
                                               : "overwrite under a quota",
                                .where = place_names[IN_MEMORY],
                                .x = keys,
                                .most = is_new ? 3000 : 0},
          contenders, count + (go != NULL));
  for (int i = 0; i < count; i++) close_database(keyed[i].db, NULL);
  if (go != NULL) close_database(go, NULL);
}

/* Each set takes the place of what expires soonest. */
static void bench_eviction(long keys) {
  sqlite3 *db = open_namespace(WITH_KV, 10);
  const char *evict = "SELECT kv_quota('t', ?, 10, 0, 'evict')";
  if (is_built(db, "kv_quota with evict", evict)) {
    run_made(db, sqlite3_mprintf("SELECT kv_quota('t', %ld, 10, 0, 'evict')", keys));
    run_made(db, sqlite3_mprintf("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n "
                                 "WHERE i < %ld) INSERT INTO kv(grp, key, value, expires_at) "
                                 "SELECT 't:g', 'old-' || i, 'a value of some length', %lld + i "
                                 "FROM n",
                                 keys - 10, clock_ms() + 3600000));
    struct keyed sets = {
        .db = db, .sql = "SELECT kv_set('t:g', ?1, ?2, 3600)", .keys = keys, .is_new = 1};
    measure(&(struct measurement){.family = "quotas",
                                  .work = "set with ttl that evicts",
                                  .where = place_names[IN_MEMORY],
                                  .x = keys},
            (const struct contender[]){{"kv", &sets, NULL, run_keyed}}, 1);
  }
  close_database(db, NULL);
}

/* ---- by the number of keys ------------------------------------------------------------------- */

enum { SIZES = 3 };

static void bench_growth_of(const char *work, const char *sql, const char *quota, int is_refused) {
  static char names[SIZES][16];
  struct keyed keyed[SIZES];
  struct contender contenders[SIZES];
  int count = 0;
  long most = options.is_counting ? 10000 : options.is_quick ? 100000 : 1000000;
  for (long size = most; size >= 1000; size /= 10) {
    if (size == 10000 && size < most) continue;
    sqlite3 *db = open_namespace(WITH_KV, size);
    run_made(db, sqlite3_mprintf(quota, size));
    keyed[count] =
        (struct keyed){.db = db, .sql = sql, .keys = size, .is_new = 1, .is_refused = is_refused};
    snprintf(names[count], sizeof names[count], "%ld", size);
    contenders[count] = (struct contender){names[count], &keyed[count], NULL, run_keyed};
    count++;
  }
  measure(&(struct measurement){.family = "growth in quotas",
                                .work = work,
                                .where = place_names[IN_MEMORY],
                                .counted = 10},
          contenders, count);
  for (int i = 0; i < count; i++) close_database(keyed[i].db, NULL);
}

void bench_quotas(void) {
  long keys = options.is_counting ? 10000 : 100000;
  bench_sets(keys, 1);
  bench_sets(keys, 0);
  bench_eviction(10000);
  bench_growth_of("a refused set", set, "SELECT kv_quota('t', %ld, 10)", 1);
  bench_growth_of("one row of kv_quotas",
                  "SELECT keys FROM kv_quotas WHERE namespace = 't' AND ?1 IS NOT NULL",
                  "SELECT kv_quota('t', 1%ld, 10)", 0);
}
