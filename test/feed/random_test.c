/*
** Random steps by two writers, one with the extension and one without, and a follower that knows of the log
** only: SELECT … FROM kv_log WHERE seq > ?. A resync, and it reads the table again; any other row it replays onto its
** copy. After every commit that it looks at, the copy must be the table: names, values, their types, expiries.
**
** feed_random_test [STEPS [SEED]]: a run that fails names its seed; the last steps of it are printed.
**
** In the steps below, $g is a group, $k a key, $v a value, $c a conflict clause, $r a rowid, $n a small number, $w an instant later than all before.
*/
#include "host.h"

enum { STEPS_OF_A_RUN = 250, REMEMBERED = 60, QUICK_STEPS = 12000, TICK = 256 };

typedef struct run {
  unsigned random;
  sqlite3 *db, *plain, *follower;
  int has_evict;
  long long now, seen;
  char log[REMEMBERED][300];
  int logged;
  long long checks, resyncs, changes, by_plain;
} run;

static int pick(run *r, int count) {
  r->random = r->random * 1103515245u + 12345u;
  return (int)((r->random >> 16) & 0x7fff) % count;
}

/* ---- steps ----------------------------------------------------------------------------------- */

static const char *const calls[] = {
    "SELECT kv_set('$g', '$k', $v)",
    "SELECT kv_set('$g', '$k', $v)",
    "SELECT kv_set('$g', '$k', $v, $n)",
    "SELECT kv_set('$g', '$k', $v, $n)",
    "SELECT kv_setnx('$g', '$k', $v)",
    "SELECT kv_cas('$g', '$k', $v, $v)",
    "SELECT kv_cas('$g', '$k', kv_get('$g', '$k'), $v)",
    "SELECT kv_incr('$g', '$k', $n)",
    "SELECT kv_getdel('$g', '$k')",
    "SELECT kv_delete('$g', '$k')",
    "SELECT kv_expire('$g', '$k', $n)",
    "SELECT kv_persist('$g', '$k')",
    "SELECT kv_load('$g', '{\"a\":$n,\"c\":2,\"e\":\"x\"}', $n)",
    "SELECT kv_load('$g', '{\"a\":$n,\"c\":null}')",
    "SELECT kv_delete_group('$g')",
    "SELECT kv_delete_prefix('ns:')",
    "SELECT kv_purge()",
    "SELECT kv_purge('$g')",
    "SELECT "
    "kv_import('{\"kv\":1,\"groups\":{\"g\":{\"a\":$n},\"h\":{\"i\":{\"blob\":\"00ff\"}}}}')",
    "SELECT kv_set('$g', value, value) FROM (SELECT 'a' AS value UNION SELECT 'b' UNION SELECT "
    "'f')",
    "INSERT OR REPLACE INTO kv_entries(grp, key, value) VALUES ('$g', '$k', $v), ('$g', 'z', 1)",
    "INSERT OR IGNORE INTO kv_entries(grp, key, value, ttl) VALUES ('$g', '$k', $v, 2)",
    "UPDATE kv_entries SET value = $v WHERE grp = '$g'",
    "UPDATE OR REPLACE kv_entries SET key = '$k' WHERE grp = '$g' AND key = '$k'",
    "DELETE FROM kv_entries WHERE key = '$k'",
    "SELECT kv_scope('ns'), kv_set('x', '$k', $v), kv_unscope()",
};

