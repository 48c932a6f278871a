/*
** A result code is the real one, extended codes included, and the message begins with the
** function's name.
*/
#include "host.h"

#include <pthread.h>

/*
** The statement fails with this extended code and a message that begins so; at once, and if it is
** made again on the same connection.
*/
#define CHECK_FAILS(title, db, sql, code, beginning)                                               \
  check_fails(__FILE__, __LINE__, title, db, sql, code, beginning)

static void check_fails(const char *file, int line, const char *title, sqlite3 *db, const char *sql,
                        int code, const char *beginning) {
  for (int i = 0; i < 2; i++) {
    int got = host_run(db, sql);
    check_integer(file, line, title, code, got);
    char message[256];
    snprintf(message, sizeof message, "%.*s", (int)strlen(beginning), sqlite3_errmsg(db));
    check_text(file, line, "the message begins with the function's name", beginning, message);
  }
}

static sqlite3 *open_store(const char *name) {
  host_remove(name);
  sqlite3 *db = host_open(host_file(name));
  host_require(host_run(db,
                        "SELECT kv_set('g', 'a', 1), kv_set('g', 'text', 'x'), kv_quota('t', 1, 0),"
                        " kv_set('t:g', 'a', 1)") == SQLITE_OK,
               "a store");
  return db;
}

/* Each function that writes, on a store that holds g/a. */
static const struct {
  const char *sql, *name;
} writes[] = {
    {"SELECT kv_set('g', 'b', 1)", "kv_set: "},
    {"SELECT kv_set('g', 'b', 1, 60)", "kv_set: "},
    {"SELECT kv_setnx('g', 'b', 1)", "kv_setnx: "},
    {"SELECT kv_cas('g', 'a', 1, 2)", "kv_cas: "},
    {"SELECT kv_incr('g', 'a')", "kv_incr: "},
    {"SELECT kv_expire('g', 'a', 60)", "kv_expire: "},
    {"SELECT kv_getdel('g', 'a')", "kv_getdel: "},
    {"SELECT kv_load('g', '{\"b\":1}')", "kv_load: "},
    {"SELECT kv_delete('g', 'a')", "kv_delete: "},
    {"SELECT kv_delete_group('g')", "kv_delete_group: "},
    {"SELECT kv_delete_prefix('g')", "kv_delete_prefix: "},
    {"SELECT kv_purge()", "kv_purge: "},
    {"SELECT kv_quota('t', 2, 2)", "kv_quota: "},
};
enum { WRITES = sizeof writes / sizeof writes[0] };

static void busy_when_another_writes(void) {
  sqlite3 *db = open_store("busy.db"), *other = host_open(host_file("busy.db"));
  sqlite3_busy_timeout(db, 1);
  host_require(host_run(other, "BEGIN IMMEDIATE") == SQLITE_OK, "the write lock");
  for (int i = 0; i < WRITES; i++) {
    CHECK_FAILS("a write past the timeout is SQLITE_BUSY", db, writes[i].sql, SQLITE_BUSY,
                writes[i].name);
  }
  CHECK_INTEGER("a write to kv_entries is SQLITE_BUSY too", SQLITE_BUSY,
                host_run(db, "DELETE FROM kv_entries WHERE grp = 'g'"));
  CHECK_ANSWER("reads go on meanwhile", db, "SELECT kv_get('g', 'a')", "1");
  host_run(other, "COMMIT");
  CHECK_ANSWER("and writes once the lock is free", db, "SELECT kv_set('g', 'b', 1)", "1");
  CHECK_CLOSES("the close succeeds", db);
  CHECK_CLOSES("and that of the other", other);
}

