/*
** Out of memory: the Nth allocation fails, once or from then on, for N = 1, 2, … until the work is
** done without one failing. Whatever fails, the answer is right or is an error of memory, nothing
** leaks, and the file holds what it held before or what it should hold afterwards.
**
** All allocations take ten minutes: `make memory` (KV_TEST_FULL=1) tries them; a run without tries each 4th.
** KV_TEST_QUICK=1 tries a part of the allocations only (for valgrind), KV_TEST_QUICK=N each Nth.
*/
#include "host.h"
#include "kv.h"

/* ---- the allocator: SQLite's own, that counts, and fails when told ---- */

static sqlite3_mem_methods real;
static long countdown;   /* allocations until one fails; 0: none does */
static int is_lasting;   /* all that follow fail too */
static int failures;     /* since the countdown was set */
static long outstanding; /* blocks */

static int is_to_fail(void) {
  if (countdown == 0 || --countdown > 0) return 0;
  countdown = is_lasting ? 1 : 0;
  failures++;
  return 1;
}

static void *allocate(int size) {
  void *block = is_to_fail() ? NULL : real.xMalloc(size);
  outstanding += block != NULL;
  return block;
}

static void *reallocate(void *block, int size) {
  return is_to_fail() ? NULL : real.xRealloc(block, size);
}

static void release(void *block) {
  outstanding--;
  real.xFree(block);
}

static void install_allocator(void) {
  sqlite3_config(SQLITE_CONFIG_GETMALLOC, &real);
  sqlite3_mem_methods failing = real;
  failing.xMalloc = allocate;
  failing.xRealloc = reallocate;
  failing.xFree = release;
  sqlite3_config(SQLITE_CONFIG_MALLOC, &failing);
  sqlite3_config(SQLITE_CONFIG_LOOKASIDE, 0, 0); /* every allocation is one that may fail */
}

/* ---- the work ---- */

/* Each begins with the store below, and is one transaction or changes nothing but once. */
static const char store[] =
    "SELECT kv_load('g', '{\"a\":1,\"n\":2.5,\"text\":\"x, y\"}'), kv_set('h', 'a', zeroblob(3));"
    "UPDATE kv SET expires_at = 99999999999999 WHERE key = 'n';"
    "INSERT INTO kv VALUES ('old', 1, 1, 1), ('old', 2, 1, 2)";

