/*
** The fuzzer's target: a byte string as a sequence of calls, with arguments of every type, in one
** connection, over a file whose schema may lie. The first byte chooses the schema; then each call
** is one byte for the statement, and one or more for each of its parameters.
*/
#include "kv.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

#define TABLE(columns)                                                                             \
  "CREATE TABLE kv(grp TEXT NOT NULL, key TEXT NOT NULL, value NOT NULL, expires_at INTEGER, "     \
  "PRIMARY KEY(grp, key)" columns ");"
#define LENGTH(array) (sizeof(array) / sizeof(array)[0])

static const char *const schemas[] = {
    "",
    "CREATE VIEW kv AS SELECT 'g' AS grp, 'k' AS key, 1 AS value, NULL AS expires_at",
    "CREATE VIRTUAL TABLE kv USING fts5(grp, key, value, expires_at)",
    TABLE("") "CREATE TRIGGER t AFTER INSERT ON kv BEGIN DELETE FROM kv; END",
    TABLE("") "CREATE TRIGGER t BEFORE INSERT ON kv BEGIN SELECT kv_set(new.grp, new.key, 1); END",
    TABLE("") "CREATE TRIGGER t AFTER DELETE ON kv BEGIN SELECT kv_load(old.grp, '{\"a\":1}'); END",
    TABLE("") "CREATE TRIGGER t BEFORE UPDATE ON kv BEGIN SELECT RAISE(IGNORE); END",
    TABLE(", CHECK(length(key) < 2)"),
    "CREATE TABLE kv(grp, key, value, expires_at AS (1), extra)",
    "CREATE TABLE kv_quota(x); CREATE TABLE kv_quota_clock(y)",
    "CREATE TABLE kv(grp TEXT NOT NULL, key TEXT NOT NULL, value TEXT, PRIMARY KEY(grp, key))",
    "CREATE VIEW v AS SELECT kv_get('g', 'k') AS x; CREATE VIEW kv_quota AS SELECT 1",
};

static const char *const calls[] = {
    "SELECT kv_get(?1, ?2, ?3)",
    "SELECT kv_require(?1, ?2)",
    "SELECT kv_exists(?1, ?2)",
    "SELECT kv_ttl(?1, ?2)",
    "SELECT kv_render(?1, ?2, ?3)",
    "SELECT kv_count(?1)",
    "SELECT kv_count_all(?1)",
    "SELECT kv_set(?1, ?2, ?3)",
    "SELECT kv_set(?1, ?2, ?3, ?4)",
    "SELECT kv_setnx(?1, ?2, ?3, ?4)",
    "SELECT kv_cas(?1, ?2, ?3, ?4)",
    "SELECT kv_incr(?1, ?2, ?3)",
    "SELECT kv_expire(?1, ?2, ?3)",
    "SELECT kv_persist(?1, ?2)",
    "SELECT kv_getdel(?1, ?2)",
    "SELECT kv_load(?1, ?2, ?3)",
    "SELECT kv_delete(?1, ?2)",
    "SELECT kv_delete_group(?1)",
    "SELECT kv_delete_prefix(?1)",
    "SELECT kv_purge(?1)",
    "SELECT kv_scope(?1)",
    "SELECT kv_quota(?1, ?2, ?3)",
    "SELECT kv_purge_every(?1)",
    "SELECT kv_watch(?1, ?2, ?3)",
    "SELECT kv_unwatch(?1)",
    "SELECT kv_on_change(?1)",
    "SELECT kv_off_change(?1)",
    "SELECT kv_interface(?1)",
    "SELECT kv_config(?1, ?2)",
    "SELECT kv_version()",
    "SELECT * FROM kv_groups(?1)",
    "SELECT * FROM kv_entries(?1) WHERE key >= ?2",
    "INSERT OR REPLACE INTO kv_entries(grp, key, value, ttl) VALUES(?1, ?2, ?3, ?4)",
    "UPDATE kv_entries SET value = ?1, key = ?2 WHERE grp = ?3",
    "DELETE FROM kv_entries WHERE grp = ?1",
    "SELECT * FROM kv_split(?1, ?2, ?3)",
    "SELECT * FROM kv_fields(?1, ?2)",
    "SELECT * FROM kv_events(?1)",
    "SELECT * FROM kv_watchers",
    "SELECT * FROM kv_quotas",
    "BEGIN",
    "COMMIT",
    "ROLLBACK",
    "SAVEPOINT s",
    "ROLLBACK TO s",
    "RELEASE s",
    "INSERT INTO kv SELECT ?1, ?2, kv_set(?1, ?3, ?4), NULL",
    "SELECT kv_export(?1)",
    "SELECT kv_import(?1, ?2)",
    "SELECT kv_import(kv_export(), ?1)",
    "UPDATE kv SET value = ?1, expires_at = ?2 WHERE grp = ?3",
    "DELETE FROM kv",
};