static void busy_snapshot_in_a_stale_read_transaction(void) {
  sqlite3 *db = open_store("wal.db"), *other = host_open(host_file("wal.db"));
  host_run(db, "PRAGMA journal_mode = WAL");
  host_run(db, "BEGIN; SELECT kv_get('g', 'a')");
  host_run(other, "SELECT kv_set('g', 'a', 2)");
  CHECK_FAILS("a write on an old snapshot is SQLITE_BUSY_SNAPSHOT", db,
              "SELECT kv_set('g', 'a', 3)", SQLITE_BUSY_SNAPSHOT, "kv_set: ");
  host_run(db, "ROLLBACK");
  CHECK_ANSWER("nothing was written", db, "SELECT kv_get('g', 'a')", "2");
  CHECK_CLOSES("the close succeeds", db);
  host_close(other);
}

static void check_readonly(sqlite3 *db, const char *title) {
  for (int i = 0; i < WRITES; i++) {
    CHECK_FAILS(title, db, writes[i].sql, SQLITE_READONLY, writes[i].name);
  }
  CHECK_ANSWER("reads work", db, "SELECT kv_get('g', 'a'), kv_count('g')", "1|2");
  CHECK_ANSWER("listings work", db, "SELECT name, keys FROM kv_groups", "g|2 t:g|1");
}

static void readonly(void) {
  host_close(open_store("readonly.db"));
  sqlite3 *db = host_open_plain(host_file("readonly.db"), SQLITE_OPEN_READONLY);
  host_require(host_load(db) == SQLITE_OK, "load");
  check_readonly(db, "a write on a file opened read-only is SQLITE_READONLY");
  CHECK_FAILS("so is a purge thread", db, "SELECT kv_purge_every('1s')", SQLITE_READONLY,
              "kv_purge_every: ");
  CHECK_CLOSES("the close succeeds", db);

  db = host_open(host_file("readonly.db"));
  host_run(db, "PRAGMA query_only = 1");
  check_readonly(db, "a write under PRAGMA query_only is SQLITE_READONLY");
  CHECK_CLOSES("the close succeeds", db);
}

/* ---- interrupts ---- */

static int interrupt_now(void *db) {
  sqlite3_interrupt(db);
  return 0;
}

static int stop_now(void *unused) {
  (void)unused;
  return 1;
}

static void interrupted(void) {
  static const struct {
    const char *sql, *name;
  } calls[] = {
      {"SELECT kv_count_all()", "kv_count_all: "},
      {"SELECT kv_purge()", "kv_purge: "},
      {"SELECT kv_delete_prefix('')", "kv_delete_prefix: "},
      {"SELECT kv_delete_group('live')", "kv_delete_group: "},
      {"SELECT kv_load('new', json) FROM big", "kv_load: "},
      {"SELECT count(key) FROM kv_entries", ""},
      {"SELECT count(keys) FROM kv_groups", ""},
  };
  sqlite3 *db = open_store("interrupt.db");
  host_run(db,
           "WITH n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000)"
           "INSERT INTO kv SELECT iif(i % 2, 'live', 'gone'), i, 1, iif(i % 2, NULL, 1) FROM n");
  host_run(db, "CREATE TEMP TABLE big AS SELECT json_group_object(key, 1) AS json FROM kv");
  for (size_t i = 0; i < sizeof calls / sizeof calls[0]; i++) {
    sqlite3_progress_handler(db, 1000, interrupt_now, db);
    CHECK_FAILS("sqlite3_interrupt() ends a long call", db, calls[i].sql, SQLITE_INTERRUPT,
                calls[i].name);
    sqlite3_progress_handler(db, 1000, stop_now, NULL);
    CHECK_FAILS("a progress handler ends a long call", db, calls[i].sql, SQLITE_INTERRUPT,
                calls[i].name);
    sqlite3_progress_handler(db, 0, NULL, NULL);
    CHECK_ANSWER("and nothing is half-done", db, "SELECT count(*), count(expires_at) FROM kv",
                 "2003|1000");
  }
  CHECK_ANSWER("the next call works", db, "SELECT kv_purge()", "1000");
  CHECK_CLOSES("the close succeeds", db);
}

struct interrupter {
  sqlite3 *db;
  int is_over; /* under SQLite's own mutex of the connection */
};