static const struct {
  const char *sql;
  const char *answer;
} workloads[] = {
    {"SELECT kv_get('g', 'a'), kv_get('g', 'none', 'default'), kv_exists('g', 'a')", "1|default|1"},
    {"SELECT kv_require('g', 'text')", "x, y"},
    {"SELECT kv_require('g', 'none')",
     "error 12: kv_require: not found: group \"g\", key \"none\""},
    {"SELECT kv_ttl('g', 'a'), kv_ttl('g', 'n') > 0", "NULL|1"},
    {"SELECT kv_count('g'), kv_count_all(), kv_count_all('g')", "3|4|3"},
    {"SELECT kv_set('g', 'a', 'new')", "new"},
    {"SELECT kv_set('g', 'b', zeroblob(2), '1h')", ""},
    {"SELECT kv_set(12, 3.5, 'new', 60)", "new"},
    {"SELECT kv_setnx('g', 'b', 1)", "1"},
    {"SELECT kv_setnx('g', 'a', 7)", "0"},
    {"SELECT kv_setnx('old', 1, 7, 60)", "1"},
    {"SELECT kv_cas('g', 'a', 1, 2)", "1"},
    {"SELECT kv_cas('g', 'none', NULL, 2)", "1"},
    {"SELECT kv_incr('g', 'n', 2)", "4.5"},
    {"SELECT kv_incr('g', 'new')", "1"},
    {"SELECT kv_incr('g', 'text')",
     "error 1: kv_incr: value of group \"g\", key \"text\" is no number"},
    {"SELECT kv_expire('g', 'a', '1m')", "1"},
    {"SELECT kv_persist('g', 'n')", "1"},
    {"SELECT kv_getdel('g', 'text')", "x, y"},
    {"SELECT kv_load('l', '{\"a\":1,\"b\":\"two\",\"c\":[3]}')", "3"},
    {"SELECT kv_load('l', '{\"a\":1,\"b\":null}')", "error 1: kv_load: json member \"b\" is null"},
    {"SELECT kv_load('l', '[1]')", "error 1: kv_load: json is no object"},
    {"SELECT kv_export()",
     "{\"kv\":1,\"groups\":{\"g\":{\"a\":1,\"n\":{\"value\":2.5,\"expires_at\":99999999999999},"
     "\"text\":\"x, y\"},\"h\":{\"a\":{\"blob\":\"000000\"}}}}"},
    {"SELECT kv_export('h')", "{\"kv\":1,\"groups\":{\"h\":{\"a\":{\"blob\":\"000000\"}}}}"},
    {"SELECT "
     "kv_import('{\"kv\":1,\"groups\":{\"i\":{\"a\":1,\"b\":{\"value\":\"x\\u0000\",\"expires_at\":"
     "99999999999999},\"c\":{\"blob\":\"00\"},\"d\":-1.5}}}', 'new-')",
     "4"},
    {"SELECT kv_import('{\"kv\":1,\"groups\":{\"g\":{\"a\":2,\"b\":null}}}')",
     "error 1: kv_import: group \"g\", key \"b\": null is no value"},
    {"SELECT kv_watch('*'); SELECT kv_import(kv_export('g'), 'copy-');"
     "SELECT min(type IN ('set', 'expire', 'resync')) FROM kv_events",
     "1 3 1"},
    {"SELECT kv_delete('g', 'a')", "1"},
    {"SELECT kv_delete_group('g')", "3"},
    {"SELECT kv_delete_prefix('g')", "3"},
    {"SELECT kv_purge()", "2"},
    {"SELECT kv_purge('old')", "2"},
    {"SELECT kv_scope('t'), kv_set('g', 'a', 1), kv_get('g', 'a'), kv_unscope()", "t|1|1|"},
    {"SELECT kv_quota('t', 5, 5)", "t"},
    {"BEGIN; SELECT kv_quota('t', 1, 1); SELECT kv_set('t:g', 'a', 1, 60); COMMIT;"
     "SELECT * FROM kv_quotas",
     "t 1 t|1|1|1|1|0|NULL|refuse"},
    {"BEGIN; SELECT kv_quota('t', 1, 1); SELECT kv_set('t:g', 'a', 1); SELECT kv_set('t:g', 'b', "
     "1)",
     "error 1811: kv_set: quota exceeded: namespace \"t\" holds 1 of 1 keys"},
    {"SELECT kv_config('now', 1000), kv_config('schema', 'main'), kv_get('g', 'a')", "1000|main|1"},
    {"ATTACH ':memory:' AS m; SELECT kv_config('schema', 'm'); SELECT kv_set('g', 'a', 2)", "m 2"},
    {"SELECT kv_purge_every('1h'); SELECT kv_purge_every(0)", "3600.0 0.0"},
    {"SELECT name, keys FROM kv_groups", "g|3 h|1"},
    {"SELECT name FROM kv_groups('g') WHERE name >= 'a'", "g"},
    {"SELECT grp, key, typeof(value) FROM kv_entries ORDER BY grp DESC, key DESC",
     "h|a|blob g|text|text g|n|real g|a|integer"},
    {"SELECT key FROM kv_entries('g') WHERE key > 'a' ORDER BY key", "n text"},
    {"INSERT INTO kv_entries(grp, key, value, ttl) VALUES ('e', 1, 'one', 5), ('e', 2, 'two', "
     "NULL)",
     ""},
    {"INSERT OR REPLACE INTO kv_entries(grp, key, value) VALUES ('g', 'a', 9)", ""},
    {"UPDATE kv_entries SET key = 'moved', value = 3 WHERE grp = 'g' AND key = 'a'", ""},
    {"DELETE FROM kv_entries WHERE grp = 'g'", ""},
    {"SELECT part FROM kv_split('g', 'text', ',')", "x  y"},
    {"SELECT part FROM kv_fields('g', 'text')", "x, y"},
    {"SELECT kv_set(1, 2, 'a3b'), kv_count_all(1), kv_delete_prefix(12)", "a3b|1|0"},
    {"SELECT count(*) FROM kv_split(1, 2, 3)", "0"},
    {"SELECT key FROM kv_entries WHERE grp = 'g' AND key BETWEEN 'a' AND 'n' ORDER BY key DESC",
     "n a"},
    {"SELECT name FROM kv_groups WHERE name BETWEEN 'g' AND 'h' ORDER BY name DESC", "h g"},
    /* Where there is no memory for an event, there is a resync in its place. */
    {"SELECT kv_watch('*', '*', 4); SELECT kv_set('g', 'a', 5);"
     "SELECT type IN ('set', 'resync') FROM kv_events; SELECT id, pending FROM kv_watchers;"
     "SELECT kv_unwatch(1)",
     "1 5 1 1|0 1"},
    {"SELECT kv_watch('g'); BEGIN; SELECT kv_set('g', 'a', 5); SAVEPOINT s;"
     "SELECT kv_delete_group('g'); ROLLBACK TO s; COMMIT;"
     "SELECT type IN ('set', 'resync') FROM kv_events",
     "1 5 3 1"},
    {"SELECT kv_scope('t'), kv_watch('g', 'k'), kv_unscope(); SELECT grp, key FROM kv_watchers",
     "t|1| t:g|k"},
    {"SELECT kv_watch('old'); SELECT kv_purge(); SELECT max(type) >= 'expire' FROM kv_events",
     "1 2 1"},
    {"SELECT kv_on_change('heard'); SELECT kv_load('l', '{\"a\":1}')", "1 1"},
    {"SELECT kv_watch('*'); UPDATE kv_entries SET key = 'moved' WHERE grp = 'g' AND key = 'a';"
     "SELECT min(type IN ('delete', 'set', 'resync')) FROM kv_events",
     "1 1"},
    {"SELECT kv_watch('*'); DELETE FROM kv_entries WHERE grp = 'g';"
     "SELECT min(type IN ('delete', 'resync')) FROM kv_events",
     "1 1"},
    {"SELECT kv_watch('*'); BEGIN; SELECT kv_expire('g', 'a', 60), kv_delete_prefix('g');"
     "COMMIT; SELECT min(type IN ('set', 'expire', 'delete_group', 'resync')) FROM kv_events",
     "1 1|3 1"},
    {"SELECT kv_watch('*'); UPDATE kv SET value = 2 WHERE key = 'a';"
     "SELECT min(type IN ('set', 'resync')) FROM kv_events",
     "1 1"},
    {"SELECT kv_watch('*'); BEGIN; SELECT kv_set('g', 'a', 5); DELETE FROM kv; COMMIT;"
     "SELECT min(type IN ('set', 'delete', 'expire', 'resync')) FROM kv_events",
     "1 5 1"},
    {"SELECT kv_on_change('heard', 'commit'); SELECT kv_set('g', 'a', 5), kv_off_change(1)",
     "1 5|1"},
    {"SELECT kv_on_change('heard'); UPDATE kv SET value = 2 WHERE key = 'a';"
     "SELECT kv_get('g', 'a'), kv_off_change(1)",
     "1 2|1"},
    {"SELECT listen(); SELECT kv_set('g', 'a', 5); SELECT kv_off_change(1)", "1 5 1"},
    {"SELECT kv_scope('g'), kv_watch('k'), kv_set('k', 'y', 1, 60);"
     "SELECT count(*) > 0, coalesce(grp, 'k') FROM kv_events; SELECT name FROM kv_groups; SELECT "
     "kv_unscope()",
     "g|1|1 1|k k "},
    {"SELECT kv_render('{{ .a }}/{{ .text }}/{{ .none }}', 'g')", "1/x, y/<no value>"},
    {"SELECT kv_render('{{ range $k, $v := . }}{{ $k }}={{ printf \"%q|%v\" $v 1.5 }};{{ end }}"
     "{{ define \"t\" }}[{{ . | html }}]{{ end }}{{ template \"t\" .text }}', 'g')",
     "a=\"1\"|1.5;n=\"2.5\"|1.5;text=\"x, y\"|1.5;[x, y]"},
    {"SELECT kv_render('{{ $x := 1.25 }}{{ printf \"%8.3f %x %#v\" $x . $x | len }}', 'g')", "52"},
    {"SELECT length(kv_render('{{ printf \"%.60e %.50f %060.2f %#x %#U %#q\" 1.5 1.5 -1.5 1.5 65 "
     ".a }}"
     "{{ html .a 1 nil }}{{ js .a .text }}{{ index . \"a\" }}{{ slice .text 1 2 }}"
     "{{ define \"u\" }}{{ $y := . }}{{ $y }}{{ end }}{{ template \"u\" }}{{ 1e3 | print }}"
     "{{ `raw` }}{{ 1.25e2 }}{{ and .a (or .none .a) }}', 'g'))",
     "254"},
    {"SELECT kv_render('{{ \"unclosed }}', 'g')",
     "error 1: kv_render: line 1: unterminated quoted string"},
    {"SELECT length(kv_render('{{ $x := printf \"%9000d\" 1 }}{{ $x }}', 'g'))", "9000"},
    {"SELECT kv_render('{{ .a | foo', 'g')",
     "error 1: kv_render: line 1: function \"foo\" not defined"},
    {"SELECT kv_render('{{ index . 1 }}', 'g')",
     "error 1: kv_render: line 1: executing \"template\" at <index . 1>: error calling index: "
     "value "
     "has "
     "type int; should be string"},
    {"SELECT kv_render('{{ foo }}', 'g')",
     "error 1: kv_render: line 1: function \"foo\" not defined"},
    {"SELECT kv_config('now', 5000), kv_feed(10)", "5000|5000002"},
    {"SELECT kv_config('now', 5000), kv_feed(10), kv_wait(0), kv_wait(5000002, '1ms')",
     "5000|5000002|5000002|NULL"},
    {"BEGIN; SELECT kv_feed(10) > 0, kv_set('g', 'a', 7), kv_delete('h', 'a');"
     "SELECT type, grp, key, value FROM kv_changes WHERE seq < 9e18; COMMIT",
     "1|7|1 resync|NULL|NULL|NULL set|g|a|7 delete|h|a|NULL"},
    {"BEGIN; SELECT kv_feed(10) > 0, kv_ack('me', 0); SELECT name, seq FROM kv_consumers;"
     "SELECT kv_feed_compact(), kv_ack('me', NULL); COMMIT",
     "1|0 me|0 0|NULL"},
    {"BEGIN; SELECT kv_feed(10) > 0, kv_scope('t'), kv_set('g', 'a', 7);"
     "SELECT type, grp, key FROM kv_changes WHERE type = 'set'; SELECT kv_unscope(); COMMIT",
     "1|t|7 set|g|a "},
    {"BEGIN; SELECT kv_feed(10) > 0; SELECT kv_feed(0); COMMIT", "1 0"},
    {"BEGIN; SELECT kv_set('g', 'a', 7); ROLLBACK", "7"},
    /* ---- what 0.2 added ---- */
    {"SELECT kv_cas('g', 'a', 1, NULL), kv_cas('g', 'text', 1, NULL), kv_cas('none', 'a', 1, NULL)",
     "1|0|0"},
    {"SELECT kv_touch('g', 'text', '1h'), kv_touch('g', 'none', 60)", "x, y|NULL"},
    {"SELECT kv_scope('t'), kv_scope(), kv_unscope(), kv_scope()", "t|t||"},
    {"SELECT kv_put(kv_rows('p', value, 'v' || value)) FROM json_each('[1,2,3]')", "3"},
    {"SELECT kv_put(kv_rows('p', value, zeroblob(2), 60)) FROM json_each('[1,2.5]')", "2"},
    {"SELECT kv_put(kv_rows('p', value, 1)) FROM json_each('[]')", "0"},
    {"SELECT kv_put(kv_rows('p', value, NULL)) FROM json_each('[1]')",
     "error 1: kv_rows: value is NULL"},
    {"INSERT OR REPLACE INTO kv_entries(grp, key, value) SELECT 'b', value, 'x' FROM "
     "json_each('[1,2,3,4]')",
     ""},
    {"INSERT INTO kv_entries(grp, key, value) VALUES ('b', 1, 1), ('g', 'a', 2)",
     "error 2067: kv_entries: key \"a\" of group \"g\" exists already"},
    {"INSERT OR IGNORE INTO kv_entries(grp, key, value) VALUES ('b', 1, 1), ('g', 'a', 2)", ""},
    {"UPDATE OR REPLACE kv_entries SET key = 'text' WHERE grp = 'g' AND key = 'a'", ""},
    {"UPDATE kv_entries SET ttl = 60 WHERE grp = 'g' AND key = 'a'", ""},
    {"SELECT count(*) FROM kv_entries WHERE grp || '' = 'g' AND value <> 'none'", "3"},
    {"SELECT line FROM kv_dump('h')", "{\"group\":\"h\",\"key\":\"a\",\"blob\":\"000000\"}"},
    {"SELECT kv_import('{\"group\":\"d\",\"key\":\"k\",\"value\":1}{\"group\":\"d\",\"key\":\"l\","
     "\"blob\":\"00ff\"}')",
     "2"},
    {"INSERT INTO kv_call(name, a1, a2, a3) VALUES ('set', 'c', 'k', 1)", ""},
    {"INSERT INTO kv_call(name, a1, a2) VALUES ('incr', 'g', 'text')",
     "error 1: kv_call: kv_incr: value of group \"g\", key \"text\" is no number"},
    {"INSERT INTO kv_call(name) VALUES ('none')",
     "error 1: kv_call: name is no function that writes, such as 'set'"},
    {"SELECT name, value FROM kv_stats WHERE name IN ('keys', 'groups', 'expired')",
     "keys|4 groups|2 expired|2"},
    {"SELECT kv_quota('t', 2, 2, 100, 'evict')", "t"},
    {"BEGIN; SELECT kv_quota('t', 2, 0, 100, 'evict'); SELECT kv_set('t:g', value, 1, 60) FROM "
     "json_each('[1,2,3]'); COMMIT; SELECT namespace, keys, bytes, policy FROM kv_quotas",
     "t 1 1 1 t|2|4|evict"},
    {"BEGIN; SELECT kv_quota('t', 1, 1, 10); SELECT kv_set('t:g', 'a', 'more than ten bytes')",
     "error 1811: kv_set: quota exceeded: key and value are 20 bytes, and namespace \"t\" may "
     "hold 10"},
    {"BEGIN; SELECT kv_quota('t', 1, 1, 10); SELECT kv_quota('t', NULL, NULL); COMMIT; SELECT "
     "count(*) FROM kv_quotas",
     "t t 0"},
    {"SELECT kv_config('now', 1000); SELECT kv_feed(5)", "1000 1000002"},
    {"SELECT kv_config('now', 1000); BEGIN; SELECT kv_feed(5, 9); SELECT kv_set('g', 'a', 2), "
     "kv_delete('g', 'n'); COMMIT; SELECT seq, type, grp, key FROM kv_changes",
     "1000 1000002 2|1 1000002|resync|NULL|NULL 1000003|set|g|a 1000004|delete|g|n"},
    {"SELECT kv_config('now', 1000); BEGIN; SELECT kv_feed(5, 9); SELECT kv_ack('r', 1000002); "
     "COMMIT; SELECT name, seq, lag FROM kv_consumers",
     "1000 1000002 1000002 r|1000002|0"},
    {"SELECT kv_config('now', 1000); BEGIN; SELECT kv_feed(5, 9); SELECT kv_ack('r', 1000002); "
     "SELECT kv_ack('r', NULL), kv_feed_compact(); SELECT name FROM kv_stats WHERE name GLOB "
     "'feed_f*'; SELECT kv_feed(0); COMMIT",
     "1000 1000002 1000002 NULL|0 feed_first 0"},
    {"SELECT kv_config('now', 1000); SELECT kv_feed(5); SELECT kv_wait(1), kv_wait(1000002, '1ms')",
     "1000 1000002 1000002|NULL"},
    {"SELECT kv_wait(1)", "error 1: kv_wait: there is no feed: kv_feed(keep) starts one"},
    {"SELECT kv_config('now', 1000); BEGIN; SELECT kv_feed(5); SELECT kv_quota('t', 5, 5); SELECT "
     "kv_set('t:g', 'a', 2); COMMIT",
     "1000 1000002 t 2"},
    {"SELECT kv_scope('g'), kv_feed(5)",
     "error 1: kv_feed: a feed is of the whole store: leave the namespace"},
};
enum { WORKLOADS = sizeof workloads / sizeof workloads[0] };

