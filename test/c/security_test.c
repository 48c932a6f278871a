/*
** What SQLite's own defences do with this extension loaded, and what a hostile schema or template
** can and cannot do.
*/
#include "host.h"

static const char store[] =
    "SELECT kv_set('g', 'a', 1), kv_set('g', 'b', 'two', 3600), kv_quota('q', 3, 3)";

static sqlite3 *open_store(void) {
  sqlite3 *db = host_open(":memory:");
  host_require(host_run(db, store) == SQLITE_OK, "a store");
  return db;
}

static void check_unchanged(sqlite3 *db) {
  CHECK_ANSWER("nothing was changed", db,
               "SELECT kv_get('g', 'a'), kv_get('g', 'b'), kv_count_all()", "1|two|2");
  CHECK_ANSWER("the file is sound", db, "PRAGMA integrity_check", "ok");
}

/* ---- the authorizer -------------------------------------------------------------------------- */

typedef struct ban {
  int action;
  const char *name;
} ban;

static int deny(void *pointer, int action, const char *first, const char *second,
                const char *schema, const char *trigger) {
  const ban *banned = pointer;
  (void)schema, (void)trigger;
  const char *name = action == SQLITE_FUNCTION ? second : first;
  int is_banned = action == banned->action && (name == NULL || strcmp(name, banned->name) == 0);
  return is_banned ? SQLITE_DENY : SQLITE_OK;
}

/* kv's own statements are the host's: what it forbids on the table is forbidden to the calls. */
static void an_authorizer_is_obeyed(int action, const char *name, const char *sql) {
  sqlite3 *db = host_open(host_file("auth.db"));
  host_run(db, store);
  CHECK_CLOSES("made", db);
  db = host_open(host_file("auth.db"));
  ban banned = {action, name};
  sqlite3_set_authorizer(db, deny, &banned);
  CHECK_INTEGER(sql, SQLITE_AUTH, host_run(db, sql) & 0xff);
  sqlite3_set_authorizer(db, NULL, NULL);
  check_unchanged(db);
  CHECK_CLOSES("the close succeeds", db);
  host_remove("auth.db");
}

static void authorizers_are_obeyed(void) {
  an_authorizer_is_obeyed(SQLITE_INSERT, "kv", "SELECT kv_set('g', 'a', 2)");
  an_authorizer_is_obeyed(SQLITE_UPDATE, "kv", "SELECT kv_expire('g', 'a', 5)");
  an_authorizer_is_obeyed(SQLITE_DELETE, "kv", "SELECT kv_delete('g', 'a')");
  an_authorizer_is_obeyed(SQLITE_READ, "kv", "SELECT kv_get('g', 'a')");
  an_authorizer_is_obeyed(SQLITE_READ, "kv", "SELECT * FROM kv_entries");
  an_authorizer_is_obeyed(SQLITE_INSERT, "kv", "SELECT kv_load('g', '{\"a\":2,\"c\":3}')");
  an_authorizer_is_obeyed(SQLITE_INSERT, "kv",
                          "SELECT kv_import('{\"kv\":1,\"groups\":{\"g\":{\"a\":2}}}')");
  an_authorizer_is_obeyed(SQLITE_SELECT, "", "SELECT kv_set('g', 'a', 2)");
}

static void functions_can_be_forbidden(void) {
  sqlite3 *db = open_store();
  ban banned = {SQLITE_FUNCTION, "kv_delete_prefix"};
  sqlite3_set_authorizer(db, deny, &banned);
  CHECK_INTEGER("a forbidden function", SQLITE_ERROR, host_run(db, "SELECT kv_delete_prefix('')"));
  CHECK_ANSWER("leaves the others", db, "SELECT kv_exists('g', 'a')", "1");
  sqlite3_set_authorizer(db, NULL, NULL);
  check_unchanged(db);
  CHECK_CLOSES("the close succeeds", db);
}

/* ---- limits ---------------------------------------------------------------------------------- */

static const char *const calls[] = {
    "SELECT kv_set('g', 'c', 3, 60)",
    "SELECT kv_get('g', 'a')",
    "SELECT kv_incr('g', 'a')",
    "SELECT kv_cas('g', 'a', 1, 2)",
    "SELECT kv_load('l', '{\"a\":1,\"b\":2}')",
    "SELECT kv_count_all(), kv_purge()",
    "SELECT kv_render('{{ range . }}{{ . }}{{ end }}', 'g')",
    "SELECT kv_export()",
    "SELECT kv_import('{\"kv\":1,\"groups\":{\"g\":{\"a\":2}}}')",
    "SELECT kv_quota('r', 5, 5)",
    "SELECT kv_watch('g')",
    "SELECT count(*) FROM kv_events",
    "SELECT name, keys FROM kv_groups",
    "SELECT key, value FROM kv_entries WHERE grp = 'g'",
    "SELECT part FROM kv_split('g', 'b', 'w')",
    "SELECT * FROM kv_quotas",
    "INSERT OR REPLACE INTO kv_entries(grp, key, value) VALUES ('e', 1, 2)",
    "DELETE FROM kv_entries WHERE grp = 'e'",
};

