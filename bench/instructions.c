/* What `make bench` counts instructions of, under callgrind: sets with nobody listening. */
#include "bench.h"

__attribute__((noinline)) void counted_sets(sqlite3 *db);

void counted_sets(sqlite3 *db) {
  struct keyed sets = {.db = db, .sql = "SELECT kv_set('g', ?1, ?2)", .keys = 1000};
  run_keyed(&sets, 2000);
}

void count_instructions(void) {
  sqlite3 *db = open_database(IN_MEMORY, "instructions", WITH_KV);
  fill(db, "g", 1000, "a value of some length", 22);
  run_sql(db, "SELECT kv_set('g', 'k', 1)");
  counted_sets(db);
  close_database(db, NULL);
}
