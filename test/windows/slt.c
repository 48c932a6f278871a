/*
** Runs sqllogictest scripts where there is no Tcl:  slt EXTENSION FILE...
**
** It reads what test/slt.tcl describes and the scripts in test/slt/ use; anything else fails as
** unknown. Databases are made in the current directory. The last line is "N passed, N failed".
*/
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_LINES = 400, MAX_VALUES = 4000, MAX_SQL = 100000, MAX_CONNECTIONS = 10, MAX_NAME = 40 };

struct connection {
  char name[MAX_NAME];
  sqlite3 *db;
};

struct record {
  const char *file;
  int line; /* of its first line */
  char *words;
  char sql[MAX_SQL];
  char *result[MAX_LINES];
  int results;
};

struct values {
  char *texts[MAX_VALUES];
  int total;
};

static const char *extension;
static struct connection connections[MAX_CONNECTIONS];
static int connection_count, passed, failed;

static void *must(void *memory) {
  if (memory != NULL) return memory;
  puts("out of memory\n0 passed, 1 failed");
  exit(1);
}

static int fail(const struct record *record, const char *expected, const char *got) {
  failed++;
  printf("%s:%d: FAILED\n  %s\nexpected: %s\ngot:      %s\n", record->file, record->line,
         record->sql[0] != 0 ? record->sql : record->words, expected, got);
  return 0;
}

static int starts_with(const char *text, const char *start) {
  return strncmp(text, start, strlen(start)) == 0;
}

/* ---- connections ----------------------------------------------------------------------------- */

/* SQL: sleep(milliseconds). */
static void sleep_for(sqlite3_context *context, int count, sqlite3_value **arguments) {
  (void)count;
  sqlite3_sleep(sqlite3_value_int(arguments[0]));
  sqlite3_result_int(context, 0);
}

static sqlite3 *use_connection(const char *name, const char *file) {
  for (int i = 0; i < connection_count; i++) {
    if (strcmp(connections[i].name, name) == 0) return connections[i].db;
  }
  struct connection *new = &connections[connection_count++];
  char *error = NULL;
  snprintf(new->name, sizeof new->name, "%s", name);
  if (connection_count == MAX_CONNECTIONS || sqlite3_open(file, &new->db) != SQLITE_OK ||
      sqlite3_busy_timeout(new->db, 5000) != SQLITE_OK ||
      sqlite3_enable_load_extension(new->db, 1) != SQLITE_OK ||
      sqlite3_load_extension(new->db, extension, NULL, &error) != SQLITE_OK) {
    printf("cannot open %s with %s: %s\n0 passed, 1 failed\n", file, extension,
           error != NULL ? error : sqlite3_errmsg(new->db));
    exit(1);
  }
  sqlite3_create_function(new->db, "sleep", 1, SQLITE_UTF8, NULL, sleep_for, NULL, NULL);
  return new->db;
}

static void close_connections(void) {
  for (int i = 0; i < connection_count; i++) {
    if (sqlite3_close(connections[i].db) == SQLITE_OK) continue;
    printf("FAILED: the close of connection %s\n", connections[i].name);
    failed++;
  }
  connection_count = 0;
}

/* ---- statements ------------------------------------------------------------------------------ */

/* Regular expressions of characters, `.`, `.*`, `^`, `$` and what a backslash quotes. */
static int matches_here(const char *pattern, const char *text) {
  if (pattern[0] == 0) return 1;
  if (strcmp(pattern, "$") == 0) return text[0] == 0;
  if (pattern[0] == '.' && pattern[1] == '*') {
    do {
      if (matches_here(pattern + 2, text)) return 1;
    } while (*text++ != 0);
    return 0;
  }
  int is_quoted = pattern[0] == '\\';
  if (text[0] == 0 || (pattern[is_quoted] != text[0] && (is_quoted || pattern[0] != '.'))) return 0;
  return matches_here(pattern + is_quoted + 1, text + 1);
}

static int matches(const char *pattern, const char *text) {
  if (pattern[0] == '^') return matches_here(pattern + 1, text);
  do {
    if (matches_here(pattern, text)) return 1;
  } while (*text++ != 0);
  return 0;
}

