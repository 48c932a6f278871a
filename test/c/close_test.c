/*
** A plain host_close() succeeds, the first time, after every kind of use; and after one that
** the host itself kept from succeeding, all goes on.
*/
#include "host.h"

/* Uses of the extension, each on a connection of its own, with a store that holds a few keys. */
static const struct {
  const char *title;
  const char *sql;
} uses[] = {
    {"nothing", "SELECT 1"},
    {"kv_version", "SELECT kv_version()"},
    {"kv_get", "SELECT kv_get('g', 'a'), kv_get('g', 'none', 'default')"},
    {"kv_require", "SELECT kv_require('g', 'a')"},
    {"kv_exists", "SELECT kv_exists('g', 'a')"},
    {"kv_ttl", "SELECT kv_ttl('g', 'short')"},
    {"kv_count", "SELECT kv_count('g')"},
    {"kv_count_all", "SELECT kv_count_all(), kv_count_all('g')"},
    {"kv_set", "SELECT kv_set('g', 'b', 1), kv_set('g', 'c', 2, '1h')"},
    {"kv_setnx", "SELECT kv_setnx('g', 'a', 1), kv_setnx('g', 'new', 1, 60)"},
    {"kv_cas", "SELECT kv_cas('g', 'a', 1, 2), kv_cas('g', 'none', NULL, 1)"},
    {"kv_incr", "SELECT kv_incr('g', 'n'), kv_incr('g', 'n', 2.5)"},
    {"kv_expire and kv_persist", "SELECT kv_expire('g', 'a', '1h'), kv_persist('g', 'a')"},
    {"kv_getdel", "SELECT kv_getdel('g', 'a')"},
    {"kv_load", "SELECT kv_load('l', '{\"a\":1,\"b\":[2]}')"},
    {"kv_delete", "SELECT kv_delete('g', 'a')"},
    {"kv_delete_group", "SELECT kv_delete_group('g')"},
    {"kv_delete_prefix", "SELECT kv_delete_prefix('g')"},
    {"kv_purge", "SELECT kv_purge(), kv_purge('g')"},
    {"kv_purge_every", "SELECT kv_purge_every('10ms')"},
    {"kv_scope", "SELECT kv_scope('tenant'), kv_set('g', 'a', 1), kv_scope()"},
    {"kv_quota", "SELECT kv_quota('tenant', 10, 2), kv_set('tenant:g', 'a', 1)"},
    {"kv_watch", "SELECT kv_watch('*'), kv_set('g', 'a', 1), kv_watch('g', 'a', 1), kv_unwatch(1)"},
    {"a watcher with unread events", "SELECT kv_watch('*'); SELECT kv_set('g', 'a', 1)"},
    {"kv_on_change and kv_off_change",
     "SELECT kv_on_change('heard'), kv_on_change('heard'), kv_set('g', 'a', 1), kv_off_change(1)"},
    {"kv_config", "SELECT kv_config('now', 1), kv_config('schema', 'temp'), kv_set('g', 'a', 1)"},
    {"kv_groups", "SELECT name, keys FROM kv_groups"},
    {"kv_entries", "SELECT * FROM kv_entries('g')"},
    {"INSERT INTO kv_entries", "INSERT INTO kv_entries(grp, key, value) VALUES ('i', 1, 1)"},
    {"UPDATE kv_entries", "UPDATE kv_entries SET value = 2, ttl = 60 WHERE grp = 'g'"},
    {"DELETE FROM kv_entries", "DELETE FROM kv_entries WHERE grp = 'g'"},
    {"kv_split and kv_fields",
     "SELECT * FROM kv_split('g', 'a', ','); SELECT * FROM kv_fields('g', 'a')"},
    {"kv_events, kv_watchers and kv_quotas",
     "SELECT kv_watch('*'); SELECT kv_set('g', 'a', 1); SELECT * FROM kv_events;"
     "SELECT * FROM kv_watchers; SELECT * FROM kv_quotas"},
    {"a use of one table by another",
     "SELECT * FROM kv_groups AS g, kv_entries(g.name) AS e WHERE e.key = 'a'"},
    {"a transaction that stays open", "BEGIN; SELECT kv_set('g', 'x', 1)"},
    {"a transaction rolled back", "BEGIN; SELECT kv_set('g', 'x', 1); ROLLBACK"},
    {"a savepoint that stays open", "SAVEPOINT s; SELECT kv_set('g', 'x', 1, 60), kv_purge()"},
    {"writes inside a writing statement", "CREATE TABLE log(x); INSERT INTO log SELECT kv_set('g', "
                                          "'x', 1) UNION SELECT kv_incr('g', 'y')"},
    {"a trigger that writes", "CREATE TABLE t(x); CREATE TRIGGER tr AFTER INSERT ON t BEGIN SELECT "
                              "kv_set('g', NEW.x, 1); END;"
                              "INSERT INTO t VALUES (1), (2)"},
    {"a dropped store", "SELECT kv_set('g', 'a', 1); DROP TABLE kv; SELECT kv_get('g', 'a')"},
    {"an attached store",
     "ATTACH ':memory:' AS cache; SELECT kv_config('schema', 'cache'), kv_set('g', 'a', 1)"},
    {"a store whose schema was detached",
     "ATTACH ':memory:' AS cache; SELECT kv_config('schema', 'cache');"
     "SELECT kv_set('g', 'a', 1); DETACH cache"},
};