static void *interrupt_until_over(void *pointer) {
  struct interrupter *interrupter = pointer;
  for (int is_over = 0; !is_over;) {
    sqlite3_sleep(1);
    sqlite3_interrupt(interrupter->db);
    sqlite3_mutex_enter(sqlite3_db_mutex(interrupter->db));
    is_over = interrupter->is_over;
    sqlite3_mutex_leave(sqlite3_db_mutex(interrupter->db));
  }
  return NULL;
}

static void interrupted_by_another_thread(void) {
  sqlite3 *db = open_store("interrupt.db");
  struct interrupter interrupter = {.db = db};
  pthread_t thread;
  host_require(pthread_create(&thread, NULL, interrupt_until_over, &interrupter) == 0, "a thread");
  CHECK_INTEGER("another thread interrupts calls without end", SQLITE_INTERRUPT,
                host_run(db, "WITH n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)"
                             "SELECT i FROM n WHERE kv_get('g', 'a') < 0"));
  sqlite3_mutex_enter(sqlite3_db_mutex(db));
  interrupter.is_over = 1;
  sqlite3_mutex_leave(sqlite3_db_mutex(db));
  pthread_join(thread, NULL);
  CHECK_ANSWER("and the next works", db, "SELECT kv_get('g', 'a')", "1");
  CHECK_CLOSES("the close succeeds", db);
}

/* ---- limits ---- */

static void too_big(void) {
  sqlite3 *db = open_store("big.db");
  host_run(db, "SELECT kv_set('g', 'big', zeroblob(50000))");
  /* Not below the text of the quotas' triggers: before 3.39 SQLite then cannot read its schema. */
  sqlite3_limit(db, SQLITE_LIMIT_LENGTH, 10000);
  CHECK_FAILS("a row beyond SQLITE_LIMIT_LENGTH is SQLITE_TOOBIG", db,
              "SELECT kv_set('g', 'b', zeroblob(9999))", SQLITE_TOOBIG, "kv_set: ");
  CHECK_FAILS("so is a value that was stored under another limit", db, "SELECT kv_get('g', 'big')",
              SQLITE_TOOBIG, "kv_get: ");
  CHECK_FAILS("so is it in a listing", db, "SELECT value FROM kv_entries('g')", SQLITE_TOOBIG,
              "kv_entries: ");
  host_run(db, "SELECT kv_set('x', value, zeroblob(2000)) FROM json_each('[1,2,3]')");
  CHECK_FAILS("so is an export of more than that, of which each row fits", db,
              "SELECT length(kv_export('x'))", SQLITE_TOOBIG, "kv_export: ");
  CHECK_FAILS("so is a group that fits, but not with its namespace", db,
              "SELECT kv_scope('tenant'), kv_set(printf('%.9995c', 'x'), 'k', 1)", SQLITE_TOOBIG,
              "kv_set: ");
  CHECK_RUNS("which can be left", db, "SELECT kv_unscope()");
  CHECK_ANSWER("what fits is stored", db, "SELECT length(kv_set('g', 'b', zeroblob(9000)))",
               "9000");
  CHECK_CLOSES("the close succeeds", db);
}

static void full(void) {
  sqlite3 *db = open_store("full.db");
  host_run(db, "PRAGMA max_page_count = 1"); /* SQLite takes the present size */
  CHECK_FAILS("a write beyond max_page_count is SQLITE_FULL", db,
              "SELECT kv_set('g', 'b', zeroblob(100000))", SQLITE_FULL, "kv_set: ");
  CHECK_FAILS("so is a bulk write", db,
              "INSERT INTO kv_entries(grp, key, value) SELECT 'h', value, zeroblob(50000) FROM "
              "json_each('[1,2]')",
              SQLITE_FULL, "kv_entries: ");
  CHECK_ANSWER("nothing was written", db, "SELECT kv_count('g'), kv_count('h')", "2|0");
  CHECK_CLOSES("the close succeeds", db);
}

/* ---- the rest ---- */

