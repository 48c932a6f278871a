/*
** All or nothing. Every call that writes, in every place where a host may put it, while one thing
** goes wrong, at its first occasion, its second, … until the call is done without (inject.h).
**
** However it ends, the database is as before or as after, and the result code says which; the
** connection is in a transaction if it was, unless SQLite itself rolled that back and the code says
** why; no statement is held; the host goes on, others write, the file is sound, and the close
** succeeds.
**
** KV_UNDO_LONG=1 tries every occasion, and not one in so many.
*/
#include "fault_vfs.h"
#include "host.h"
#include "inject.h"

static const char store[] =
    "SELECT kv_load('g', '{\"a\":1,\"n\":2.5,\"t\":\"x\"}'), kv_set('h', 'a', zeroblob(300)),"
    "       kv_quota('q', 2, 0), kv_set('q:g', 'a', 1);"
    "UPDATE kv SET expires_at = 99999999999999 WHERE key = 'n';"
    "INSERT INTO kv VALUES ('old', 1, 1, 1), ('old', 2, 1, 2)";
static const char no_store[] = "";
static const char older_store[] =
    "CREATE TABLE kv(grp TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL,"
    " PRIMARY KEY(grp, key)); INSERT INTO kv VALUES ('g', 'a', 'old')";

static const char go_store[] =
    "SELECT kv_set('h', 'a', 1);"
    "CREATE TABLE entries(group_name TEXT NOT NULL, entry_key TEXT NOT NULL,"
    " entry_value TEXT NOT NULL, expires_at INTEGER, PRIMARY KEY(group_name, entry_key));"
    "INSERT INTO entries VALUES ('g', 'a', '1', NULL), ('g', 'b', '2', 99999999999999)";

/* The host's own tables, and what its connection does first. */
static const char tables[] =
    "CREATE TABLE t(x); INSERT INTO t VALUES (1); CREATE TABLE log(r); CREATE TABLE u(x)";
static const char temp_tables[] = "CREATE TEMP TABLE temp_log(r)";

static const struct call {
  const char *store, *sql;
} functions[] = {
    {store, "kv_set('g', 'a', 'new')"},
    {store, "kv_set('g', 'b', 'new', 60)"},
    {store, "kv_set('q:g', 'b', 1)"},
    {store, "kv_setnx('g', 'b', 1)"},
    {store, "kv_setnx('old', 1, 7, 60)"},
    {store, "kv_cas('g', 'a', 1, 2)"},
    {store, "kv_cas('g', 'a', 1, 2, 60)"},
    {store, "kv_incr('g', 'n')"},
    {store, "kv_expire('g', 'a', 60)"},
    {store, "kv_persist('g', 'n')"},
    {store, "kv_getdel('g', 't')"},
    {store, "kv_delete('h', 'a')"},
    {store, "kv_delete_group('g')"},
    {store, "kv_delete_prefix('')"},
    {store, "kv_purge()"},
    {store, "kv_load('l', '{\"a\":1,\"b\":\"two\"}')"},
    {store, "kv_load('l', '{\"a\":1,\"b\":\"two\"}', 60)"},
    {store, "kv_load('q:l', '{\"a\":1,\"b\":2}')"}, /* refused at the second key */
    {store, "kv_import('{\"kv\":1,\"groups\":{\"i\":{\"a\":1,\"b\":{\"value\":2,\"expires_at\":"
            "99999999999999}}}}')"},
    {store, "kv_import('{\"kv\":1,\"groups\":{\"q:i\":{\"a\":1,\"b\":2}}}')"}, /* likewise */
    {store, "kv_quota('q', 9, 9)"},
    {store, "kv_quota('r', 1, 1)"},
    {no_store, "kv_set('g', 'a', 1, 60)"},
    {no_store, "kv_quota('q', 1, 1)"},
    {older_store, "kv_set('g', 'a', 'new', 60)"},
    {go_store, "kv_migrate('go-store')"},
};
enum { FUNCTIONS = sizeof functions / sizeof functions[0] };

static const struct call statements[] = {
    {store, "INSERT INTO kv_entries(grp, key, value) VALUES ('g', 'b', 1)"},
    {store,
     "INSERT INTO kv_entries(grp, key, value, ttl) VALUES ('g', 'b', 1, 60), ('g', 'a', 1, 1)"},
    {store,
     "INSERT OR REPLACE INTO kv_entries(grp, key, value) VALUES ('g', 'c', 1), ('g', 'a', 9)"},
    {store, "UPDATE kv_entries SET key = 'moved', ttl = 60 WHERE key = 't'"},
    {store, "UPDATE OR REPLACE kv_entries SET key = 'a' WHERE key = 't'"},
    {store, "DELETE FROM kv_entries WHERE grp = 'g'"},
};
enum { STATEMENTS = sizeof statements / sizeof statements[0] };

