/*
** Random steps, and a copy that is kept by events alone. After each step that leaves no transaction
** open, what the watcher was told is replayed onto the copy (a resync: it is read anew), and the copy
** must be the table. Where nothing but calls were made and none failed, there must be no resync.
**
** random_test [STEPS [SEED]]: a run that fails names its seed; the last steps of it are printed.
**
** The copy is a database of its own, which the extension is not loaded into.
*/
#include "host.h"

#include <stdarg.h>

enum { STEPS_OF_A_RUN = 200, REMEMBERED = 40, QUICK_STEPS = 20000 };

typedef struct run {
  unsigned random;
  sqlite3 *db, *other, *copy;
  int is_calls_only;
  int is_unsure; /* a step failed, so that a resync may come */
  int has_aux;
  const char *schema; /* that the store is in */
  long long now;
  long long watcher;
  int ticks; /* until the progress handler interrupts; 0: never */
  char log[REMEMBERED][400];
  int logged;
  long long checks, resyncs, events;
} run;

static int pick(run *r, int count) {
  r->random = r->random * 1103515245u + 12345u;
  return (int)((r->random >> 16) & 0x7fff) % count;
}

static void note(run *r, const char *text, const char *outcome) {
  snprintf(r->log[r->logged++ % REMEMBERED], sizeof r->log[0], "%s%s%s", text,
           *outcome != 0 ? "   -- " : "", outcome);
}

static const char *group(run *r) {
  static const char *const names[] = {"g", "h", "ns:x", "ns:y"};
  return names[pick(r, 4)];
}

static const char *key(run *r) {
  static const char *const names[] = {"a", "b", "c", "d", "bad"};
  return names[pick(r, 30) == 0 ? 4 : pick(r, 4)];
}

static int step_on(run *r, sqlite3 *db, const char *format, ...) {
  va_list arguments;
  char *error = NULL;
  va_start(arguments, format);
  char *sql = sqlite3_vmprintf(format, arguments);
  va_end(arguments);
  int code = sqlite3_exec(db, sql, NULL, NULL, &error);
  if (code != SQLITE_OK) r->is_unsure = 1;
  note(r, sql, code == SQLITE_OK ? "" : error != NULL ? error : "failed");
  sqlite3_free(error);
  sqlite3_free(sql);
  return code;
}

#define STEP(...) step_on(r, r->db, __VA_ARGS__)

/* ---- the copy -------------------------------------------------------------------------------- */

static void fail(run *r, const char *what) {
  int first = r->logged > REMEMBERED ? r->logged - REMEMBERED : 0;
  for (int i = first; i < r->logged; i++) printf("  %s\n", r->log[i % REMEMBERED]);
  printf("  FAILED: %s\n", what);
}

static void run_copy(run *r, const char *sql, sqlite3_stmt *from, int first, int count) {
  sqlite3_stmt *statement = NULL;
  host_require(sqlite3_prepare_v2(r->copy, sql, -1, &statement, NULL) == SQLITE_OK, sql);
  for (int i = 0; i < count; i++) {
    sqlite3_bind_value(statement, i + 1, sqlite3_column_value(from, first + i));
  }
  host_require(sqlite3_step(statement) == SQLITE_DONE, sql);
  sqlite3_finalize(statement);
}

/* Reads the table into the copy's database, as t. No table: no rows. */
static void read_table(run *r) {
  sqlite3_stmt *rows = NULL;
  char *sql = sqlite3_mprintf("SELECT grp, key, value, expires_at FROM \"%w\".kv "
                              "WHERE typeof(grp) = 'text' AND typeof(key) = 'text'",
                              r->schema);
  host_run(r->copy, "DELETE FROM t");
  if (sqlite3_prepare_v2(r->db, sql, -1, &rows, NULL) == SQLITE_OK) {
    while (sqlite3_step(rows) == SQLITE_ROW)
      run_copy(r, "INSERT INTO t VALUES (?1, ?2, ?3, ?4)", rows, 0, 4);
  }
  sqlite3_finalize(rows);
  sqlite3_free(sql);
}

