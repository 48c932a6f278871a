/*
** Writers are killed (SIGKILL) at random moments, over and over, one with the extension and one without, while
** other processes follow the feed, each with a copy of its own in a file of its own:
**
**   0, 1   with kv_wait and kv_ack
**   2      without the extension: SELECT … FROM kv_log WHERE seq > ?, from time to time
**   3      is away for longer than the log keeps, again and again
**
** and are killed, too. None may see a number twice or miss one (what it is shown begins with the number after the
** last, or with a resync), and at the end each copy is the table.
**
** feed_crash_test [KILLS [SEED]]
*/
#include "host.h"

#include <signal.h>
#include <sys/wait.h>

enum { WRITERS = 2, FOLLOWERS = 4, PLAIN = 2, AWAY = 3, KEEP = 300, AT_MOST = 2000 };

static pid_t writers[WRITERS], followers[FOLLOWERS];
static unsigned seed;

static void require_run(sqlite3 *db, const char *sql) {
  int code = host_run(db, sql);
  if (code == SQLITE_OK) return;
  fprintf(stderr, "%s: %s\n", sql, sqlite3_errmsg(db));
  _exit(1);
}

static sqlite3 *open_store(int is_plain) {
  const char *path = host_file("feed.db");
  sqlite3 *db = is_plain ? host_open_plain(path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE)
                         : host_open(path);
  sqlite3_busy_timeout(db, 10000);
  require_run(db, "PRAGMA synchronous = OFF");
  return db;
}

static long long ask(sqlite3 *db, const char *sql) {
  return atoll(host_answer(db, sql));
}

/* ---- writers --------------------------------------------------------------------------------- */

/* %d is a small number, and each is another. */
static const char *const call_forms[] = {
    "SELECT kv_set('g', %d, %d)",
    "SELECT kv_set('brief', %d, %d, '2ms')",
    "SELECT kv_delete('g', %d)",
    "SELECT kv_load('l%d', '{\"a\":%d,\"b\":2,\"c\":3}')",
    "BEGIN IMMEDIATE; SELECT kv_set('t', %d, %d); SELECT kv_delete_group('l%d'); COMMIT",
    "BEGIN IMMEDIATE; SELECT kv_set('t', %d, %d); ROLLBACK",
    "INSERT OR REPLACE INTO kv_entries(grp, key, value) VALUES ('e', %d, zeroblob(9000)), ('e', "
    "%d, 1)",
    "SELECT kv_purge()",
};

static const char *const plain_forms[] = {
    "INSERT OR REPLACE INTO kv VALUES ('p', %d, %d, NULL)",
    "INSERT OR REPLACE INTO kv VALUES ('g', %d, %d, NULL)",
    "INSERT INTO kv VALUES ('p', %d, %d, NULL) ON CONFLICT(grp, key) DO UPDATE SET value = "
    "excluded.value",
    "UPDATE OR REPLACE kv SET key = '%d' WHERE grp = 'p' AND key = '%d'",
    "DELETE FROM kv WHERE grp = 'p' AND key = '%d'",
    "BEGIN IMMEDIATE; DELETE FROM kv WHERE grp = 'g'; INSERT INTO kv VALUES ('g', '%d', %d, NULL); "
    "COMMIT",
    "BEGIN IMMEDIATE; UPDATE kv SET value = %d; SAVEPOINT s; DELETE FROM kv; ROLLBACK TO s; COMMIT",
};

static void write_until_killed(int id) {
  int is_plain = id == 1;
  sqlite3 *db = open_store(is_plain);
  if (!is_plain) require_run(db, "SELECT kv_purge_every('5ms')");
  for (;;) { /* ends with the process */
    int count = is_plain ? (int)(sizeof plain_forms / sizeof plain_forms[0])
                         : (int)(sizeof call_forms / sizeof call_forms[0]);
    const char *form = is_plain ? plain_forms[rand() % count] : call_forms[rand() % count];
    char *sql = sqlite3_mprintf(form, rand() % 40, rand() % 40, rand() % 40);
    require_run(db, sql);
    sqlite3_free(sql);
  }
}

