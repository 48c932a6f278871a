/*
** Gets and sets by how many keys there are, and by which of them are drawn: a store of 1,000 keys
** has another answer than one of 100,000, whose tree is deeper and lies in slower memory; and work
** has its hot keys.
*/
#include "bench.h"

enum { SIDES = 3, KV = 0 };

static const struct {
  const char *work, *sql[SIDES];
} works[] = {
    {"get",
     {"SELECT kv_get('g', ?1)",
      "SELECT value FROM kv WHERE grp = 'g' AND key = ?1 "
      "AND (expires_at IS NULL OR expires_at > ?3)",
      NULL}},
    {"set",
     {"SELECT kv_set('g', ?1, ?2)",
      "INSERT INTO kv(grp, key, value) VALUES ('g', ?1, ?2) ON CONFLICT(grp, key) "
      "DO UPDATE SET value = excluded.value, expires_at = excluded.expires_at",
      "UPDATE kv SET value = ?2, expires_at = NULL WHERE grp = 'g' AND key = ?1"}},
};

static void measure_draw(sqlite3 *dbs[SIDES], enum place place, long keys, enum draw draw) {
  static const char *const names[SIDES] = {"kv", "hand-written", "an UPDATE by hand"};
  char where[80];
  sqlite3_snprintf(sizeof where, where, "%s, %s", place_names[place], draw_names[draw]);
  (void)draw_key(draw, keys); /* the first one by Zipf's law makes the sequence of all */
  for (size_t i = 0; i < sizeof works / sizeof works[0]; i++) {
    struct keyed keyed[SIDES];
    struct contender contenders[SIDES];
    int count = 0;
    for (int side = 0; side < SIDES && works[i].sql[side] != NULL; side++) {
      keyed[side] =
          (struct keyed){.db = dbs[side], .sql = works[i].sql[side], .keys = keys, .draw = draw};
      contenders[count++] =
          (struct contender){names[side], &keyed[side], forget_new_keys, run_keyed};
    }
    measure(&(struct measurement){.family = "draws",
                                  .work = works[i].work,
                                  .where = where,
                                  .x = keys,
                                  .span = place == IN_MEMORY ? 1 : 3,
                                  .counted = keys > 1000 ? 3000 : 0},
            contenders, count);
  }
}

/* Filled once: under callgrind that is most of the work. */
static void copy_database(sqlite3 *from, sqlite3 *to) {
  sqlite3_backup *backup = sqlite3_backup_init(to, "main", from, "main");
  if (backup == NULL || sqlite3_backup_step(backup, -1) != SQLITE_DONE) {
    fail("copy", sqlite3_errmsg(to));
  }
  sqlite3_backup_finish(backup);
}

static void bench_size(sqlite3 *filled, enum place place, long keys) {
  static const char *const files[SIDES] = {"draws-kv", "draws-hand", "draws-update"};
  sqlite3 *dbs[SIDES];
  for (int side = 0; side < SIDES; side++) {
    dbs[side] = open_again(place, files[side], side == KV ? WITH_KV : BY_HAND);
    copy_database(filled, dbs[side]);
  }
  measure_draw(dbs, place, keys, UNIFORM);
  if (keys > 1000) {
    measure_draw(dbs, place, keys, HOT);
    measure_draw(dbs, place, keys, ZIPF);
  }
  for (int side = 0; side < SIDES; side++) close_database(dbs[side], files[side]);
}

void bench_draws(void) {
  for (long keys = 1000; keys <= 100000; keys *= 100) {
    sqlite3 *filled = open_database(IN_MEMORY, "draws", BY_HAND);
    fill(filled, "g", keys, "a value of some length", 22);
    for (int place = IN_MEMORY; place <= WAL_NORMAL; place++) {
      bench_size(filled, (enum place)place, keys);
    }
    close_database(filled, NULL);
  }
}
