/*
** Writers are killed (SIGKILL) at random moments, over and over, on a rollback journal and on a WAL
** in turn, with the purge threads at work; then the file is looked at. Every acknowledged write is
** there, each multi-key write is there as a whole or not at all, no quota was passed, and the file
** is sound.
**
** crash_test [KILLS [SEED]]
**
** Each writer takes steps 0, 1, 2, … and tells of each one that it has done: the step that it was
** killed in is the next.
*/
#include "host.h"

#include <signal.h>
#include <sys/wait.h>

enum { WRITERS = 2, KINDS = 6, MAX_STEPS = 100000 };

typedef struct writer {
  pid_t process;
  int acknowledgements; /* the pipe's end */
  int first, done;      /* steps of this round: first to done - 1 were acknowledged */
  long long counted;    /* the counter, as far as it is known to have come */
} writer;

static writer writers[WRITERS];

static struct { int kills, checked, journals, wals, full, lost, torn, unsound; } seen;

static void complain(int *counter, int id, int step, const char *what) {
  if (++*counter > 10) return;
  printf("writer %d, step %d: %s\n", id, step, what);
  fflush(stdout);
}

/* ---- a writer ---- */

static char *sql_of_step(int id, int step) {
  static const char *const forms[KINDS] = {
      "SELECT kv_incr('count', %d)",
      "SELECT kv_load('load-%d-%d', '{\"a\":1,\"b\":2,\"c\":3}')",
      "INSERT INTO kv_entries(grp, key, value) SELECT 'bulk-%d-%d', value, zeroblob(20000)"
      " FROM json_each('[1,2,3,4,5]')",
      "BEGIN IMMEDIATE; SELECT kv_set('pair-%d', 'x', %d), kv_set('brief', random(), 1, '5ms');"
      "SELECT kv_set('pair-%d', 'y', %d); COMMIT",
      "SELECT kv_set('q:g', %d * 10 + %d %% 10, 1)",
      "SELECT kv_delete('q:g', %d * 10 + %d * 3 %% 10)", /* another: the quota fills */
  };
  int kind = step % KINDS;
  int other = kind >= 4 ? step / KINDS : step;
  return sqlite3_mprintf(forms[kind], id, other, id, other);
}

static void write_until_killed(int id, int first, int out) {
  sqlite3 *db = host_open(host_file("crash.db"));
  sqlite3_busy_timeout(db, 10000);
  host_run(db, "PRAGMA synchronous = NORMAL; SELECT kv_purge_every('5ms')");
  for (int step = first; step < MAX_STEPS; step++) {
    char *sql = sql_of_step(id, step);
    int code = host_run(db, sql);
    sqlite3_free(sql);
    int is_refused = step % KINDS == 4 && (code & 0xff) == SQLITE_CONSTRAINT;
    if (code != SQLITE_OK && !is_refused) {
      fprintf(stderr, "writer %d, step %d: %s\n", id, step, sqlite3_errmsg(db));
      _exit(1);
    }
    if (write(out, &step, sizeof step) != sizeof step) _exit(1);
  }
  _exit(0);
}

static void start(int id) {
  writer *w = &writers[id];
  int ends[2];
  host_require(pipe(ends) == 0, "a pipe");
  w->first = w->done;
  w->process = fork();
  host_require(w->process >= 0, "a process");
  if (w->process == 0) {
    /* With no other reader, a writer whose parent is gone ends by SIGPIPE. */
    for (int other = 0; other < id; other++) close(writers[other].acknowledgements);
    close(ends[0]);
    write_until_killed(id, w->first, ends[1]);
  }
  close(ends[1]);
  w->acknowledgements = ends[0];
}

static void end(int id) {
  writer *w = &writers[id];
  int step, status;
  kill(w->process, SIGKILL);
  waitpid(w->process, &status, 0);
  host_require(WIFSIGNALED(status), "a writer that writes until it is killed");
  while (read(w->acknowledgements, &step, sizeof step) == sizeof step) w->done = step + 1;
  close(w->acknowledgements);
  seen.kills++;
}

/* ---- what they left ---- */

static long long ask(sqlite3 *db, const char *sql, int id, int step) {
  char *text = sqlite3_mprintf(sql, id, step);
  long long answer = atoll(host_answer(db, text));
  sqlite3_free(text);
  return answer;
}

/* A group that a step wrote as a whole: all of its keys, or, in the step under way, none. */
static void look_at_group(sqlite3 *db, const char *sql, int id, int step, int keys) {
  long long found = ask(db, sql, id, step);
  if (found == 0 && step < writers[id].done)
    complain(&seen.lost, id, step, "an acknowledged write is lost");
  if (found != 0 && found != keys) complain(&seen.torn, id, step, "half a write is there");
}

