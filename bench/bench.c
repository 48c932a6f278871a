/*
** Ratios, measured side by side in one run:  build/bench [ROUNDS]
**
** Each line is a pair: two ways to do the same work, timed in turn (A B A B …) on one connection or
*two
** like ones. Printed are the medians in nanoseconds for one operation, their ratio, and the spread
*of the
** ratio over the rounds. A ratio says little by itself on a busy machine: look at the spread.
*/
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { MAX_ROUNDS = 101 };

static int rounds = 11;

static void fail(sqlite3 *db, const char *what) {
  fprintf(stderr, "%s: %s\n", what, sqlite3_errmsg(db));
  exit(1);
}

static void run(sqlite3 *db, const char *sql) {
  if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK) fail(db, sql);
}

static sqlite3 *open_kv(const char *file) {
  sqlite3 *db;
  if (sqlite3_open(file, &db) != SQLITE_OK) fail(db, file);
  sqlite3_enable_load_extension(db, 1);
  if (sqlite3_load_extension(db, "build/kv", NULL, NULL) != SQLITE_OK) fail(db, "load");
  return db;
}

static void remove_file(const char *file) {
  static const char *const endings[] = {"", "-wal", "-shm"};
  for (int i = 0; i < 3; i++) {
    char name[256];
    snprintf(name, sizeof name, "%s%s", file, endings[i]);
    remove(name);
  }
}

static sqlite3 *open_wal(void) {
  remove_file("build/bench.db");
  sqlite3 *db = open_kv("build/bench.db");
  run(db, "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL");
  return db;
}

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

/* A piece of work: SQL with ?1 a key and ?2 a value, on a connection, so many times. */
struct work {
  sqlite3 *db;
  const char *sql;
  int is_text; /* prepared anew each time, as a host that sends SQL text does */
  int count;
  int keys; /* the keys go round in these; 0: a new one each time */
};

static long next_key;

static double time_work(const struct work *work) {
  sqlite3_stmt *statement = NULL;
  double begun = now();
  for (int i = 0; i < work->count; i++) {
    char key[32];
    long number = work->keys > 0 ? i % work->keys : ++next_key;
    int length = snprintf(key, sizeof key, "key-%ld", number);
    if (statement == NULL &&
        sqlite3_prepare_v2(work->db, work->sql, -1, &statement, NULL) != SQLITE_OK) {
      fail(work->db, work->sql);
    }
    sqlite3_bind_text(statement, 1, key, length, SQLITE_STATIC);
    sqlite3_bind_text(statement, 2, "a value of some length", 22, SQLITE_STATIC);
    int code;
    while ((code = sqlite3_step(statement)) == SQLITE_ROW) (void)sqlite3_column_text(statement, 0);
    if (code != SQLITE_DONE) fail(work->db, work->sql);
    sqlite3_reset(statement);
    if (work->is_text) {
      sqlite3_finalize(statement);
      statement = NULL;
    }
  }
  double took = (now() - begun) / work->count;
  sqlite3_finalize(statement);
  return took;
}