/* By either writer. */
static const char *const plain_sql[] = {
    "INSERT $c INTO kv VALUES ('$g', '$k', $v, NULL)",
    "INSERT $c INTO kv VALUES ('$g', '$k', $v, NULL), ('$g', '$k', $v, $e), ('$g', '$k', $v, NULL)",
    "INSERT INTO kv VALUES ('$g', '$k', $v, $e) ON CONFLICT(grp, key) DO UPDATE SET value = "
    "excluded.value",
    "INSERT INTO kv VALUES ('$g', '$k', $v, $e) ON CONFLICT(grp, key) DO UPDATE SET key = 'up'",
    "INSERT INTO kv VALUES ('$g', '$k', $v, $e) ON CONFLICT DO NOTHING",
    "INSERT $c INTO kv(rowid, grp, key, value) VALUES ($r, '$g', '$k', $v)",
    "INSERT $c INTO kv(rowid, grp, key, value) SELECT rowid, '$g', '$k', $v FROM kv",
    "INSERT $c INTO kv SELECT '$g', key, value, expires_at FROM kv WHERE grp = '$g'",
    "INSERT $c INTO kv VALUES ('$g', '$k', $v, NULL), ('$g', NULL, $v, NULL)",
    "INSERT INTO kv VALUES (x'01', x'02', $v, 'soon')",
    "UPDATE $c kv SET value = $v WHERE grp = '$g'",
    "UPDATE $c kv SET expires_at = $e WHERE key = '$k'",
    "UPDATE $c kv SET key = '$k' WHERE key = '$k'",
    "UPDATE $c kv SET grp = '$g'",
    "UPDATE $c kv SET rowid = $r WHERE key = '$k'",
    "UPDATE $c kv SET _ROWID_ = rowid + 1, key = '$k' WHERE grp = '$g'",
    "UPDATE $c kv SET oid = $r, grp = '$g', key = '$k' WHERE grp = '$g' AND key = '$k'",
    "DELETE FROM kv WHERE grp = '$g' AND key = '$k'",
    "DELETE FROM kv WHERE key = '$k'",
    "DELETE FROM kv",
    "PRAGMA recursive_triggers = $b",
    "INSERT INTO kv WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300) "
    "SELECT 'many', i, $v, $e FROM n WHERE 1 ON CONFLICT(grp, key) DO UPDATE SET value = "
    "excluded.value",
};

static const char *const transactions[] = {
    "BEGIN",     "BEGIN IMMEDIATE", "SAVEPOINT s", "SAVEPOINT t", "ROLLBACK TO s",
    "RELEASE t", "COMMIT",          "COMMIT",      "COMMIT",      "ROLLBACK",
};

/* The host's own triggers, and what else it may do. (None that stops an OR FAIL in its middle: the row is then
** written, and no trigger after that one is run.) */
static const char *const hosts[] = {
    "CREATE $tTRIGGER IF NOT EXISTS t1 AFTER INSERT ON main.kv WHEN NEW.key = 'a' "
    "BEGIN UPDATE kv SET value = value || '!' WHERE rowid = NEW.rowid; END",
    "CREATE $tTRIGGER IF NOT EXISTS t2 AFTER INSERT ON main.kv WHEN NEW.key = 'b' "
    "BEGIN DELETE FROM kv WHERE rowid = NEW.rowid; END",
    "CREATE $tTRIGGER IF NOT EXISTS t3 AFTER UPDATE ON main.kv WHEN NEW.key = 'c' "
    "BEGIN UPDATE kv SET key = hex(randomblob(8)) WHERE rowid = NEW.rowid; END",
    "CREATE $tTRIGGER IF NOT EXISTS t4 AFTER DELETE ON main.kv WHEN OLD.key = 'd' "
    "BEGIN INSERT OR REPLACE INTO kv VALUES (OLD.grp, OLD.key, 'back', NULL); END",
    "CREATE $tTRIGGER IF NOT EXISTS t5 BEFORE INSERT ON main.kv WHEN NEW.key = 'e' "
    "BEGIN DELETE FROM kv WHERE key = 'a'; SELECT RAISE(IGNORE) WHERE NEW.grp = 'h'; END",
    "CREATE $tTRIGGER IF NOT EXISTS t6 BEFORE DELETE ON main.kv WHEN OLD.key = 'c' "
    "BEGIN SELECT RAISE(IGNORE); END",
    "CREATE $tTRIGGER IF NOT EXISTS t7 AFTER INSERT ON main.kv WHEN NEW.key = 'z' "
    "BEGIN SELECT RAISE(ABORT, 'no z'); END",
    "CREATE $tTRIGGER IF NOT EXISTS t8 AFTER INSERT ON main.kv WHEN NEW.key = 'f' "
    "BEGIN SELECT RAISE(ROLLBACK, 'no f'); END",
    "DROP TRIGGER IF EXISTS t$m",
    "DROP TRIGGER IF EXISTS t$m",
    "DROP TRIGGER IF EXISTS t$m",
    "SELECT kv_on_change('react')",
    "SELECT kv_off_change($n)",
    "SELECT kv_feed($n * 20, $n * 100)",
    "SELECT kv_feed_compact()",
    "SELECT kv_ack('one', (SELECT max(seq) FROM kv_log) - $n)",
    "SELECT kv_ack('one', NULL)",
    "SELECT kv_quota('ns', $n, 2)",
    "SELECT kv_quota('ns', NULL, NULL)",
    "DROP TABLE kv; SELECT kv_set('$g', '$k', $v)",
    "ALTER TABLE kv RENAME TO kv_gone; DROP TABLE kv_gone; SELECT kv_set('$g', '$k', $v)",
    "DROP TRIGGER kv_log_insert; SELECT kv_set('$g', '$k', $v)",
    "DROP TABLE kv_log; SELECT kv_config('now', $w); SELECT kv_set('$g', '$k', $v)",
    "DROP TABLE kv_log_settings; SELECT kv_config('now', $w); SELECT kv_set('$g', '$k', $v)",
    "DROP TABLE kv_log; DROP TABLE kv_log_settings; SELECT kv_config('now', $w); SELECT "
    "kv_feed(50)",
    "VACUUM",
};

