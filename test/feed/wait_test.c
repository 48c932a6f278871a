/*
** kv_wait: told of commits in other processes, by the system or, where that has nothing to tell by, by looking;
** cheap while nothing happens; ended by an interrupt; never a lock lost to it.
**
** feed_wait_test [COMMITS]: how many commits are timed.
*/
#include "host.h"

#include <pthread.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>

/* On a machine that is busy with other things the bounds here are wide; what was measured is printed. */
enum { TIMED = 60, MOST_TIMED = 20000 };

static const char *path;

static sqlite3 *open_feed(const char *name, const char *mode) {
  char pragma[64];
  host_remove(name);
  path = sqlite3_mprintf("%s", host_file(name));
  sqlite3 *db = host_open(path);
  snprintf(pragma, sizeof pragma, "PRAGMA journal_mode = %s", mode);
  CHECK_RUNS("a feed", db, pragma);
  CHECK_RUNS("a feed", db, "PRAGMA synchronous = NORMAL; SELECT kv_feed(100000)");
  return db;
}

static void close_feed(sqlite3 *db) {
  CHECK_CLOSES("closes", db);
  sqlite3_free((void *)(size_t)path);
}

static long long ask(sqlite3 *db, const char *sql) {
  return atoll(host_answer(db, sql));
}

/* The next number after `seen`, or 0. */
static long long wait_for(sqlite3 *db, long long seen, const char *timeout) {
  char sql[100];
  snprintf(sql, sizeof sql, "SELECT kv_wait(%lld, '%s')", seen, timeout);
  return ask(db, sql);
}

static long long head(sqlite3 *db) {
  return ask(db, "SELECT max(seq) FROM kv_log");
}

/* ---- other processes ------------------------------------------------------------------------- */

/* Runs `sql` in a process of its own, without the extension, after so many microseconds. */
static pid_t write_later(const char *sql, unsigned pause_us) {
  fflush(stdout);
  pid_t process = fork();
  host_require(process >= 0, "a process");
  if (process != 0) return process;
  usleep(pause_us);
  sqlite3 *db = NULL;
  int code = sqlite3_open(path, &db);
  sqlite3_busy_timeout(db, 5000);
  if (code == SQLITE_OK) code = sqlite3_exec(db, sql, NULL, NULL, NULL);
  _exit(code);
}

