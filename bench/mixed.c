/*
** Calls of several kinds in turn, as a program makes them: each is cheap by itself, and must be
** when another has just been made.
*/
#include "bench.h"

enum { STEPS = 4 };

struct mix {
  sqlite3 *db;
  const char *const *texts;
  sqlite3_stmt *steps[STEPS];
};

/* ?1 key, ?2 value, ?3 now */
static const char *const calls[STEPS] = {"SELECT kv_set('g', ?1, ?2)", "SELECT kv_get('g', ?1)",
                                         "SELECT kv_exists('g', ?1)", "SELECT kv_delete('g', ?1)"};
static const char *const by_hand[STEPS] = {
    "INSERT INTO kv(grp, key, value) VALUES ('g', ?1, ?2) ON CONFLICT(grp, key) "
    "DO UPDATE SET value = excluded.value, expires_at = excluded.expires_at",
    "SELECT value FROM kv WHERE grp = 'g' AND key = ?1 "
    "AND (expires_at IS NULL OR expires_at > ?3)",
    "SELECT EXISTS (SELECT 1 FROM kv WHERE grp = 'g' AND key = ?1 "
    "AND (expires_at IS NULL OR expires_at > ?3))",
    "DELETE FROM kv WHERE grp = 'g' AND key = ?1 AND (expires_at IS NULL OR expires_at > ?3)"};

static void run_mix(void *pointer, long count) {
  struct mix *mix = pointer;
  for (long i = 0; i < count; i++) {
    struct key key = key_of(any_below(1000));
    for (int j = 0; j < STEPS; j++) {
      sqlite3_stmt *step = mix->steps[j];
      int parameters = sqlite3_bind_parameter_count(step);
      sqlite3_bind_text(step, 1, key.text, key.length, SQLITE_STATIC);
      if (parameters == 2) sqlite3_bind_text(step, 2, "a value of some length", 22, SQLITE_STATIC);
      if (parameters == 3) sqlite3_bind_int64(step, 3, clock_ms());
      step_all(mix->db, step);
    }
  }
}

static void open_mix(struct mix *mix, enum place place, const char *name, enum flavour flavour) {
  *mix = (struct mix){.db = open_database(place, name, flavour),
                      .texts = flavour == WITH_KV ? calls : by_hand};
  fill(mix->db, "g", 1000, "a value of some length", 22);
  for (int i = 0; i < STEPS; i++) mix->steps[i] = prepare(mix->db, mix->texts[i]);
}

static void close_mix(struct mix *mix, const char *name) {
  for (int i = 0; i < STEPS; i++) sqlite3_finalize(mix->steps[i]);
  close_database(mix->db, name);
}

void bench_mixed(void) {
  for (int place = IN_MEMORY; place <= WAL_NORMAL; place++) {
    struct mix ours, theirs;
    open_mix(&ours, (enum place)place, "mixed-kv", WITH_KV);
    open_mix(&theirs, (enum place)place, "mixed-hand", BY_HAND);
    measure(&(struct measurement){.family = "mixed",
                                  .work = "set, get, exists and delete in turn",
                                  .where = place_names[place],
                                  .span = place == IN_MEMORY ? 1 : 3},
            (const struct contender[]){{"kv", &ours, NULL, run_mix},
                                       {"hand-written", &theirs, NULL, run_mix}},
            2);
    close_mix(&ours, "mixed-kv");
    close_mix(&theirs, "mixed-hand");
  }
}