/* Where a call stands. In `before` and `sql`, %s is the call. */
static const struct place {
  const char *name, *before, *sql;
  int is_statement; /* the place of a statement, not of a function */
  int is_writing;   /* what the call stands in writes, so an error undoes it too */
} places[] = {
    {"SELECT", "", "SELECT %s", 0, 0},
    {"SELECT over rows", "", "SELECT %s FROM t", 0, 0},
    {"SELECT in a transaction", "BEGIN; INSERT INTO t VALUES (9)", "SELECT %s", 0, 0},
    {"SELECT first in a transaction", "BEGIN", "SELECT %s", 0, 0},
    {"SELECT in a savepoint", "SAVEPOINT h; INSERT INTO t VALUES (9)", "SELECT %s", 0, 0},
    {"INSERT", "", "INSERT INTO log SELECT %s", 0, 1},
    {"INSERT in a transaction", "BEGIN; INSERT INTO t VALUES (9)", "INSERT INTO log SELECT %s", 0,
     1},
    {"INSERT of one row in a transaction", "BEGIN; INSERT INTO t VALUES (9)",
     "INSERT INTO log VALUES (%s)", 0, 1},
    {"INSERT into temp in a transaction", "BEGIN; INSERT INTO t VALUES (9)",
     "INSERT INTO temp_log SELECT %s", 0, 1},
    {"trigger", "CREATE TEMP TRIGGER tr AFTER INSERT ON u BEGIN SELECT %s; END",
     "INSERT INTO u VALUES (1)", 0, 1},
    {"trigger in a transaction",
     "CREATE TEMP TRIGGER tr AFTER INSERT ON u BEGIN SELECT %s; END; BEGIN; INSERT INTO t VALUES "
     "(9)",
     "INSERT INTO u VALUES (1)", 0, 1},
    {"statement", "", "%s", 1, 1},
    {"statement in a transaction", "BEGIN; INSERT INTO t VALUES (9)", "%s", 1, 1},
    {"statement in a savepoint", "SAVEPOINT h; INSERT INTO t VALUES (9)", "%s", 1, 1},
};
enum { PLACES = sizeof places / sizeof places[0] };

/* ---- states ---- */

enum { STATE = 6000 };

typedef struct state {
  char all[STATE];
  char live[STATE]; /* without what has expired: a call may do without removing that */
} state;

static void add(char *to, const char *answer) {
  size_t length = strlen(to);
  int is_absent = strncmp(answer, "error 1: no such table", 22) == 0;
  snprintf(to + length, STATE - length, "[%s]", is_absent ? "" : answer);
}

static void add_rows(char *to, sqlite3 *db, const char *condition) {
  char sql[200];
  snprintf(sql, sizeof sql,
           "SELECT grp, key, quote(value), expires_at > 1000 FROM kv%s ORDER BY 1, 2", condition);
  const char *answer = host_answer(db, sql);
  int is_older = strstr(answer, "no such column") != NULL;
  add(to, is_older ? host_answer(db, "SELECT grp, key, quote(value), NULL FROM kv") : answer);
}

static void read_state(sqlite3 *db, state *now) {
  static const char *const rest[] = {
      "SELECT prefix, max_keys, max_groups, keys, groups FROM kv_quota",
      "SELECT count(*) FROM kv_quota_clock",
      "SELECT x FROM t WHERE x < 70",
      "SELECT r FROM log",
      "SELECT group_name, entry_key FROM entries",
      "SELECT x FROM u"};
  now->all[0] = now->live[0] = 0;
  add_rows(now->all, db, "");
  add_rows(now->live, db, " WHERE expires_at IS NULL OR expires_at > 1000");
  for (size_t i = 0; i < sizeof rest / sizeof rest[0]; i++) {
    add(now->all, host_answer(db, rest[i]));
    add(now->live, host_answer(db, rest[i]));
  }
}

/* ---- one trial ---- */

static struct {
  const struct call *call;
  const struct place *place;
  injection what;
  int kind; /* of INJECT_IO */
  long n;
  state base, before, after; /* without the host's transaction, in it, and when the call is done */
  int after_code;            /* that of a call which is refused anyway */
} work;

static struct {
  long trials, errors, rolled_back, done_before_the_error;
  int wrong;
} seen;

