/*
** Every call to the disk fails: the Nth read, write, sync, lock, … , once or from then on, for
** N = 1, 2, … until the work is done without one failing. Whatever fails, the answer is right or an
** error of the disk, the file holds what it held before or what it should hold afterwards, its
** indexes and quotas are true, and the connection closes.
**
** KV_TEST_QUICK=1 tries a part of the calls only.
*/
#include "fault_vfs.h"
#include "host.h"

/* Each begins with the store below, and is one transaction. */
static const char store[] = "SELECT kv_load('g', '{\"a\":1,\"n\":2.5,\"text\":\"x, y\"}'), "
                            "kv_set('t:h', 'a', zeroblob(9000));"
                            "SELECT kv_quota('t', 3, 2);"
                            "UPDATE kv SET expires_at = 99999999999999 WHERE key = 'n';"
                            "INSERT INTO kv VALUES ('old', 1, 1, 1), ('old', 2, 1, 2)";

static const char legacy_store[] =
    "CREATE TABLE kv(grp TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL,"
    " PRIMARY KEY(grp, key)); INSERT INTO kv VALUES ('g', 'a', 'old')";

static const char empty_store[] = "CREATE TABLE other(x)";

static const struct workload {
  const char *store, *sql, *answer;
} workloads[] = {
    {store, "SELECT kv_get('g', 'a'), kv_count('g'), kv_ttl('g', 'n') > 0", "1|3|1"},
    {store, "SELECT name, keys FROM kv_groups", "g|3 t:h|1"},
    {store, "SELECT key FROM kv_entries('g') ORDER BY key DESC", "text n a"},
    {store, "SELECT kv_render('{{ .a }}{{ range . }}.{{ end }}', 'g')", "1..."},
    {store, "SELECT kv_set('g', 'a', 'new')", "new"},
    {store, "SELECT length(kv_set('g', 'new', zeroblob(20000)))", "20000"},
    {store, "SELECT kv_set('g', 'brief', 1, 60)", "1"},
    {store, "SELECT kv_incr('g', 'n')", "3.5"},
    {store, "SELECT kv_cas('g', 'a', 1, 2)", "1"},
    {store, "SELECT kv_setnx('old', 1, 7)", "1"},
    {store, "SELECT kv_getdel('g', 'text')", "x, y"},
    {store, "SELECT kv_delete('t:h', 'a')", "1"},
    {store, "SELECT kv_delete_prefix('')", "4"},
    {store, "SELECT kv_load('l', '{\"a\":1,\"b\":\"two\",\"c\":[3]}')", "3"},
    {store, "SELECT kv_purge()", "2"},
    {store, "SELECT kv_set('t:i', 'b', 1)", "1"},
    {store, "SELECT kv_load('t:i', '{\"a\":1,\"b\":2,\"c\":3}')",
     "error 1811: kv_load: quota exceeded: namespace \"t\" holds 1 of 3 keys"},
    {store, "SELECT kv_quota('t', 9, 9)", "t"},
    {store, "SELECT kv_quota('u', 1, 1)", "u"},
    {store,
     "INSERT OR REPLACE INTO kv_entries(grp, key, value) SELECT 'bulk', value, zeroblob(900)"
     " FROM json_each('[1,2,3,4,5,6,7,8,9,10]')",
     ""},
    {store, "UPDATE kv_entries SET value = 3, ttl = 60 WHERE grp = 'g'", ""},
    {store, "DELETE FROM kv_entries WHERE grp = 'g'", ""},
    {store,
     "BEGIN; SELECT kv_set('g', 'b', 1); SAVEPOINT s; SELECT kv_delete_group('g');"
     "ROLLBACK TO s; SELECT kv_set('g', 'c', 2); COMMIT",
     "1 4 2"},
    {store, "BEGIN; SELECT kv_set('g', 'a', 2); ROLLBACK", "2"},
    {store, "BEGIN; SELECT kv_get('g', 'a'); ROLLBACK", "1"},
    /* What a lock keeps from being witnessed is said in a resync. */
    {store,
     "SELECT kv_watch('g'); SELECT kv_set('g', 'a', 5);"
     "SELECT min(type IN ('set', 'resync')) FROM kv_events",
     "1 5 1"},
    {store, "SELECT kv_purge_every('1h'), kv_set('g', 'a', 6), kv_purge_every(0)", "3600.0|6|0.0"},
    {legacy_store, "SELECT kv_get('g', 'a')", "old"},
    {legacy_store, "SELECT kv_set('g', 'a', 'new', 60)", "new"},
    {empty_store, "SELECT kv_get('g', 'a'), kv_count_all()", "NULL|0"},
    {empty_store, "SELECT kv_set('g', 'a', 'new', 60)", "new"},
};
enum { WORKLOADS = sizeof workloads / sizeof workloads[0] };