/* Under a low limit a call works or is an error; it never does half, and all is well afterwards. */
static void a_limit_breaks_nothing(int limit, int value) {
  for (size_t i = 0; i < sizeof calls / sizeof calls[0]; i++) {
    sqlite3 *db = open_store();
    int before = sqlite3_limit(db, limit, value);
    const char *answer = host_answer(db, calls[i]);
    int is_error = strncmp(answer, "error", 5) == 0;
    sqlite3_limit(db, limit, before);
    if (is_error) check_unchanged(db);
    CHECK_ANSWER("the file is sound", db, "PRAGMA integrity_check", "ok");
    CHECK_ANSWER("calls work", db, "SELECT kv_set('z', 'z', 5), kv_get('z', 'z')", "5|5");
    CHECK_CLOSES("the close succeeds", db);
  }
}

static void limits_are_obeyed(void) {
  static const struct {
    int limit, value;
  } limits[] = {{SQLITE_LIMIT_LENGTH, 60},
                {SQLITE_LIMIT_SQL_LENGTH, 120},
                {SQLITE_LIMIT_COLUMN, 3},
                {SQLITE_LIMIT_EXPR_DEPTH, 3},
                {SQLITE_LIMIT_COMPOUND_SELECT, 1},
                {SQLITE_LIMIT_VDBE_OP, 20},
                {SQLITE_LIMIT_FUNCTION_ARG, 2},
                {SQLITE_LIMIT_ATTACHED, 0},
                {SQLITE_LIMIT_VARIABLE_NUMBER, 2},
                {SQLITE_LIMIT_TRIGGER_DEPTH, 1},
                {SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 1},
                {SQLITE_LIMIT_WORKER_THREADS, 0}};
  for (size_t i = 0; i < sizeof limits / sizeof limits[0]; i++) {
    a_limit_breaks_nothing(limits[i].limit, limits[i].value);
  }
}

/* ---- modes of the connection ----------------------------------------------------------------- */

static void defensive_mode_changes_nothing(void) {
  sqlite3 *db = host_open(":memory:");
  sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
  CHECK_RUNS("a store is created in defensive mode", db, store);
  check_unchanged(db);
  for (size_t i = 0; i < sizeof calls / sizeof calls[0]; i++) CHECK_RUNS(calls[i], db, calls[i]);
  CHECK_CLOSES("the close succeeds", db);
}

static void read_only_connections_read(void) {
  sqlite3 *db = host_open(host_file("ro.db"));
  host_run(db, store);
  CHECK_CLOSES("made", db);
  db = host_open_plain(host_file("ro.db"), SQLITE_OPEN_READONLY);
  host_require(host_load(db) == SQLITE_OK, "the extension");
  check_unchanged(db);
  CHECK_INTEGER("a write is SQLITE_READONLY", SQLITE_READONLY,
                host_run(db, "SELECT kv_set('g', 'a', 2)") & 0xff);
  CHECK_CLOSES("the close succeeds", db);
}

/* ---- hostile schemas ------------------------------------------------------------------------- */

/* The functions that reach beyond rows are not for schemas, whatever the pragmas say. */
static void schemas_cannot_call_what_changes_the_connection(void) {
  static const char *const forbidden[] = {
      "kv_config('update_hook', 0)", "kv_purge_every(1)",   "kv_on_change('abs')",
      "kv_scope('other')",           "kv_quota('q', 0, 0)",
  };
  for (size_t i = 0; i < sizeof forbidden / sizeof forbidden[0]; i++) {
    sqlite3 *db = open_store();
    char *sql = sqlite3_mprintf(
        "PRAGMA trusted_schema = 1; CREATE VIEW v AS SELECT %s; SELECT * FROM v", forbidden[i]);
    CHECK_INTEGER(forbidden[i], SQLITE_ERROR, host_run(db, sql));
    sqlite3_free(sql);
    sql = sqlite3_mprintf("CREATE TRIGGER t AFTER INSERT ON kv BEGIN SELECT %s; END;"
                          "SELECT kv_set('g', 'c', 1)",
                          forbidden[i]);
    CHECK_INTEGER("nor from a trigger", SQLITE_ERROR, host_run(db, sql));
    sqlite3_free(sql);
    check_unchanged(db);
    CHECK_CLOSES("the close succeeds", db);
  }
}

static void untrusted_schemas_call_nothing(void) {
  sqlite3 *db = open_store();
  CHECK_RUNS("a view calls kv", db,
             "CREATE VIEW v AS SELECT kv_set('g', 'a', 9); PRAGMA trusted_schema = 0");
  CHECK_INTEGER("but not if the schema is not trusted", SQLITE_ERROR,
                host_run(db, "SELECT * FROM v"));
  CHECK_RUNS("nor does a trigger", db,
             "CREATE TRIGGER t AFTER UPDATE ON kv BEGIN SELECT kv_delete_prefix(''); END");
  CHECK_INTEGER("which is an error of the write", SQLITE_ERROR,
                host_run(db, "SELECT kv_set('g', 'a', 9)"));
  check_unchanged(db);
  CHECK_CLOSES("the close succeeds", db);
}

