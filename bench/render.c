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

/* ---- the templates --------------------------------------------------------------------------- */

enum { ROWS = 1000 };

struct rendering {
  sqlite3 *db;
  const char *template;
  long number;
};

/* Another text each time, so that none was parsed before: the digits at its end. */
static void render_new_texts(void *pointer, long count) {
  struct rendering *rendering = pointer;
  sqlite3_stmt *statement = prepare(rendering->db, "SELECT kv_render(?1, 'mail')");
  char text[1100];
  size_t length = strlen(rendering->template);
  memcpy(text, rendering->template, length);
  for (long i = 0; i < count; i++) {
    write_digits(text + length, ++rendering->number);
    sqlite3_bind_text(statement, 1, text, (int)length + 8, SQLITE_STATIC);
    step_all(rendering->db, statement);
  }
  sqlite3_finalize(statement);
}

static void render_same_text(void *pointer, long count) {
  const struct rendering *rendering = pointer;
  sqlite3_stmt *statement = prepare(rendering->db, "SELECT kv_render(?1, 'mail')");
  sqlite3_bind_text(statement, 1, rendering->template, -1, SQLITE_STATIC);
  for (long i = 0; i < count; i++) step_all(rendering->db, statement);
  sqlite3_finalize(statement);
}

/* Over the rows of one statement. */
static void render_rows(void *pointer, long count) {
  const struct rendering *rendering = pointer;
  sqlite3_stmt *statement = prepare(rendering->db, "SELECT kv_render(?1, g) FROM thousand");
  sqlite3_bind_text(statement, 1, rendering->template, -1, SQLITE_STATIC);
  for (long i = 0; i < count; i += ROWS) step_all(rendering->db, statement);
  sqlite3_finalize(statement);
}

static void bench_template(sqlite3 *db, const char *name, const char *template) {
  static const struct {
    const char *where;
    void (*run)(void *, long);
    long step;
  } ways[] = {{"another template each time", render_new_texts, 0},
              {"one template, a statement each time", render_same_text, 0},
              {"one template, over the rows of one statement", render_rows, ROWS}};
  for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++) {
    struct rendering rendering = {db, template, 0};
    measure(
        &(struct measurement){
            .family = "templates", .work = name, .where = ways[i].where, .step = ways[i].step},
        (const struct contender[]){{"kv", &rendering, NULL, ways[i].run}}, 1);
  }
}

/* Each line of the file: a name, a tab, a template. */
static void bench_templates(void) {
  FILE *file = fopen("bench/render/templates.txt", "r");
  if (file == NULL) fail("bench/render/templates.txt", "cannot be read");
  sqlite3 *db = open_database(IN_MEMORY, "render", WITH_KV);
  run_sql(db, "SELECT kv_load('mail', '{\"host\":\"smtp.example.com\",\"port\":\"587\","
              "\"user\":\"ann\",\"from\":\"ann@example.com\",\"tls\":\"yes\"}')");
  run_sql(db, "CREATE TEMP TABLE thousand AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL "
              "SELECT i + 1 FROM n WHERE i < 1000) SELECT 'mail' AS g FROM n");
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