enum { CONTENTS = 8192 };

/* The state of one workload in one journal mode. */
static struct {
  const struct workload *workload;
  const char *journal_mode;
  char before[CONTENTS], after[CONTENTS];
  char created[CONTENTS], completed[CONTENTS]; /* a call that fails may have made an empty store */
} work;

static int failed_calls[FAULT_KINDS];
static struct {
  int attempts, errors, wrong_answers, half_done, untrue, unusable, bad_closes;
} seen;

/* The others stand in the file. */
static const char truncating[] = "PRAGMA journal_mode = TRUNCATE";

static void complain(int *counter, const char *what, fault_kind kind, int n, const char *got) {
  if (++*counter > 5) return;
  printf("%s %d of: %s\n  %s: %s\n", fault_vfs_name(kind), n, work.workload->sql, what, got);
  fflush(stdout);
}

static void make_store(const char *sql, const char *journal_mode) {
  host_remove("store.db");
  sqlite3 *db = host_open(host_file("store.db"));
  host_require(host_run(db, journal_mode) == SQLITE_OK, journal_mode);
  host_require(host_run(db, sql) == SQLITE_OK, "a store");
  host_close(db);
}

static void copy_store(void) {
  static char bytes[1 << 20];
  host_remove("work.db");
  FILE *in = fopen(host_file("store.db"), "r"), *out = fopen(host_file("work.db"), "w");
  host_require(in != NULL && out != NULL, "a copy of the file");
  fwrite(bytes, 1, fread(bytes, 1, sizeof bytes, in), out);
  fclose(in);
  fclose(out);
}

/* What the file holds, but for the times that depend on when it was written. */
static void read_contents(sqlite3 *db, char *contents) {
  snprintf(contents, CONTENTS, "%s, %s",
           host_answer(db, "PRAGMA integrity_check; SELECT sql FROM sqlite_schema ORDER BY name"),
           host_answer(db, "SELECT grp, key, quote(substr(value, 1, 20)), expires_at > 1000 FROM kv"
                           " ORDER BY 1, 2"));
}

static sqlite3 *open_faulty(void) {
  sqlite3 *db = NULL;
  int code = sqlite3_open_v2(host_file("work.db"), &db, SQLITE_OPEN_READWRITE, "faults");
  host_require(code == SQLITE_OK && host_load(db) == SQLITE_OK, "a connection");
  if (work.journal_mode == truncating) host_run(db, truncating);
  sqlite3_extended_result_codes(db, 1);
  return db;
}

static int is_error_of_disk(const char *answer) {
  int code = 0;
  if (sscanf(answer, "error %d", &code) != 1) return 0;
  switch (code & 0xff) {
  case SQLITE_IOERR:
  case SQLITE_FULL:
  case SQLITE_BUSY:
  case SQLITE_CANTOPEN:
  case SQLITE_NOMEM: /* of shared memory */
  case SQLITE_PROTOCOL:
  case SQLITE_READONLY:
    return 1; /* the journal could not be rolled back */
  default:
    return 0;
  }
}

/* As another process finds it. */
static void look_at_file(fault_kind kind, int n, int is_right) {
  char now[CONTENTS];
  sqlite3 *db = host_open(host_file("work.db"));
  read_contents(db, now);
  int is_undone = strcmp(now, work.before) == 0 || strcmp(now, work.created) == 0 ||
                  strcmp(now, work.completed) == 0;
  int is_whole = strcmp(now, work.after) == 0 || (!is_right && is_undone);
  if (!is_whole) complain(&seen.half_done, "the file", kind, n, now);
  const char *untrue =
      host_answer(db, "SELECT namespace FROM kv_quotas WHERE keys <> kv_count_all(namespace || ':')"
                      " OR groups <> (SELECT count(*) FROM kv_groups(namespace || ':'))");
  if (*untrue != 0) complain(&seen.untrue, "a quota that is not true", kind, n, untrue);
  host_close(db);
}