/* ---- followers ------------------------------------------------------------------------------- */

static sqlite3 *open_copy(int id) {
  char attach[500], name[32];
  sqlite3 *db = open_store(id == PLAIN);
  snprintf(name, sizeof name, "copy%d.db", id);
  snprintf(attach, sizeof attach, "ATTACH '%s' AS mine", host_file(name));
  require_run(db, attach);
  require_run(
      db,
      "PRAGMA mine.synchronous = OFF;"
      "CREATE TABLE IF NOT EXISTS mine.copy(grp, key, value, expires_at, PRIMARY KEY(grp, key));"
      "CREATE TABLE IF NOT EXISTS mine.place(seq, resyncs, faults);"
      "INSERT INTO mine.place SELECT 0, 0, 0 WHERE NOT EXISTS (SELECT 1 FROM mine.place)");
  return db;
}

static void replay(sqlite3 *db, sqlite3_stmt *row, const char *sql, int values) {
  sqlite3_stmt *statement = NULL;
  sqlite3_prepare_v2(db, sql, -1, &statement, NULL);
  for (int i = 0; i < values; i++) {
    sqlite3_bind_value(statement, i + 1, sqlite3_column_value(row, 2 + i));
  }
  if (sqlite3_step(statement) != SQLITE_DONE) {
    fprintf(stderr, "%s: %s\n", sql, sqlite3_errmsg(db));
    _exit(1);
  }
  sqlite3_finalize(statement);
}

/* Copy and place are of one transaction: killed in it, the follower begins it again. */
static long long read_on(sqlite3 *db, long long seen) {
  sqlite3_stmt *rows = NULL;
  char sql[120];
  int resyncs = 0, faults = 0;
  require_run(db, "BEGIN");
  sqlite3_prepare_v2(
      db, "SELECT seq, type, grp, key, value, expires_at FROM kv_log WHERE seq > ?1 ORDER BY seq",
      -1, &rows, NULL);
  sqlite3_bind_int64(rows, 1, seen);
  while (sqlite3_step(rows) == SQLITE_ROW) {
    long long seq = sqlite3_column_int64(rows, 0);
    const char *type = (const char *)sqlite3_column_text(rows, 1);
    int is_resync = strcmp(type, "resync") == 0;
    faults += !is_resync && seq != seen + 1;
    resyncs += is_resync;
    seen = seq;
    if (is_resync) {
      require_run(db, "DELETE FROM mine.copy;"
                      "INSERT INTO mine.copy SELECT grp, key, value, expires_at FROM main.kv");
    } else if (strcmp(type, "set") == 0) {
      replay(db, rows, "REPLACE INTO mine.copy VALUES (?1, ?2, ?3, ?4)", 4);
    } else {
      replay(db, rows, "DELETE FROM mine.copy WHERE grp = ?1 AND key = ?2", 2);
    }
  }
  sqlite3_finalize(rows);
  snprintf(sql, sizeof sql,
           "UPDATE mine.place SET seq = %lld, resyncs = resyncs + %d, faults = faults + %d; COMMIT",
           seen, resyncs, faults);
  require_run(db, sql);
  return seen;
}

static void follow_until_killed(int id) {
  sqlite3 *db = open_copy(id);
  long long seen = ask(db, "SELECT seq FROM mine.place");
  char sql[120];
  for (;;) { /* ends with the process */
    seen = read_on(db, seen);
    if (id == PLAIN) {
      usleep(3000);
      continue;
    }
    if (id != AWAY) {
      snprintf(sql, sizeof sql, "SELECT kv_ack('follower %d', %lld)", id, seen);
      require_run(db, sql);
    }
    snprintf(sql, sizeof sql, "SELECT kv_wait(%lld, '1s')", seen);
    require_run(db, sql);
  }
}

/* ---- life and death -------------------------------------------------------------------------- */