static void complain(const char *what, int code, const state *now) {
  if (++seen.wrong > 20) return;
  printf("%s in %s, %s", work.call->sql, work.place->name, inject_name(work.what));
  if (work.what == INJECT_IO) printf(" (%s)", fault_vfs_name((fault_kind)work.kind));
  printf(" %ld: code %d, %s\n", work.n, code, what);
  if (now != NULL)
    printf("  before: %s\n  after:  %s\n  now:    %s\n", work.before.all, work.after.all, now->all);
  fflush(stdout);
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

static sqlite3 *open_work(void) {
  sqlite3 *db = NULL;
  int code = sqlite3_open_v2(host_file("work.db"), &db, SQLITE_OPEN_READWRITE, "faults");
  host_require(code == SQLITE_OK && host_load(db) == SQLITE_OK, "a connection");
  sqlite3_extended_result_codes(db, 1);
  host_run(db, "PRAGMA synchronous = OFF");
  host_require(host_run(db, temp_tables) == SQLITE_OK, temp_tables);
  if (work.n % 2 == 0) host_run(db, "SELECT kv_get('g', 'a')"); /* what a call finds, or all anew */
  return db;
}

/* Puts the call in its place. */
static const char *put(char *sql, size_t size, const char *place) {
  snprintf(sql, size, place, work.call->sql);
  return sql;
}

static int begin(sqlite3 *db) {
  char sql[1000];
  return host_run(db, put(sql, sizeof sql, work.place->before));
}

/* Why SQLite may have rolled back the host's transaction. */
static int is_grave(int code) {
  code &= 0xff;
  return code == SQLITE_INTERRUPT || code == SQLITE_NOMEM || code == SQLITE_IOERR ||
         code == SQLITE_FULL || code == SQLITE_CORRUPT;
}

static int is_state(const state *now, const state *then) {
  return strcmp(now->all, then->all) == 0;
}

/* Older SQLite keeps the row of the host's own one-row INSERT whose trigger failed, in a transaction. */
static int is_all_but_the_hosts_row(const state *now) {
  size_t length = strlen(work.before.all);
  return sqlite3_libversion_number() < 3040000 && strstr(work.place->name, "trigger") != NULL &&
         strncmp(now->all, work.before.all, length - 2) == 0 &&
         strcmp(now->all + length - 2, "[1]") == 0;
}

/* Is this how the call may have ended? NULL, or what is wrong. */
static const char *judge(int code, int was_autocommit, int is_autocommit, const state *now) {
  if (is_autocommit != was_autocommit) {
    seen.rolled_back++;
    if (!is_autocommit) return "a transaction was left open";
    if (!is_grave(code)) return "the host's transaction is gone, and the code does not say why";
    return is_state(now, &work.base) ? NULL : "rolled back, and not as before";
  }
  if (code == work.after_code) {
    int is_after = is_state(now, &work.after) || strcmp(now->live, work.after.live) == 0;
    if (is_after) return NULL;
    return code == SQLITE_OK ? "no error, and not done" : "refused, and not as before";
  }
  seen.errors++;
  if (is_state(now, &work.before) || is_all_but_the_hosts_row(now)) return NULL;
  /* An outer SELECT may fail when the call is done, and SQLite asks the progress handler once more
  ** when a statement is done. */
  if (code != SQLITE_INTERRUPT && work.place->is_writing) return "half-done";
  seen.done_before_the_error++;
  return is_state(now, &work.after) ? NULL : "half-done";
}

static void look_at_statements(sqlite3 *db, int code) {
  for (sqlite3_stmt *s = sqlite3_next_stmt(db, NULL); s != NULL; s = sqlite3_next_stmt(db, s)) {
    if (sqlite3_stmt_busy(s)) complain("a statement is held", code, NULL);
  }
}

static void go_on(sqlite3 *db, sqlite3 *other, int code, const state *now) {
  state others;
  if (!sqlite3_get_autocommit(db) && host_run(db, "COMMIT") != SQLITE_OK)
    complain("no COMMIT", code, NULL);
  if (host_run(db, "INSERT INTO t VALUES (77)") != SQLITE_OK)
    complain("the host cannot write", code, NULL);
  if (host_run(other, "INSERT INTO t VALUES (78)") != SQLITE_OK)
    complain("no other can write", code, NULL);
  read_state(other, &others);
  if (!is_state(&others, now)) complain("others see something else", code, &others);
  const char *sound =
      host_answer(other, "PRAGMA integrity_check; SELECT count(*) FROM t WHERE x > 70");
  if (strcmp(sound, "ok 2") != 0) complain(sound, code, NULL);
  const char *call = host_answer(db, "SELECT kv_set('z', 'z', 1), kv_get('z', 'z'), changes()");
  if (strcmp(call, "1|1|1") != 0) complain(call, code, NULL);
}

/* 0 when the call was done without the nth occasion. */
static int trial(void) {
  state now;
  char sql[1000];
  put(sql, sizeof sql, work.place->sql);
  copy_store();
  sqlite3 *db = open_work(), *other = host_open_plain(host_file("work.db"), SQLITE_OPEN_READWRITE);
  host_run(other, "PRAGMA synchronous = OFF");
  host_require(begin(db) == SQLITE_OK, "what comes before");
  int was_autocommit = sqlite3_get_autocommit(db);
  inject_arm(db, other, work.what, work.kind, work.n);
  int code = sqlite3_exec(db, sql, NULL, NULL, NULL);
  if (code != SQLITE_OK) code = sqlite3_extended_errcode(db);
  int has_failed = inject_disarm(db, other, work.what);
  look_at_statements(db, code);
  read_state(db, &now);
  const char *wrong = judge(code, was_autocommit, sqlite3_get_autocommit(db), &now);
  if (wrong != NULL) complain(wrong, code, &now);
  go_on(db, other, code, &now);
  if (host_close(db) != SQLITE_OK || host_close(other) != SQLITE_OK)
    complain("no close", code, NULL);
  seen.trials++;
  return has_failed;
}

/* ---- all of them ---- */

static void make_store(const char *sql) {
  host_remove("store.db");
  sqlite3 *db = host_open(host_file("store.db"));
  host_require(host_run(db, sql) == SQLITE_OK && host_run(db, tables) == SQLITE_OK, "a store");
  host_close(db);
}

/* How it is before and after, when nothing goes wrong. */
static void learn(void) {
  char sql[1000];
  copy_store();
  sqlite3 *db = open_work();
  read_state(db, &work.base);
  host_require(begin(db) == SQLITE_OK, work.place->before);
  read_state(db, &work.before);
  work.after_code = host_run(db, put(sql, sizeof sql, work.place->sql));
  read_state(db, &work.after);
  if (work.after_code != SQLITE_OK && !is_state(&work.after, &work.before)) {
    complain("refused, and not as before", work.after_code, &work.after);
  }
  host_run(db, "ROLLBACK");
  host_close(db);
}

static int is_long;

/* From one occasion to the next that is tried. Those of two runs that differ little are not the
** same, since the strides have no common divisor. */
static long stride(injection what) {
  static const long strides[INJECTIONS] = {
      [INJECT_ABORT] = 401,        [INJECT_ABORT_LASTING] = 607,
      [INJECT_INTERRUPT] = 503,    [INJECT_DENY] = 131,
      [INJECT_DENY_LASTING] = 173, [INJECT_DENY_ACTION] = 13,
      [INJECT_NO_MEMORY] = 449,    [INJECT_NO_MEMORY_LASTING] = 809,
      [INJECT_FULL] = 1,           [INJECT_WRITER] = 1,
      [INJECT_READER] = 1,         [INJECT_IO] = 29};
  return is_long ? 1 : strides[what];
}

static void fail_at_each(injection what, int kind) {
  static long first;
  long step = stride(what);
  work.what = what;
  work.kind = kind;
  for (work.n = 1 + first++ % step; trial(); work.n += step) continue;
}

static void try_all(const struct call *call, const struct place *place) {
  work.call = call;
  work.place = place;
  work.n = 1;
  learn();
  for (int what = 0; what < INJECTIONS; what++) {
    if (what != INJECT_IO) fail_at_each((injection)what, 0);
  }
  static int turn; /* of the kinds that are not tried every time */
  for (int kind = 0; kind < FAULT_SHM_MAP; kind++) {
    if (is_long || kind % 4 == turn % 4) fail_at_each(INJECT_IO, kind);
  }
  turn++;
}

int main(void) {
  is_long = getenv("KV_UNDO_LONG") != NULL;
  inject_begin();
  host_require(fault_vfs_register() == SQLITE_OK, "the VFS");
  sqlite3 *keeps_library = host_open(":memory:"); /* loading it anew each time takes long */
  for (int p = 0; p < PLACES; p++) {
    const struct call *calls = places[p].is_statement ? statements : functions;
    int count = places[p].is_statement ? STATEMENTS : FUNCTIONS;
    for (int c = 0; c < count; c++) {
      if (c == 0 || calls[c].store != calls[c - 1].store) make_store(calls[c].store);
      try_all(&calls[c], &places[p]);
    }
  }
  host_close(keeps_library);
  printf("%ld trials: %ld errors, %ld of them after the call was done; SQLite rolled back %ld\n",
         seen.trials, seen.errors, seen.done_before_the_error, seen.rolled_back);
  CHECK_INTEGER("every call is done, or nothing is, and the host goes on", 0, seen.wrong);
  CHECK("much went wrong", seen.errors > 1000 && seen.rolled_back > 100);
  return host_end();
}