static void copy_anew(run *r) {
  read_table(r);
  host_run(r->copy, "DELETE FROM c; INSERT INTO c SELECT grp, key, value FROM t");
}

static long long ask(sqlite3 *db, const char *sql) {
  sqlite3_stmt *statement = NULL;
  host_require(sqlite3_prepare_v2(db, sql, -1, &statement, NULL) == SQLITE_OK, sql);
  long long answer =
      sqlite3_step(statement) == SQLITE_ROW ? sqlite3_column_int64(statement, 0) : -1;
  sqlite3_finalize(statement);
  return answer;
}

/* Takes the events and replays them: 0 if they could not be read now. */
static int hear(run *r, int *is_resync) {
  sqlite3_stmt *rows = NULL;
  char sql[120], heard[200];
  snprintf(sql, sizeof sql, "SELECT type, grp, key, value FROM kv_events(%lld)", r->watcher);
  int code = sqlite3_prepare_v2(r->db, sql, -1, &rows, NULL);
  *is_resync = 0;
  while (code == SQLITE_OK && (code = sqlite3_step(rows)) == SQLITE_ROW) {
    const char *type = (const char *)sqlite3_column_text(rows, 0);
    snprintf(heard, sizeof heard, "    heard %s %s/%s %s", type, sqlite3_column_text(rows, 1),
             sqlite3_column_text(rows, 2), sqlite3_column_text(rows, 3));
    note(r, heard, "");
    r->events++;
    if (strcmp(type, "resync") == 0) {
      *is_resync = 1;
      r->resyncs++;
      copy_anew(r);
    } else if (strcmp(type, "set") == 0) {
      run_copy(r, "REPLACE INTO c VALUES (?1, ?2, ?3)", rows, 1, 3);
    } else if (strcmp(type, "delete_group") == 0) {
      run_copy(r, "DELETE FROM c WHERE grp = ?1", rows, 1, 1);
    } else {
      run_copy(r, "DELETE FROM c WHERE grp = ?1 AND key = ?2", rows, 1, 2);
    }
    code = SQLITE_OK;
  }
  sqlite3_finalize(rows);
  if (code != SQLITE_DONE) note(r, sql, sqlite3_errmsg(r->db));
  return code == SQLITE_DONE;
}

/* Expired rows may be in the copy or not. */
static int check_copy(run *r) {
  int is_resync;
  char sql[600];
  if (!sqlite3_get_autocommit(r->db)) return 1;
  if (!hear(r, &is_resync)) return 1;
  if (is_resync && r->is_calls_only && !r->is_unsure) {
    fail(r, "a resync where only calls were made");
    return 0;
  }
  r->is_unsure = 0;
  read_table(r);
  r->checks++;
  snprintf(sql, sizeof sql,
           "SELECT (SELECT count(*) FROM t WHERE coalesce(expires_at, 9e18) > %lld AND NOT EXISTS ("
           "  SELECT 1 FROM c WHERE c.grp = t.grp AND c.key = t.key AND c.value IS t.value))"
           " + (SELECT count(*) FROM c WHERE NOT EXISTS ("
           "  SELECT 1 FROM t WHERE c.grp = t.grp AND c.key = t.key))",
           r->now);
  if (ask(r->copy, sql) == 0) return 1;
  fail(r, "the copy is not the table");
  return 0;
}

/* ---- steps ----------------------------------------------------------------------------------- */

