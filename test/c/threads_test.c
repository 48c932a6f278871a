/*
** Many threads, each with connections of its own, on one file: nothing is lost, nothing is done
** twice.
*/
#include "host.h"

#include <pthread.h>

enum { THREADS = 8, ROUNDS = 60, LOADS = 12 };

struct worker {
  int number;
  const char *path;
  int errors;
  int won; /* how many of the locks were this one's */
};

static void run_or_count(struct worker *worker, sqlite3 *db, const char *sql) {
  const char *answer = host_answer(db, sql);
  if (strncmp(answer, "error ", 6) != 0) return;
  worker->errors++;
  printf("thread %d: %s: %s\n", worker->number, sql, answer);
}

static sqlite3 *open_worker(const struct worker *worker) {
  sqlite3 *db = host_open(worker->path);
  sqlite3_busy_timeout(db, 60000);
  return db;
}

/* Starts the threads, waits for all, and returns how many errors there were. */
static int run_all(void *(*run)(void *), struct worker *workers, const char *path) {
  pthread_t threads[THREADS];
  int errors = 0;
  for (int i = 0; i < THREADS; i++) {
    workers[i] = (struct worker){.number = i, .path = path};
    host_require(pthread_create(&threads[i], NULL, run, &workers[i]) == 0, "a thread");
  }
  for (int i = 0; i < THREADS; i++) {
    pthread_join(threads[i], NULL);
    errors += workers[i].errors;
  }
  return errors;
}

/* ---- many writers ---- */

static void *write_mixed(void *pointer) {
  struct worker *worker = pointer;
  sqlite3 *db = open_worker(worker);
  for (int i = 0; i < ROUNDS; i++) {
    char sql[400];
    run_or_count(worker, db, "SELECT kv_incr('sum', 'calls')");
    snprintf(sql, sizeof sql, "SELECT kv_setnx('lock', %d, %d)", i, worker->number);
    worker->won += strcmp(host_answer(db, sql), "1") == 0;
    snprintf(sql, sizeof sql,
             "BEGIN IMMEDIATE; SELECT kv_incr('sum', 'pairs'), kv_set('own-%d', 'last', %d, '1h');"
             "SELECT kv_incr('sum', 'pairs'), kv_getdel('own-%d', 'last'); COMMIT",
             worker->number, i, worker->number);
    run_or_count(worker, db, sql);
    snprintf(sql, sizeof sql, "SELECT kv_set('brief', %d, 1, 0.001), kv_count_all()", i);
    run_or_count(worker, db, sql);
    run_or_count(worker, db, "SELECT count(*), sum(keys) FROM kv_groups");
    run_or_count(worker, db, "SELECT count(value) FROM kv_entries('lock')");
    if (i % 10 == 0) run_or_count(worker, db, "SELECT kv_purge('brief')");
  }
  worker->errors += host_close(db) != SQLITE_OK;
  return NULL;
}

static void nothing_is_lost(void) {
  struct worker workers[THREADS];
  sqlite3 *db = host_open(host_file("threads.db"));
  host_run(db, "PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF");
  CHECK_INTEGER("8 threads write with no error", 0,
                run_all(write_mixed, workers, host_file("threads.db")));
  CHECK_INTEGER("every kv_incr counts", THREADS * ROUNDS,
                atoi(host_answer(db, "SELECT kv_get('sum', 'calls')")));
  CHECK_INTEGER("in transactions too", 2 * THREADS * ROUNDS,
                atoi(host_answer(db, "SELECT kv_get('sum', 'pairs')")));
  int won = 0;
  for (int i = 0; i < THREADS; i++) won += workers[i].won;
  CHECK_INTEGER("every kv_setnx has one winner", ROUNDS, won);
  CHECK_INTEGER("whose value is there", ROUNDS, atoi(host_answer(db, "SELECT kv_count('lock')")));
  CHECK_ANSWER("the file is whole", db, "PRAGMA integrity_check", "ok");
  CHECK_CLOSES("the close succeeds", db);
}

/* ---- the first write of many at once ---- */

static void *create_store(void *pointer) {
  struct worker *worker = pointer;
  sqlite3 *db = open_worker(worker);
  run_or_count(worker, db, "SELECT kv_incr('g', 'k', 1)");
  worker->errors += host_close(db) != SQLITE_OK;
  return NULL;
}

static void one_store_is_created(void) {
  struct worker workers[THREADS];
  for (int i = 0; i < LOADS; i++) {
    host_remove("first.db");
    CHECK_INTEGER("8 threads create the store with no error", 0,
                  run_all(create_store, workers, host_file("first.db")));
    sqlite3 *db = host_open(host_file("first.db"));
    CHECK_INTEGER("and all of them count", THREADS,
                  atoi(host_answer(db, "SELECT kv_get('g', 'k')")));
    host_close(db);
  }
}

/* ---- loading ---- */

static void *load_often(void *pointer) {
  struct worker *worker = pointer;
  for (int i = 0; i < LOADS; i++) {
    sqlite3 *db = host_open(":memory:");
    worker->errors += host_load(db) != SQLITE_OK;
    run_or_count(worker, db, "SELECT kv_set('g', 'k', 1), kv_get('g', 'k'), kv_watch('*')");
    worker->errors += host_close(db) != SQLITE_OK;
  }
  return NULL;
}

static void loading_from_many_threads_is_harmless(void) {
  struct worker workers[THREADS];
  CHECK_INTEGER("8 threads load, use and close with no error", 0, run_all(load_often, workers, ""));
}

int main(void) {
  loading_from_many_threads_is_harmless();
  one_store_is_created();
  nothing_is_lost();
  return host_end();
}