static void heard(sqlite3_context *context, int count, sqlite3_value **arguments) {
  (void)count, (void)arguments;
  sqlite3_result_null(context);
}

static int notice(void *user_data, sqlite3 *db, const kv_change *change) {
  (void)user_data, (void)db, (void)change;
  return SQLITE_OK;
}

/* SQL function listen(): the host registers a callback through kv.h. */
static void listen_to_changes(sqlite3_context *context, int count, sqlite3_value **arguments) {
  (void)count, (void)arguments;
  const kv_interface *kv = kv_interface_of(sqlite3_context_db_handle(context));
  void *user_data = sqlite3_malloc(8);
  sqlite3_int64 id = 0;
  if (kv == NULL || kv->on_change(kv->handle, notice, user_data, sqlite3_free, &id) != SQLITE_OK) {
    if (kv == NULL) sqlite3_free(user_data);
    sqlite3_result_error_nomem(context);
  } else {
    sqlite3_result_int64(context, id);
  }
}

static void make_store(const char *name, const char *sql) {
  host_remove(name);
  sqlite3 *db = host_open(host_file(name));
  host_require(host_run(db, sql) == SQLITE_OK, "a store");
  host_close(db);
}

static void copy_file(const char *from, const char *to) {
  static char bytes[1 << 20];
  host_remove(to);
  FILE *in = fopen(host_file(from), "r"), *out = fopen(host_file(to), "w");
  host_require(in != NULL && out != NULL, "a copy of the file");
  fwrite(bytes, 1, fread(bytes, 1, sizeof bytes, in), out);
  fclose(in);
  fclose(out);
}