static int check_statement(sqlite3 *db, const struct record *record) {
  const char *words = record->words + strlen("statement ");
  int code = sqlite3_exec(db, record->sql, NULL, NULL, NULL);
  const char *message = code == SQLITE_OK ? "no error" : sqlite3_errmsg(db);
  if (starts_with(words, "error")) {
    const char *pattern = words + strlen("error");
    pattern += *pattern == ' ';
    return code != SQLITE_OK && matches(pattern, message) ? 1 : fail(record, words, message);
  }
  if (code != SQLITE_OK) return fail(record, "no error", message);
  if (strcmp(words, "ok") == 0) return 1;
  if (!starts_with(words, "count ")) return fail(record, "ok, error or count", words);
  char changes[20];
  snprintf(changes, sizeof changes, "%d", sqlite3_changes(db));
  return strcmp(changes, words + strlen("count ")) == 0 ? 1 : fail(record, words, changes);
}

/* ---- queries --------------------------------------------------------------------------------- */

static void add(struct values *values, const char *text) {
  if (values->total == MAX_VALUES) return;
  values->texts[values->total++] = strcpy(must(malloc(strlen(text) + 1)), text);
}

static void free_values(struct values *values) {
  for (int i = 0; i < values->total; i++) free(values->texts[i]);
}

static void add_column(struct values *values, sqlite3_stmt *query, int column, char type) {
  char number[400];
  int is_null = sqlite3_column_type(query, column) == SQLITE_NULL;
  double real = sqlite3_column_double(query, column);
  int is_integer = sqlite3_column_type(query, column) == SQLITE_INTEGER;
  const char *text = (const char *)sqlite3_column_text(query, column);
  if (is_null || text == NULL || text[0] == 0) {
    add(values, is_null ? "NULL" : "(empty)");
  } else if (type == 'R') {
    snprintf(number, sizeof number, "%.3f", real);
    add(values, number);
  } else if (type == 'I' && !is_integer && real > -1e15 && real < 1e15 &&
             strspn(text, "-0123456789.") == strlen(text) && real == (double)(sqlite3_int64)real) {
    sqlite3_snprintf(sizeof number, number, "%lld", (sqlite3_int64)real);
    add(values, number);
  } else {
    add(values, text);
    for (char *at = values->texts[values->total - 1]; *at != 0; at++) {
      if ((unsigned char)*at < 0x20 || *at == 0x7f) *at = '@';
    }
  }
}

/* What the query answers, and how many rows: -1 is an error. */
static int run_query(sqlite3 *db, const struct record *record, const char *types,
                     struct values *got) {
  sqlite3_stmt *query = NULL;
  int rows = 0, width = (int)strlen(types);
  int code = sqlite3_prepare_v2(db, record->sql, -1, &query, NULL);
  if (code == SQLITE_OK && sqlite3_column_count(query) != width) {
    fail(record, types, "another number of columns");
    sqlite3_finalize(query);
    return -1;
  }
  while (code == SQLITE_OK && (code = sqlite3_step(query)) == SQLITE_ROW) {
    for (int i = 0; i < width; i++) add_column(got, query, i, types[i]);
    rows++;
    code = SQLITE_OK;
  }
  code = sqlite3_finalize(query);
  if (code == SQLITE_OK) return rows;
  fail(record, "no error", sqlite3_errmsg(db));
  return -1;
}

/* A row a line, its values apart by tabs or else by blanks. */
static void add_parts(struct values *values, char *line, int width) {
  int tabs = 0;
  for (const char *at = line; *at != 0; at++) tabs += *at == '\t';
  const char *separators = tabs == width - 1 ? "\t" : " \t";
  for (char *part = strtok(line, separators); part != NULL; part = strtok(NULL, separators)) {
    add(values, part);
  }
}

static int compare_rows(const void *left, const void *right) {
  return strcmp(*(char *const *)left, *(char *const *)right);
}

static char *joined(const struct values *values) {
  size_t length = 1;
  for (int i = 0; i < values->total; i++) length += strlen(values->texts[i]) + 1;
  char *all = must(calloc(length, 1)), *end = all;
  for (int i = 0; i < values->total; i++) end += sprintf(end, "%s\n", values->texts[i]);
  return all;
}

static int check_query(sqlite3 *db, struct record *record) {
  static struct values got, expected;
  char types[20] = "", sort[20] = "nosort";
  got.total = expected.total = 0;
  sscanf(record->words, "query %19s %19s", types, sort);
  int width = (int)strlen(types);
  int rows = run_query(db, record, types, &got);
  int is_rowsort = strcmp(sort, "rowsort") == 0;
  if (rows < 0) return 0;
  if (!is_rowsort && strcmp(sort, "nosort") != 0) return fail(record, "nosort or rowsort", sort);
  if (is_rowsort && width > 1) return fail(record, "one column to sort", types);
  if (is_rowsort) qsort(got.texts, (size_t)rows, sizeof got.texts[0], compare_rows);
  for (int i = 0; i < record->results; i++) {
    if (width > 1 && record->results == rows) {
      add_parts(&expected, record->result[i], width);
    } else {
      add(&expected, record->result[i]);
    }
  }
  char *expected_text = joined(&expected), *got_text = joined(&got);
  int is_same = strcmp(expected_text, got_text) == 0;
  if (!is_same) fail(record, expected_text, got_text);
  free(expected_text);
  free(got_text);
  free_values(&expected);
  free_values(&got);
  return is_same;
}