static void heard(sqlite3_context *context, int count, sqlite3_value **arguments) {
  (void)count, (void)arguments;
  sqlite3_result_null(context);
}

static sqlite3 *open_store(void) {
  host_remove("close.db");
  sqlite3 *db = host_open(host_file("close.db"));
  sqlite3_create_function(db, "heard", 5, SQLITE_UTF8, NULL, heard, NULL, NULL);
  host_require(
      host_run(db,
               "SELECT kv_load('g', '{\"a\":1,\"text\":\"x y\"}'), kv_set('g', 'short', 1, 60)") ==
          SQLITE_OK,
      "a store");
  return db;
}

static void closes_after_every_use(void) {
  for (size_t i = 0; i < sizeof uses / sizeof uses[0]; i++) {
    char title[200];
    sqlite3 *db = open_store();
    snprintf(title, sizeof title, "%s: no error", uses[i].title);
    CHECK_RUNS(title, db, uses[i].sql);
    snprintf(title, sizeof title, "%s: the close after it succeeds", uses[i].title);
    int is_open = strstr(uses[i].title, "stays open") != NULL;
    CHECK_INTEGER(title, SQLITE_OK, is_open ? host_close_in_transaction(db) : host_close(db));
  }
}

static void closes_after_errors(void) {
  static const char *const errors[] = {
      "SELECT kv_require('g', 'none')",
      "SELECT kv_set('g', NULL, 1)",
      "SELECT kv_set('g', 'a', 1, 'never')",
      "SELECT kv_incr('g', 'text')",
      "SELECT kv_load('g', '[1]')",
      "SELECT kv_load('g', '{\"a\":null}')",
      "SELECT kv_config('schema', 'none')",
      "SELECT kv_on_change('none')",
      "INSERT INTO kv_entries(grp, key, value) VALUES ('g', 'a', 1)",
      "DROP TABLE kv; CREATE TABLE kv(x); SELECT kv_get('g', 'a')",
      "SELECT kv_quota('t', 1, 0); SELECT kv_set('t:g', 1, 1), kv_set('t:g', 2, 1)",
  };
  for (size_t i = 0; i < sizeof errors / sizeof errors[0]; i++) {
    sqlite3 *db = open_store();
    CHECK(errors[i], host_run(db, errors[i]) != SQLITE_OK);
    CHECK_CLOSES("the close after an error succeeds", db);
  }
}