/* What the file holds, but for the times that depend on when it was written. */
static void read_contents(sqlite3 *db, char *contents, size_t size) {
  snprintf(
      contents, size, "%s, %s",
      host_answer(
          db, "PRAGMA integrity_check; SELECT name, length(sql) FROM sqlite_schema ORDER BY name"),
      host_answer(db, "SELECT grp, key, quote(value), expires_at > 1000 FROM kv ORDER BY 1, 2"));
}

/* ---- failing ---- */

static struct {
  int attempts, leaks, wrong_answers, half_done, unusable, left_open, bad_closes;
} seen;

static void complain(int *counter, const char *what, const char *sql, long n, const char *got) {
  if (++*counter > 10) return;
  printf("allocation %ld%s of: %s\n  %s: %s\n", n, is_lasting ? " and all after" : "", sql, what,
         got);
  fflush(stdout);
}

/* An error of memory; or the one that was due, perhaps without its message. */
static int is_fair_error(const char *answer, const char *expected) {
  int code = 0, due = 0;
  sscanf(expected, "error %d", &due);
  return sscanf(answer, "error %d", &code) == 1 &&
         ((code & 0xff) == SQLITE_NOMEM || code == SQLITE_IOERR_NOMEM || code == due);
}

static sqlite3 *open_for_work(const char *warm_up) {
  sqlite3 *db = host_open(host_file("work.db"));
  sqlite3_create_function(db, "heard", 5, SQLITE_UTF8, NULL, heard, NULL, NULL);
  sqlite3_create_function(db, "listen", 0, SQLITE_UTF8, NULL, listen_to_changes, NULL, NULL);
  host_require(host_run(db, "PRAGMA synchronous = OFF") == SQLITE_OK, "a pragma");
  host_require(host_run(db, warm_up) == SQLITE_OK, warm_up);
  return db;
}

