/*
** What a template may take: a thread of 128 KB of stack, memory in proportion to its text, and no more
** memory for a render than is told. Built without optimisation, where the frames of C are largest.
*/
#include "template.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#if defined(__SANITIZE_ADDRESS__)
enum { STACK = 1024 * 1024 }; /* whose frames are several times as large */
#else
enum { STACK = 128 * 1024 };
#endif
enum { MEGABYTE = 1024 * 1024 };

static int passed, failed;

static void check(const char *title, int is_good) {
  passed += is_good != 0;
  failed += is_good == 0;
  if (!is_good) printf("bounds: %s: FAILED\n", title);
}

/* ---- a group whose values come out of SQLite, as deep in the stack as those of a store ---------- */

static int get(void *context, const char *key, size_t key_length, const char **value,
               size_t *value_length) {
  sqlite3_stmt *statement = NULL;
  int code =
      sqlite3_prepare_v2(context,
                         "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 9)"
                         " SELECT group_concat(i || ?1, '-') FROM n ORDER BY 1",
                         -1, &statement, NULL);
  (void)key_length;
  if (code == SQLITE_OK) code = sqlite3_bind_text(statement, 1, key, 1, SQLITE_STATIC);
  if (code == SQLITE_OK && sqlite3_step(statement) != SQLITE_ROW) code = SQLITE_ERROR;
  *value = "value";
  *value_length = 5;
  sqlite3_finalize(statement);
  return code;
}

static int each(void *context, int (*visit)(void *, const char *, size_t, const char *, size_t),
                void *visitor) {
  (void)context;
  return visit(visitor, "a", 1, "value", 5);
}

static int go_on(void *context) {
  (void)context;
  return SQLITE_OK;
}

/* ---- templates that are all repetition ---------------------------------------------------------- */

struct shape {
  const char *title, *before, *repeated, *between, *closing, *after;
  int count;
  const char *output, *error; /* what is to come of it; both NULL: anything */
};

static char *build(const struct shape *shape, size_t *length) {
  size_t repeated = strlen(shape->repeated), closing = strlen(shape->closing);
  size_t size = strlen(shape->before) + strlen(shape->between) + strlen(shape->after) +
                (repeated + closing) * (size_t)shape->count + 1;
  char *text = malloc(size), *at = text;
  at = stpcpy(at, shape->before);
  for (int i = 0; i < shape->count; i++) at = stpcpy(at, shape->repeated);
  at = stpcpy(at, shape->between);
  for (int i = 0; i < shape->count; i++) at = stpcpy(at, shape->closing);
  at = stpcpy(at, shape->after);
  *length = (size_t)(at - text);
  return text;
}

static sqlite3 *db;

static void check_shape(const struct shape *shape) {
  const kv_template_host host = {NULL, go_on};
  const kv_template_source source = {db, get, each};
  kv_template *parsed = NULL;
  char *output = NULL, *error = NULL;
  size_t length, output_length;
  char *text = build(shape, &length);
  sqlite3_int64 before = sqlite3_memory_used();
  sqlite3_memory_highwater(1);
  int code = kv_template_parse(text, length, &host, &parsed, &error);
  size_t most = (size_t)(sqlite3_memory_highwater(0) - before);
  check(shape->title, most <= KV_TEMPLATE_PARSE_FACTOR * length + KV_TEMPLATE_PARSE_BYTES);
  if (code == SQLITE_OK) {
    check(shape->title, kv_template_size(parsed) <= most);
    code = kv_template_render(parsed, &host, &source, KV_MISSING_DEFAULT, MEGABYTE, &output,
                              &output_length, &error);
  }
  most = (size_t)(sqlite3_memory_highwater(0) - before);
  check(shape->title, most < (size_t)KV_TEMPLATE_MAX_MEMORY + 100 * MEGABYTE);
  if (shape->output != NULL) {
    check(shape->title, code == SQLITE_OK && strcmp(output, shape->output) == 0);
  }
  if (shape->error != NULL) {
    check(shape->title, code == SQLITE_ERROR && strstr(error, shape->error) != NULL);
  }
  if (getenv("VERBOSE") != NULL) {
    printf("%s: %d %s%s, %zu bytes\n", shape->title, code, error != NULL ? error : "",
           output != NULL && output_length < 50 ? output : "", length);
  }
  kv_template_free(parsed);
  sqlite3_free(output);
  sqlite3_free(error);
  free(text);
  check(shape->title, sqlite3_memory_used() == before);
}