static void call_step(run *r) {
  int value = pick(r, 100), which = pick(r, 24);
  /* With a trigger that keeps a row with RAISE(IGNORE) these two try again for ever. */
  if (!r->is_calls_only && (which == 3 || which == 4)) which = 5;
  switch (which) {
  case 0:
    STEP("SELECT kv_set('%s', '%s', %d, %d)", group(r), key(r), value, 1 + pick(r, 5));
    break;
  case 1:
    STEP("SELECT kv_setnx('%s', '%s', %d)", group(r), key(r), value);
    break;
  case 2:
    STEP("SELECT kv_cas('%s', '%s', %d, %d)", group(r), key(r), value, value + 1);
    break;
  case 3:
    STEP("SELECT kv_incr('counters', '%s')", key(r));
    break;
  case 4:
    STEP("SELECT kv_getdel('%s', '%s')", group(r), key(r));
    break;
  case 5:
    STEP("SELECT kv_delete('%s', '%s')", group(r), key(r));
    break;
  case 6:
    STEP("SELECT kv_expire('%s', '%s', %d)", group(r), key(r), 1 + pick(r, 5));
    break;
  case 7:
    STEP("SELECT kv_persist('%s', '%s')", group(r), key(r));
    break;
  case 8:
    STEP("SELECT kv_load('%s', '{\"a\":%d,\"c\":2,\"e\":3}')", group(r), value);
    break;
  case 9:
    STEP("SELECT kv_load('%s', '{\"b\":%d,\"d\":2}', 3)", group(r), value);
    break;
  case 10:
    STEP("SELECT kv_delete_group('%s')", group(r));
    break;
  case 11:
    STEP("SELECT kv_delete_prefix('%s')", pick(r, 4) == 0 ? "" : "ns:");
    break;
  case 12:
    STEP("SELECT kv_purge()");
    break;
  case 13:
    STEP("SELECT kv_import('{\"kv\":1,\"groups\":{\"g\":{\"a\":%d},\"h\":{\"i\":2}}}')", value);
    break;
  case 14:
    STEP("INSERT OR REPLACE INTO kv_entries(grp, key, value) VALUES ('%s', '%s', %d), ('%s', 'z', "
         "1)",
         group(r), key(r), value, group(r));
    break;
  case 15:
    STEP("INSERT OR IGNORE INTO kv_entries(grp, key, value, ttl) VALUES ('%s', '%s', %d, 2)",
         group(r), key(r), value);
    break;
  case 16:
    STEP("UPDATE kv_entries SET value = %d WHERE grp = '%s'", value, group(r));
    break;
  case 17:
    STEP("UPDATE OR REPLACE kv_entries SET key = '%s' WHERE grp = '%s' AND key = '%s'", key(r),
         group(r), key(r));
    break;
  case 18:
    STEP("DELETE FROM kv_entries WHERE key = '%s'", key(r));
    break;
  case 19:
    STEP("SELECT kv_set('%s', value, value) FROM (SELECT 'a' AS value UNION SELECT 'b' UNION "
         "SELECT 'f')",
         group(r));
    break;
  case 20:
    r->now += 1000 * pick(r, 4);
    STEP("SELECT kv_config('now', %lld)", r->now);
    break;
  default:
    STEP("SELECT kv_set('%s', '%s', %d)", group(r), key(r), value);
    break;
  }
}

static void transaction_step(run *r) {
  if (sqlite3_get_autocommit(r->db)) {
    STEP(pick(r, 3) == 0 ? "SAVEPOINT s0" : pick(r, 2) ? "BEGIN" : "BEGIN IMMEDIATE");
    return;
  }
  int was_unsure = r->is_unsure;
  switch (pick(r, 8)) {
  case 0:
    STEP("ROLLBACK");
    break;
  case 1:
    STEP("SAVEPOINT s%d", pick(r, 3));
    break;
  case 2:
    STEP("SAVEPOINT s%d", pick(r, 3));
    break;
  case 3:
    STEP("ROLLBACK TO s%d", pick(r, 3));
    break;
  case 4:
    STEP("RELEASE s%d", pick(r, 3));
    break;
  default:
    STEP("COMMIT");
    break;
  }
  r->is_unsure = was_unsure; /* no such savepoint: nothing was done */
}

