/*
** kv_get over many rows of one statement: what a report or a join does. A thousand keys, in no
** order, in a TEMP table. (For sets there is kv_put: bulk.c.)
*/
#include "bench.h"

enum { ROWS = 1000 };

static void fill_wanted(sqlite3 *db, long keys) {
  run_sql(db, "CREATE TEMP TABLE wanted(k TEXT NOT NULL)");
  run_sql(db, "BEGIN");
  sqlite3_stmt *statement = prepare(db, "INSERT INTO wanted VALUES (?1)");
  begin_draws_anew();
  for (int i = 0; i < ROWS; i++) {
    struct key key = key_of(draw_key(UNIFORM, keys));
    sqlite3_bind_text(statement, 1, key.text, key.length, SQLITE_STATIC);
    step_all(db, statement);
  }
  sqlite3_finalize(statement);
  run_sql(db, "COMMIT");
}

/* An operation is a row. */
static void run_rows(void *query, long count) {
  run_query(query, count / ROWS);
}

static const char with_kv[] = "SELECT kv_get('g', k) FROM wanted";
static const char by_hand[] = "SELECT (SELECT value FROM kv WHERE grp = 'g' AND key = k "
                              "AND (expires_at IS NULL OR expires_at > ?1)) FROM wanted";

static void bench_size(enum place place, long keys) {
  sqlite3 *ours = open_database(place, "rows-kv", WITH_KV);
  sqlite3 *theirs = open_database(place, "rows-hand", BY_HAND);
  fill(ours, "g", keys, "a value of some length", 22);
  fill(theirs, "g", keys, "a value of some length", 22);
  fill_wanted(ours, keys);
  fill_wanted(theirs, keys);
  struct query kv = {.db = ours, .sql = with_kv}, hand = {.db = theirs, .sql = by_hand};
  measure(&(struct measurement){.family = "rows",
                                .work = "get, for each row",
                                .where = place_names[place],
                                .x = keys,
                                .step = ROWS},
          (const struct contender[]){{"kv", &kv, NULL, run_rows},
                                     {"hand-written", &hand, NULL, run_rows}},
          2);
  sqlite3_finalize(kv.statement);
  sqlite3_finalize(hand.statement);
  close_database(ours, "rows-kv");
  close_database(theirs, "rows-hand");
}

void bench_rows(void) {
  for (int place = IN_MEMORY; place <= (int)LAST_PLACE; place++) {
    bench_size((enum place)place, 1000);
    bench_size((enum place)place, 100000);
  }
}