/* Steps a statement once and finalizes it in the middle of its answer. */
static void read_half(sqlite3 *db, const char *sql) {
  sqlite3_stmt *statement;
  host_require(sqlite3_prepare_v2(db, sql, -1, &statement, NULL) == SQLITE_OK, sql);
  CHECK_INTEGER(sql, SQLITE_ROW, sqlite3_step(statement));
  sqlite3_finalize(statement);
}

static void closes_after_half_a_read(void) {
  sqlite3 *db = open_store();
  host_run(
      db,
      "SELECT kv_set('h', 'b', 1), kv_watch('*'); SELECT kv_set('h', 'c', 1), kv_set('h', 'd', 1)");
  read_half(db, "SELECT key FROM kv_entries");
  read_half(db, "SELECT name FROM kv_groups");
  read_half(db, "SELECT part FROM kv_fields('g', 'text')");
  read_half(db, "SELECT part FROM kv_split('g', 'text', ' ')");
  read_half(db, "SELECT seq FROM kv_events");
  read_half(db, "SELECT kv_set('g', key, 1) FROM kv_entries('h')");
  CHECK_CLOSES("the close after listings that were read half succeeds", db);
}

/* A connection whose close failed because `sql` was open, which is finalized then. */
static void survives_a_failed_close(const char *sql, int is_stepped) {
  int threads = host_threads();
  sqlite3 *db = open_store();
  sqlite3_stmt *statement;
  sqlite3_busy_timeout(db, 10000); /* the purge thread is a second writer */
  CHECK_RUNS("a watcher and a purge begin", db, "SELECT kv_watch('*'), kv_purge_every('20ms')");
  host_require(sqlite3_prepare_v2(db, sql, -1, &statement, NULL) == SQLITE_OK, sql);
  if (is_stepped) sqlite3_step(statement);

  for (int i = 0; i < 2; i++) {
    CHECK_INTEGER("an open statement of the host's keeps a close from succeeding", SQLITE_BUSY,
                  sqlite3_close(db));
    CHECK_ANSWER("functions work on", db, "SELECT kv_set('g', 'after', 7), kv_get('g', 'after')",
                 "7|7");
    CHECK_ANSWER(
        "tables work on", db,
        "DELETE FROM kv_entries WHERE grp = 'g' AND key = 'after'; SELECT kv_exists('g', 'after')",
        "0");
    CHECK_ANSWER("events arrive still", db, "SELECT count(*) FROM kv_events WHERE key = 'after'",
                 "2");
  }
  sqlite3_finalize(statement);
  statement = NULL;
  CHECK_RUNS("a key that expires", db, "SELECT kv_set('g', 'brief', 1, 0.001)");
  CHECK("the purge thread runs again",
        host_wait(db, "SELECT count(*) FROM kv WHERE key = 'brief'", "0", 10));
  CHECK_CLOSES("the next close succeeds", db);
  CHECK_INTEGER("no thread is left", threads, host_threads());
}

static void loads_twice(void) {
  sqlite3 *db = open_store();
  CHECK_RUNS("a setting", db, "SELECT kv_config('now', 5), kv_watch('g')");
  CHECK_INTEGER("a second load succeeds", SQLITE_OK, host_load(db));
  CHECK_ANSWER("and leaves settings and watchers as they were", db,
               "SELECT kv_config('now'), (SELECT count(*) FROM kv_watchers)", "5|1");
  CHECK_CLOSES("the close after two loads succeeds", db);

  sqlite3 *first = host_open(":memory:"), *second = host_open(":memory:");
  CHECK_CLOSES("one of two connections closes", first);
  CHECK_ANSWER("the other works on", second, "SELECT kv_set('g', 'k', 1), kv_get('g', 'k')", "1|1");
  CHECK_CLOSES("and closes", second);
}

static void count_call(sqlite3_context *context, int count, sqlite3_value **arguments) {
  (void)count, (void)arguments;
  ++*(int *)sqlite3_user_data(context);
}