static void plain_step(run *r) {
  const char *s = r->schema;
  int value = pick(r, 100);
  switch (pick(r, 19)) {
  case 0:
    STEP("INSERT INTO %s.kv VALUES ('%s', '%s', %d, NULL)", s, group(r), key(r), value);
    break;
  case 1:
    STEP("INSERT OR REPLACE INTO %s.kv VALUES ('%s', '%s', %d, NULL)", s, group(r), key(r), value);
    break;
  case 2:
    STEP("INSERT OR IGNORE INTO %s.kv VALUES ('%s', '%s', %d, NULL), ('h', 'q', 1, NULL)", s,
         group(r), key(r), value);
    break;
  case 3:
    STEP("INSERT INTO %s.kv VALUES ('%s', '%s', %d, %lld) ON CONFLICT DO UPDATE SET value = "
         "excluded.value",
         s, group(r), key(r), value, r->now + 2000);
    break;
  case 4:
    STEP("UPDATE %s.kv SET value = value + 1 WHERE grp = '%s'", s, group(r));
    break;
  case 5:
    STEP("UPDATE %s.kv SET key = '%s' WHERE key = '%s'", s, key(r), key(r));
    break;
  case 6:
    STEP("UPDATE OR REPLACE %s.kv SET grp = '%s' WHERE key = '%s'", s, group(r), key(r));
    break;
  case 7:
    STEP("UPDATE OR FAIL %s.kv SET key = '%s' WHERE grp = '%s'", s, key(r), group(r));
    break;
  case 8:
    STEP("DELETE FROM %s.kv WHERE grp = '%s' AND key = '%s'", s, group(r), key(r));
    break;
  case 9:
    STEP("DELETE FROM %s.kv", s);
    break;
  case 10:
    STEP("INSERT OR REPLACE INTO %s.kv(rowid, grp, key, value) VALUES (%d, '%s', '%s', %d)", s,
         pick(r, 9) - 1, group(r), key(r), value);
    break;
  case 11:
    STEP("UPDATE OR REPLACE %s.kv SET rowid = %d WHERE key = '%s'", s, pick(r, 9) - 1, key(r));
    break;
  case 12:
    STEP("UPDATE OR REPLACE %s.kv SET _rowid_ = rowid + 1, key = '%s' WHERE grp = '%s'", s, key(r),
         group(r));
    break;
  case 13:
    STEP("INSERT INTO %s.kv SELECT 'g', value, 1, NULL FROM (SELECT 'm' AS value UNION ALL SELECT "
         "'n' UNION ALL SELECT NULL)",
         s);
    break;
  case 14:
    STEP("INSERT INTO log SELECT kv_set('%s', 'l', value) FROM (SELECT 1 AS value UNION ALL SELECT "
         "%d)",
         group(r), pick(r, 2) ? 13 : 2);
    break;
  case 15:
    STEP("INSERT INTO temp.templog SELECT kv_set('%s', 'l', value) FROM (SELECT 1 AS value UNION "
         "ALL SELECT %d)",
         group(r), pick(r, 2) ? 13 : 2);
    break;
  case 16:
    STEP("INSERT INTO log VALUES (kv_load('%s', '{\"a\":7,\"b\":null}'))", group(r));
    break;
  case 17:
    STEP("INSERT INTO %s.kv VALUES (x'01', '%s', 1, NULL)", s, key(r));
    break;
  default:
    STEP("INSERT INTO log VALUES (%d)", value);
    break;
  }
}