/* ---- scripts --------------------------------------------------------------------------------- */

static int condition_holds(const char *condition) {
  int major, minor;
  if (strcmp(condition, "sqlite") == 0) return 1;
  if (sscanf(condition, "sqlite>=%d.%d", &major, &minor) == 2) {
    return sqlite3_libversion_number() >= major * 1000000 + minor * 1000;
  }
  if (sscanf(condition, "sqlite<%d.%d", &major, &minor) == 2) {
    return sqlite3_libversion_number() < major * 1000000 + minor * 1000;
  }
  return 0;
}

/* Runs one record, and returns the connection that the next one is for. */
static sqlite3 *run_record(struct record *record, sqlite3 *db) {
  static int is_skipped;
  char name[MAX_NAME] = "main", file[MAX_NAME] = "test.db";
  int is_skip = starts_with(record->words, "skipif "),
      is_only = starts_with(record->words, "onlyif ");
  if (is_skip || is_only) {
    is_skipped |= condition_holds(record->words + strlen("skipif ")) == is_skip;
  } else if (is_skipped) {
    is_skipped = 0;
  } else if (starts_with(record->words, "statement ")) {
    passed += check_statement(db, record);
  } else if (starts_with(record->words, "query ")) {
    passed += check_query(db, record);
  } else if (sscanf(record->words, "connection %39s", name) == 1 ||
             sscanf(record->words, "open %39s %39s", name, file) == 2) {
    return use_connection(name, file);
  } else if (strcmp(record->words, "reopen") == 0) {
    close_connections();
    return use_connection("main", "test.db");
  } else {
    fail(record, "a record that this runner knows", record->words);
  }
  return db;
}

static int is_one_line(const char *words) {
  return !starts_with(words, "statement ") && !starts_with(words, "query ");
}

static char *read_line(FILE *script, char *line, int size) {
  if (fgets(line, size, script) == NULL) return NULL;
  line[strcspn(line, "\r\n")] = 0;
  return line;
}

static void clear(struct record *record) {
  for (int i = 0; i < record->results; i++) free(record->result[i]);
  free(record->words);
  record->words = NULL;
  record->sql[0] = 0;
  record->results = 0;
}

static void run_script(const char *path) {
  static struct record record;
  static char line[MAX_SQL];
  FILE *script = fopen(path, "rb");
  if (script == NULL) {
    printf("FAILED: cannot read %s\n", path);
    failed++;
    return;
  }
  sqlite3 *db = use_connection("main", "test.db");
  int is_result = 0, is_more = 1;
  record.file = path;
  for (int number = 1; is_more; number++) {
    is_more = read_line(script, line, sizeof line) != NULL;
    int is_end = !is_more || line[strspn(line, " \t")] == 0;
    if (!is_end && line[0] == '#' && !is_result) continue;
    if (!is_end && record.words == NULL) {
      record.words = strcpy(must(malloc(strlen(line) + 1)), line);
      record.line = number;
      is_end = is_one_line(line);
    } else if (!is_end && is_result) {
      if (record.results < MAX_LINES)
        record.result[record.results++] = strcpy(must(malloc(strlen(line) + 1)), line);
    } else if (!is_end && strcmp(line, "----") == 0) {
      is_result = 1;
    } else if (!is_end && strlen(record.sql) + strlen(line) + 2 < sizeof record.sql) {
      strcat(strcat(record.sql, line), "\n");
    }
    if (is_end && record.words != NULL) {
      db = run_record(&record, db);
      clear(&record);
      is_result = 0;
    }
  }
  fclose(script);
  close_connections();
}

int main(int count, char **arguments) {
  if (count < 3) return puts("slt EXTENSION FILE..."), 2;
  extension = arguments[1];
  for (int i = 2; i < count; i++) {
    run_script(arguments[i]);
    remove("test.db");
  }
  printf("SQLite %s\n%d passed, %d failed\n", sqlite3_libversion(), passed, failed);
  return failed > 0 || passed == 0;
}
