/*
** A guest in the host's connection: hooks, pragmas and last_insert_rowid() stay as they were, and
** reads leave the file alone, to the byte.
*/
#include "host.h"

#include <sys/stat.h>

static const char *const reads[] = {
    "SELECT kv_get('g', 'a'), kv_get('g', 'gone'), kv_get('g', 'none', 1)",
    "SELECT kv_exists('g', 'a'), kv_exists('g', 'gone'), kv_ttl('g', 'short'), kv_ttl('g', 'gone')",
    "SELECT kv_count('g'), kv_count_all(), kv_count_all('g'), kv_count('none')",
    "SELECT kv_version(), kv_scope(), kv_config('schema'), kv_config('now')",
    "SELECT kv_scope('tenant'), kv_get('g', 'a'), kv_unscope()",
    "SELECT name, keys FROM kv_groups",
    "SELECT * FROM kv_groups('g') WHERE name > 'a'",
    "SELECT * FROM kv_entries",
    "SELECT * FROM kv_entries('g') WHERE key > 'a' ORDER BY key DESC",
    "SELECT * FROM kv_split('g', 'text', ' ')",
    "SELECT * FROM kv_fields('g', 'text')",
    "SELECT * FROM kv_quotas",
    "SELECT kv_watch('*'), kv_unwatch(1)",
    "SELECT * FROM kv_watchers",
    "SELECT * FROM kv_events",
};

/* What removes nothing where there is no store. */
static const char *const writes_of_nothing[] = {
    "SELECT kv_delete('g', 'a')",  "SELECT kv_delete_group('g')",
    "SELECT kv_delete_prefix('')", "SELECT kv_purge(), kv_purge('g')",
    "SELECT kv_getdel('g', 'a')",  "SELECT kv_expire('g', 'a', 60)",
    "SELECT kv_persist('g', 'a')", "SELECT kv_cas('g', 'a', 1, 2)",
};

static const char *const writes[] = {
    "SELECT kv_set('g', 'new', 1), kv_set('h', 'new', 1, 60)",
    "SELECT kv_setnx('g', 'new2', 1)",
    "SELECT kv_cas('g', 'a', 1, 2), kv_cas('g', 'new3', NULL, 2)",
    "SELECT kv_incr('g', 'n'), kv_incr('g', 'n')",
    "SELECT kv_load('l', '{\"a\":1,\"b\":2}')",
    "SELECT kv_expire('g', 'a', 60), kv_persist('g', 'a')",
    "SELECT kv_getdel('g', 'new'), kv_delete('g', 'new2')",
    "SELECT kv_quota('q', 10, 10), kv_set('q:g', 'a', 1)",
    "BEGIN; SELECT kv_set('g', 'a', 1); ROLLBACK",
    "INSERT OR REPLACE INTO kv_entries(grp, key, value) VALUES ('e', 1, 1), ('e', 2, 2)",
    "UPDATE kv_entries SET value = 3 WHERE grp = 'e'",
    "DELETE FROM kv_entries WHERE grp = 'e'",
    "SELECT kv_purge(), kv_delete_group('h'), kv_delete_prefix('l')",
};

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static const char a_store[] =
    "SELECT kv_load('g', '{\"a\":1,\"text\":\"x y\",\"gone\":1}'), kv_set('g', 'short', 1, 600);"
    "UPDATE kv SET expires_at = 1 WHERE key = 'gone'";

/* ---- hooks, pragmas, last_insert_rowid() ---- */

static int updates, commits, rollbacks, wal_commits;

static void on_update(void *count, int operation, char const *schema, char const *table,
                      sqlite3_int64 rowid) {
  (void)operation, (void)schema, (void)table, (void)rowid;
  ++*(int *)count;
}

static int on_commit(void *count) {
  ++*(int *)count;
  return 0;
}

static void on_rollback(void *count) {
  ++*(int *)count;
}

static int on_wal_commit(void *count, sqlite3 *db, const char *schema, int pages) {
  (void)db, (void)schema, (void)pages;
  ++*(int *)count;
  return SQLITE_OK;
}