/* What an earlier call on the connection leaves behind is there, or all begins anew. */
static const char warm[] = "SELECT kv_get('g', 'a')", cold[] = "";

enum { CONTENTS = 8192 };

struct work {
  const char *warm_up, *sql, *answer;
  char before[CONTENTS], after[CONTENTS];
  char created[CONTENTS], completed[CONTENTS]; /* a call that fails may have made an empty store */
};

static void look_at_file(const struct work *work, long n, int is_right) {
  char now[CONTENTS];
  sqlite3 *db = host_open_plain(host_file("work.db"), SQLITE_OPEN_READWRITE);
  read_contents(db, now, sizeof now);
  host_close(db);
  int is_undone = strcmp(now, work->before) == 0 || strcmp(now, work->created) == 0 ||
                  strcmp(now, work->completed) == 0;
  int is_whole = strcmp(now, work->after) == 0 || (!is_right && is_undone);
  if (!is_whole) complain(&seen.half_done, "the file", work->sql, n, now);
}

/* After a single failure the connection works on; a lasting one stays until the close. */
static void look_at_connection(const struct work *work, long n, sqlite3 *db) {
  if (is_lasting) return;
  countdown = 0;
  const char *answer = host_answer(db, "SELECT kv_count_all() >= 0, count(*) >= 0 FROM kv_entries");
  if (strcmp(answer, "1|1") != 0) complain(&seen.unusable, "no use", work->sql, n, answer);
}

