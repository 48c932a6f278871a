/*
** Many writers at once on one file, all operations mixed: processes, then threads, each with a
** connection of its own. Sums are exact, a lock has one winner, quotas are never passed, a reader
** never sees half a transaction, a writer's own watcher misses nothing, and nobody waits for ever.
**
** soak_test [SECONDS [SEED [processes|threads]]]: so long for each of the two
*/
#include "host.h"

#include <pthread.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>

enum { WORKERS = 8, KEYS = 20 };

/* What a worker has done, in memory that all processes share. */
typedef struct tally {
  long long steps, increments, swaps, wins, events, busy;
  int wrong_answers, wrong_events, torn, passed;
} tally;

static tally *tallies;
static double end_of_work;

typedef struct worker {
  int id;
  unsigned random;
  int next_lock;
  int watcher;
  int counter; /* of the keys set in its own group */
  int heard;
  tally *done;
  sqlite3 *db;
} worker;

static int pick(worker *w, int count) {
  w->random = w->random * 1103515245u + 12345u;
  return (int)(w->random >> 16) % count;
}

/* Runs one call. Busy is for the host to try again, as any host would; all else is wrong. */
static const char *call(worker *w, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  char *sql = sqlite3_vmprintf(format, arguments);
  va_end(arguments);
  const char *answer = host_answer(w->db, sql);
  int code = 0, is_error = sscanf(answer, "error %d", &code) == 1;
  if (is_error && (code & 0xff) == SQLITE_BUSY) {
    w->done->busy++;
    if (!sqlite3_get_autocommit(w->db)) host_run(w->db, "ROLLBACK");
  } else if (is_error && (code & 0xff) != SQLITE_CONSTRAINT) {
    if (w->done->wrong_answers++ < 3) printf("worker %d: %s: %s\n", w->id, sql, answer);
  }
  sqlite3_free(sql);
  return is_error ? NULL : answer;
}

/* ---- the steps ---- */

static void increment(worker *w) {
  w->done->increments += call(w, "SELECT kv_incr('sum', %d)", pick(w, 3)) != NULL;
}

static void swap(worker *w) {
  const char *old = call(w, "SELECT kv_get('swap', 'n', 0)");
  if (old == NULL) return;
  long long n = atoll(old);
  const char *answer = call(w, "SELECT kv_cas('swap', 'n', %lld, %lld)", n, n + 1);
  w->done->swaps += answer != NULL && *answer == '1';
}

static void lock(worker *w) {
  const char *answer = call(w, "SELECT kv_setnx('lock', %d, %d)", w->next_lock, w->id);
  if (answer == NULL) return;
  w->done->wins += *answer == '1';
  w->next_lock++;
}

static void write_pair(worker *w) {
  int n = pick(w, 1000000);
  call(w, "BEGIN IMMEDIATE; SELECT kv_set('pair', 'x', %d); SELECT kv_set('pair', 'y', %d); COMMIT",
       n, n);
}

static void read_pair(worker *w) {
  const char *pair = call(w, "SELECT kv_render('{{ .x }} {{ .y }}', 'pair')");
  long long x = 0, y = 0;
  if (pair != NULL && sscanf(pair, "%lld %lld", &x, &y) == 2 && x != y) w->done->torn++;
}

static void use_quota(worker *w) {
  call(w, pick(w, 3) ? "SELECT kv_set('q:%d', %d, 1, 0.5)" : "SELECT kv_delete('q:%d', %d)",
       pick(w, 3), pick(w, KEYS));
  const char *passed =
      call(w, "SELECT count(*) FROM kv_quotas WHERE keys > max_keys OR groups > max_groups");
  w->done->passed += passed != NULL && *passed != '0';
}

static void write_many(worker *w) {
  call(w, "SELECT kv_load('many-%d', '{\"a\":1,\"b\":2,\"c\":3}', '200ms')", pick(w, 50));
  call(w,
       "INSERT OR REPLACE INTO kv_entries(grp, key, value) SELECT 'bulk', value, %d"
       " FROM json_each('[1,2,3,4,5]')",
       w->id);
}

static void read_many(worker *w) {
  call(w, "SELECT name, keys FROM kv_groups");
  call(w, "SELECT key, value FROM kv_entries('many-%d')", pick(w, 50));
  const char *kinds = call(w, "SELECT count(DISTINCT value) FROM kv_entries('bulk')");
  w->done->torn += kinds != NULL && *kinds > '1';
}

static void clean_up(worker *w) {
  call(w, "SELECT kv_purge('many-')");
  call(w, "SELECT kv_delete_prefix('many-%d')", pick(w, 5));
}

/* The worker's own group, watched: what it sets there is what it hears of, in order. */
static void hear(worker *w) {
  const char *heard = call(w, "SELECT value FROM kv_events(%d) WHERE type = 'set'", w->watcher);
  for (; heard != NULL && *heard != 0; heard += strcspn(heard, " "), heard += *heard == ' ') {
    w->done->wrong_events += atoi(heard) != w->heard + 1;
    w->heard = atoi(heard);
    w->done->events++;
  }
}

static void set_and_listen(worker *w) {
  if (call(w, "SELECT kv_set('own-%d', 'k', %d)", w->id, w->counter + 1) == NULL) return;
  w->counter++;
  if (pick(w, 4) == 0) hear(w);
}

static void hear_the_rest(worker *w) {
  hear(w);
  w->done->wrong_events += w->heard != w->counter;
}