/* Without kv_groups there is no table that would tell of a close in time. */
static void works_beside_a_table_named_kv_groups(void) {
  host_remove("anchor.db");
  sqlite3 *db = host_open_plain(host_file("anchor.db"), SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);
  CHECK_RUNS("the host has a kv_groups of its own", db, "CREATE TABLE kv_groups(x)");
  CHECK_INTEGER("the extension loads", SQLITE_OK, host_load(db));
  CHECK_ANSWER(
      "functions work", db,
      "SELECT kv_set('g', 'a', 1, 60), kv_incr('g', 'a'), kv_get('g', 'a'), kv_count_all()",
      "1|2|2|1");
  CHECK_ANSWER("tables work", db, "SELECT key FROM kv_entries('g')", "a");
  int calls = 0;
  sqlite3_create_function(db, "changed", 5, SQLITE_UTF8, &calls, count_call, NULL, NULL);
  CHECK_RUNS("a callback is called", db,
             "SELECT kv_on_change('changed'); SELECT kv_set('g', 'a', 2), kv_set('g', 'a', 3)");
  CHECK_INTEGER("for each change", 2, calls);
  CHECK_ANSWER("the host's table is as it was", db, "SELECT count(*) FROM kv_groups", "0");
  CHECK_CLOSES("and the close succeeds", db);
}

static int deny_tables(void *unused, int action, const char *first, const char *second,
                       const char *schema, const char *trigger) {
  (void)unused, (void)second, (void)schema, (void)trigger;
  return action == SQLITE_READ && first != NULL && strcmp(first, "kv_groups") == 0 ? SQLITE_DENY
                                                                                   : SQLITE_OK;
}

static void works_where_kv_groups_is_forbidden(void) {
  sqlite3 *db = open_store();
  sqlite3_set_authorizer(db, deny_tables, NULL);
  CHECK_ANSWER("functions work where an authorizer forbids kv_groups", db,
               "SELECT kv_set('g', 'a', 1), kv_get('g', 'a')", "1|1");
  CHECK_CLOSES("and the close succeeds", db);
}

/*
** SQLite tells virtual tables of a rollback when a close is tried, although the transaction goes on:
** what it had changed must not be missed, whether a kv call comes by before the commit or not.
*/
static void events_outlive_a_failed_close(const char *before_commit) {
  sqlite3 *db = host_open(":memory:");
  sqlite3_stmt *open = NULL;
  CHECK_RUNS("a change waits in a transaction", db,
             "SELECT kv_set('g', 'k', 0), kv_watch('g'); BEGIN; SELECT kv_set('g', 'k', 1)");
  sqlite3_prepare_v2(db, "SELECT 1", -1, &open, NULL);
  CHECK_INTEGER("the close is refused", SQLITE_BUSY, sqlite3_close(db));
  CHECK_INTEGER("the transaction is still open", 0, sqlite3_get_autocommit(db));
  sqlite3_finalize(open);
  CHECK_RUNS("and commits", db, before_commit);
  CHECK_RUNS("all of it", db, "COMMIT");
  CHECK_ANSWER("the watcher is told to read again", db,
               "SELECT count(*) FROM kv_events WHERE type = 'resync'", "1");
  CHECK_ANSWER("the change is there", db, "SELECT kv_get('g', 'k')", "1");
  CHECK_CLOSES("the next close succeeds", db);
}

int main(void) {
  events_outlive_a_failed_close("SELECT 1");
  events_outlive_a_failed_close("SELECT kv_set('g', 'l', 2)");
  closes_after_every_use();
  closes_after_errors();
  closes_after_half_a_read();
  survives_a_failed_close("SELECT 1", 0);
  survives_a_failed_close("SELECT kv_get('g', 'a')", 1);
  survives_a_failed_close("SELECT key FROM kv_entries", 1);
  survives_a_failed_close("SELECT name FROM kv_groups", 0);
  survives_a_failed_close("SELECT name FROM kv_groups", 1);
  loads_twice();
  works_beside_a_table_named_kv_groups();
  works_where_kv_groups_is_forbidden();
  return host_end();
}
