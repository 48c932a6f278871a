/* The purge of what has expired, among as many keys that have not. */
#include "bench.h"

struct purge {
  sqlite3 *db;
  const char *sql;
};

static void fill_expired(void *pointer, long count) {
  struct purge *purge = pointer;
  run_made(
      purge->db,
      sqlite3_mprintf("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n "
                      "WHERE i < %ld) INSERT OR REPLACE INTO kv(grp, key, value, expires_at) "
                      "SELECT 'old', printf('key-%%08d', i), 'a value of some length', i FROM n",
                      count));
}

static void run_purge(void *pointer, long count) {
  struct purge *purge = pointer;
  (void)count;
  run_sql(purge->db, purge->sql);
}

void bench_purges(void) {
  static const char *const names[] = {"kv", "hand-written", "go-store's way"};
  static const char all_expired[] =
      "DELETE FROM kv WHERE expires_at IS NOT NULL AND expires_at <= 1700000000000";
  struct purge purges[3];
  struct contender contenders[3];
  long rows = options.is_counting ? 2000 : options.is_quick ? 10000 : 100000;
  for (int i = 0; i < 3; i++) {
    purges[i] = (struct purge){open_database(IN_MEMORY, "purge", (enum flavour)i),
                               i == 0 ? "SELECT kv_purge()" : all_expired};
    fill(purges[i].db, "live", rows, "a value of some length", 22);
    contenders[i] = (struct contender){names[i], &purges[i], fill_expired, run_purge};
  }
  measure(&(struct measurement){.family = "purges",
                                .work = "purge, for each expired row",
                                .where = place_names[IN_MEMORY],
                                .x = rows,
                                .step = rows,
                                .most = rows},
          contenders, 3);
  for (int i = 0; i < 3; i++) close_database(purges[i].db, NULL);
}