/* One attempt, in which the nth call of the kind fails: 0 when the work was done without. */
static int attempt(fault_kind kind, int n, int is_lasting) {
  copy_store();
  sqlite3 *db = open_faulty();
  fault_vfs_arm(kind, n, is_lasting);
  const char *answer = host_answer(db, work.workload->sql);
  int has_failed = fault_vfs_failures() > 0;
  int is_right = strcmp(answer, work.workload->answer) == 0;
  int is_error = has_failed && is_error_of_disk(answer);
  if (!is_right && !is_error) complain(&seen.wrong_answers, "wrong", kind, n, answer);
  fault_vfs_arm(kind, 0, 0);
  host_run(db, "ROLLBACK"); /* of a BEGIN that was left */
  const char *later = host_answer(db, "SELECT kv_count_all() >= 0, count(*) >= 0 FROM kv_entries");
  if (strcmp(later, "1|1") != 0) complain(&seen.unusable, "no use", kind, n, later);
  if (host_close(db) != SQLITE_OK) complain(&seen.bad_closes, "no close", kind, n, answer);
  look_at_file(kind, n, is_right);
  seen.attempts++;
  seen.errors += is_error;
  failed_calls[kind] += has_failed;
  return has_failed;
}

/* How far to the next call to fail. The first calls open and read the file, and none is like another. */
static int step(int n) {
  return getenv("KV_TEST_QUICK") != NULL && n >= 5 ? 9 : 1;
}

/* How an empty file, or one from before TTL, looks when the store is brought up and no more is done. */
static void read_brought_up(void) {
  snprintf(work.created, CONTENTS, "%s", work.before);
  snprintf(work.completed, CONTENTS, "%s", work.before);
  if (strstr(work.before, "kv_expiry") != NULL) return;
  sqlite3 *db = open_faulty();
  host_run(db, "SELECT kv_set('z', 'z', 1); DELETE FROM kv WHERE grp = 'z'");
  read_contents(db, work.completed);
  host_run(db, "DROP INDEX kv_expiry");
  if (strstr(work.before, "CREATE TABLE kv") == NULL) read_contents(db, work.created);
  host_close(db);
}

static void fail_each_call(const struct workload *workload, const char *journal_mode) {
  work.workload = workload;
  work.journal_mode = journal_mode;
  make_store(workload->store, journal_mode);
  copy_store();
  sqlite3 *db = open_faulty();
  read_contents(db, work.before);
  host_close(db);
  read_brought_up();
  copy_store();
  db = open_faulty();
  CHECK_ANSWER(workload->sql, db, workload->sql, workload->answer);
  host_run(db, "ROLLBACK");
  read_contents(db, work.after);
  host_close(db);
  for (int kind = 0; kind < FAULT_KINDS; kind++) {
    for (int is_lasting = 0; is_lasting < 2; is_lasting++) {
      for (int n = 1; attempt((fault_kind)kind, n, is_lasting); n += step(n)) continue;
    }
  }
}

int main(void) {
  host_require(fault_vfs_register() == SQLITE_OK, "the VFS");
  sqlite3 *keeps_library = host_open(":memory:"); /* loading it anew each time takes long */
  sqlite3_int64 used = 0;
  for (int i = 0; i < WORKLOADS; i++) {
    fail_each_call(&workloads[i], "PRAGMA journal_mode = DELETE");
    fail_each_call(&workloads[i], truncating);
    fail_each_call(&workloads[i], "PRAGMA journal_mode = WAL");
    if (i == 0) used = sqlite3_memory_used();
  }
  printf("%d attempts: %d errors, %d went on without\n", seen.attempts, seen.errors,
         seen.attempts - seen.errors);
  for (int kind = 0; kind < FAULT_KINDS; kind++) {
    int is_earlier =
        kind == FAULT_SHM_MAP; /* the newest SQLite maps it when the extension is loaded */
    CHECK(fault_vfs_name((fault_kind)kind), failed_calls[kind] > 0 || is_earlier);
    printf("%s: %d, ", fault_vfs_name((fault_kind)kind), failed_calls[kind]);
  }
  printf("each failing in turn\n");
  CHECK_INTEGER("every answer is right, or an error of the disk", 0, seen.wrong_answers);
  CHECK_INTEGER("nothing is half-done, and the file is sound", 0, seen.half_done);
  CHECK_INTEGER("the figures of the quotas are true", 0, seen.untrue);
  CHECK_INTEGER("the connection is of use afterwards", 0, seen.unusable);
  CHECK_INTEGER("every close succeeds, the first time", 0, seen.bad_closes);
  CHECK_INTEGER("nothing leaks", used, sqlite3_memory_used());
  host_close(keeps_library);
  return host_end();
}
