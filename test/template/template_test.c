/*
** Replays cases that Go has answered (see test/template/oracle):  template_test FILE...
**
** The output must be Go's to the byte; where Go fails, ours must. How many error messages agree in their
** reason, too, is told at the end. -q prints no more than the count.
*/
#include "template.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_KEYS = 64 };

struct text {
  char *bytes;
  size_t length;
};

struct test_case {
  struct text template, answer;
  struct text keys[MAX_KEYS], values[MAX_KEYS];
  int key_count;
  kv_template_missing missing;
  int is_error;
};

static int passed, failed, errors, same_reasons;

static struct text unescape(const char *in, size_t length) {
  struct text out = {malloc(length + 1), 0};
  for (size_t i = 0; i < length; i++) {
    char c = in[i];
    if (c == '\\') {
      c = in[++i];
      if (c == 'n')
        c = '\n';
      else if (c == 't')
        c = '\t';
      else if (c == 'x') {
        char hex[3] = {in[i + 1], in[i + 2], 0};
        c = (char)strtol(hex, NULL, 16);
        i += 2;
      }
    }
    out.bytes[out.length++] = c;
  }
  out.bytes[out.length] = 0;
  return out;
}

static int get(void *context, const char *key, size_t key_length, const char **value,
               size_t *value_length) {
  const struct test_case *c = context;
  *value = NULL;
  for (int i = 0; i < c->key_count; i++) {
    if (c->keys[i].length == key_length && memcmp(c->keys[i].bytes, key, key_length) == 0) {
      *value = c->values[i].bytes;
      *value_length = c->values[i].length;
    }
  }
  return SQLITE_OK;
}

static int each(void *context, int (*visit)(void *, const char *, size_t, const char *, size_t),
                void *visitor) {
  const struct test_case *c = context;
  int code = SQLITE_OK;
  for (int i = 0; i < c->key_count && code == SQLITE_OK; i++) {
    code = visit(visitor, c->keys[i].bytes, c->keys[i].length, c->values[i].bytes,
                 c->values[i].length);
  }
  return code;
}

static int is_interrupted(void *context) {
  (void)context;
  return 0;
}

/* Is what follows the last ": " of both the same? */
static int is_same_reason(const char *a, const char *b) {
  const char *x = strrchr(a, ':'), *y = strrchr(b, ':');
  return x != NULL && y != NULL && strcmp(x, y) == 0;
}

static void show(const char *what, const char *bytes, size_t length) {
  printf("  %-9s", what);
  fwrite(bytes, 1, length, stdout);
  printf("\n");
}

static void check(struct test_case *c, const char *file, int line, int is_quiet) {
  const kv_template_source source = {c, get, each, is_interrupted};
  kv_template *parsed;
  char *output = NULL, *error = NULL;
  size_t length = 0;
  int code = kv_template_parse(c->template.bytes, c->template.length, &parsed, &error);
  if (code == SQLITE_OK) {
    code = kv_template_render(parsed, &source, c->missing, 1 << 20, &output, &length, &error);
  }
  int is_good = c->is_error ? code != SQLITE_OK
                            : code == SQLITE_OK && length == c->answer.length &&
                                  memcmp(output, c->answer.bytes, length) == 0;
  if (is_good) {
    passed++;
    if (c->is_error) {
      errors++;
      same_reasons += error != NULL && is_same_reason(error, c->answer.bytes);
    }
  } else {
    failed++;
    if (!is_quiet) {
      printf("%s:%d: FAILED\n", file, line);
      show("template", c->template.bytes, c->template.length);
      for (int i = 0; i < c->key_count; i++) {
        printf("    %s = %s\n", c->keys[i].bytes, c->values[i].bytes);
      }
      show(c->is_error ? "Go fails:" : "expected", c->answer.bytes, c->answer.length);
      if (code == SQLITE_OK) {
        show("got", output, length);
      } else {
        printf("  error %d: %s\n", code, error != NULL ? error : "");
      }
    }
  }
  kv_template_free(parsed);
  sqlite3_free(output);
  sqlite3_free(error);
}

static void clear(struct test_case *c) {
  free(c->template.bytes);
  free(c->answer.bytes);
  for (int i = 0; i < c->key_count; i++) {
    free(c->keys[i].bytes);
    free(c->values[i].bytes);
  }
  memset(c, 0, sizeof *c);
}

static void read_line(struct test_case *c, const char *line, size_t length) {
  const char *rest = line + 2;
  const char *tab = memchr(line, '\t', length);
  if (line[0] == 'T') c->template = unescape(rest, length - 2);
  if (line[0] == 'O') {
    c->missing = strcmp(rest, "zero") == 0    ? KV_MISSING_ZERO
                 : strcmp(rest, "error") == 0 ? KV_MISSING_ERROR
                                              : KV_MISSING_DEFAULT;
  }
  if (line[0] == 'D' && tab != NULL && c->key_count < MAX_KEYS) {
    c->keys[c->key_count] = unescape(rest, (size_t)(tab - rest));
    c->values[c->key_count++] = unescape(tab + 1, length - (size_t)(tab + 1 - line));
  }
  if (line[0] == '=' || line[0] == '!') {
    c->answer = unescape(rest, length - 2);
    c->is_error = line[0] == '!';
  }
}

static void replay(const char *name, int is_quiet) {
  FILE *file = strcmp(name, "-") == 0 ? stdin : fopen(name, "r");
  struct test_case c = {0};
  char *line = NULL;
  size_t size = 0;
  ssize_t length;
  int number = 0;
  if (file == NULL) {
    printf("cannot open %s\n", name);
    failed++;
    return;
  }
  while ((length = getline(&line, &size, file)) >= 0) {
    number++;
    if (length > 0 && line[length - 1] == '\n') line[--length] = 0;
    if (length >= 2) {
      read_line(&c, line, (size_t)length);
    } else if (c.template.bytes != NULL) {
      check(&c, name, number, is_quiet);
      clear(&c);
    }
  }
  clear(&c);
  free(line);
  if (file != stdin) fclose(file);
}

int main(int argc, char **argv) {
  int is_quiet = argc > 1 && strcmp(argv[1], "-q") == 0;
  for (int i = 1 + is_quiet; i < argc; i++) replay(argv[i], is_quiet);
  printf("%d of %d errors give Go's reason\n", same_reasons, errors);
  printf("%d passed, %d failed\n", passed, failed);
  return failed > 0 || passed == 0;
}