static const char *word(run *r, char letter, char *number) {
  static const char *const groups[] = {"g", "h", "ns:x", "ns:y"};
  static const char *const keys[] = {"a", "b", "c", "d", "e", "f", "z", "m", "n"};
  static const char *const values[] = {"1", "1.0", "'1'", "x'31'", "'text'", "zeroblob(5000)",
                                       "''"};
  static const char *const clauses[] = {"",         "OR REPLACE", "OR REPLACE", "OR IGNORE",
                                        "OR ABORT", "OR FAIL",    "OR ROLLBACK"};
  switch (letter) {
  case 'g':
    return groups[pick(r, 4)];
  case 'k':
    return keys[pick(r, pick(r, 3) == 0 ? 9 : 4)];
  case 'v':
    return values[pick(r, 7)];
  case 'c':
    return clauses[pick(r, 7)];
  case 't':
    return pick(r, 2) ? "TEMP " : "";
  case 'e':
    if (pick(r, 2)) return "NULL";
    snprintf(number, 24, "%lld", r->now + 1000 * pick(r, 5));
    return number;
  case 'r':
    snprintf(number, 24, "%d", pick(r, 9) - 1);
    return number;
  case 'w':
    snprintf(number, 24, "%lld", r->now += 1000);
    return number;
  case 'b':
    return pick(r, 2) ? "1" : "0";
  default:
    snprintf(number, 24, "%d", 1 + pick(r, 8));
    return number;
  }
}

static void expand(run *r, const char *form, char *sql, size_t size) {
  size_t length = 0;
  char number[24];
  for (const char *from = form; *from != 0 && length + 1 < size; from++) {
    if (*from != '$') {
      sql[length++] = *from;
      continue;
    }
    int more = snprintf(sql + length, size - length, "%s", word(r, *++from, number));
    length += (size_t)more;
  }
  sql[length] = 0;
}

static int step_on(run *r, sqlite3 *db, const char *form) {
  char sql[900], *error = NULL;
  expand(r, form, sql, sizeof sql);
  int code = sqlite3_exec(db, sql, NULL, NULL, &error);
  snprintf(r->log[r->logged++ % REMEMBERED], sizeof r->log[0], "%s%.200s%s%.80s",
           db == r->plain ? "plain: " : "", sql, code == SQLITE_OK ? "" : "   -- ",
           code == SQLITE_OK ? "" : error);
  sqlite3_free(error);
  r->by_plain += db == r->plain && code == SQLITE_OK;
  return code;
}

#define COUNT(list)       ((int)(sizeof list / sizeof list[0]))
#define STEP_OF(db, list) step_on(r, db, list[pick(r, COUNT(list))])

/* A callback that writes what it is told of, from inside of the write: only where it is not told of itself. */
static void react(sqlite3_context *context, int count, sqlite3_value **arguments) {
  static int depth;
  (void)count;
  const char *key = (const char *)sqlite3_value_text(arguments[2]);
  if (depth > 0 || key == NULL || strcmp(key, "m") != 0) return;
  depth++;
  char *sql = sqlite3_mprintf("UPDATE kv SET value = 'reacted' WHERE grp = %Q AND key = 'm'",
                              sqlite3_value_text(arguments[1]));
  sqlite3_exec(sqlite3_context_db_handle(context), sql, NULL, NULL, NULL);
  sqlite3_free(sql);
  depth--;
}