static const char *pragmas_of(sqlite3 *db) {
  return host_answer(
      db,
      "PRAGMA application_id; PRAGMA auto_vacuum; PRAGMA automatic_index; PRAGMA busy_timeout;"
      "PRAGMA cache_size; PRAGMA cache_spill; PRAGMA cell_size_check; PRAGMA checkpoint_fullfsync;"
      "PRAGMA defer_foreign_keys; PRAGMA encoding; PRAGMA foreign_keys; PRAGMA fullfsync;"
      "PRAGMA hard_heap_limit; PRAGMA ignore_check_constraints; PRAGMA journal_mode;"
      "PRAGMA journal_size_limit; PRAGMA legacy_alter_table; PRAGMA locking_mode;"
      "PRAGMA max_page_count; PRAGMA mmap_size; PRAGMA page_size; PRAGMA query_only;"
      "PRAGMA read_uncommitted; PRAGMA recursive_triggers; PRAGMA reverse_unordered_selects;"
      "PRAGMA secure_delete; PRAGMA soft_heap_limit; PRAGMA synchronous; PRAGMA temp_store;"
      "PRAGMA threads; PRAGMA trusted_schema; PRAGMA user_version; PRAGMA wal_autocheckpoint;"
      "PRAGMA writable_schema");
}

static void hooks_and_pragmas_are_the_hosts(void) {
  sqlite3 *db = host_open(host_file("guest.db"));
  host_run(db, "PRAGMA journal_mode = WAL; PRAGMA user_version = 7; PRAGMA foreign_keys = 1;"
               "PRAGMA cache_size = 77; PRAGMA busy_timeout = 1234; CREATE TABLE host(x)");
  host_run(db, a_store);
  sqlite3_update_hook(db, on_update, &updates);
  sqlite3_commit_hook(db, on_commit, &commits);
  sqlite3_rollback_hook(db, on_rollback, &rollbacks);
  sqlite3_wal_hook(db, on_wal_commit, &wal_commits);
  host_run(db, "SELECT kv_config('update_hook', 0), kv_watch('*')");
  char before[4096];
  snprintf(before, sizeof before, "%s", pragmas_of(db));

  for (size_t i = 0; i < COUNT(writes); i++) {
    CHECK_RUNS(writes[i], db, "INSERT INTO host(rowid) VALUES (1000 + abs(random() % 100000))");
    sqlite3_set_last_insert_rowid(db, 77);
    CHECK_RUNS(writes[i], db, writes[i]);
    CHECK_INTEGER(writes[i], 77, sqlite3_last_insert_rowid(db));
  }
  for (size_t i = 0; i < COUNT(reads); i++) CHECK_RUNS(reads[i], db, reads[i]);

  CHECK_TEXT("every pragma is as it was", before, pragmas_of(db));
  CHECK("the update hook was called", updates > 0);
  CHECK("the commit hook was called", commits > 0);
  CHECK("the rollback hook was called", rollbacks > 0);
  CHECK("the WAL hook was called", wal_commits > 0);
  CHECK("the update hook is the host's", sqlite3_update_hook(db, NULL, NULL) == &updates);
  CHECK("the commit hook is the host's", sqlite3_commit_hook(db, NULL, NULL) == &commits);
  CHECK("the rollback hook is the host's", sqlite3_rollback_hook(db, NULL, NULL) == &rollbacks);
  CHECK("the WAL hook is the host's", sqlite3_wal_hook(db, NULL, NULL) == &wal_commits);
  CHECK_CLOSES("the close succeeds", db);
}

static void the_update_hook_is_free_while_nobody_listens(void) {
  sqlite3 *db = host_open(":memory:");
  host_run(db, "SELECT kv_set('g', 'k', 1)");
  CHECK("the hook is not taken by writes", sqlite3_update_hook(db, on_update, &updates) == NULL);
  host_run(db, "SELECT kv_set('g', 'k', 2); SELECT * FROM kv_events; SELECT * FROM kv_watchers");
  CHECK("nor by reads", sqlite3_update_hook(db, NULL, NULL) == &updates);
  CHECK_RUNS("a watcher comes and goes", db, "SELECT kv_watch('*'); SELECT kv_unwatch(1)");
  CHECK("the hook is left where it is, and idle: it might be the host's by now",
        sqlite3_update_hook(db, NULL, NULL) != NULL);
  CHECK_CLOSES("the close succeeds", db);
}

/* ---- the file ---- */

