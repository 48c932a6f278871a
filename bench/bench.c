/*
** Measures the extension beside what a user would pick instead:
**
**     bench [--quick | --count] [FAMILY...]
**
** Prints figures as lines of fields (bench.h); `make bench` makes the results of them. --count is
** for counts.sh, which runs it under callgrind: the families that have no other clock than ours.
*/
#include "store.h"

#include <stdio.h>
#include <string.h>

enum { TIMED_ONLY = 1 };

static const struct {
  const char *name;
  void (*run)(void);
  int is_timed_only;
} families[] = {
    {"operations", bench_operations, 0},
    {"draws", bench_draws, 0},
    {"mixed", bench_mixed, 0},
    {"listings", bench_listings, 0},
    {"rows", bench_rows, 0},
    {"bulk", bench_bulk, 0},
    {"purges", bench_purges, 0},
    {"quotas", bench_quotas, 0},
    {"events", bench_events, 0},
    {"feed", bench_feed, 0},
    {"wait", bench_wait, TIMED_ONLY},
    {"render", bench_render, 0},
    {"values", bench_values, 0},
    {"processes", bench_processes, TIMED_ONLY},
    {"growth", bench_growth, TIMED_ONLY},
    {"footprint", bench_footprint, TIMED_ONLY},
};

static int is_wanted(const char *family, int argc, char **argv) {
  int names = 0;
  for (int i = 1; i < argc; i++) {
    if (argv[i][0] == '-') continue;
    if (strcmp(argv[i], family) == 0) return 1;
    names++;
  }
  return names == 0;
}

static void tell_kv_version(void) {
  sqlite3 *db = open_again(IN_MEMORY, "version", WITH_KV);
  sqlite3_stmt *statement = prepare(db, "SELECT kv_version()");
  sqlite3_step(statement);
  tell_about("kv", (const char *)sqlite3_column_text(statement, 0));
  sqlite3_finalize(statement);
  close_database(db, NULL);
}

int main(int argc, char **argv) {
  for (int i = 1; i < argc; i++) {
    if (strcmp(argv[i], "--quick") == 0) options = (struct options){1, 0, 3, 3e6};
    if (strcmp(argv[i], "--count") == 0) options = (struct options){1, 1, 1, 0};
  }
  tell_about("SQLite", sqlite3_libversion());
  tell_kv_version();
  for (size_t i = 0; i < sizeof families / sizeof families[0]; i++) {
    if (!is_wanted(families[i].name, argc, argv)) continue;
    if (options.is_counting && families[i].is_timed_only) continue;
    double begun = now_ns();
    fprintf(stderr, "%s …", families[i].name);
    families[i].run();
    fprintf(stderr, " %.0f s\n", (now_ns() - begun) / 1e9);
  }
  return 0;
}
