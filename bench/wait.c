/*
** kv_wait, in another process: from the call of a set to when its change has been read there, and
** what a reader costs that waits for nothing. On a WAL file, synchronous NORMAL.
*/
#include "bench.h"

#include <stdio.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MOST_SETS = 500 };

/* Shared by the two processes: the writer tells when it sets, the reader when it has read. */
struct clocks {
  volatile double set_ns[MOST_SETS], read_ns[MOST_SETS];
  volatile double idle_percent;
  volatile int is_ready;
};

static const struct measurement latency = {
    .family = "wait", .work = "from a set to its change read", .where = "WAL, synchronous NORMAL"};
static const struct measurement idle = {
    .family = "wait", .work = "CPU of a reader that waits", .where = "WAL, synchronous NORMAL"};

static double cpu_ns(void) {
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  return ((double)usage.ru_utime.tv_sec + (double)usage.ru_stime.tv_sec) * 1e9 +
         ((double)usage.ru_utime.tv_usec + (double)usage.ru_stime.tv_usec) * 1e3;
}

static double idle_percent(sqlite3 *db, sqlite3_stmt *wait, sqlite3_int64 newest) {
  double begun = now_ns(), cpu = cpu_ns();
  sqlite3_bind_int64(wait, 1, newest);
  sqlite3_bind_text(wait, 2, options.is_quick ? "500ms" : "3s", -1, SQLITE_STATIC);
  step_all(db, wait);
  return (cpu_ns() - cpu) / (now_ns() - begun) * 100;
}

/* Waits for each change, reads it, and notes when: the value is the number of the set. */
static _Noreturn void read_changes(struct clocks *clocks, int sets) {
  sqlite3 *db = open_again(WAL_NORMAL, "wait", WITH_KV);
  sqlite3_stmt *wait = prepare(db, "SELECT kv_wait(?1, ?2)");
  sqlite3_stmt *changes = prepare(db, "SELECT value FROM kv_log WHERE seq > ?1 AND type = 'set'");
  sqlite3_int64 seen = ask_integer(db, "SELECT max(seq) FROM kv_log");
  clocks->idle_percent = idle_percent(db, wait, seen);
  clocks->is_ready = 1;
  for (int read = 0; read < sets;) {
    sqlite3_bind_int64(wait, 1, seen);
    sqlite3_bind_text(wait, 2, "10s", -1, SQLITE_STATIC);
    int is_row = sqlite3_step(wait) == SQLITE_ROW;
    if (!is_row || sqlite3_column_type(wait, 0) == SQLITE_NULL) _exit(1);
    sqlite3_int64 newest = sqlite3_column_int64(wait, 0);
    sqlite3_reset(wait);
    sqlite3_bind_int64(changes, 1, seen);
    while (sqlite3_step(changes) == SQLITE_ROW) {
      int number = sqlite3_column_int(changes, 0);
      if (number >= 0 && number < sets) clocks->read_ns[number] = now_ns();
      read++;
    }
    sqlite3_reset(changes);
    seen = newest;
  }
  _exit(0);
}

static void set_all(sqlite3 *db, struct clocks *clocks, int sets) {
  sqlite3_stmt *statement = prepare(db, "SELECT kv_set('g', 'k', ?1)");
  for (int i = 0; i < 10000 && !clocks->is_ready; i++) usleep(1000);
  for (int i = 0; i < sets; i++) {
    usleep(4000);
    clocks->set_ns[i] = now_ns();
    sqlite3_bind_int64(statement, 1, i);
    step_all(db, statement);
  }
  sqlite3_finalize(statement);
}

static void race(sqlite3 *db, struct clocks *clocks, int sets) {
  double delays[MOST_SETS];
  int status;
  fflush(stdout);
  pid_t reader = fork();
  if (reader < 0) fail("wait", "no fork");
  if (reader == 0) read_changes(clocks, sets);
  set_all(db, clocks, sets);
  if (waitpid(reader, &status, 0) != reader || status != 0) fail("kv_wait", "the reader failed");
  for (int i = 0; i < sets; i++) delays[i] = clocks->read_ns[i] - clocks->set_ns[i];
  tell_figure(&latency, "kv_wait", spread_of(delays, sets), "ns");
  tell_single(&idle, "kv_wait", clocks->idle_percent, "percent");
}

void bench_wait(void) {
  sqlite3 *db = open_database(WAL_NORMAL, "wait", WITH_KV);
  if (is_built(db, "kv_wait", "SELECT kv_wait(0, '1s')")) {
    struct clocks *clocks =
        mmap(NULL, sizeof *clocks, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (clocks == MAP_FAILED) fail("wait", "no shared memory");
    run_sql(db, "SELECT kv_feed(100000)");
    race(db, clocks, options.is_quick ? 100 : MOST_SETS);
    munmap(clocks, sizeof *clocks);
  }
  close_database(db, "wait");
}