static pid_t start(void (*life)(int), int id) {
  pid_t parent = getpid(), process = fork();
  host_require(process >= 0, "a process");
  if (process != 0) return process;
  srand(seed + (unsigned)getpid());
  if (getppid() == parent) life(id);
  _exit(1);
}

static void end(pid_t process) {
  int status;
  kill(process, SIGKILL);
  waitpid(process, &status, 0);
  host_require(WIFSIGNALED(status), "a process that goes on until it is killed");
}

/* The number that the log begins with. */
static long long make_store(void) {
  sqlite3 *db = host_open(host_file("feed.db"));
  char sql[80];
  snprintf(sql, sizeof sql, "SELECT kv_feed(%d, %d)", KEEP, AT_MOST);
  CHECK_RUNS("a feed", db, "PRAGMA journal_mode = WAL");
  CHECK_RUNS("a feed", db, sql);
  long long first = ask(db, "SELECT max(seq) FROM kv_log");
  CHECK_CLOSES("closes", db);
  return first;
}

/* Is its copy the table, once it has read all? */
static void look_at(int id, long long *resyncs) {
  sqlite3 *db = open_copy(id);
  read_on(db, ask(db, "SELECT seq FROM mine.place"));
  CHECK_INTEGER("a follower misses no number, and sees none twice", 0,
                ask(db, "SELECT faults FROM mine.place"));
  CHECK_ANSWER("a follower's copy is the table", db,
               "WITH t AS (SELECT grp, key, value, typeof(value), expires_at FROM main.kv),"
               "     c AS (SELECT grp, key, value, typeof(value), expires_at FROM mine.copy) "
               "SELECT (SELECT count(*) FROM (SELECT * FROM t EXCEPT SELECT * FROM c)),"
               "       (SELECT count(*) FROM (SELECT * FROM c EXCEPT SELECT * FROM t))",
               "0|0");
  *resyncs = ask(db, "SELECT resyncs FROM mine.place");
  host_close(db);
}

int main(int argc, char **argv) {
  int kills = argc > 1 ? atoi(argv[1]) : 150, done = 0;
  seed = argc > 2 ? (unsigned)atoi(argv[2]) : (unsigned)time(NULL);
  sqlite3 *keeps_library = host_open(":memory:");
  srand(seed);
  long long first = make_store();
  for (int id = 0; id < FOLLOWERS; id++) followers[id] = start(follow_until_killed, id);
  for (int round = 0; done < kills; round++) {
    for (int id = 0; id < WRITERS; id++) writers[id] = start(write_until_killed, id);
    usleep((useconds_t)(20000 + rand() % 40000));
    for (int id = 0; id < WRITERS; id++) end(writers[id]);
    done += WRITERS;
    int id = rand() % AWAY;
    if (round % 3 == 0) {
      end(followers[id]);
      followers[id] = start(follow_until_killed, id);
      done++;
    }
    kill(followers[AWAY],
         round % 8 == 7 ? SIGCONT : SIGSTOP); /* in the middle of whatever it does */
  }
  for (int id = 0; id < FOLLOWERS; id++) end(followers[id]);
  long long resyncs[FOLLOWERS];
  for (int id = 0; id < FOLLOWERS; id++) look_at(id, &resyncs[id]);
  sqlite3 *db = host_open(host_file("feed.db"));
  long long changes = ask(db, "SELECT max(seq) FROM kv_log") - first;
  CHECK_ANSWER("the file is sound", db, "PRAGMA integrity_check", "ok");
  CHECK("a follower that is away for too long is told so", resyncs[AWAY] > 1);
  CHECK("the log is bounded", ask(db, "SELECT max(seq) - min(seq) FROM kv_log") <= AT_MOST + 256);
  printf("%d kills, seed %u: %lld changes, %lld resyncs of the one that was away, %lld, %lld and "
         "%lld of the others\n",
         done, seed, changes, resyncs[AWAY], resyncs[0], resyncs[1], resyncs[2]);
  host_close(db);
  host_close(keeps_library);
  return host_end();
}