static void look_at_pair(sqlite3 *db, int id, int step) {
  long long x = ask(db, "SELECT kv_get('pair-%d', 'x')", id, 0);
  long long y = ask(db, "SELECT kv_get('pair-%d', 'y')", id, 0);
  if (x != y) complain(&seen.torn, id, step, "half a transaction is there");
  if (x < step && step < writers[id].done)
    complain(&seen.lost, id, step, "an acknowledged transaction is lost");
}

static void look_at_count(sqlite3 *db, int id) {
  writer *w = &writers[id];
  long long acknowledged = w->counted;
  for (int step = w->first; step < w->done; step++) acknowledged += step % KINDS == 0;
  w->counted = ask(db, "SELECT kv_get('count', %d, 0)", id, 0);
  if (w->counted < acknowledged)
    complain(&seen.lost, id, w->done, "an acknowledged increment is lost");
  if (w->counted > acknowledged + (w->done % KINDS == 0)) {
    complain(&seen.torn, id, w->done, "an increment was made twice");
  }
}

static void look_at_steps(sqlite3 *db, int id) {
  const writer *w = &writers[id];
  for (int step = w->first; step <= w->done; step++) {
    if (step % KINDS == 1) look_at_group(db, "SELECT kv_count('load-%d-%d')", id, step, 3);
    if (step % KINDS == 2) look_at_group(db, "SELECT kv_count('bulk-%d-%d')", id, step, 5);
    if (step % KINDS == 3) look_at_pair(db, id, step);
    seen.checked += step < w->done && step % KINDS <= 3;
  }
}

static int has_bytes(const char *name) {
  FILE *file = fopen(host_file(name), "rb");
  if (file == NULL) return 0;
  int is_used = fgetc(file) > 0; /* a journal that was ended begins with zeroes */
  fclose(file);
  return is_used;
}

static void look_at_file(void) {
  seen.journals += has_bytes("crash.db-journal");
  seen.wals += has_bytes("crash.db-wal");
  sqlite3 *db = host_open(host_file("crash.db"));
  const char *answer = host_answer(db, "PRAGMA integrity_check");
  if (strcmp(answer, "ok") != 0) complain(&seen.unsound, 0, 0, answer);
  for (int id = 0; id < WRITERS; id++) {
    look_at_count(db, id);
    look_at_steps(db, id);
    writers[id].done++; /* the step under way is not taken again */
  }
  answer =
      host_answer(db, "SELECT * FROM kv_quotas WHERE keys <> kv_count('q:g') OR keys > max_keys");
  if (*answer != 0) complain(&seen.unsound, 0, 0, answer);
  seen.full += (int)ask(db, "SELECT keys = max_keys FROM kv_quotas", 0, 0);
  host_run(db, "SELECT kv_delete_prefix('load-'), kv_delete_prefix('bulk-')");
  host_close(db);
}

static void make_store(void) {
  sqlite3 *db = host_open(host_file("crash.db"));
  CHECK_ANSWER("a quota", db, "SELECT kv_quota('q', 7, 1)", "q");
  CHECK_CLOSES("closes", db);
}

static void set_journal_mode(int is_wal) {
  sqlite3 *db = host_open_plain(host_file("crash.db"), SQLITE_OPEN_READWRITE);
  const char *sql = is_wal ? "PRAGMA journal_mode = WAL" : "PRAGMA journal_mode = DELETE";
  host_require(host_run(db, sql) == SQLITE_OK, sql);
  host_close(db);
}

/* On a machine that is busy with other things a writer is killed before it has done much: some more. */
static int is_enough(int kills) {
  int is_seen = seen.full > 0 && seen.checked > kills;
  return seen.kills >= (is_seen ? kills : 20 * kills);
}

int main(int argc, char **argv) {
  int kills = argc > 1 ? atoi(argv[1]) : 60;
  unsigned seed = argc > 2 ? (unsigned)atoi(argv[2]) : (unsigned)time(NULL);
  sqlite3 *keeps_library = host_open(":memory:");
  srand(seed);
  make_store();
  for (int round = 0; !is_enough(kills); round++) {
    set_journal_mode(round % 2);
    for (int id = 0; id < WRITERS; id++) start(id);
    usleep((useconds_t)(5000 + rand() % 40000));
    for (int id = 0; id < WRITERS; id++) end(id);
    look_at_file();
  }
  printf(
      "%d kills, seed %u: %d acknowledged writes looked at, %d journals and %d WALs left behind\n",
      seen.kills, seed, seen.checked, seen.journals, seen.wals);
  CHECK("there was something to look at", seen.checked > kills && seen.journals + seen.wals > 0);
  CHECK("the quota was reached", seen.full > 0);
  CHECK_INTEGER("every acknowledged write is there", 0, seen.lost);
  CHECK_INTEGER("each write is whole or absent", 0, seen.torn);
  CHECK_INTEGER("the file is sound, and no quota was passed", 0, seen.unsound);
  host_close(keeps_library);
  return host_end();
}
