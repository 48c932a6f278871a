/*
** kv_render: that a template which names its keys reads only those; and the templates of
** render/templates.txt, which `make bench-go` gives to Go's own engine too.
*/
#include "bench.h"

#include <stdio.h>
#include <string.h>

static void bench_fields(void) {
  static const char fields[] = "SELECT kv_render('{{.host}}:{{.port}} {{.user}}', 'mail')";
  static const char members[] =
      "SELECT kv_load('mail', '{\"host\":\"smtp.example.com\",\"port\":\"587\",\"user\":\"ann\"}')";
  sqlite3 *small = open_database(IN_MEMORY, "render", WITH_KV);
  sqlite3 *large = open_database(IN_MEMORY, "render", WITH_KV);
  fill(large, "mail", 100000, "a value of some length", 22);
  run_sql(small, members);
  run_sql(large, members);
  struct query a = {.db = large, .sql = fields}, b = {.db = small, .sql = fields};
  measure(&(struct measurement){.family = "render",
                                .work = "3 fields of a group",
                                .where = place_names[IN_MEMORY]},
          (const struct contender[]){{"100,000 keys", &a, NULL, run_query},
                                     {"3 keys", &b, NULL, run_query}},
          2);
  sqlite3_finalize(a.statement);
  sqlite3_finalize(b.statement);
  close_database(small, NULL);
  close_database(large, NULL);
}

/* A template with a comment behind it that makes it another one each time: kv keeps those that it parsed lately. */
struct fresh {
  sqlite3 *db;
  const char *template;
  sqlite3_stmt *statement;
  long count;
};

static void run_fresh(void *pointer, long count) {
  struct fresh *fresh = pointer;
  for (long i = 0; i < count; i++) {
    char *text = sqlite3_mprintf("%s{{/*%ld*/}}", fresh->template, fresh->count++);
    sqlite3_bind_text(fresh->statement, 1, text, -1, sqlite3_free);
    if (sqlite3_step(fresh->statement) != SQLITE_ROW) fail("kv_render", sqlite3_errmsg(fresh->db));
    sqlite3_reset(fresh->statement);
  }
}

static void bench_template(sqlite3 *db, const char *name, const char *template) {
  char *sql = sqlite3_mprintf("SELECT kv_render(%Q, 'mail')", template);
  struct query parsed_once = {.db = db, .sql = sql};
  struct fresh parsed_each_time = {.db = db, .template = template};
  sqlite3_prepare_v2(db, "SELECT kv_render(?1, 'mail')", -1, &parsed_each_time.statement, NULL);
  measure(&(struct measurement){.family = "templates", .work = name, .where = "parsed once"},
          (const struct contender[]){{"kv", &parsed_once, NULL, run_query}}, 1);
  measure(&(struct measurement){.family = "templates", .work = name, .where = "parsed each time"},
          (const struct contender[]){{"kv", &parsed_each_time, NULL, run_fresh}}, 1);
  sqlite3_finalize(parsed_once.statement);
  sqlite3_finalize(parsed_each_time.statement);
  sqlite3_free(sql);
}

/* Each line of the file: a name, a tab, a template. */
static void bench_templates(void) {
  FILE *file = fopen("bench/render/templates.txt", "r");
  if (file == NULL) fail("bench/render/templates.txt", "cannot be read");
  sqlite3 *db = open_database(IN_MEMORY, "render", WITH_KV);
  run_sql(db, "SELECT kv_load('mail', '{\"host\":\"smtp.example.com\",\"port\":\"587\","
              "\"user\":\"ann\",\"from\":\"ann@example.com\",\"tls\":\"yes\"}')");
  char line[1000];
  while (fgets(line, sizeof line, file) != NULL) {
    line[strcspn(line, "\n")] = '\0';
    char *tab = strchr(line, '\t');
    if (tab == NULL) continue;
    *tab = '\0';
    bench_template(db, line, tab + 1);
  }
  fclose(file);
  close_database(db, NULL);
}

void bench_render(void) {
  bench_fields();
  bench_templates();
}