static const struct shape shapes[] = {
    /* depth */
    {"parentheses", "{{", "(", ".k", ")", "}}", 100, "value", NULL},
    {"one parenthesis more", "{{", "(", "1", ")", "}}", 101, NULL, "max expression depth exceeded"},
    {"calls in calls", "{{", "(print ", ".k", ")", "}}", 100, "value", NULL},
    {"formats in formats", "{{", "(printf \"%s\" ", ".k", ")", "}}", 100, "value", NULL},
    {"comparisons in comparisons", "{{", "(eq 1.5 ", ".k", ")", "}}", 100, NULL,
     "incompatible types"},
    {"declarations in parentheses", "{{", "($x := ", ".k", ")", "}}", 100, "value", NULL},
    {"fields of parentheses", "{{", "(", ".k", ").a", "}}", 100, NULL, "can't evaluate field a"},
    {"a float deep inside", "{{", "(print ", "(printf \"%.50e\" 0.1)", ")", "}}", 99, NULL, NULL},
    {"an error deep inside", "{{", "(print ", "(index . 1)", ")", "}}", 99, NULL,
     "error calling index"},
    {"open parentheses", "{{", "(", "", "", "", 100000, NULL, "max expression depth exceeded"},
    {"if in if", "", "{{if 1}}", "{{.k}}", "{{end}}", "", 100000, "value", NULL},
    {"with in with", "", "{{with 1}}", "{{$.k}}", "{{end}}", "", 100000, "value", NULL},
    {"range in range", "", "{{range 1}}", "{{$.k}}", "{{end}}", "", 100000, "value", NULL},
    {"else if", "{{if 0}}", "{{else if 0}}", "{{else}}{{.k}}", "", "{{end}}", 100000, "value",
     NULL},
    {"a template in itself", "{{define \"a\"}}", "", "{{template \"a\"}}", "",
     "{{end}}{{template \"a\"}}", 0, NULL, "exceeded maximum template depth (100000)"},
    {"a template in a loop", "{{define \"a\"}}{{range 1}}{{template \"a\"}}{{end}}", "", "", "",
     "{{end}}{{template \"a\"}}", 0, NULL, "exceeded maximum template depth (100000)"},
    {"a template in much", "{{define \"a\"}}", "{{with 1}}", "{{template \"a\"}}", "{{end}}",
     "{{end}}{{template \"a\"}}", 1000, NULL, "exceeded maximum memory"},
    {"a template with variables", "{{define \"a\"}}", "{{$x := print 1}}", "{{template \"a\"}}", "",
     "{{end}}{{template \"a\"}}", 1000, NULL, "exceeded maximum memory"},
    /* memory of the parser, in 1 MB of text or so */
    {"dots", "{{if 0}}", "{{.}}", "", "", "{{end}}", 200000, "", NULL},
    {"dollars", "{{if 0}}", "{{$}}", "", "", "{{end}}", 200000, "", NULL},
    {"arguments", "{{if 0}}{{print", " 1", "", "", "}}{{end}}", 500000, "", NULL},
    {"dots as arguments", "{{if 0}}{{print", " .", "", "", "}}{{end}}", 500000, "", NULL},
    {"parentheses beside each other", "{{if 0}}{{print", "(1)", "", "", "}}{{end}}", 300000, NULL,
     NULL},
    {"parentheses with spaces", "{{if 0}}{{print", " (1)", "", "", "}}{{end}}", 250000, "", NULL},
    {"stages", "{{if 0}}{{1", "|len", "", "", "}}{{end}}", 250000, "", NULL},
    {"fields", "{{.k", ".b", "", "", "}}", 500000, NULL, "can't evaluate field b"},
    {"fields of a call", "{{html", ".b", "", "", "}}", 500000, NULL, "can't evaluate field b"},
    {"declarations", "", "{{$a:=1}}", "", "", "", 100000, "", NULL},
    {"assignments", "{{$a:=1}}", "{{$a = 1}}", "{{$a}}", "", "", 100000, "1", NULL},
    {"escapes", "{{if 0}}", "{{\"\\n\"}}", "", "", "{{end}}", 100000, "", NULL},
    {"malformed bytes", "{{\"\\n", "\xff", "", "", "\"}}", 1000000, NULL, NULL},
    {"empty texts", "", "a{{/**/}}", "", "", "", 100000, NULL, NULL},
    {"blocks", "", "{{block \"x\" .}}", "", "{{end}}", "", 50000, NULL, "multiple definition"},
    {"one long name", "{{.", "aaaaaaaaaa", "", "", "}}", 100000, "value", NULL},
    {"one long number", "{{", "1111111111", "", "", "}}", 100000, NULL, "illegal number syntax"},
    {"one long float", "{{1.", "1111111111", "", "", "}}", 100000, NULL, NULL},
    {"an unclosed action", "{{", "print ", "", "", "", 200000, NULL, "unclosed action"},
    /* memory of the executor */
    {"a loop's arguments", "{{range 2500000}}{{if eq . 1}}{{end}}{{end}}", "", "", "", "", 0, "",
     NULL},
    {"a text that doubles", "{{$x := \"0123456789\"}}{{range 40}}{{$x = print $x $x}}{{end}}", "",
     "", "", "", 0, NULL, "line 1: executing \"template\" at <$x>: exceeded maximum memory"},
    {"variables that are let go",
     "{{range 100000}}{{$x := printf \"%9999d\" .}}{{$x = print $x}}{{end}}", "", "", "", "", 0, "",
     NULL},
};

static void *run(void *unused) {
  (void)unused;
  for (size_t i = 0; i < sizeof shapes / sizeof shapes[0]; i++) check_shape(&shapes[i]);
  return NULL;
}

int main(void) {
  pthread_t thread;
  pthread_attr_t attributes;
  sqlite3_open(":memory:", &db);
  sqlite3_exec(db, "PRAGMA user_version", NULL, NULL, NULL);
  pthread_attr_init(&attributes);
  check("a stack of this size", pthread_attr_setstacksize(&attributes, STACK) == 0);
  check("a thread", pthread_create(&thread, &attributes, run, NULL) == 0);
  pthread_join(thread, NULL);
  sqlite3_close(db);
  printf("%d passed, %d failed\n", passed, failed);
  return failed > 0;
}
