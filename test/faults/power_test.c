/*
** The power is cut, at each write and sync in turn, while a host writes; then the file is opened
** anew. Every write that was acknowledged is there, the one under way is there as a whole or not at
** all, no quota was passed, and the file is sound.
**
** power_test [ROUNDS [SEED]]: so many different disks for each moment (2); KV_TEST_QUICK=1 tries a
** part of the moments only.
*/
#include "host.h"
#include "power_vfs.h"

static const char store[] = "SELECT kv_set('g', 'a', 1), kv_quota('t', 4, 2)";

/* Each is one write. */
static const char *const steps[] = {
    "SELECT kv_set('g', 'a', 2)",
    "SELECT kv_set('g', 'large', zeroblob(30000))",
    "SELECT kv_incr('g', 'n', 5)",
    "SELECT kv_load('l', '{\"a\":1,\"b\":2,\"c\":3,\"d\":4}')",
    "SELECT kv_set('t:h', 'a', 1)",
    "SELECT kv_set('g', 'brief', 1, 86400)",
    "BEGIN; SELECT kv_set('t:h', 'b', 2); SELECT kv_delete('g', 'large'); COMMIT",
    "INSERT INTO kv_entries(grp, key, value) VALUES ('t:h', 1, zeroblob(5000)), ('t:h', 2, 'x')",
    "SELECT kv_delete_group('l')",
    "SELECT kv_cas('g', 'n', 5, 6)",
    "SELECT kv_quota('u', 3, 3)",
    "SELECT kv_delete_prefix('t')",
    "SELECT kv_import(kv_export('g'), 'u:')",
};
enum { STEPS = sizeof steps / sizeof steps[0] };

enum { CONTENTS = 8192 };
static char states[STEPS + 1][CONTENTS]; /* after so many steps */

static struct { int cuts, lost, half_done, untrue; } seen;

static void complain(int *counter, const char *what, int n, int step, const char *got) {
  if (++*counter > 5) return;
  printf("cut %d, in step %d: %s: %.300s\n", n, step, what, got);
  fflush(stdout);
}

static void read_contents(sqlite3 *db, char *contents) {
  snprintf(contents, CONTENTS, "%s, %s, %s",
           host_answer(db, "PRAGMA integrity_check; SELECT count(*) FROM sqlite_schema"),
           host_answer(db, "SELECT grp, key, length(value), quote(substr(value, 1, 20)),"
                           " expires_at > 1000 FROM kv ORDER BY 1, 2"),
           host_answer(db, "SELECT * FROM kv_quotas"));
}

static void make_store(const char *pragmas) {
  host_remove("p.db");
  sqlite3 *db = host_open(host_file("p.db"));
  host_require(host_run(db, pragmas) == SQLITE_OK, pragmas);
  host_require(host_run(db, store) == SQLITE_OK, "a store");
  host_close(db);
}

static sqlite3 *open_under_power(const char *pragmas) {
  sqlite3 *db = NULL;
  int code = sqlite3_open_v2(host_file("p.db"), &db, SQLITE_OPEN_READWRITE, "power");
  host_require(code == SQLITE_OK && host_load(db) == SQLITE_OK, "a connection");
  host_run(db, pragmas);
  return db;
}

/* The steps until one fails: how many were acknowledged. */
static int take_steps(sqlite3 *db) {
  int done = 0;
  while (done < STEPS && strncmp(host_answer(db, steps[done]), "error", 5) != 0) done++;
  return done;
}

static void note_states(const char *pragmas) {
  make_store(pragmas);
  sqlite3 *db = host_open(host_file("p.db"));
  read_contents(db, states[0]);
  for (int i = 0; i < STEPS; i++) {
    CHECK_RUNS(steps[i], db, steps[i]);
    read_contents(db, states[i + 1]);
  }
  host_close(db);
}

static void look_at_file(int n, int done) {
  char now[CONTENTS];
  sqlite3 *db = host_open(host_file("p.db"));
  read_contents(db, now);
  int is_acknowledged = strcmp(now, states[done]) == 0;
  int is_next = done < STEPS && strcmp(now, states[done + 1]) == 0;
  int is_earlier = 0;
  for (int i = 0; i < done; i++) is_earlier = is_earlier || strcmp(now, states[i]) == 0;
  if (!is_acknowledged && !is_next) {
    if (is_earlier) {
      complain(&seen.lost, "an acknowledged write is lost", n, done, now);
    } else {
      complain(&seen.half_done, "half-done", n, done, now);
    }
  }
  const char *untrue = host_answer(
      db, "SELECT namespace FROM kv_quotas WHERE keys <> kv_count_all(namespace || ':')"
          " OR groups <> (SELECT count(*) FROM kv_groups(namespace || ':')) OR keys > max_keys");
  if (*untrue != 0) complain(&seen.untrue, "a quota that is not true", n, done, untrue);
  host_close(db);
}

/* The power goes at the nth moment: 0 when all was done before. */
static int cut(const char *pragmas, int n, int chance, unsigned seed) {
  make_store(pragmas);
  power_vfs_start(n);
  sqlite3 *db = open_under_power(pragmas);
  int done = take_steps(db);
  int is_cut = power_vfs_is_cut();
  host_close(db);
  if (!power_vfs_is_cut()) return 0;
  power_vfs_restore(chance, seed);
  look_at_file(n, done);
  seen.cuts++;
  return is_cut;
}

static void cut_at_each_moment(const char *pragmas, int rounds, unsigned seed) {
  static const int chances[] = {0, 50, 90, 100};
  int step = getenv("KV_TEST_QUICK") != NULL ? 5 : 1;
  note_states(pragmas);
  for (int round = 0; round < rounds; round++) {
    for (int n = 1 + round % step; cut(pragmas, n, chances[round % 4], seed + (unsigned)n);
         n += step) {
      continue;
    }
  }
}

/* A disk that lies about syncs loses what was acknowledged: would these tests notice? */
static void notices_a_lying_disk(const char *pragmas) {
  int lost = seen.lost, half_done = seen.half_done, cuts = seen.cuts, untrue = seen.untrue;
  power_vfs_ignore_syncs(1);
  fflush(stdout);
  seen.lost = seen.half_done = seen.untrue = 100; /* and say nothing */
  for (int n = 20; n < 40; n++) cut(pragmas, n, 0, 1);
  CHECK("on a disk that ignores syncs writes are lost",
        seen.lost + seen.half_done + seen.untrue > 300);
  power_vfs_ignore_syncs(0);
  seen.lost = lost, seen.half_done = half_done, seen.cuts = cuts, seen.untrue = untrue;
}

int main(int argc, char **argv) {
  static const char journal[] = "PRAGMA journal_mode = DELETE; PRAGMA synchronous = EXTRA";
  static const char wal[] = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL";
  int rounds = argc > 1 ? atoi(argv[1]) : 4;
  unsigned seed = argc > 2 ? (unsigned)atoi(argv[2]) : 1;
  host_require(power_vfs_register() == SQLITE_OK, "the VFS");
  sqlite3 *keeps_library = host_open(":memory:");
  cut_at_each_moment(journal, rounds, seed);
  cut_at_each_moment(wal, rounds, seed);
  notices_a_lying_disk(wal);
  printf("%d power cuts, seed %u\n", seen.cuts, seed);
  CHECK_INTEGER("every acknowledged write is there", 0, seen.lost);
  CHECK_INTEGER("the write under way is whole or absent, and the file is sound", 0, seen.half_done);
  CHECK_INTEGER("the quotas are true, and not passed", 0, seen.untrue);
  host_close(keeps_library);
  power_vfs_start(0);
  return host_end();
}
