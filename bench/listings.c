/*
** Counts, listings and scans, over 100,000 keys: 10 tenants with 10 groups each of 1,000 keys.
** go-store's statements are run as text, as it runs them; its render is the part that reads, since
** the template costs the same (see `make bench-go`).
*/
#include "store.h"

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

/* Scans of a group: an operation is a row. */
#define FROM_GROUP " FROM kv WHERE grp = 't5:g5' AND " LIVE

static const struct {
  const char *work, *kv, *by_hand;
} scans[] = {
    {"key and value, for each row", "SELECT key, value FROM kv_entries('t5:g5')",
     "SELECT key, value" FROM_GROUP " ORDER BY key"},
    {"*, for each row", "SELECT * FROM kv_entries('t5:g5')",
     "SELECT grp, key, value, expires_at, (expires_at - ?1) / 1000.0" FROM_GROUP " ORDER BY key"},
    {"count(*), for each row", "SELECT count(*) FROM kv_entries('t5:g5')",
     "SELECT count(*)" FROM_GROUP},
};

enum { MEMBERS = 1000 };

static void run_scan(void *query, long count) {
  run_query(query, count / MEMBERS);
}

static void bench_scans(sqlite3 *ours, sqlite3 *theirs, enum place place) {
  for (size_t i = 0; i < sizeof scans / sizeof scans[0]; i++) {
    struct query kv = {.db = ours, .sql = scans[i].kv};
    struct query hand = {.db = theirs, .sql = scans[i].by_hand};
    struct contender contenders[] = {
        {"kv", &kv, NULL, run_scan}, {"hand-written", &hand, NULL, run_scan}, {NULL}};
    int count = 2;
    if (i == 0) count += open_redis_group(place, &contenders[count]);
    measure(&(struct measurement){.family = "scans",
                                  .work = scans[i].work,
                                  .where = place_names[place],
                                  .step = MEMBERS,
                                  .counted = 5L * MEMBERS},
            contenders, count);
    sqlite3_finalize(kv.statement);
    sqlite3_finalize(hand.statement);
  }
}

static void bench_works(sqlite3 *dbs[3], enum place place) {
  for (size_t i = 0; i < sizeof works / sizeof works[0]; i++) {
    struct query kv = {.db = dbs[0], .sql = works[i].kv};
    struct query hand = {.db = dbs[1], .sql = works[i].by_hand};
    struct query go = {.db = dbs[2], .sql = works[i].go_store, .is_text = 1};
    measure(
        &(struct measurement){
            .family = "listings", .work = works[i].work, .where = place_names[place], .counted = 5},
        (const struct contender[]){{"kv", &kv, NULL, run_query},
                                   {"hand-written", &hand, NULL, run_query},
                                   {"go-store's way", &go, NULL, run_query}},
        options.is_counting ? 2 : 3);
    sqlite3_finalize(kv.statement);
    sqlite3_finalize(hand.statement);
  }
}

void bench_listings(void) {
  static const enum flavour flavours[] = {WITH_KV, BY_HAND, GO_STORE};
  static const char *const files[] = {"listings-kv", "listings-hand", "listings-go"};
  for (int place = IN_MEMORY; place <= (int)LAST_PLACE; place++) {
    sqlite3 *dbs[3];
    for (int i = 0; i < 3; i++) {
      dbs[i] = open_database((enum place)place, files[i], flavours[i]);
      if (i < 2 || !options.is_counting) fill_tenants(dbs[i]);
    }
    bench_scans(dbs[0], dbs[1], (enum place)place);
    bench_works(dbs, (enum place)place);
    for (int i = 0; i < 3; i++) close_database(dbs[i], files[i]);
  }
}