/* What is called kv and is no store is neither read nor written. */
static void a_false_table_is_left_alone(const char *schema) {
  sqlite3 *db = host_open(":memory:");
  CHECK_RUNS(schema, db, schema);
  static const char all[] = "SELECT group_concat(sql) FROM sqlite_schema";
  char *before = sqlite3_mprintf("%s", host_answer(db, all));
  for (size_t i = 0; i < sizeof calls / sizeof calls[0]; i++) {
    const char *answer = host_answer(db, calls[i]);
    int is_refused = strncmp(answer, "error", 5) == 0;
    int is_blind = strstr(calls[i], "kv_events") != NULL || strstr(calls[i], "kv_quotas") != NULL;
    CHECK(calls[i], is_refused || is_blind);
  }
  CHECK_ANSWER("it is as it was", db, all, before);
  sqlite3_free(before);
  CHECK_CLOSES("the close succeeds", db);
}

/* A trigger that calls for itself is an error, not a crash: depth and all. */
static void endless_triggers_end(void) {
  sqlite3 *db = open_store();
  CHECK_RUNS(
      "a trigger that fires itself through kv_set", db,
      "PRAGMA recursive_triggers = 1;"
      "CREATE TRIGGER t AFTER UPDATE ON kv BEGIN SELECT kv_set('g', 'a', NEW.value + 1); END");
  CHECK_INTEGER("is an error", SQLITE_ERROR, host_run(db, "SELECT kv_set('g', 'a', 5)") & 0xff);
  check_unchanged(db);
  CHECK_CLOSES("the close succeeds", db);
}

/* ---- hostile templates ----------------------------------------------------------------------- */

static void check_template(const char *title, sqlite3 *db, const char *template, int code) {
  char *sql = sqlite3_mprintf("SELECT length(kv_render(%Q, 'g'))", template);
  CHECK_INTEGER(title, code, host_run(db, sql) & 0xff);
  sqlite3_free(sql);
}

static int interrupt_soon(void *calls_left) {
  return --*(int *)calls_left < 0;
}

static void templates_are_bounded(void) {
  sqlite3 *db = open_store();
  int calls_left = 1000;
  sqlite3_limit(db, SQLITE_LIMIT_LENGTH, 100000);
  check_template("output", db, "{{ printf \"%99999d%99999d\" 1 2 }}", SQLITE_TOOBIG);
  check_template("a value that doubles", db,
                 "{{ define \"x\" }}{{ $y := print . . }}{{ template \"x\" $y }}{{ end }}"
                 "{{ template \"x\" \"0123456789\" }}",
                 SQLITE_ERROR);
  check_template("depth", db, "{{ define \"x\" }}{{ template \"x\" }}{{ end }}{{ template \"x\" }}",
                 SQLITE_ERROR);
  sqlite3_progress_handler(db, 1, interrupt_soon, &calls_left);
  check_template("time", db, "{{ range 9000000000000000000 }}{{ end }}", SQLITE_INTERRUPT);
  sqlite3_progress_handler(db, 0, NULL, NULL);
  char *deep = sqlite3_mprintf("%.*c", 90000, '(');
  char *nested = sqlite3_mprintf("{{ %s 1 }}", deep);
  check_template("parentheses", db, nested, SQLITE_ERROR);
  sqlite3_free(nested);
  sqlite3_free(deep);
  sqlite3_limit(db, SQLITE_LIMIT_LENGTH, 1000000);
  check_unchanged(db);
  CHECK_CLOSES("the close succeeds", db);
}

int main(void) {
  authorizers_are_obeyed();
  functions_can_be_forbidden();
  limits_are_obeyed();
  defensive_mode_changes_nothing();
  read_only_connections_read();
  schemas_cannot_call_what_changes_the_connection();
  untrusted_schemas_call_nothing();
  a_false_table_is_left_alone(
      "CREATE VIEW kv AS SELECT 'g' AS grp, 'a' AS key, 1 AS value, NULL AS expires_at");
  a_false_table_is_left_alone("CREATE TABLE kv(grp, key, value, expires_at, more)");
  a_false_table_is_left_alone("CREATE TABLE kv(grp TEXT, key TEXT, value, expires_at)");
  a_false_table_is_left_alone(
      "CREATE TABLE kv(grp TEXT NOT NULL, key TEXT NOT NULL, value NOT NULL,"
      " expires_at INTEGER, PRIMARY KEY(grp, key)) WITHOUT ROWID");
  a_false_table_is_left_alone("CREATE VIRTUAL TABLE kv USING fts5(grp, key, value, expires_at)");
  endless_triggers_end();
  templates_are_bounded();
  return host_end();
}
