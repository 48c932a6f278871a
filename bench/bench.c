/*
** Measures the extension beside what a user would pick instead:
**
**     bench [--quick] [FAMILY...]
**     bench instructions            what instructions.sh counts
**
** Prints figures as lines of fields (bench.h); `make bench` makes the results of them.
*/
#include "store.h"

#include <stdio.h>
#include <string.h>

static const struct {
  const char *name;
  void (*run)(void);
} families[] = {
    {"operations", bench_operations}, {"mixed", bench_mixed},
    {"listings", bench_listings},     {"bulk", bench_bulk},
    {"quotas", bench_quotas},         {"events", bench_events},
    {"render", bench_render},         {"values", bench_values},
    {"processes", bench_processes},   {"growth", bench_growth},
    {"footprint", bench_footprint},
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
    if (strcmp(argv[i], "--quick") == 0) options = (struct options){1, 3, 3e6};
  }
  tell_about("SQLite", sqlite3_libversion());
  tell_kv_version();
  if (argc == 2 && strcmp(argv[1], "instructions") == 0) {
    count_instructions();
    return 0;
  }
  for (size_t i = 0; i < sizeof families / sizeof families[0]; i++) {
    if (!is_wanted(families[i].name, argc, argv)) continue;
    double begun = now_ns();
    fprintf(stderr, "%s …", families[i].name);
    families[i].run();
    fprintf(stderr, " %.0f s\n", (now_ns() - begun) / 1e9);
  }
  return 0;
}