/* One attempt, in which allocation `n` fails: 0 when the work is done without. */
static int attempt(const struct work *work, long n) {
  copy_file("store.db", "work.db");
  long blocks = outstanding;
  sqlite3 *db = open_for_work(work->warm_up);
  failures = 0;
  countdown = n;
  const char *answer = host_answer(db, work->sql);
  look_at_connection(work, n, db);
  /* Out of memory, not even a ROLLBACK of the work's own BEGIN can be had. */
  int is_left = strstr(work->sql, "BEGIN") == NULL && !sqlite3_get_autocommit(db);
  if (is_left) complain(&seen.left_open, "a transaction is left", work->sql, n, answer);
  int close_code = sqlite3_close(db);
  int has_failed = failures > 0;
  countdown = 0;
  seen.attempts++;

  if (close_code != SQLITE_OK) complain(&seen.bad_closes, "no close", work->sql, n, answer);
  if (outstanding != blocks) complain(&seen.leaks, "a leak", work->sql, n, answer);
  int is_right = strcmp(answer, work->answer) == 0;
  int is_fair = has_failed && is_fair_error(answer, work->answer);
  if (!is_right && !is_fair) complain(&seen.wrong_answers, "wrong", work->sql, n, answer);
  look_at_file(work, n, is_right);
  return has_failed;
}

