/*
** The background purge: it empties a file that nobody touches, is in no writer's way, and ends
** with its connection.
*/
#include "host.h"

#include <pthread.h>
#include <sys/wait.h>

enum { PATIENCE = 20 }; /* seconds that something may take on a slow machine */

static const char rows_left[] = "SELECT count(*) FROM kv WHERE expires_at IS NOT NULL";

static sqlite3 *open_store(const char *name, int expired) {
  char sql[400];
  host_remove(name);
  sqlite3 *db = host_open(host_file(name));
  sqlite3_busy_timeout(db, 60000);
  snprintf(sql, sizeof sql,
           "PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF; SELECT kv_set('g', 'live', 1);"
           "WITH n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d)"
           "INSERT INTO kv SELECT 'old', i, 1, 1 FROM n WHERE i <= %d",
           expired, expired);
  host_require(host_run(db, sql) == SQLITE_OK, "a store");
  return db;
}

static void removes_what_has_expired(void) {
  int threads = host_threads();
  sqlite3 *db = open_store("purge.db", 2000);
  sqlite3 *other = host_open_plain(host_file("purge.db"), SQLITE_OPEN_READWRITE);
  CHECK_ANSWER("the interval is returned in seconds", db, "SELECT kv_purge_every('10ms')", "0.01");
  CHECK_INTEGER("a thread runs", threads + 1, host_threads());
  CHECK("expired rows go from a file with no other activity",
        host_wait(other, rows_left, "0", PATIENCE));
  CHECK_ANSWER("live ones stay", db, "SELECT kv_get('g', 'live')", "1");
  CHECK_RUNS("a key that expires later", db, "SELECT kv_set('g', 'brief', 1, '30ms')");
  CHECK("goes when its time has come", host_wait(other, rows_left, "0", PATIENCE));
  double begun = host_seconds();
  CHECK_CLOSES("the close succeeds", db);
  CHECK("and does not take long", host_seconds() - begun < 2);
  CHECK_INTEGER("the thread is gone", threads, host_threads());
  CHECK_ANSWER("the file is whole", other, "PRAGMA integrity_check", "ok");
  host_close(other);
}

static void changes_and_stops(void) {
  int threads = host_threads();
  sqlite3 *db = open_store("change.db", 10);
  CHECK_ANSWER("a long interval", db, "SELECT kv_purge_every('24h')", "86400.0");
  sqlite3_sleep(50);
  CHECK_ANSWER("has removed nothing yet", db, rows_left, "10");
  CHECK_ANSWER("a shorter one", db, "SELECT kv_purge_every(0.01)", "0.01");
  CHECK("counts from now on", host_wait(db, rows_left, "0", PATIENCE));
  CHECK_INTEGER("with the same thread", threads + 1, host_threads());
  CHECK_ANSWER("0 stops it", db, "SELECT kv_purge_every(0)", "0.0");
  CHECK_INTEGER("and ends the thread", threads, host_threads());
  CHECK_RUNS("an expired row", db, "INSERT INTO kv VALUES ('g', 'k', 1, 1)");
  sqlite3_sleep(50);
  CHECK_ANSWER("stays now", db, rows_left, "1");
  CHECK_ANSWER("0 stops nothing where nothing runs", db, "SELECT kv_purge_every(0)", "0.0");
  CHECK_ANSWER("it starts again", db, "SELECT kv_purge_every('10ms')", "0.01");
  CHECK("and works", host_wait(db, rows_left, "0", PATIENCE));
  CHECK_CLOSES("the close succeeds", db);
  CHECK_INTEGER("the thread is gone", threads, host_threads());
}

static void close_need_not_wait(void) {
  sqlite3 *db = open_store("quick.db", 100), *other = host_open(host_file("quick.db"));
  CHECK_RUNS("an interval of a day", db, "SELECT kv_purge_every('24h')");
  double begun = host_seconds();
  CHECK_CLOSES("the close succeeds", db);
  CHECK("at once", host_seconds() - begun < 1);

  db = host_open(host_file("quick.db"));
  host_run(other, "BEGIN IMMEDIATE");
  CHECK_RUNS("a purge that finds the file locked", db, "SELECT kv_purge_every('1ms')");
  sqlite3_sleep(50);
  begun = host_seconds();
  CHECK_CLOSES("does not hold up the close", db);
  CHECK("which is quick", host_seconds() - begun < 1);
  CHECK_ANSWER("nor does it remove anything", other, rows_left, "100");
  host_run(other, "ROLLBACK");
  host_close(other);
}