/* Size, time of the last change, and a sum of all bytes. */
static const char *state_of(const char *path) {
  static char states[2][100];
  static int next;
  char *state = states[next++ % 2];
  struct stat status;
  unsigned long long sum = 14695981039346656037ULL;
  FILE *file = fopen(path, "r");
  host_require(file != NULL && fstat(fileno(file), &status) == 0, path);
  for (int byte; (byte = fgetc(file)) != EOF;) sum = (sum ^ (unsigned)byte) * 1099511628211ULL;
  fclose(file);
  snprintf(state, sizeof states[0], "%lld bytes, at %lld.%09ld, %llx", (long long)status.st_size,
           (long long)status.st_mtim.tv_sec, status.st_mtim.tv_nsec, sum);
  return state;
}

static void check_leaves_file(const char *path, const char *const *statements, size_t count) {
  sqlite3 *db = host_open(path), *other = host_open_plain(path, SQLITE_OPEN_READWRITE);
  char before[100], version[40];
  snprintf(before, sizeof before, "%s", state_of(path));
  snprintf(version, sizeof version, "%s",
           host_answer(other, "PRAGMA data_version; PRAGMA schema_version"));
  for (size_t i = 0; i < count; i++) {
    CHECK_RUNS(statements[i], db, statements[i]);
    CHECK_TEXT(statements[i], before, state_of(path));
  }
  CHECK_ANSWER("no other connection sees a change", other,
               "PRAGMA data_version; PRAGMA schema_version", version);
  CHECK_INTEGER("nothing was changed", 0, sqlite3_total_changes(db));
  CHECK_CLOSES("the close succeeds", db);
  host_close(other);
}

static void reads_leave_the_file_alone(void) {
  const char *path = host_file("reads.db");
  sqlite3 *db = host_open(path);
  CHECK_RUNS("a store with an expired row", db, a_store);
  CHECK_RUNS("and a quota", db, "SELECT kv_quota('q', 3, 3)");
  CHECK_CLOSES("the close succeeds", db);
  check_leaves_file(path, reads, COUNT(reads));
}

static void reads_create_nothing(void) {
  const char *path = host_file("empty.db");
  host_close(host_open(path));
  check_leaves_file(path, reads, COUNT(reads));
  check_leaves_file(path, writes_of_nothing, COUNT(writes_of_nothing));

  path = host_file("foreign.db");
  sqlite3 *db = host_open(path);
  host_run(db, "CREATE TABLE host(x); INSERT INTO host VALUES (1)");
  host_close(db);
  check_leaves_file(path, reads, COUNT(reads));
  check_leaves_file(path, writes_of_nothing, COUNT(writes_of_nothing));
}

static void a_legacy_file_is_read_as_it_is(void) {
  const char *path = host_file("legacy.db");
  sqlite3 *db = host_open_plain(path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);
  host_run(db, "CREATE TABLE kv(grp TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL,"
               " PRIMARY KEY(grp, key)); INSERT INTO kv VALUES ('g', 'a', 'x y')");
  host_close(db);
  check_leaves_file(path, reads, COUNT(reads));
}

/* Whatever kv did to read its arguments, what it answers is a value like any other. */
static void answers_have_their_length_in_utf16(const char *sql) {
  sqlite3 *db = host_open(":memory:");
  sqlite3_stmt *statement = NULL;
  CHECK_RUNS("a value", db, "SELECT kv_watch('g'), kv_set('g', 'k', 'h\303\251')");
  host_require(sqlite3_prepare_v2(db, sql, -1, &statement, NULL) == SQLITE_OK, sql);
  CHECK_INTEGER("a row", SQLITE_ROW, sqlite3_step(statement));
  CHECK_INTEGER(sql, 4, sqlite3_column_bytes16(statement, 0));
  sqlite3_finalize(statement);
  CHECK_CLOSES("the close succeeds", db);
}

int main(void) {
  answers_have_their_length_in_utf16("SELECT kv_set('g', 'k', 'h\303\251')");
  answers_have_their_length_in_utf16("SELECT kv_get('g', 'k')");
  answers_have_their_length_in_utf16("SELECT value FROM kv_entries('g')");
  answers_have_their_length_in_utf16("SELECT value FROM kv_events");
  hooks_and_pragmas_are_the_hosts();
  the_update_hook_is_free_while_nobody_listens();
  reads_leave_the_file_alone();
  reads_create_nothing();
  a_legacy_file_is_read_as_it_is();
  return host_end();
}