static void work(worker *w) {
  static void (*const steps[])(worker *) = {increment, swap,          lock,       write_pair,
                                            read_pair, use_quota,     write_many, read_many,
                                            clean_up,  set_and_listen};
  w->db = host_open(host_file("soak.db"));
  sqlite3_busy_timeout(w->db, 20000);
  host_run(w->db, "PRAGMA synchronous = OFF");
  if (w->id % 4 == 0) call(w, "SELECT kv_purge_every('20ms')");
  const char *id = call(w, "SELECT kv_watch('own-%d', '*', 1000)", w->id);
  w->watcher = id != NULL ? atoi(id) : 0;
  while (host_seconds() < end_of_work) {
    steps[pick(w, (int)(sizeof steps / sizeof steps[0]))](w);
    w->done->steps++;
  }
  hear_the_rest(w);
  if (host_close(w->db) != SQLITE_OK) w->done->wrong_answers++;
}

/* ---- processes, threads ---- */

static worker workers[WORKERS];

static void *run_thread(void *pointer) {
  work(pointer);
  return NULL;
}

static void run_threads(void) {
  pthread_t threads[WORKERS];
  for (int i = 0; i < WORKERS; i++) {
    host_require(pthread_create(&threads[i], NULL, run_thread, &workers[i]) == 0, "a thread");
  }
  for (int i = 0; i < WORKERS; i++) pthread_join(threads[i], NULL);
}

static void run_processes(void) {
  pid_t processes[WORKERS];
  for (int i = 0; i < WORKERS; i++) {
    processes[i] = fork();
    host_require(processes[i] >= 0, "a process");
    if (processes[i] == 0) {
      alarm((unsigned)(end_of_work - host_seconds()) + 60);
      work(&workers[i]);
      fflush(stdout);
      _exit(0);
    }
  }
  for (int i = 0; i < WORKERS; i++) {
    int status = 0;
    waitpid(processes[i], &status, 0);
    CHECK_INTEGER("a process ends by itself, and well", 0, status);
  }
}

static long long ask(sqlite3 *db, const char *sql) {
  return atoll(host_answer(db, sql));
}

static void check_sums(const char *who, const tally *sum) {
  sqlite3 *db = host_open(host_file("soak.db"));
  printf("%s: %lld steps, %lld increments, %lld swaps, %lld locks, %lld events, %lld times busy\n",
         who, sum->steps, sum->increments, sum->swaps, sum->wins, sum->events, sum->busy);
  CHECK("much was done", sum->increments > 0 && sum->swaps > 0 && sum->wins > 0 && sum->events > 0);
  CHECK_INTEGER("no call fails but for the lock", 0, sum->wrong_answers);
  CHECK_INTEGER("nobody is turned away within the busy timeout", 0, sum->busy);
  CHECK_INTEGER("the counters are exact", sum->increments,
                ask(db, "SELECT sum(value) FROM kv_entries('sum')"));
  CHECK_INTEGER("each swap was one", sum->swaps, ask(db, "SELECT kv_get('swap', 'n')"));
  CHECK_INTEGER("each lock has one winner", sum->wins, ask(db, "SELECT kv_count('lock')"));
  CHECK_INTEGER("nobody saw half a transaction", 0, sum->torn);
  CHECK_INTEGER("a writer hears of all that it set, in order", 0, sum->wrong_events);
  CHECK_INTEGER("no quota is ever passed", 0, sum->passed);
  CHECK_ANSWER("and their figures are true", db,
               "SELECT namespace FROM kv_quotas WHERE keys <> kv_count_all('q:')"
               " OR groups <> (SELECT count(*) FROM kv_groups('q:'))",
               "");
  CHECK_ANSWER("the file is sound", db, "PRAGMA integrity_check", "ok");
  CHECK_CLOSES("closes", db);
}

static void soak(const char *who, void (*run)(void), double seconds, unsigned seed) {
  host_remove("soak.db");
  sqlite3 *db = host_open(host_file("soak.db"));
  CHECK_RUNS("a store on a WAL", db,
             "PRAGMA journal_mode = WAL; SELECT kv_quota('q', 25, 2), kv_set('swap', 'n', 0)");
  CHECK_CLOSES("closes", db);
  memset(tallies, 0, sizeof *tallies * WORKERS);
  end_of_work = host_seconds() + seconds;
  for (int i = 0; i < WORKERS; i++) {
    workers[i] = (worker){.id = i, .random = seed + (unsigned)i, .done = &tallies[i]};
  }
  run();
  tally sum = {0};
  for (int i = 0; i < WORKERS; i++) {
    const tally *t = &tallies[i];
    sum.steps += t->steps, sum.increments += t->increments, sum.swaps += t->swaps,
        sum.wins += t->wins;
    sum.events += t->events, sum.busy += t->busy, sum.wrong_answers += t->wrong_answers;
    sum.wrong_events += t->wrong_events, sum.torn += t->torn, sum.passed += t->passed;
  }
  check_sums(who, &sum);
}

int main(int argc, char **argv) {
  double seconds = argc > 1 ? atof(argv[1]) : 4;
  unsigned seed = argc > 2 ? (unsigned)atoi(argv[2]) : (unsigned)time(NULL);
  const char *only = argc > 3 ? argv[3] : "";
  tallies = mmap(NULL, sizeof *tallies * WORKERS, PROT_READ | PROT_WRITE,
                 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  host_require(tallies != MAP_FAILED, "memory");
  alarm((unsigned)(2 * seconds) + 120); /* who waits for ever is ended, and has failed */
  printf("seed %u\n", seed);
  fflush(stdout);
  if (strcmp(only, "threads") != 0) soak("8 processes", run_processes, seconds, seed);
  if (strcmp(only, "processes") != 0) soak("8 threads", run_threads, seconds, seed);
  return host_end();
}