static void step(run *r) {
  int kind = pick(r, 100);
  char now[64];
  if (kind < 40) {
    STEP_OF(r->db, calls);
  } else if (kind < 60) {
    STEP_OF(r->db, plain_sql);
  } else if (kind < 75) {
    STEP_OF(r->plain, plain_sql);
  } else if (kind < 84) {
    STEP_OF(r->db, transactions);
  } else if (kind < 88) {
    STEP_OF(r->plain, transactions);
  } else if (kind < 94) {
    STEP_OF(r->db, hosts);
  } else if (kind < 96 && r->has_evict) {
    step_on(r, r->db, "SELECT kv_quota('ns', $n, 3, 30000, 'evict')");
  } else {
    r->now += 1000 * pick(r, 4);
    snprintf(now, sizeof now, "SELECT kv_config('now', %lld)", r->now);
    step_on(r, r->db, now);
  }
}

/* ---- the follower ---------------------------------------------------------------------------- */

static sqlite3_stmt *prepare(sqlite3 *db, const char *sql) {
  sqlite3_stmt *statement = NULL;
  host_require(sqlite3_prepare_v2(db, sql, -1, &statement, NULL) == SQLITE_OK, sql);
  return statement;
}

static long long ask(sqlite3 *db, const char *sql) {
  sqlite3_stmt *statement = prepare(db, sql);
  long long answer =
      sqlite3_step(statement) == SQLITE_ROW ? sqlite3_column_int64(statement, 0) : -1;
  sqlite3_finalize(statement);
  return answer;
}

static int fail(run *r, const char *what) {
  int first = r->logged > REMEMBERED ? r->logged - REMEMBERED : 0;
  for (int i = first; i < r->logged; i++) printf("  %s\n", r->log[i % REMEMBERED]);
  printf("  FAILED: %s\n", what);
  return 0;
}

static void replay(run *r, sqlite3_stmt *row, const char *sql, int values) {
  sqlite3_stmt *statement = prepare(r->follower, sql);
  for (int i = 0; i < values; i++) {
    sqlite3_bind_value(statement, i + 1, sqlite3_column_value(row, 2 + i));
  }
  host_require(sqlite3_step(statement) == SQLITE_DONE, sql);
  sqlite3_finalize(statement);
}

/* Reads on from where it was: 0 if the log is not as it should be. */
static int read_on(run *r) {
  sqlite3_stmt *rows = prepare(r->follower, "SELECT seq, type, grp, key, value, expires_at "
                                            "FROM kv_log WHERE seq > ?1 ORDER BY seq");
  int is_right = 1;
  sqlite3_bind_int64(rows, 1, r->seen);
  while (sqlite3_step(rows) == SQLITE_ROW) {
    const char *type = (const char *)sqlite3_column_text(rows, 1);
    is_right = is_right && sqlite3_column_int64(rows, 0) > r->seen;
    r->seen = sqlite3_column_int64(rows, 0);
    r->changes++;
    if (strcmp(type, "resync") == 0) {
      r->resyncs++;
      host_run(
          r->follower,
          "DELETE FROM copy; INSERT INTO copy SELECT grp, key, value, expires_at FROM main.kv");
    } else if (strcmp(type, "set") == 0) {
      replay(r, rows, "REPLACE INTO copy VALUES (?1, ?2, ?3, ?4)", 4);
    } else {
      is_right = is_right && (strcmp(type, "delete") == 0 || strcmp(type, "expire") == 0);
      replay(r, rows, "DELETE FROM copy WHERE grp = ?1 AND key = ?2", 2);
    }
  }
  sqlite3_finalize(rows);
  return is_right;
}

static const char differences[] =
    "WITH c AS (SELECT grp, key, value, typeof(value), expires_at FROM copy),"
    "     t AS (SELECT grp, key, value, typeof(value), expires_at FROM main.kv) "
    "SELECT (SELECT count(*) FROM (SELECT * FROM t EXCEPT SELECT * FROM c))"
    "     + (SELECT count(*) FROM (SELECT * FROM c EXCEPT SELECT * FROM t))";

static const char which[] =
    "WITH c AS (SELECT grp, key, substr(value, 1, 20), typeof(value), expires_at FROM copy),"
    "     t AS (SELECT grp, key, substr(value, 1, 20), typeof(value), expires_at FROM main.kv) "
    "SELECT 'only in the table:', * FROM (SELECT * FROM t EXCEPT SELECT * FROM c) UNION ALL "
    "SELECT 'only in the copy:', * FROM (SELECT * FROM c EXCEPT SELECT * FROM t)";