/* Where triggers are made, which is much of what SQLite does, and the same each time: those of the
** witness of changes, and the many of quotas and of the feed. */
static long stride(const char *sql) {
  if (strstr(sql, "kv_quota(") != NULL || strstr(sql, "kv_feed(") != NULL) return 61;
  return strstr(sql, "kv_watch") != NULL || strstr(sql, "kv_on_change") != NULL ? 11 : 1;
}

/* How far to the next allocation to fail: what fails for good repeats much of what fails once. */
static long step(void) {
  const char *quick = getenv("KV_TEST_QUICK");
  if (quick != NULL) return atol(quick) > 1 ? atol(quick) : 29;
  int each = getenv("KV_TEST_FULL") != NULL ? 1 : 4;
  return is_lasting ? 5 * each : each;
}

/* How an empty file, or one from before TTL, looks when the store is brought up and no more is done. */
static void read_brought_up(struct work *work) {
  snprintf(work->created, CONTENTS, "%s", work->before);
  snprintf(work->completed, CONTENTS, "%s", work->before);
  if (strstr(work->before, "kv_expiry") != NULL) return;
  sqlite3 *db = open_for_work(cold);
  host_run(db, "SELECT kv_set('z', 'z', 1); DELETE FROM kv WHERE grp = 'z'");
  read_contents(db, work->completed, CONTENTS);
  host_run(db, "DROP INDEX kv_expiry");
  if (strstr(work->before, "CREATE TABLE kv") == NULL) read_contents(db, work->created, CONTENTS);
  host_close(db);
}

