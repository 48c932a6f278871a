/*
** A call that finds the file locked waits, as long as the host's busy timeout says. SQLite waits
** for a connection that holds nothing; one that has begun to read and then wants to write is turned
** away at once, since two such would wait for each other for ever. So no call may do that by itself.
*/
#include "host.h"

static const char *const calls[] = {
    "SELECT kv_set('g', 'k', 2)",
    "SELECT kv_set('g', 'k', 2, '1h')",
    "SELECT kv_setnx('g', 'new', 2, '1h')",
    "SELECT kv_cas('g', 'k', 1, 2, '1h')",
    "SELECT kv_expire('g', 'k', '1h')",
    "SELECT kv_persist('g', 'brief')",
    "SELECT kv_incr('g', 'k')",
    "SELECT kv_getdel('g', 'k')",
    "SELECT kv_delete('g', 'k')",
    "SELECT kv_delete_group('g')",
    "SELECT kv_delete_prefix('')",
    "SELECT kv_load('g', '{\"k\":2,\"new\":2}')",
    "SELECT kv_load('g', '{\"k\":2,\"new\":2}', '1h')",
    "SELECT kv_import('{\"kv\":1,\"groups\":{\"g\":{\"k\":2}}}')",
    "SELECT kv_purge()",
    "SELECT kv_purge('g')",
    "SELECT kv_quota('q', 10, 10)",
    "INSERT OR REPLACE INTO kv_entries(grp, key, value, ttl) VALUES ('g', 'k', 2, 60)",
    "UPDATE kv_entries SET value = 2",
    "DELETE FROM kv_entries WHERE grp = 'g'",
};

struct holder {
  sqlite3 *db;
  int waits;
};

/* The busy handler: the other connection ends its transaction when somebody waits for it. */
static int let_go(void *pointer, int count) {
  struct holder *holder = pointer;
  holder->waits++;
  host_run(holder->db, "COMMIT");
  return count < 3;
}

static sqlite3 *open_store(const char *mode) {
  char sql[300];
  host_remove("busy.db");
  sqlite3 *db = host_open(host_file("busy.db"));
  snprintf(sql, sizeof sql,
           "PRAGMA journal_mode = %s; PRAGMA synchronous = OFF; SELECT kv_set('g', 'k', 1);"
           "SELECT kv_quota('other', 5, 5);"
           "INSERT INTO kv VALUES ('g', 'old', 1, 1), ('g', 'brief', 1, 9000000000000)",
           mode);
  host_require(host_run(db, sql) == SQLITE_OK, "a store");
  return db;
}

static void waits(const char *mode, const char *listening, const char *call) {
  struct holder holder = {.db = open_store(mode)};
  sqlite3 *db = host_open(host_file("busy.db"));
  char title[400];
  snprintf(title, sizeof title, "%s, %s: %s", mode, listening, call);
  CHECK_RUNS(title, db, listening);
  sqlite3_busy_handler(db, let_go, &holder);
  CHECK_RUNS(title, holder.db, "BEGIN IMMEDIATE; INSERT INTO kv VALUES ('g', 'theirs', 1, NULL)");
  CHECK_RUNS(title, db, call);
  CHECK_INTEGER(title, 1, holder.waits);
  CHECK_CLOSES("closes", db);
  host_close(holder.db);
}

static void answer_nothing(sqlite3_context *context, int count, sqlite3_value **values) {
  (void)count, (void)values;
  sqlite3_result_null(context);
}

static int register_callback(sqlite3 *db, char **error, const struct sqlite3_api_routines *api) {
  (void)error, (void)api;
  return sqlite3_create_function(db, "changed", 5, SQLITE_UTF8, NULL, answer_nothing, NULL, NULL);
}

int main(void) {
  static const char *const modes[] = {"DELETE", "WAL"};
  static const char *const listening[] = {"SELECT 1", "SELECT kv_watch('*')",
                                          "SELECT kv_on_change('changed')"};
  sqlite3 *keeps_library = host_open(":memory:");
  sqlite3_auto_extension((void (*)(void))register_callback);
  for (size_t m = 0; m < 2; m++) {
    for (size_t l = 0; l < 3; l++) {
      for (size_t c = 0; c < sizeof calls / sizeof calls[0]; c++) {
        waits(modes[m], listening[l], calls[c]);
      }
    }
  }
  sqlite3_reset_auto_extension();
  host_close(keeps_library);
  return host_end();
}