static void host_step(run *r) {
  const char *s = r->schema;
  static const char *const temps[] = {"", "TEMP "};
  const char *temp = temps[pick(r, 2)];
  switch (pick(r, 13)) {
  case 0:
    STEP("CREATE %sTRIGGER IF NOT EXISTS t1 AFTER INSERT ON %s.kv WHEN NEW.key = 'a' BEGIN UPDATE "
         "kv SET value = value || '!' WHERE rowid = NEW.rowid; END",
         temp, *temp ? s : "main");
    break;
  case 1:
    STEP("CREATE %sTRIGGER IF NOT EXISTS t2 AFTER INSERT ON %s.kv WHEN NEW.key = 'b' BEGIN DELETE "
         "FROM kv WHERE rowid = NEW.rowid; END",
         temp, *temp ? s : "main");
    break;
  case 2:
    STEP("CREATE %sTRIGGER IF NOT EXISTS t3 BEFORE DELETE ON %s.kv WHEN OLD.key = 'c' BEGIN SELECT "
         "RAISE(IGNORE); END",
         temp, *temp ? s : "main");
    break;
  case 3:
    STEP("CREATE %sTRIGGER IF NOT EXISTS t4 AFTER UPDATE ON %s.kv WHEN NEW.key = 'd' BEGIN SELECT "
         "RAISE(IGNORE); END",
         temp, *temp ? s : "main");
    break;
  case 4:
    STEP("CREATE %sTRIGGER IF NOT EXISTS t5 AFTER DELETE ON %s.kv WHEN OLD.key = 'd' BEGIN INSERT "
         "OR REPLACE INTO kv VALUES (OLD.grp, 'again', 1, NULL); END",
         temp, *temp ? s : "main");
    break;
  case 5:
    STEP("CREATE %sTRIGGER IF NOT EXISTS t6 AFTER INSERT ON %s.kv WHEN NEW.key = 'z' BEGIN SELECT "
         "RAISE(FAIL, 'no z'); END",
         temp, *temp ? s : "main");
    break;
  case 6:
    STEP("CREATE %sTRIGGER IF NOT EXISTS t7 AFTER DELETE ON %s.kv WHEN OLD.key = 'a' BEGIN SELECT "
         "kv_set('h', 'fromtrigger', 1); END",
         temp, *temp ? s : "main");
    break;
  case 7:
    STEP("CREATE %sTRIGGER IF NOT EXISTS t8 AFTER INSERT ON %s.kv WHEN NEW.key = 'q' BEGIN SELECT "
         "RAISE(ROLLBACK, 'no q'); END",
         temp, *temp ? s : "main");
    break;
  default:
    STEP("DROP TRIGGER IF EXISTS t%d", 1 + pick(r, 8));
    break;
  }
}

static void watch_again(run *r) {
  STEP("SELECT kv_unwatch(%lld)", r->watcher);
  if (STEP("SELECT kv_watch('*', '*', %d)", pick(r, 3) == 0 ? 3 : 1000) != SQLITE_OK) {
    while (!sqlite3_get_autocommit(r->db) && STEP("ROLLBACK") != SQLITE_OK) {
    }
    STEP("SELECT kv_watch('*', '*', 1000)");
  }
  r->ticks = 0;
  r->watcher = ask(r->db, "SELECT max(id) FROM kv_watchers");
  copy_anew(r); /* of the table as the transaction sees it: a rollback is not told of, so: */
  if (!sqlite3_get_autocommit(r->db)) {
    STEP("COMMIT");
    if (!sqlite3_get_autocommit(r->db)) STEP("ROLLBACK");
  }
}

/* An interrupt may come before it or after it. */
static void switch_schema(run *r) {
  STEP("SELECT kv_config('schema', '%s')",
       strcmp(r->schema, "main") == 0 && r->has_aux ? "aux" : "main");
  r->ticks = 0;
  r->schema = ask(r->db, "SELECT kv_config('schema') = 'aux'") ? "aux" : "main";
}

