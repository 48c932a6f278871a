/*
** Counts and listings, over 100,000 keys in memory: 10 tenants with 10 groups each of 1,000 keys.
** go-store's statements are run as text, as it runs them; its render is the part that reads, since
** the template costs the same (see `make bench-go`).
*/
#include "bench.h"

/* ?1 is now: bound before each run, as whoever writes this by hand does. */
#define LIVE "(expires_at IS NULL OR expires_at > ?1)"

/* One seek for each group. */
#define SKIP_SCAN                                                                                  \
  "WITH RECURSIVE g(name) AS (SELECT min(grp) FROM kv UNION ALL "                                  \
  "SELECT (SELECT min(grp) FROM kv WHERE grp > g.name) FROM g WHERE name IS NOT NULL) "            \
  "SELECT name FROM g WHERE name IS NOT NULL "                                                     \
  "AND EXISTS (SELECT 1 FROM kv WHERE grp = name AND " LIVE ")"

#define FIELD(key) "(SELECT value FROM kv WHERE grp = 't5:g5' AND key = '" key "' AND " LIVE ")"

static const struct {
  const char *work, *kv, *by_hand, *go_store;
} works[] = {
    {"count of a group of 1,000", "SELECT kv_count('t5:g5')",
     "SELECT count(*) FROM kv WHERE grp = 't5:g5' AND " LIVE,
     "SELECT COUNT(*) FROM kv WHERE grp = 't5:g5' AND " LIVE},
    {"count over a prefix, 10,000 of 100,000 keys", "SELECT kv_count_all('t5:')",
     "SELECT count(*) FROM kv WHERE grp >= 't5:' AND grp < 't5;' AND " LIVE,
     "SELECT COUNT(*) FROM kv WHERE grp LIKE 't5:%' ESCAPE '^' AND " LIVE},
    {"list 100 groups", "SELECT name FROM kv_groups", SKIP_SCAN,
     "SELECT DISTINCT grp FROM kv WHERE " LIVE " ORDER BY grp"},
    {"read a group of 1,000", "SELECT key, value FROM kv_entries('t5:g5')",
     "SELECT key, value FROM kv WHERE grp = 't5:g5' AND " LIVE " ORDER BY key",
     "SELECT key, value FROM kv WHERE grp = 't5:g5' AND " LIVE " ORDER BY key"},
    {"render 3 fields of a group of 1,000", "SELECT kv_render('{{.a}}:{{.b}} {{.c}}', 't5:g5')",
     "SELECT " FIELD("a") " || ':' || " FIELD("b") " || ' ' || " FIELD("c"),
     "SELECT key, value FROM kv WHERE grp = 't5:g5' AND " LIVE " ORDER BY key"},
};

static void fill_tenants(sqlite3 *db) {
  for (int tenant = 0; tenant < 10; tenant++) {
    for (int group = 0; group < 10; group++) {
      char name[] = {'t', (char)('0' + tenant), ':', 'g', (char)('0' + group), 0};
      fill(db, name, 1000, "a value of some length", 22);
    }
  }
  run_sql(db, "INSERT INTO kv(grp, key, value) VALUES "
              "('t5:g5', 'a', 'x'), ('t5:g5', 'b', 'y'), ('t5:g5', 'c', 'z')");
}

void bench_listings(void) {
  sqlite3 *dbs[3];
  for (int i = 0; i < 3; i++) {
    static const enum flavour flavours[] = {WITH_KV, BY_HAND, GO_STORE};
    dbs[i] = open_database(IN_MEMORY, "listings", flavours[i]);
    fill_tenants(dbs[i]);
  }
  for (size_t i = 0; i < sizeof works / sizeof works[0]; i++) {
    struct query kv = {.db = dbs[0], .sql = works[i].kv};
    struct query hand = {.db = dbs[1], .sql = works[i].by_hand};
    struct query go = {.db = dbs[2], .sql = works[i].go_store, .is_text = 1};
    const struct contender contenders[] = {{"kv", &kv, NULL, run_query},
                                           {"hand-written", &hand, NULL, run_query},
                                           {"go-store's way", &go, NULL, run_query}};
    measure(&(struct measurement){.family = "listings",
                                  .work = works[i].work,
                                  .where = place_names[IN_MEMORY]},
            contenders, 3);
    sqlite3_finalize(kv.statement);
    sqlite3_finalize(hand.statement);
  }
  for (int i = 0; i < 3; i++) close_database(dbs[i], NULL);
}