/* Where there is no file for a second connection, the host's own writes remove what has expired. */
static void purges_memory_without_a_thread(void) {
  static const char *const paths[] = {":memory:", ""};
  int threads = host_threads();
  for (int i = 0; i < 2; i++) {
    sqlite3 *db = host_open(paths[i]);
    CHECK_RUNS(
        "a store in memory", db,
        "SELECT kv_set('g', 'k', 1);"
        "INSERT INTO kv SELECT 'old', value, 1, 1 FROM json_each('[1,2,3,4,5,6,7,8,9,10,11]')");
    CHECK_ANSWER("an interval", db, "SELECT kv_purge_every('20ms')", "0.02");
    CHECK_INTEGER("needs no thread", threads, host_threads());
    CHECK_RUNS("a write before it is over", db, "SELECT kv_set('g', 'k', 2)");
    sqlite3_sleep(30);
    CHECK_ANSWER("a read removes nothing", db, "SELECT kv_count('old'), count(*) FROM kv", "0|12");
    CHECK_RUNS("the first write after it", db, "SELECT kv_set('g', 'k', 3)");
    CHECK_ANSWER("removes all that has expired", db, rows_left, "0");
    CHECK_ANSWER("0 stops it", db, "SELECT kv_purge_every(0)", "0.0");
    CHECK_RUNS("an expired row", db, "INSERT INTO kv VALUES ('g', 'x', 1, 1)");
    sqlite3_sleep(30);
    CHECK_RUNS("a write", db, "SELECT kv_set('g', 'k', 4)");
    CHECK_ANSWER("leaves it", db, rows_left, "1");
    CHECK_CLOSES("the close succeeds", db);
  }
}

static void errors(void) {
  int threads = host_threads();
  sqlite3 *db;
  host_close(open_store("errors.db", 0));
  db = host_open_plain(host_file("errors.db"), SQLITE_OPEN_READONLY);
  host_load(db);
  CHECK_INTEGER("a read-only file is an error", SQLITE_READONLY,
                host_run(db, "SELECT kv_purge_every(1)"));
  CHECK_INTEGER("a negative interval is an error", SQLITE_ERROR,
                host_run(db, "SELECT kv_purge_every(-1)"));
  CHECK_INTEGER("so is none", SQLITE_ERROR, host_run(db, "SELECT kv_purge_every(NULL)"));
  CHECK_CLOSES("the close succeeds", db);
  CHECK_INTEGER("no error left a thread", threads, host_threads());
}

static void follows_the_schema(void) {
  char sql[300];
  host_close(open_store("cache.db", 50));
  sqlite3 *db = open_store("main.db", 50);
  snprintf(sql, sizeof sql, "ATTACH '%s' AS cache; SELECT kv_config('schema', 'cache')",
           host_file("cache.db"));
  CHECK_RUNS("the store is in an attached file", db, sql);
  CHECK_RUNS("a purge of it", db, "SELECT kv_purge_every('10ms')");
  CHECK("removes its rows",
        host_wait(db, "SELECT count(*) FROM cache.kv WHERE expires_at", "0", PATIENCE));
  CHECK_ANSWER("and not those of main", db, "SELECT count(*) FROM main.kv WHERE expires_at", "50");
  CHECK_RUNS("the store is in main again", db, "SELECT kv_config('schema', 'main')");
  CHECK("and so is the purge", host_wait(db, rows_left, "0", PATIENCE));
  CHECK_CLOSES("the close succeeds", db);
}

static void says_what_it_met(void) {
  sqlite3 *db = open_store("broken.db", 5);
  CHECK_ANSWER("no purge, no error", db, "SELECT kv_config('purge_error')", "NULL");
  CHECK_RUNS("a trigger that forbids", db,
             "CREATE TRIGGER t BEFORE DELETE ON kv BEGIN SELECT RAISE(ABORT, 'not that'); END");
  CHECK_RUNS("a purge", db, "SELECT kv_purge_every('5ms')");
  CHECK("its error can be asked for",
        host_wait(db, "SELECT kv_config('purge_error')", "not that", PATIENCE));
  CHECK_RUNS("the cure", db, "DROP TRIGGER t");
  CHECK("a pass without an error takes it back",
        host_wait(db, "SELECT kv_config('purge_error') IS NULL", "1", PATIENCE));
  CHECK_INTEGER("it is not to be set", SQLITE_ERROR,
                host_run(db, "SELECT kv_config('purge_error', 1)"));
  CHECK_CLOSES("the close succeeds", db);
}

static void is_no_guest_of_a_shared_cache(void) {
  host_close(open_store("shared.db", 5));
  sqlite3_enable_shared_cache(1);
  sqlite3 *db = host_open(host_file("shared.db"));
  sqlite3_enable_shared_cache(0);
  CHECK_RUNS("a purge beside a connection with a shared cache", db, "SELECT kv_purge_every(60)");
  CHECK_CLOSES("does not hold up the close", db);
}

/* A signal for the process must find a thread of the host's. */
static void takes_no_signal(void) {
  char path[64], line[256];
  unsigned long long blocked = 0;
  sqlite3 *db = open_store("signals.db", 0);
  CHECK_RUNS("a purge", db, "SELECT kv_purge_every(60)");
  DIR *tasks = opendir("/proc/self/task");
  struct dirent *entry;
  while (tasks != NULL && (entry = readdir(tasks)) != NULL) {
    if (entry->d_name[0] == '.' || atol(entry->d_name) == (long)getpid()) continue;
    snprintf(path, sizeof path, "/proc/self/task/%.20s/status", entry->d_name);
    FILE *status = fopen(path, "r");
    while (status != NULL && fgets(line, sizeof line, status) != NULL) {
      sscanf(line, "SigBlk: %llx", &blocked);
    }
    if (status != NULL) fclose(status);
  }
  if (tasks != NULL) closedir(tasks);
  CHECK("the thread blocks SIGTERM, SIGINT, SIGALRM", (blocked & 0x6002) == 0x6002);
  CHECK_CLOSES("the close succeeds", db);
}