static void not_found_and_constraint(void) {
  sqlite3 *db = open_store("codes.db");
  CHECK_FAILS("kv_require without such a key is SQLITE_NOTFOUND", db,
              "SELECT kv_require('g', 'none')", SQLITE_NOTFOUND,
              "kv_require: not found: group \"g\", key \"none\"");
  CHECK_INTEGER("a key that exists is SQLITE_CONSTRAINT", SQLITE_CONSTRAINT,
                host_run(db, "INSERT INTO kv_entries(grp, key, value) VALUES ('g', 'a', 2)") &
                    0xff);
  CHECK_TEXT("and named", "kv_entries: key \"a\" of group \"g\" exists already",
             sqlite3_errmsg(db));
  CHECK_INTEGER("an exceeded quota is SQLITE_CONSTRAINT", SQLITE_CONSTRAINT,
                host_run(db, "SELECT kv_set('t:g', 'b', 1)") & 0xff);
  CHECK_TEXT("and named", "kv_set: quota exceeded: namespace \"t\" holds 1 of 1 keys",
             sqlite3_errmsg(db));
  CHECK_FAILS("a bad argument is SQLITE_ERROR", db, "SELECT kv_set(NULL, 'a', 1)", SQLITE_ERROR,
              "kv_set: group is NULL");
  CHECK_CLOSES("the close succeeds", db);
}

static int deny_writes(void *unused, int action, const char *first, const char *second,
                       const char *schema, const char *trigger) {
  (void)unused, (void)first, (void)second, (void)schema, (void)trigger;
  return action == SQLITE_INSERT ? SQLITE_DENY : SQLITE_OK;
}

static void forbidden_by_an_authorizer(void) {
  sqlite3 *db = open_store("codes.db");
  sqlite3_set_authorizer(db, deny_writes, NULL);
  CHECK_FAILS("what an authorizer forbids is SQLITE_AUTH", db, "SELECT kv_set('g', 'a', 2)",
              SQLITE_AUTH, "kv_set: ");
  CHECK_ANSWER("what it allows works", db, "SELECT kv_get('g', 'a')", "1");
  CHECK_CLOSES("the close succeeds", db);
}

/* Before 3.50 a call is the first to look at the file, later SQLite itself when it prepares it. */
static void check_no_database(sqlite3 *db, const char *sql, const char *beginning) {
  static const char reason[] = "file is not a database";
  for (int i = 0; i < 2; i++) {
    CHECK_INTEGER("a file that is no database is SQLITE_NOTADB", SQLITE_NOTADB, host_run(db, sql));
    const char *message = sqlite3_errmsg(db);
    if (strncmp(message, beginning, strlen(beginning)) == 0) message += strlen(beginning);
    CHECK_TEXT("and says so", reason, message);
  }
}

static void no_database(void) {
  FILE *file = fopen(host_file("noise"), "w");
  for (int i = 0; i < 4096; i++) fputc('x', file);
  fclose(file);
  sqlite3 *db = host_open(host_file("noise"));
  check_no_database(db, "SELECT kv_get('g', 'a')", "kv_get: ");
  check_no_database(db, "SELECT kv_set('g', 'a', 1)", "kv_set: ");
  CHECK_CLOSES("the close succeeds", db);
}

static void corrupt(void) {
  host_close(open_store("corrupt.db"));
  FILE *file = fopen(host_file("corrupt.db"), "r+");
  fseek(file, 4096, SEEK_SET);
  for (int i = 0; i < 3 * 4096; i++) fputc(0xff, file);
  fclose(file);
  sqlite3 *db = host_open(host_file("corrupt.db"));
  int code = host_run(db, "SELECT kv_get('g', 'a')");
  CHECK_INTEGER("a damaged file is SQLITE_CORRUPT", SQLITE_CORRUPT, code & 0xff);
  CHECK_CLOSES("the close succeeds", db);
}

int main(void) {
  busy_when_another_writes();
  busy_snapshot_in_a_stale_read_transaction();
  readonly();
  interrupted();
  interrupted_by_another_thread();
  too_big();
  full();
  not_found_and_constraint();
  forbidden_by_an_authorizer();
  no_database();
  corrupt();
  return host_end();
}
