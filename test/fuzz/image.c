/*
** The fuzzer's target: any bytes as a database file. Every function and table is called on it; what
** comes is an answer or an error, never a crash, a hang or a leak.
*/
#include "kv.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

static const char calls[] =
    "SELECT kv_get('g', 'a'), kv_require('g', 'a'), kv_exists('g', 'a'), kv_ttl('g', 'a');"
    "SELECT kv_count('g'), kv_count_all(), kv_count_all('g');"
    "SELECT * FROM kv_groups; SELECT * FROM kv_entries ORDER BY grp DESC, key DESC;"
    "SELECT * FROM kv_entries('g') WHERE key > 'a'; SELECT * FROM kv_quotas;"
    "SELECT * FROM kv_split('g', 'a', ','); SELECT * FROM kv_fields('g', 'a');"
    "SELECT kv_render('{{ .a }}{{ range $k, $v := . }}{{ $k }}{{ $v }}{{ end }}', 'g');"
    "SELECT length(kv_export()); SELECT kv_watch('*', '*', 4);"
    "SELECT kv_set('g', 'a', 1), kv_set('t:g', 'n', 1, 60), kv_incr('g', 'n', 2);"
    "SELECT kv_setnx('g', 'b', 1), kv_cas('g', 'b', 1, 2), kv_expire('g', 'b', 5);"
    "SELECT kv_persist('g', 'b'), kv_getdel('g', 'b'), kv_load('l', '{\"a\":1,\"b\":2}');"
    "SELECT kv_quota('t', 2, 2); SELECT kv_set('t:g', 'm', 1), kv_set('t:g', 'o', 1);"
    "INSERT OR REPLACE INTO kv_entries(grp, key, value, ttl) VALUES ('g', 'a', 3, 60);"
    "UPDATE kv_entries SET key = 'c' WHERE key = 'a'; DELETE FROM kv_entries WHERE grp = 'g';"
    "SELECT kv_import('{\"kv\":1,\"groups\":{\"i\":{\"a\":1}}}'), kv_purge(), kv_purge('g');"
    "SELECT * FROM kv_events; SELECT * FROM kv_watchers;"
    "SELECT kv_delete('g', 'a'), kv_delete_group('t:g'), kv_delete_prefix('');";

/* One statement after the other, whatever becomes of each. */
static void call_all(sqlite3 *db) {
  const char *sql = calls;
  while (*sql != 0) {
    sqlite3_stmt *statement = NULL;
    const char *next = strchr(sql, ';') + 1;
    if (sqlite3_prepare_v2(db, sql, (int)(next - sql), &statement, NULL) == SQLITE_OK) {
      for (int rows = 0; rows < 100 && sqlite3_step(statement) == SQLITE_ROW; rows++) continue;
    }
    sqlite3_finalize(statement);
    sql = next;
  }
}

/* A page that points to itself may be read for ever: a host would interrupt. */
static int is_too_long(void *count) {
  return ++*(int *)count > 2000;
}

/* A file, and not sqlite3_deserialize(), which Debian 11 builds its SQLite without. */
static const char *write_file(const unsigned char *data, size_t size) {
  static char name[4096];
  const char *directory = getenv("TMPDIR");
  snprintf(name, sizeof name, "%s/kv-image-%d.db", directory != NULL ? directory : "/tmp",
           (int)getpid());
  FILE *file = fopen(name, "wb");
  if (file == NULL || fwrite(data, 1, size, file) != size || fclose(file) != 0) abort();
  return name;
}

static void remove_file(const char *name) {
  static const char *const endings[] = {"", "-journal", "-wal", "-shm"};
  char path[4096 + 8];
  for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
    snprintf(path, sizeof path, "%s%s", name, endings[i]);
    remove(path);
  }
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size) {
  int asked = 0;
  sqlite3 *db;
  const char *name = write_file(data, size);
  if (sqlite3_open(name, &db) != SQLITE_OK) abort();
  sqlite3_exec(db, "PRAGMA synchronous = OFF", NULL, NULL, NULL); /* for speed */
  sqlite3_limit(db, SQLITE_LIMIT_LENGTH, 1 << 20);
  if (sqlite3_kv_init(db, NULL, NULL) != SQLITE_OK) abort();
  sqlite3_progress_handler(db, 1000, is_too_long, &asked);
  call_all(db);
  if (sqlite3_close(db) != SQLITE_OK) abort();
  if (sqlite3_memory_used() != 0) abort();
  remove_file(name);
  return 0;
}
