/*
** What a host does: opens files, loads the extension, runs SQL. Whatever must not fail ends the
** test if it does.
**
** Files are named by host_file() and live in a directory of the test's own, which host_end()
** removes.
*/
#ifndef HOST_H
#define HOST_H

#include "check.h"

#include <dirent.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static char host_directory[64];

static inline void host_require(int holds, const char *what) {
  if (holds) return;
  printf("cannot go on: %s\n0 passed, 1 failed\n", what);
  exit(1);
}

/* The path of a file in the test's directory: valid until the fourth call from here. */
static inline const char *host_file(const char *name) {
  static _Thread_local char paths[4][384];
  static _Thread_local int next;
  char *path = paths[next++ % 4];
  if (host_directory[0] == 0) {
    snprintf(host_directory, sizeof host_directory, "/tmp/kv-test-XXXXXX");
    host_require(mkdtemp(host_directory) != NULL, "mkdtemp");
  }
  snprintf(path, sizeof paths[0], "%s/%s", host_directory, name);
  return path;
}

static inline void host_remove(const char *name) {
  static const char *const endings[] = {"", "-journal", "-wal", "-shm"};
  for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++) {
    char path[400];
    snprintf(path, sizeof path, "%s%s", host_file(name), endings[i]);
    unlink(path);
  }
}

/* Removes the files; what main() returns. */
static inline int host_end(void) {
  DIR *directory = host_directory[0] != 0 ? opendir(host_directory) : NULL;
  struct dirent *entry;
  while (directory != NULL && (entry = readdir(directory)) != NULL) {
    if (entry->d_name[0] != '.') unlink(host_file(entry->d_name));
  }
  if (directory != NULL) closedir(directory);
  if (directory != NULL) rmdir(host_directory);
  return check_end();
}

static inline const char *host_library(void) {
  const char *path = getenv("KV_LIBRARY");
  return path != NULL ? path : "build/kv";
}

static inline int host_load(sqlite3 *db) {
  sqlite3_enable_load_extension(db, 1);
  return sqlite3_load_extension(db, host_library(), NULL, NULL);
}

/* A connection without the extension. */
static inline sqlite3 *host_open_plain(const char *path, int flags) {
  sqlite3 *db = NULL;
  host_require(sqlite3_open_v2(path, &db, flags, NULL) == SQLITE_OK, path);
  sqlite3_extended_result_codes(db, 1);
  return db;
}

static inline sqlite3 *host_open(const char *path) {
  sqlite3 *db = host_open_plain(path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);
  host_require(host_load(db) == SQLITE_OK, "loading the extension (KV_LIBRARY, build/kv)");
  return db;
}

/* The first statement of the connection that is in the middle of its rows, or NULL. */
static inline const char *host_busy_statement(sqlite3 *db) {
  for (sqlite3_stmt *s = sqlite3_next_stmt(db, NULL); s != NULL; s = sqlite3_next_stmt(db, s)) {
    if (sqlite3_stmt_busy(s)) return sqlite3_sql(s) != NULL ? sqlite3_sql(s) : "a statement";
  }
  return NULL;
}

/* Every close looks first whether the connection is in the middle of anything: of no statement, and
** of no transaction, unless the test says that it began one. */
#define host_close(db)                host_close_checked(__FILE__, __LINE__, db, 0)
#define host_close_in_transaction(db) host_close_checked(__FILE__, __LINE__, db, 1)

static inline int host_close_checked(const char *file, int line, sqlite3 *db, int has_begun) {
  if (db == NULL) return SQLITE_OK;
  const char *busy = host_busy_statement(db);
  if (busy != NULL) check_text(file, line, "no statement is held at the close", "none", busy);
  if (sqlite3_get_autocommit(db) != !has_begun) {
    check_text(file, line, "transactions are the test's own", has_begun ? "in one" : "in none",
               has_begun ? "in none" : "in one");
  }
  return sqlite3_close(db);
}

/* Runs statements; returns the extended result code. */
static inline int host_run(sqlite3 *db, const char *sql) {
  int code = sqlite3_exec(db, sql, NULL, NULL, NULL);
  return code == SQLITE_OK ? code : sqlite3_extended_errcode(db);
}

typedef struct host_rows {
  char text[4096];
  size_t length;
} host_rows;

static inline void host_add(host_rows *rows, const char *text) {
  size_t length = strlen(text), room = sizeof rows->text - rows->length - 1;
  if (length > room) length = room;
  memcpy(rows->text + rows->length, text, length);
  rows->length += length;
  rows->text[rows->length] = 0;
}

static inline int host_add_row(void *pointer, int columns, char **values, char **names) {
  host_rows *rows = pointer;
  (void)names;
  if (rows->length > 0) host_add(rows, " ");
  for (int i = 0; i < columns; i++) {
    if (i > 0) host_add(rows, "|");
    host_add(rows, values[i] != NULL ? values[i] : "NULL");
  }
  return 0;
}

/* All that the statements answer, "a|b a|b", or "error CODE: MESSAGE". Valid until the fourth call
** from here. Allocates nothing itself. */
static inline const char *host_answer(sqlite3 *db, const char *sql) {
  static _Thread_local host_rows answers[4];
  static _Thread_local int next;
  host_rows *answer = &answers[next++ % 4];
  answer->length = 0;
  answer->text[0] = 0;
  if (sqlite3_exec(db, sql, host_add_row, answer, NULL) != SQLITE_OK) {
    snprintf(answer->text, sizeof answer->text, "error %d: %s", sqlite3_extended_errcode(db),
             sqlite3_errmsg(db));
  }
  return answer->text;
}

#define CHECK_ANSWER(title, db, sql, expected) CHECK_TEXT(title, expected, host_answer(db, sql))
#define CHECK_RUNS(title, db, sql)             check_runs(__FILE__, __LINE__, title, db, sql)
/* A plain close, as every host may call it, and the first time. */
#define CHECK_CLOSES(title, db) CHECK_INTEGER(title, SQLITE_OK, host_close(db))

static inline int check_runs(const char *file, int line, const char *title, sqlite3 *db,
                             const char *sql) {
  const char *answer = host_answer(db, sql);
  int is_error = strncmp(answer, "error ", 6) == 0;
  return check_text(file, line, title, "no error", is_error ? answer : "no error");
}

static inline double host_seconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* Waits until the statement answers so: 1, or 0 after so many seconds. */
static inline int host_wait(sqlite3 *db, const char *sql, const char *expected, double seconds) {
  double deadline = host_seconds() + seconds;
  while (strcmp(host_answer(db, sql), expected) != 0) {
    if (host_seconds() > deadline) return 0;
    sqlite3_sleep(10);
  }
  return 1;
}

/* How many threads this process has. */
static inline int host_threads(void) {
  int count = 0;
  DIR *tasks = opendir("/proc/self/task");
  struct dirent *entry;
  while (tasks != NULL && (entry = readdir(tasks)) != NULL) count += entry->d_name[0] != '.';
  if (tasks != NULL) closedir(tasks);
  return count;
}

#endif