static const char *const words[] = {"g",
                                    "k",
                                    "",
                                    "t:g",
                                    "t",
                                    "*",
                                    "1h",
                                    "-1s",
                                    "now",
                                    "update_hook",
                                    "{\"a\":1,\"b\":[2]}",
                                    "{{range $k, $v := .}}{{$k}}{{$v}}{{end}}",
                                    "9223372036854775807",
                                    "missingkey=error",
                                    "\xff\xfe",
                                    "\xed\xa0\x80",
                                    "heard",
                                    "{\"kv\":1,\"groups\":{\"g\":{\"k\":{\"blob\":\"00\"}}}}"};
static const sqlite3_int64 integers[] = {0, 1, -1, 2, INT64_MAX, INT64_MIN, 100, INT32_MAX};

typedef struct input {
  const unsigned char *next, *end;
} input;

static unsigned take(input *in) {
  return in->next < in->end ? *in->next++ : 0;
}

static void bind_bytes(sqlite3_stmt *statement, int parameter, input *in, int is_text) {
  int length = (int)(take(in) % 64), left = (int)(in->end - in->next);
  const char *bytes = (const char *)in->next;
  if (length > left) length = left;
  in->next += length;
  if (is_text) {
    sqlite3_bind_text(statement, parameter, bytes, length, SQLITE_TRANSIENT);
  } else {
    sqlite3_bind_blob(statement, parameter, bytes, length, SQLITE_TRANSIENT);
  }
}

static void bind(sqlite3_stmt *statement, int parameter, input *in) {
  const double reals[] = {0.5, -0.0, INFINITY, -INFINITY, NAN, 1e308, 9.3e18, 1e-320};
  unsigned kind = take(in), index = kind / 8;
  switch (kind % 8) {
  case 0:
    break; /* NULL */
  case 1:
    sqlite3_bind_int64(statement, parameter, integers[index % LENGTH(integers)]);
    break;
  case 2:
    sqlite3_bind_double(statement, parameter, reals[index % LENGTH(reals)]);
    break;
  case 3:
    bind_bytes(statement, parameter, in, 1);
    break;
  case 4:
    bind_bytes(statement, parameter, in, 0);
    break;
  case 5:
    sqlite3_bind_zeroblob(statement, parameter, (int)index * 40000);
    break;
  default:
    sqlite3_bind_text(statement, parameter, words[index % LENGTH(words)], -1, SQLITE_STATIC);
  }
}

static void call(sqlite3 *db, input *in) {
  sqlite3_stmt *statement;
  const char *sql = calls[take(in) % LENGTH(calls)];
  if (sqlite3_prepare_v2(db, sql, -1, &statement, NULL) != SQLITE_OK) return;
  for (int i = 1; i <= sqlite3_bind_parameter_count(statement); i++) bind(statement, i, in);
  for (int rows = 0; rows < 100 && sqlite3_step(statement) == SQLITE_ROW; rows++) continue;
  sqlite3_finalize(statement);
}

/* A trigger or a template may go on for ever: a host would interrupt. */
static int is_too_long(void *count) {
  return ++*(int *)count > 2000;
}

static int is_not_ok(void *unused, int columns, char **values, char **names) {
  (void)unused, (void)columns, (void)names;
  if (strcmp(values[0], "ok") != 0) abort();
  return 0;
}

/* An SQL callback: it writes too, and now and then it fails. */
static void heard(sqlite3_context *context, int count, sqlite3_value **arguments) {
  sqlite3 *db = sqlite3_context_db_handle(context);
  (void)count;
  sqlite3_exec(db, "SELECT kv_incr('heard', 'n')", NULL, NULL, NULL);
  if (sqlite3_value_bytes(arguments[2]) % 7 == 6) sqlite3_result_error(context, "enough", -1);
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size) {
  input in = {data, data + size};
  int asked = 0;
  sqlite3 *db;
  if (sqlite3_open(":memory:", &db) != SQLITE_OK) abort();
  sqlite3_limit(db, SQLITE_LIMIT_LENGTH, 1 << 20);
  if (sqlite3_kv_init(db, NULL, NULL) != SQLITE_OK) abort();
  sqlite3_create_function(db, "heard", 5, SQLITE_UTF8, NULL, heard, NULL, NULL);
  unsigned schema = take(&in) % LENGTH(schemas);
  sqlite3_exec(db, schemas[schema], NULL, NULL, NULL);
  sqlite3_progress_handler(db, 1000, is_too_long, &asked);
  for (int i = 0; i < 40 && in.next < in.end; i++) call(db, &in);
  sqlite3_progress_handler(db, 0, NULL, NULL);
  if (!sqlite3_get_autocommit(db)) sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
  /* A CHECK or a NOT NULL cannot be passed through a call, so nothing has to be left out. */
  sqlite3_exec(db, "PRAGMA integrity_check", is_not_ok, NULL, NULL);
  if (sqlite3_close(db) != SQLITE_OK) abort();
  if (sqlite3_memory_used() != 0) abort();
  return 0;
}