static int exit_of(pid_t process) {
  int status;
  waitpid(process, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static const char write_one[] = "INSERT OR REPLACE INTO kv VALUES ('g', 'k', random(), NULL)";

static void check_told(const char *title, sqlite3 *db) {
  long long seen = head(db);
  pid_t writer = write_later(write_one, 50000);
  double begun = host_seconds();
  CHECK_INTEGER(title, seen + 1, wait_for(db, seen, "20s"));
  CHECK("as soon as it is there", host_seconds() - begun < 10);
  CHECK_INTEGER("the writer wrote", 0, exit_of(writer));
}

/* ---- how fast, how dear ---------------------------------------------------------------------- */

static double *committed; /* by number of the commit, shared with the writer */

static void write_timed(int count) {
  sqlite3 *db = NULL;
  sqlite3_open(path, &db);
  sqlite3_exec(db, "PRAGMA synchronous = NORMAL", NULL, NULL, NULL);
  for (int i = 0; i < count; i++) {
    usleep((useconds_t)(2000 + rand() % 3000));
    sqlite3_exec(db, write_one, NULL, NULL, NULL);
    committed[i] = host_seconds();
  }
  _exit(0);
}

static int compare(const void *a, const void *b) {
  const double *x = a, *y = b;
  return (*x > *y) - (*x < *y);
}

static void time_commits(int count) {
  static double late[MOST_TIMED];
  sqlite3 *db = open_feed("timed.db", "WAL");
  size_t size = (size_t)count * sizeof *committed;
  int answered = 0;
  committed = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  long long first = head(db), seen = first;
  fflush(stdout);
  pid_t writer = fork();
  if (writer == 0) write_timed(count);
  while (seen < first + count) {
    long long next = wait_for(db, seen, "20s");
    double now = host_seconds();
    if (next <= seen) break;
    while (committed[next - first - 1] == 0)
      usleep(10); /* it was seen before its writer told the time */
    late[answered++] = now - committed[next - first - 1];
    seen = next;
  }
  CHECK_INTEGER("no commit is missed", first + count, seen);
  exit_of(writer);
  qsort(late, (size_t)answered, sizeof *late, compare);
  double median = answered > 0 ? late[answered / 2] : 1;
  printf("from a commit in another process to kv_wait's answer: median %.3f ms, p99 %.3f ms\n",
         median * 1000, answered > 0 ? late[answered * 99 / 100] * 1000 : 0);
  CHECK("it is told, and does not find out by looking from time to time", median < 0.010);
  munmap(committed, size);
  close_feed(db);
}

static double processor_seconds(void) {
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
         (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

static void wait_idle(void) {
  sqlite3 *db = open_feed("idle.db", "WAL");
  long long seen = head(db);
  wait_for(db, seen, "1ms");
  double before = processor_seconds(), begun = host_seconds();
  CHECK_INTEGER("nothing comes", 0, wait_for(db, seen, "1500ms"));
  double waited = host_seconds() - begun, share = (processor_seconds() - before) / waited;
  printf("while nothing happens: %.2f %% of a core\n", share * 100);
  CHECK("the timeout is kept", waited >= 1.49 && waited < 5);
  CHECK("waiting costs next to nothing", share < 0.01);
  close_feed(db);
}

/* ---- interrupts ------------------------------------------------------------------------------ */

static void *interrupt_soon(void *db) {
  usleep(100000);
  sqlite3_interrupt(db);
  return NULL;
}

static void interrupt(const char *title, sqlite3 *db) {
  pthread_t thread;
  char sql[80];
  snprintf(sql, sizeof sql, "SELECT kv_wait(%lld, '20s')", head(db));
  double begun = host_seconds();
  pthread_create(&thread, NULL, interrupt_soon, db);
  CHECK_INTEGER(title, SQLITE_INTERRUPT, host_run(db, sql));
  double late = host_seconds() - begun - 0.1;
  pthread_join(thread, NULL);
  printf("%s: %.0f ms after it\n", title, late * 1000);
  CHECK("soon", late < 1);
}

/* ---- descriptors and locks ------------------------------------------------------------------- */

/* How many descriptors this process has on what ends so. */
static int descriptors_on(const char *ending) {
  char link[300], target[400];
  int count = 0;
  DIR *directory = opendir("/proc/self/fd");
  struct dirent *entry;
  while (directory != NULL && (entry = readdir(directory)) != NULL) {
    snprintf(link, sizeof link, "/proc/self/fd/%s", entry->d_name);
    ssize_t length = readlink(link, target, sizeof target - 1);
    if (length < 0) continue;
    target[length] = 0;
    size_t tail = strlen(ending);
    count += (size_t)length >= tail && strcmp(target + length - tail, ending) == 0;
  }
  if (directory != NULL) closedir(directory);
  return count;
}

/* Any open and close of the file in this process would drop the locks of another connection in it. */
static void keep_locks(const char *mode) {
  sqlite3 *db = open_feed("locks.db", mode);
  sqlite3 *writer = host_open_plain(path, SQLITE_OPEN_READWRITE);
  CHECK_RUNS("a writer in this process", writer, "BEGIN IMMEDIATE; DELETE FROM kv");
  int on_file = descriptors_on("/locks.db"), on_shm = descriptors_on("/locks.db-shm");
  wait_for(db, head(db), "100ms");
  CHECK_INTEGER("its lock is there after a wait", SQLITE_BUSY,
                exit_of(write_later("PRAGMA busy_timeout = 0; BEGIN IMMEDIATE", 0)));
  CHECK_INTEGER("no descriptor on the database", on_file, descriptors_on("/locks.db"));
  CHECK_INTEGER("no descriptor on the -shm", on_shm, descriptors_on("/locks.db-shm"));
  CHECK_RUNS("a writer in this process", writer, "COMMIT");
  host_close(writer);
  CHECK_INTEGER("what tells of changes is kept for the next wait", 1, descriptors_on("inotify"));
  close_feed(db);
  CHECK_INTEGER("and goes with the connection", 0, descriptors_on("inotify"));
}

/* ---- where nobody tells ---------------------------------------------------------------------- */

static void wait_untold(void) {
  struct rlimit before, none;
  sqlite3 *db = open_feed("untold.db", "WAL");
  CHECK_RUNS("all files are open", db, "SELECT kv_set('g', 'k', 1)");
  pid_t writer = write_later(write_one, 200000);
  getrlimit(RLIMIT_NOFILE, &before);
  none = before;
  none.rlim_cur = 3; /* no other descriptor is to be had */
  setrlimit(RLIMIT_NOFILE, &none);
  long long seen = head(db), told = wait_for(db, seen, "20s");
  setrlimit(RLIMIT_NOFILE, &before);
  CHECK_INTEGER("no inotify", 0, descriptors_on("inotify"));
  CHECK_INTEGER("it finds out by looking", seen + 1, told);
  exit_of(writer);
  close_feed(db);
}

/* ---- odd places ------------------------------------------------------------------------------ */

static void *write_soon(void *db) {
  usleep(50000);
  sqlite3_exec(db, write_one, NULL, NULL, NULL);
  return NULL;
}

static void wait_in_shared_cache(void) {
  static const char uri[] = "file:shared?mode=memory&cache=shared";
  int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_URI;
  pthread_t thread;
  sqlite3 *db = host_open_plain(uri, flags), *other = host_open_plain(uri, flags);
  host_require(host_load(db) == SQLITE_OK, "loading");
  CHECK_RUNS("a feed", db, "SELECT kv_feed(100)");
  long long seen = head(db);
  pthread_create(&thread, NULL, write_soon, other);
  CHECK_INTEGER("a shared cache in memory", seen + 1, wait_for(db, seen, "20s"));
  pthread_join(thread, NULL);
  host_close(other);
  CHECK_CLOSES("closes", db);
}

static void wait_in_odd_places(void) {
  sqlite3 *db = host_open(":memory:");
  CHECK_RUNS("a feed", db, "SELECT kv_feed(100)");
  CHECK_INTEGER("nobody else writes to memory", 0, wait_for(db, head(db), "50ms"));
  CHECK_CLOSES("closes", db);

  db = open_feed("attached.db", "WAL");
  CHECK_CLOSES("closes", db);
  db = host_open(":memory:");
  char *attach = sqlite3_mprintf("ATTACH %Q AS there; SELECT kv_config('schema', 'there')", path);
  CHECK_RUNS("an attached file", db, attach);
  check_told("a commit in an attached file", db);
  CHECK_RUNS("detached", db, "SELECT kv_config('schema', 'main'); DETACH there");
  CHECK_ANSWER("a file that is detached has no feed", db, "SELECT kv_wait(0, 0)",
               "error 1: kv_wait: there is no feed: kv_feed(keep) starts one");
  CHECK_RUNS("attached again", db, attach);
  check_told("a commit in a file that is attached again", db);
  sqlite3_free(attach);
  close_feed(db);

  db = open_feed("deleted.db", "WAL");
  long long seen = head(db);
  wait_for(db, seen, "10ms");
  host_remove("deleted.db");
  CHECK_INTEGER("a file that is deleted changes no more", 0, wait_for(db, seen, "100ms"));
  host_close(db);
  sqlite3_free((void *)(size_t)path);

  db = open_feed("readonly.db", "WAL");
  sqlite3 *reader = host_open_plain(path, SQLITE_OPEN_READONLY);
  host_require(host_load(reader) == SQLITE_OK, "loading");
  check_told("a commit, for who may only read", reader);
  CHECK_INTEGER("who may only read acknowledges nothing", SQLITE_READONLY,
                host_run(reader, "SELECT kv_ack('reader', 0)"));
  CHECK_INTEGER("who may only read ends no feed", SQLITE_READONLY,
                host_run(reader, "SELECT kv_feed(0)"));
  CHECK_INTEGER("and is in no transaction after that", 1, sqlite3_get_autocommit(reader));
  CHECK_CLOSES("closes", reader);
  close_feed(db);
}

/* A child has the parent's inotify, and closes its copy: the parent hears as before. */
static void wait_beside_a_child(void) {
  sqlite3 *db = open_feed("fork.db", "WAL");
  check_told("before the fork", db);
  pid_t child = fork();
  if (child == 0) {
    sqlite3 *own = host_open(path);
    long long told = wait_for(own, head(own), "20s");
    _exit(told > 0 ? 0 : 1);
  }
  usleep(100000);
  check_told("a commit while a child waits, too", db);
  CHECK_INTEGER("the child, on a connection of its own", 0, exit_of(child));
  check_told("and after it has gone", db);
  close_feed(db);
}

int main(int argc, char **argv) {
  int count = argc > 1 ? atoi(argv[1]) : TIMED;
  sqlite3 *keeps_library = host_open(":memory:");
  sqlite3 *db = open_feed("wal.db", "WAL");
  check_told("a commit in another process", db);
  interrupt("an interrupt ends it", db);
  close_feed(db);
  db = open_feed("journal.db", "DELETE");
  check_told("a commit in another process, with a rollback journal", db);
  interrupt("an interrupt ends it with a rollback journal", db);
  close_feed(db);
  time_commits(count < MOST_TIMED ? count : MOST_TIMED);
  wait_idle();
  keep_locks("WAL");
  keep_locks("DELETE");
  wait_untold();
  wait_in_shared_cache();
  wait_in_odd_places();
  wait_beside_a_child();
  host_close(keeps_library);
  return host_end();
}
