/*
** A set of a new key under a quota, in a store of 100,000 keys: ours; ours without a quota; and
** go-store's way, which counts the keys of the namespace, and its groups, before each.
*/
#include "bench.h"

static void fill_namespace(sqlite3 *db) {
  fill(db, "t:g", 100000, "a value of some length", 22);
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

void bench_quotas(void) {
  static const char set[] = "SELECT kv_set('t:g', ?1, ?2)";
  sqlite3 *limited = open_database(IN_MEMORY, "quota", WITH_KV);
  sqlite3 *unlimited = open_database(IN_MEMORY, "quota", WITH_KV);
  sqlite3 *go = open_database(IN_MEMORY, "quota", GO_STORE);
  fill_namespace(limited);
  fill_namespace(unlimited);
  fill_namespace(go);
  run_sql(limited, "SELECT kv_quota('t', 100000000, 10)");
  struct keyed ours = {limited, set, 100000, 1, 0}, plain = {unlimited, set, 100000, 1, 0};
  measure(&(struct measurement){.family = "quotas",
                                .work = "set of a new key under a quota",
                                .where = place_names[IN_MEMORY],
                                .x = 100000},
          (const struct contender[]){{"kv", &ours, NULL, run_keyed},
                                     {"kv, no quota", &plain, NULL, run_keyed},
                                     {"go-store's way", go, NULL, set_go_way}},
          3);
  close_database(limited, NULL);
  close_database(unlimited, NULL);
  close_database(go, NULL);
}