static int compare(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static double median(double *values, int count) {
  qsort(values, (size_t)count, sizeof *values, compare);
  return values[count / 2];
}

static void pair(const char *what, const char *goal, const struct work *a, const struct work *b) {
  double as[MAX_ROUNDS], bs[MAX_ROUNDS], ratios[MAX_ROUNDS];
  time_work(a);
  time_work(b);
  for (int i = 0; i < rounds; i++) {
    as[i] = time_work(a);
    bs[i] = time_work(b);
    ratios[i] = as[i] / bs[i];
  }
  double ratio = median(ratios, rounds);
  printf("| %s | %.0f | %.0f | %.3f | %.3f to %.3f | %s |\n", what, median(as, rounds),
         median(bs, rounds), ratio, ratios[rounds / 10], ratios[rounds - 1 - rounds / 10], goal);
  fflush(stdout);
}

static const char upsert[] =
    "INSERT INTO kv(grp, key, value, expires_at) VALUES ('g', ?1, ?2, NULL) "
    "ON CONFLICT(grp, key) DO UPDATE SET value = excluded.value, expires_at = excluded.expires_at";
static const char lookup[] = "SELECT value FROM kv WHERE grp = 'g' AND key = ?1 "
                             "AND (expires_at IS NULL OR expires_at > 1700000000000)";

static void fill(sqlite3 *db, const char *group, long keys) {
  char *sql = sqlite3_mprintf(
      "INSERT OR REPLACE INTO kv_entries(grp, key, value) "
      "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < %ld) "
      "SELECT %Q, 'key-' || i, 'a value of some length' FROM n",
      keys - 1, group);
  run(db, sql);
  sqlite3_free(sql);
}

static void bench_basic(const char *where, sqlite3 *db, int count, const char *get_goal,
                        const char *set_goal) {
  char what[128];
  fill(db, "g", 1000);
  struct work a = {db, "SELECT kv_get('g', ?1)", 0, count * 4, 1000};
  struct work b = {db, lookup, 0, count * 4, 1000};
  snprintf(what, sizeof what, "kv_get / the same SELECT, prepared, %s", where);
  pair(what, get_goal, &a, &b);
  a = (struct work){db, "SELECT kv_set('g', ?1, ?2)", 0, count, 1000};
  b = (struct work){db, upsert, 0, count, 1000};
  snprintf(what, sizeof what, "kv_set / the same upsert, prepared, %s", where);
  pair(what, set_goal, &a, &b);
}

static void bench_text(sqlite3 *db) {
  struct work a = {db, "SELECT kv_get('g', ?1)", 1, 20000, 1000};
  struct work b = {db, lookup, 1, 20000, 1000};
  pair("kv_get / the same SELECT, as SQL text", "0.60", &a, &b);
}

static void bench_bulk(void) {
  static const char rows[] =
      "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000)"
      "INSERT OR REPLACE INTO %s(grp, key, value) SELECT 'bulk', 'key-' || i, ?1 || i FROM n";
  char *table = sqlite3_mprintf(rows, "kv"), *entries = sqlite3_mprintf(rows, "kv_entries");
  sqlite3 *db = open_kv(":memory:");
  run(db, "SELECT kv_set('g', 'k', 1)");
  struct work a = {db, entries, 0, 1, 1}, b = {db, table, 0, 1, 1};
  pair("100,000 rows into kv_entries / into kv", "1.5", &a, &b);
  sqlite3_free(table);
  sqlite3_free(entries);
  sqlite3_close(db);
}

static void bench_growth(void) {
  sqlite3 *small = open_kv(":memory:"), *large = open_kv(":memory:");
  static const struct {
    const char *what, *sql;
    int keys;
  } works[] = {
      {"kv_get", "SELECT kv_get('t:g', ?1)", 1000},
      {"kv_set", "SELECT kv_set('t:g', ?1, ?2)", 1000},
      {"kv_set of a new key", "SELECT kv_set('new:g', ?1, ?2)", 0},
      {"one row of kv_groups", "SELECT name FROM kv_groups WHERE name = 't:g'", 1000},
  };
  fill(small, "t:g", 1000);
  fill(large, "t:g", 1000000);
  for (size_t i = 0; i < sizeof works / sizeof works[0]; i++) {
    char what[128];
    struct work a = {large, works[i].sql, 0, 20000, works[i].keys};
    struct work b = {small, works[i].sql, 0, 20000, works[i].keys};
    snprintf(what, sizeof what, "%s: 1,000,000 keys / 1,000 keys", works[i].what);
    pair(what, "4", &a, &b);
  }
  run(small, "SELECT kv_quota('t', 100000000, 10)");
  run(large, "SELECT kv_quota('t', 100000000, 10)");
  struct work a = {large, "SELECT kv_set('t:g', ?1, ?2)", 0, 20000, 0};
  struct work b = {small, "SELECT kv_set('t:g', ?1, ?2)", 0, 20000, 0};
  pair("kv_set of a new key under a quota: 1,000,000 keys / 1,000 keys", "4", &a, &b);
  sqlite3_close(small);
  sqlite3_close(large);
}

/* go-store's way to keep a quota: count the namespace's keys before each write. */
static void bench_quota(void) {
  sqlite3 *ours = open_kv(":memory:"), *theirs = open_kv(":memory:"),
          *free_one = open_kv(":memory:");
  fill(ours, "t:g", 100000);
  fill(theirs, "t:g", 100000);
  fill(free_one, "t:g", 100000);
  run(ours, "SELECT kv_quota('t', 100000000, 10)");
  struct work a = {ours, "SELECT kv_set('t:g', ?1, ?2)", 0, 5000, 0};
  struct work b = {theirs,
                   "INSERT INTO kv(grp, key, value) SELECT 't:g', ?1, ?2 WHERE 100000000 > "
                   "(SELECT count(*) FROM kv WHERE grp LIKE 't:%' ESCAPE '^' "
                   "AND (expires_at IS NULL OR expires_at > 1700000000000))",
                   0, 20, 0};
  pair("kv_set under a quota / a LIKE count before each, 100,000 keys", "0.001", &a, &b);
  b = (struct work){free_one, "SELECT kv_set('t:g', ?1, ?2)", 0, 5000, 0};
  pair("kv_set of a new key under a quota / without one", "", &a, &b);
  sqlite3_close(ours);
  sqlite3_close(theirs);
  sqlite3_close(free_one);
}

static void bench_events(void) {
  sqlite3 *quiet = open_kv(":memory:"), *watched = open_kv(":memory:"), *ten = open_kv(":memory:");
  fill(quiet, "g", 1000);
  fill(watched, "g", 1000);
  fill(ten, "g", 1000);
  run(watched, "SELECT kv_watch('g', '*', 1000000)");
  run(ten, "SELECT kv_watch('g', '*', 1000000) FROM json_each('[1,2,3,4,5,6,7,8,9,10]')");
  struct work base = {quiet, "SELECT kv_set('g', ?1, ?2)", 0, 20000, 1000};
  struct work one = {watched, "SELECT kv_set('g', ?1, ?2)", 0, 20000, 1000};
  struct work more = {ten, "SELECT kv_set('g', ?1, ?2)", 0, 20000, 1000};
  pair("kv_set with one watcher / with none", "1.25", &one, &base);
  pair("kv_set with ten watchers / with none", "", &more, &base);
  run(watched, "SELECT count(*) FROM kv_events");
  struct work poll = {watched, "SELECT type FROM kv_events", 0, 20000, 1000};
  struct work version = {watched, "PRAGMA data_version", 0, 20000, 1000};
  pair("a poll of kv_events that finds nothing / PRAGMA data_version", "", &poll, &version);
  sqlite3_close(quiet);
  sqlite3_close(watched);
  sqlite3_close(ten);
}

static void bench_render(void) {
  sqlite3 *small = open_kv(":memory:"), *large = open_kv(":memory:");
  static const char fields[] = "SELECT kv_render('{{.host}}:{{.port}} {{.user}}', 'mail')";
  static const char values[] =
      "SELECT kv_load('mail', '{\"host\":\"h\",\"port\":25,\"user\":\"u\"}')";
  static const char by_hand[] = "SELECT kv_get('mail', 'host') || ':' || kv_get('mail', 'port') || "
                                "' ' || kv_get('mail', 'user')";
  fill(large, "mail", 100000);
  run(small, values);
  run(large, values);
  struct work a = {large, fields, 0, 10000, 1000}, b = {small, fields, 0, 10000, 1000};
  pair("kv_render of 3 fields: a group of 100,000 / of 3", "1.3", &a, &b);
  a = (struct work){small, by_hand, 0, 10000, 1000};
  pair("kv_render of 3 fields / three kv_get and ||", "", &b, &a);
  sqlite3_close(small);
  sqlite3_close(large);
}

int main(int argc, char **argv) {
  if (argc > 1) rounds = atoi(argv[1]);
  if (rounds < 1 || rounds > MAX_ROUNDS) rounds = 11;
  printf("SQLite %s, %d rounds, nanoseconds for one operation.\n\n", sqlite3_libversion(), rounds);
  printf("| A / B | A | B | ratio | spread | goal |\n|---|---|---|---|---|---|\n");
  sqlite3 *db = open_kv(":memory:");
  bench_basic("in memory", db, 20000, "1.20", "1.20");
  bench_text(db);
  sqlite3_close(db);
  db = open_wal();
  bench_basic("on a WAL file", db, 5000, "1.05", "1.05");
  sqlite3_close(db);
  remove_file("build/bench.db");
  bench_bulk();
  bench_growth();
  bench_quota();
  bench_events();
  bench_render();
  return 0;
}