static const char is_bounded[] =
    "SELECT (SELECT type = 'resync' FROM kv_log ORDER BY seq LIMIT 1)"
    "   AND (SELECT count(*) FROM kv_log) <= (SELECT at_most + 257 FROM kv_log_settings)"
    "   AND (SELECT now IS NULL FROM kv_log_settings)";

static int follow(run *r) {
  if (!sqlite3_get_autocommit(r->db) || !sqlite3_get_autocommit(r->plain)) return 1;
  if (host_run(r->follower, "BEGIN; SELECT 1 FROM kv_log LIMIT 1") != SQLITE_OK) {
    host_run(r->follower, "ROLLBACK"); /* the log was dropped: the next call brings it back */
    return 1;
  }
  int is_right = read_on(r) || fail(r, "the log is out of order");
  if (is_right && ask(r->follower, differences) != 0)
    is_right = fail(r, host_answer(r->follower, which));
  if (is_right && ask(r->follower, is_bounded) != 1) is_right = fail(r, "the log is not bounded");
  host_run(r->follower, "COMMIT");
  r->checks++;
  return is_right;
}

/* ---- runs ------------------------------------------------------------------------------------ */

static int run_once(run *r) {
  r->now = 1700000000000;
  r->seen = 0;
  r->logged = 0;
  host_remove("feed.db");
  r->db = host_open(host_file("feed.db"));
  if (pick(r, 3) == 0) step_on(r, r->db, "PRAGMA encoding = 'UTF-16'");
  if (pick(r, 2)) step_on(r, r->db, "PRAGMA journal_mode = WAL");
  step_on(r, r->db, "PRAGMA synchronous = OFF");
  step_on(r, r->db, "SELECT kv_config('now', $w), kv_set('g', 'before', 1)");
  step_on(r, r->db, "SELECT kv_feed($n * 20, $n * 100 + 160)");
  sqlite3_create_function(r->db, "react", -1, SQLITE_UTF8, NULL, react, NULL, NULL);
  r->has_evict = host_run(r->db, "BEGIN; SELECT kv_quota('ns', 9, 9, 9999, 'evict')") == SQLITE_OK;
  host_run(r->db, "ROLLBACK");
  r->plain = host_open_plain(host_file("feed.db"), SQLITE_OPEN_READWRITE);
  r->follower = host_open_plain(host_file("feed.db"), SQLITE_OPEN_READWRITE);
  host_run(r->plain, "PRAGMA synchronous = OFF");
  host_run(r->follower,
           "PRAGMA temp_store = MEMORY;"
           "CREATE TEMP TABLE copy(grp, key, value, expires_at, PRIMARY KEY(grp, key))");
  int is_right = 1, lazy = pick(r, 20);
  for (int i = 0; i < STEPS_OF_A_RUN && is_right; i++) {
    step(r);
    if (pick(r, 20) >= lazy) is_right = follow(r);
  }
  host_run(r->db, "ROLLBACK");
  host_run(r->plain, "ROLLBACK");
  is_right = is_right && follow(r);
  host_close(r->follower);
  host_close(r->plain);
  host_close(r->db);
  return is_right;
}

int main(int argc, char **argv) {
  long long steps = argc > 1 ? atoll(argv[1]) : QUICK_STEPS;
  unsigned seed = argc > 2 ? (unsigned)atoi(argv[2]) : (unsigned)time(NULL);
  sqlite3 *keeps_library = host_open(":memory:");
  run r = {.random = seed};
  int is_right = 1;
  for (long long done = 0; done < steps && is_right; done += STEPS_OF_A_RUN) {
    unsigned before = r.random;
    is_right = run_once(&r);
    if (!is_right) printf("seed %u\n", before);
  }
  printf("seed %u: %lld checks of a copy, %lld changes replayed, %lld resyncs, %lld writes without "
         "the "
         "extension\n",
         seed, r.checks, r.changes, r.resyncs, r.by_plain);
  CHECK("the copy that is kept by the log is the table", is_right);
  CHECK("there was something to follow", r.changes > 5 * r.resyncs && r.resyncs > 0);
  host_close(keeps_library);
  return host_end();
}
