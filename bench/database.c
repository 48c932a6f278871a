/* SQLite, as every family of work needs it. See bench.h. */
#include "bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

const char *const place_names[PLACES] = {"memory", "WAL, synchronous NORMAL",
                                         "WAL, synchronous FULL"};

static const char *const creations[] = {
    [WITH_KV] = "SELECT kv_set('g', 'k', 1), kv_delete('g', 'k')",
    [BY_HAND] = ("CREATE TABLE kv(grp TEXT NOT NULL, key TEXT NOT NULL, value NOT NULL, "
                 "expires_at INTEGER, PRIMARY KEY(grp, key));"
                 "CREATE INDEX kv_expiry ON kv(expires_at, grp) WHERE expires_at IS NOT NULL"),
    [GO_STORE] = ("CREATE TABLE kv(grp TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL, "
                  "expires_at INTEGER, PRIMARY KEY(grp, key))"),
};

static const char *const pragmas[PLACES] = {
    "", "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL",
    "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL"};

_Noreturn void fail(const char *what, const char *why) {
  fprintf(stderr, "bench: %s: %s\n", what, why);
  exit(1);
}

sqlite3_int64 clock_ms(void) {
  struct timespec time;
  clock_gettime(CLOCK_REALTIME, &time);
  return (sqlite3_int64)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

void path_of(const char *name, char path[static 256]) {
  snprintf(path, 256, "%s/%s.db", BENCH_DIRECTORY, name);
}

void remove_database(const char *name) {
  static const char *const endings[] = {"", "-wal", "-shm", "-lock"};
  char path[256], file[272];
  path_of(name, path);
  for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++) {
    snprintf(file, sizeof file, "%s%s", path, endings[i]);
    remove(file);
  }
}

sqlite3 *open_again(enum place place, const char *name, enum flavour flavour) {
  sqlite3 *db;
  char path[256], *message = NULL;
  path_of(name, path);
  if (sqlite3_open(place == IN_MEMORY ? ":memory:" : path, &db) != SQLITE_OK) {
    fail(path, sqlite3_errmsg(db));
  }
  sqlite3_busy_timeout(db, 60000);
  sqlite3_enable_load_extension(db, 1);
  if (flavour == WITH_KV && sqlite3_load_extension(db, KV_LIBRARY, NULL, &message) != SQLITE_OK) {
    fail(KV_LIBRARY, message);
  }
  run_sql(db, pragmas[place]);
  return db;
}

void create_table(sqlite3 *db, enum flavour flavour) {
  run_sql(db, creations[flavour]);
}

sqlite3 *open_database(enum place place, const char *name, enum flavour flavour) {
  if (place != IN_MEMORY) remove_database(name);
  sqlite3 *db = open_again(place, name, flavour);
  create_table(db, flavour);
  return db;
}

void close_database(sqlite3 *db, const char *name) {
  if (sqlite3_close(db) != SQLITE_OK) fail("close", sqlite3_errmsg(db));
  if (name != NULL) remove_database(name);
}

void run_sql(sqlite3 *db, const char *sql) {
  if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK) fail(sql, sqlite3_errmsg(db));
}

void run_made(sqlite3 *db, char *sql) {
  run_sql(db, sql);
  sqlite3_free(sql);
}

sqlite3_stmt *prepare(sqlite3 *db, const char *sql) {
  sqlite3_stmt *statement;
  if (sqlite3_prepare_v2(db, sql, -1, &statement, NULL) != SQLITE_OK) fail(sql, sqlite3_errmsg(db));
  return statement;
}

long step_all(sqlite3 *db, sqlite3_stmt *statement) {
  long rows = 0;
  int code;
  int columns = sqlite3_column_count(statement);
  while ((code = sqlite3_step(statement)) == SQLITE_ROW) {
    for (int i = 0; i < columns; i++) {
      if (sqlite3_column_type(statement, i) == SQLITE_TEXT) (void)sqlite3_column_text(statement, i);
    }
    rows++;
  }
  if (code != SQLITE_DONE) fail(sqlite3_sql(statement), sqlite3_errmsg(db));
  sqlite3_reset(statement);
  return rows;
}

int is_built(sqlite3 *db, const char *what, const char *sql) {
  sqlite3_stmt *statement = NULL;
  int is_there = sqlite3_prepare_v2(db, sql, -1, &statement, NULL) == SQLITE_OK;
  sqlite3_finalize(statement);
  if (!is_there) tell_skipped(what, "not built");
  return is_there;
}

sqlite3_int64 ask_integer(sqlite3 *db, const char *sql) {
  sqlite3_stmt *statement = prepare(db, sql);
  sqlite3_int64 answer =
      sqlite3_step(statement) == SQLITE_ROW ? sqlite3_column_int64(statement, 0) : 0;
  sqlite3_finalize(statement);
  return answer;
}

void fill(sqlite3 *db, const char *group, long count, const char *value, int length) {
  sqlite3_stmt *statement = prepare(
      db, "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < ?2) "
          "INSERT OR REPLACE INTO kv(grp, key, value) "
          "SELECT ?1, printf('key-%08d', i), ?3 FROM n");
  sqlite3_bind_text(statement, 1, group, -1, SQLITE_STATIC);
  sqlite3_bind_int64(statement, 2, count);
  sqlite3_bind_text(statement, 3, value, length, SQLITE_STATIC);
  step_all(db, statement);
  sqlite3_finalize(statement);
}

void run_query(void *pointer, long count) {
  struct query *query = pointer;
  query->has_clock = strstr(query->sql, "?1") != NULL;
  for (long i = 0; i < count; i++) {
    if (query->statement == NULL) query->statement = prepare(query->db, query->sql);
    if (query->has_clock) sqlite3_bind_int64(query->statement, 1, clock_ms());
    step_all(query->db, query->statement);
    if (query->is_text) {
      sqlite3_finalize(query->statement);
      query->statement = NULL;
    }
  }
}