static void odd_step(run *r) {
  const char *s = r->schema;
  switch (pick(r, 20)) {
  case 0:
    STEP("DROP TABLE IF EXISTS %s.kv", s);
    break;
  case 1:
    STEP("ALTER TABLE %s.kv RENAME TO away", s);
    break;
  case 2:
    STEP("ALTER TABLE %s.away RENAME TO kv", s);
    break;
  case 3:
    STEP("DROP TABLE IF EXISTS %s.away", s);
    break;
  case 4:
    STEP("DROP TRIGGER IF EXISTS temp.kv_witness_%s", pick(r, 2) ? "delete" : "insert");
    break;
  case 5:
    STEP("DROP TABLE IF EXISTS temp.kv_witness");
    break;
  case 6:
    STEP("PRAGMA recursive_triggers = %d", pick(r, 2));
    break;
  case 7:
    STEP("PRAGMA trusted_schema = %d", pick(r, 2));
    break;
  case 8:
    switch_schema(r);
    break;
  case 9:
    STEP("VACUUM");
    break;
  case 10:
    STEP("CREATE TABLE IF NOT EXISTS host%d(x)", pick(r, 3));
    break;
  case 11:
    STEP("DROP TABLE IF EXISTS host%d", pick(r, 3));
    break;
  case 12:
    sqlite3_db_config(r->db, SQLITE_DBCONFIG_ENABLE_TRIGGER, pick(r, 3) > 0, NULL);
    note(r, "triggers switched", "");
    break;
  case 13:
    STEP("PRAGMA query_only = %d", pick(r, 4) == 0);
    break;
  case 14:
    watch_again(r);
    break;
  case 15:
    STEP("SELECT kv_on_change('%s')", pick(r, 3) == 0 ? "writes" : "refuses");
    if (pick(r, 2)) STEP("SELECT kv_off_change(%lld)", r->watcher + 1);
    break;
  case 16:
    STEP("SELECT kv_off_change(value) FROM (WITH RECURSIVE n(value) AS (SELECT 1 UNION ALL SELECT "
         "value + 1 FROM n LIMIT 60) SELECT value FROM n)");
    break;
  case 17:
    STEP("PRAGMA temp_store = %d; CREATE TEMP TABLE IF NOT EXISTS templog(x CHECK (x <> 13))",
         pick(r, 3));
    break;
  case 18:
    if (r->has_aux && sqlite3_get_autocommit(r->db)) STEP("DETACH aux; ATTACH ':memory:' AS aux");
    break;
  default:
    STEP("CREATE UNIQUE INDEX IF NOT EXISTS %s.by_value ON kv(value)", s);
    STEP("DROP INDEX IF EXISTS %s.by_value", s);
    break;
  }
}

static void other_step(run *r) {
  if (r->other == NULL) return;
  switch (pick(r, 4)) {
  case 0:
    step_on(r, r->other, "INSERT OR REPLACE INTO kv VALUES ('%s', '%s', %d, NULL)", group(r),
            key(r), pick(r, 100));
    break;
  case 1:
    step_on(r, r->other, "DELETE FROM kv WHERE key = '%s'", key(r));
    break;
  case 2:
    step_on(r, r->other, "SELECT kv_set('%s', '%s', 1)", group(r), key(r));
    break;
  default:
    step_on(r, r->other, "INSERT INTO log VALUES (1)");
    break;
  }
  r->is_unsure = 1;
}

static int interrupt(void *pointer) {
  run *r = pointer;
  return r->ticks > 0 && --r->ticks == 0;
}

static void step(run *r) {
  int kind = pick(r, 100);
  if (r->is_calls_only) {
    if (kind < 65)
      call_step(r);
    else
      transaction_step(r);
    return;
  }
  if (pick(r, 12) == 0) r->ticks = 1 + pick(r, pick(r, 2) ? 60 : 400);
  if (kind < 35)
    call_step(r);
  else if (kind < 65)
    plain_step(r);
  else if (kind < 82)
    transaction_step(r);
  else if (kind < 90)
    host_step(r);
  else if (kind < 96)
    odd_step(r);
  else
    other_step(r);
  if (r->ticks == 0) return;
  r->ticks = 0;
}

/* ---- functions of the host ------------------------------------------------------------------- */

static void refuses(sqlite3_context *context, int argc, sqlite3_value **argv) {
  (void)argc;
  const char *name = (const char *)sqlite3_value_text(argv[2]);
  if (name != NULL && strcmp(name, "bad") == 0) sqlite3_result_error(context, "bad is refused", -1);
}