/* SQLite forbids to use a connection after fork(): to close it in the child is a common mistake, and
** must not hang because of the thread, which the child does not have. */
static void leaves_a_child_of_fork_alone(void) {
  int ended = 0, forks = 20;
  for (int i = 0; i < forks; i++) {
    sqlite3 *db = open_store("fork.db", 3);
    CHECK_RUNS("a busy purge", db, "SELECT kv_purge_every('1ms')");
    sqlite3_sleep(5);
    pid_t child = fork();
    if (child == 0) {
      alarm(5);
      _exit(sqlite3_close(db));
    }
    int status = 0;
    waitpid(child, &status, 0);
    ended += WIFEXITED(status);
    CHECK_CLOSES("the parent's close succeeds", db);
  }
  CHECK_INTEGER("each child's close ends", forks, ended);
}

static void goes_on_after_a_close_that_failed(void) {
  static const char *const first[] = {"SELECT kv_get('g', 'live')",
                                      "SELECT count(*) FROM kv_groups"};
  int threads = host_threads();
  for (int i = 0; i < 2; i++) {
    sqlite3 *db = open_store("again.db", 0);
    sqlite3_stmt *held = NULL;
    CHECK_RUNS("a purge", db, "SELECT kv_purge_every('5ms')");
    sqlite3_prepare_v2(db, "SELECT 1", -1, &held, NULL);
    CHECK_INTEGER("a statement keeps the connection open", SQLITE_BUSY, sqlite3_close(db));
    sqlite3_finalize(held);
    CHECK_RUNS("whatever is called first", db, first[i]);
    CHECK_RUNS("an expired row", db, "INSERT INTO kv VALUES ('g', 'x', 1, 1)");
    CHECK("goes", host_wait(db, rows_left, "0", PATIENCE));
    CHECK_CLOSES("the close succeeds", db);
  }
  CHECK_INTEGER("no thread is left", threads, host_threads());
}

/* ---- beside writers ---- */

enum { WRITES = 400 };

/* Writes keys that expire at once; returns how many errors there were. */
static int write_brief_keys(const char *path) {
  int errors = 0;
  sqlite3 *db = host_open(path);
  sqlite3_busy_timeout(db, 60000);
  for (int i = 0; i < WRITES; i++) {
    char sql[200];
    snprintf(sql, sizeof sql, "INSERT OR REPLACE INTO kv VALUES ('brief', %d, zeroblob(100), 1)",
             i);
    errors += host_run(db, sql) != SQLITE_OK;
    errors += host_run(db, "SELECT kv_incr('g', 'writes')") != SQLITE_OK;
  }
  errors += host_close(db) != SQLITE_OK;
  return errors > 100 ? 100 : errors;
}

static void *write_in_thread(void *errors) {
  *(int *)errors = write_brief_keys(host_file("beside.db"));
  return NULL;
}

/* All write to one file at once: this connection, one in a thread, one in another process. */
static void is_in_no_writers_way(void) {
  host_close(open_store("beside.db", 5000));
  pid_t child = fork();
  if (child == 0) _exit(write_brief_keys(host_file("beside.db")));
  sqlite3 *db = host_open(host_file("beside.db"));
  sqlite3_busy_timeout(db, 60000);
  CHECK_RUNS("a busy purge", db, "SELECT kv_purge_every('1ms')");
  pthread_t thread;
  int errors_of_thread = 0, status = 0;
  host_require(pthread_create(&thread, NULL, write_in_thread, &errors_of_thread) == 0, "a thread");
  int errors = 0;
  for (int i = 0; i < WRITES; i++) {
    errors += host_run(db, "SELECT kv_incr('g', 'writes')") != SQLITE_OK;
  }
  pthread_join(thread, NULL);
  waitpid(child, &status, 0);
  CHECK_INTEGER("no error in the connection that purges", 0, errors);
  CHECK_INTEGER("none in a thread that writes", 0, errors_of_thread);
  CHECK("none in a process that writes", WIFEXITED(status) && WEXITSTATUS(status) == 0);
  CHECK_ANSWER("every write counts", db, "SELECT kv_get('g', 'writes')", "1200");
  CHECK("and in the end all is purged", host_wait(db, rows_left, "0", PATIENCE));
  CHECK_CLOSES("the close succeeds", db);
}

int main(void) {
  is_in_no_writers_way();
  removes_what_has_expired();
  changes_and_stops();
  close_need_not_wait();
  purges_memory_without_a_thread();
  errors();
  follows_the_schema();
  says_what_it_met();
  is_no_guest_of_a_shared_cache();
  takes_no_signal();
  leaves_a_child_of_fork_alone();
  goes_on_after_a_close_that_failed();
  return host_end();
}