static void fail_each_allocation(const char *warm_up, const char *sql, const char *answer) {
  struct work work = {.warm_up = warm_up, .sql = sql, .answer = answer};
  copy_file("store.db", "work.db");
  sqlite3 *db = open_for_work(warm_up);
  read_contents(db, work.before, sizeof work.before);
  host_close(db);
  read_brought_up(&work);
  copy_file("store.db", "work.db");
  db = open_for_work(warm_up);
  CHECK_ANSWER(sql, db, sql, answer);
  host_run(db, "ROLLBACK"); /* of a BEGIN that was left */
  host_close(db);
  db = open_for_work(cold);
  read_contents(db, work.after, sizeof work.after);
  host_close(db);
  for (is_lasting = 0; is_lasting < 2; is_lasting++) {
    for (long n = 1; attempt(&work, n); n += step() * stride(sql)) continue;
  }
}

/* Opening, loading and closing. An error unloads what was registered, and the next load succeeds.
 */
static int attempt_load(long n) {
  long blocks = outstanding;
  sqlite3 *db = host_open_plain(":memory:", SQLITE_OPEN_READWRITE);
  sqlite3_enable_load_extension(db, 1);
  failures = 0;
  countdown = n;
  int code = sqlite3_load_extension(db, host_library(), NULL, NULL);
  countdown = 0;
  seen.attempts++;
  if (code != SQLITE_OK && failures == 0) {
    complain(&seen.wrong_answers, "a load failed", "load", n, sqlite3_errmsg(db));
  }
  if (code == SQLITE_OK || host_load(db) == SQLITE_OK) {
    const char *answer = host_answer(db, "SELECT kv_set('g', 'k', 1), kv_get('g', 'k')");
    if (strcmp(answer, "1|1") != 0) complain(&seen.unusable, "no use", "load", n, answer);
  } else {
    complain(&seen.unusable, "no second load", "load", n, sqlite3_errmsg(db));
  }
  if (host_close(db) != SQLITE_OK) complain(&seen.bad_closes, "the close", "load", n, "failed");
  if (outstanding != blocks) complain(&seen.leaks, "a leak", "load", n, "");
  return failures > 0;
}

int main(void) {
  install_allocator();
  sqlite3 *keeps_library = host_open(":memory:"); /* loading it anew each time takes long */

  for (is_lasting = 0; is_lasting < 2; is_lasting++) {
    for (long n = 1; attempt_load(n); n += step()) continue;
  }
  make_store("store.db", store);
  fail_each_allocation(cold, "SELECT kv_get('g', 'a')", "1");
  fail_each_allocation(cold, "SELECT name FROM kv_groups", "g h");
  for (int i = 0; i < WORKLOADS; i++) {
    fail_each_allocation(warm, workloads[i].sql, workloads[i].answer);
  }
  make_store("store.db",
             "CREATE TABLE kv(grp TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL,"
             " PRIMARY KEY(grp, key)); INSERT INTO kv VALUES ('g', 'a', 'old')");
  fail_each_allocation(warm, "SELECT kv_set('g', 'a', 1, 60)", "1");
  make_store("store.db", "CREATE TABLE other(x)");
  fail_each_allocation(warm, "SELECT kv_set('g', 'a', 1, 60)", "1");
  fail_each_allocation(warm, "SELECT kv_get('g', 'a'), kv_count_all()", "NULL|0");
  host_close(keeps_library);

  printf("%d attempts\n", seen.attempts);
  CHECK_INTEGER("nothing leaks", 0, seen.leaks);
  CHECK_INTEGER("every answer is right, or an error of memory", 0, seen.wrong_answers);
  CHECK_INTEGER("nothing is half-done", 0, seen.half_done);
  CHECK_INTEGER("the connection is of use afterwards", 0, seen.unusable);
  CHECK_INTEGER("no transaction is left that nobody began", 0, seen.left_open);
  CHECK_INTEGER("every close succeeds, the first time", 0, seen.bad_closes);
  sqlite3_shutdown();
  CHECK_INTEGER("nothing is left at the end", 0, outstanding);
  return host_end();
}