static void writes(sqlite3_context *context, int argc, sqlite3_value **argv) {
  run *r = sqlite3_user_data(context);
  const char *name = (const char *)sqlite3_value_text(argv[2]);
  int ticks = r->ticks;
  (void)argc;
  if (name == NULL) return;
  r->ticks = 0; /* SQLite itself crashes where CREATE TABLE is interrupted and nobody says so */
  if (strcmp(name, "a") == 0) sqlite3_exec(r->db, "SELECT kv_set('h', 'written', 1)", 0, 0, 0);
  if (strcmp(name, "b") == 0) sqlite3_exec(r->db, "CREATE TABLE IF NOT EXISTS audit(x)", 0, 0, 0);
  if (strcmp(name, "bad") == 0) sqlite3_exec(r->db, pick(r, 2) ? "ROLLBACK" : "BEGIN", 0, 0, 0);
  r->ticks = ticks;
}

/* ---- runs ------------------------------------------------------------------------------------ */

static int begin_run(run *r, unsigned seed) {
  static const char *const journals[] = {"DELETE", "WAL", "TRUNCATE"};
  *r = (run){.random = seed * 2654435761u + 1, .schema = "main", .now = 1000000};
  r->is_calls_only = seed % 4 == 0;
  int is_file = pick(r, 3) == 0;
  host_remove("random.db");
  r->db = host_open(is_file ? host_file("random.db") : ":memory:");
  sqlite3_create_function(r->db, "refuses", 5, SQLITE_UTF8, r, refuses, NULL, NULL);
  sqlite3_create_function(r->db, "writes", 5, SQLITE_UTF8, r, writes, NULL, NULL);
  host_run(r->db, "PRAGMA synchronous = OFF");
  if (pick(r, 6) == 0) host_run(r->db, "PRAGMA encoding = 'UTF-16'");
  STEP("PRAGMA journal_mode = %s", journals[pick(r, 3)]);
  STEP("CREATE TABLE log(x CHECK (x <> 13)); CREATE TEMP TABLE templog(x CHECK (x <> 13))");
  if (is_file && !r->is_calls_only) r->other = host_open(host_file("random.db"));
  r->has_aux = pick(r, 3) == 0;
  if (r->has_aux) STEP("ATTACH ':memory:' AS aux");
  if (r->has_aux && pick(r, 2)) switch_schema(r);
  if (pick(r, 2)) STEP("SELECT kv_set('g', 'a', 0)");
  STEP("SELECT kv_config('now', %lld), kv_watch('*', '*', 1000)", r->now);
  r->watcher = 1;
  host_require(sqlite3_open(":memory:", &r->copy) == SQLITE_OK, "a copy");
  host_run(r->copy, "CREATE TABLE c(grp, key, value, PRIMARY KEY (grp, key));"
                    "CREATE TABLE t(grp, key, value, expires_at)");
  copy_anew(r);
  r->is_unsure = 0;
  if (!r->is_calls_only) sqlite3_progress_handler(r->db, 1, interrupt, r);
  return 1;
}

static int end_run(run *r) {
  sqlite3_progress_handler(r->db, 0, NULL, NULL);
  if (r->other != NULL) sqlite3_close(r->other);
  sqlite3_close(r->copy);
  return sqlite3_close(r->db) == SQLITE_OK;
}

int main(int argc, char **argv) {
  long long steps = argc > 1 ? atoll(argv[1]) : QUICK_STEPS;
  unsigned seed = argc > 2 ? (unsigned)atoi(argv[2]) : 1;
  long long checks = 0, resyncs = 0, events = 0;
  int is_fine = 1;
  for (long long done = 0; done < steps && is_fine; done += STEPS_OF_A_RUN, seed++) {
    static run r;
    begin_run(&r, seed);
    for (int i = 0; i < STEPS_OF_A_RUN && is_fine; i++) {
      step(&r);
      is_fine = check_copy(&r);
    }
    is_fine = end_run(&r) && is_fine;
    if (!is_fine) printf("  seed %u\n", seed);
    checks += r.checks, resyncs += r.resyncs, events += r.events;
  }
  CHECK("events, replayed onto a copy, give the table", is_fine);
  CHECK("most of what is told is told by name", events > 4 * resyncs);
  CHECK("the copy was looked at", checks > steps / 4);
  if (argc > 1) printf("%lld looks, %lld events, %lld of them resyncs\n", checks, events, resyncs);
  return host_end();
}
