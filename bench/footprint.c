/*
** What it takes to have it: the time to load it, memory for each connection, the size of the
** library, and of a file, which is that of a table made by hand.
*/
#include "bench.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static const struct measurement size_of = {.family = "footprint", .work = "size", .where = ""};

static void open_and_close(void *pointer, long count) {
  const enum flavour *flavour = pointer;
  for (long i = 0; i < count; i++) {
    sqlite3 *db = open_again(IN_MEMORY, "load", *flavour);
    close_database(db, NULL);
  }
}

static void bench_loading(void) {
  enum flavour with = WITH_KV, without = BY_HAND;
  measure(&(struct measurement){.family = "footprint",
                                .work = "open and close, the first connection of a process",
                                .where = "memory"},
          (const struct contender[]){{"with .load", &with, NULL, open_and_close},
                                     {"SQLite alone", &without, NULL, open_and_close}},
          2);
  /* While one is open, the library stays mapped. */
  sqlite3 *other = open_again(IN_MEMORY, "load", WITH_KV);
  measure(&(struct measurement){.family = "footprint",
                                .work = "open and close, one more",
                                .where = "memory"},
          (const struct contender[]){{"with .load", &with, NULL, open_and_close},
                                     {"SQLite alone", &without, NULL, open_and_close}},
          2);
  close_database(other, NULL);
}

/* What one more connection takes of SQLite's memory, after each of these, on a file that is there.
** */
static void tell_memory(enum flavour flavour, const char *name, const char *first_use) {
  sqlite3_int64 before = sqlite3_memory_used();
  sqlite3 *db = open_again(WAL_NORMAL, "footprint", flavour);
  char title[80];
  snprintf(title, sizeof title, "%s, opened", name);
  const struct measurement of = {
      .family = "footprint", .work = "memory of a connection", .where = place_names[WAL_NORMAL]};
  tell_single(&of, title, (double)(sqlite3_memory_used() - before), "bytes");
  run_sql(db, first_use);
  snprintf(title, sizeof title, "%s, after a get and a set", name);
  tell_single(&of, title, (double)(sqlite3_memory_used() - before), "bytes");
  close_database(db, NULL);
}

static void bench_memory(void) {
  sqlite3 *db = open_database(WAL_NORMAL, "footprint", WITH_KV);
  close_database(db, NULL);
  tell_memory(WITH_KV, "with .load", "SELECT kv_get('g', 'k'), kv_set('g', 'k', 'v')");
  tell_memory(BY_HAND, "SQLite alone",
              "SELECT value FROM kv WHERE grp = 'g' AND key = 'k'; "
              "INSERT INTO kv(grp, key, value) VALUES ('g', 'k', 'v') ON CONFLICT(grp, key) "
              "DO UPDATE SET value = excluded.value");
  remove_database("footprint");
}

/* What the connection's own statements take. */
static void tell_statements(const char *work, const char *calls) {
  sqlite3 *db = open_again(IN_MEMORY, "footprint", WITH_KV);
  int bytes, most;
  create_table(db, BY_HAND);
  run_sql(db, calls);
  sqlite3_db_status(db, SQLITE_DBSTATUS_STMT_USED, &bytes, &most, 0);
  tell_single(
      &(struct measurement){.family = "footprint", .work = work, .where = place_names[IN_MEMORY]},
      "with .load", (double)bytes, "bytes");
  close_database(db, NULL);
}

static void bench_statements(void) {
  tell_statements("statements, after a get and a set",
                  "SELECT kv_get('g', 'k'); SELECT kv_set('g', 'k', 1)");
  tell_statements("statements, after one of each call",
                  "SELECT kv_set('g', 'k', 1), kv_set('g', 't', 1, 60), kv_setnx('g', 'k', 1), "
                  "kv_get('g', 'k'), kv_exists('g', 'k'), kv_ttl('g', 'k'), kv_incr('g', 'k'), "
                  "kv_cas('g', 'k', 2, 3), kv_expire('g', 'k', 60), kv_persist('g', 'k'), "
                  "kv_getdel('g', 'k'), kv_delete('g', 'k'), kv_load('g', '{\"a\":1}'), "
                  "kv_count('g'), kv_count_all(), kv_render('{{.a}}', 'g'), kv_purge(), "
                  "kv_delete_group('g')");
}

static void tell_file(enum flavour flavour, const char *name, const char *sql) {
  sqlite3 *db = open_database(WAL_NORMAL, "footprint", flavour);
  long keys = 100000;
  run_made(db, sqlite3_mprintf(sql, keys));
  double bytes =
      (double)(ask_integer(db, "PRAGMA page_count") * ask_integer(db, "PRAGMA page_size"));
  tell_single(&(struct measurement){.family = "footprint",
                                    .work = "file, for each key",
                                    .where = "12-byte keys, 22-byte values",
                                    .x = keys},
              name, bytes / (double)keys, "bytes");
  close_database(db, "footprint");
}

#define ROWS                                                                                       \
  "(grp, key, value) WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < "    \
  "%ld)"                                                                                           \
  " SELECT 'g', printf('key-%%08d', i), 'a value of some length' FROM n"

static void bench_files(void) {
  tell_file(WITH_KV, "kv", "INSERT OR REPLACE INTO kv_entries" ROWS);
  tell_file(BY_HAND, "hand-written", "INSERT INTO kv" ROWS);
}

static void tell_library(const char *path, const char *name) {
  struct stat status;
  if (stat(path, &status) == 0) tell_single(&size_of, name, (double)status.st_size, "bytes");
}

void bench_footprint(void) {
  bench_loading();
  bench_memory();
  bench_statements();
  bench_files();
  tell_library(BENCH_DIRECTORY "/kv-stripped.so", "kv.so, stripped");
}
