/*
** Replays cases that Go has answered (see test/template/oracle):  template_test [-q] FILE...
**
** The output must be Go's to the byte; where Go fails, ours must, with the same line and the same words:
** Go's message without "template: NAME:" and the column. -q prints no more than the counts.
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

static int passed, failed, errors, other_lines, other_words;

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

static int go_on(void *context) {
  (void)context;
  return SQLITE_OK;
}

/*
** Go's error as ours is to be: "template: template:3:7: executing …" is "line 3: executing …", and of
** "template: template:3: unexpected …" there is no column to leave out. A zero byte would end ours.
*/
static void as_ours(const struct text *go, char *out, size_t size) {
  const char *at = go->bytes + strlen("template: template:");
  int line = (int)strtol(at, (char **)&at, 10), skipped = 0;
  if (sscanf(at, ":%*d: executing %n", &skipped) == 0 && skipped > 0) {
    at += skipped;
    snprintf(out, size, "line %d: executing ", line);
  } else {
    at += 2;
    snprintf(out, size, "line %d: ", line);
  }
  size_t length = strlen(out);
  for (; at < go->bytes + go->length && length + 1 < size; at++) {
    out[length++] = (char)(*at != 0 ? *at : ' ');
  }
  out[length] = 0;
}

/* Counts what is not the same; 1: nothing. */
static int is_same_error(const struct text *go, const char *ours) {
  static char wanted[2 << 20];
  errors++;
  as_ours(go, wanted, sizeof wanted);
  if (strcmp(wanted, ours) == 0) return 1;
  if (strtol(wanted + strlen("line "), NULL, 10) != strtol(ours + strlen("line "), NULL, 10)) {
    other_lines++;
  } else {
    other_words++;
  }
  return 0;
}

static void show(const char *what, const char *bytes, size_t length) {
  printf("  %-9s", what);
  fwrite(bytes, 1, length, stdout);
  printf("\n");
}

/* What the library made of a case. */
struct answer {
  int code;
  char *output, *error;
  size_t length;
};

static struct answer ask(struct test_case *c) {
  const kv_template_source source = {c, get, each};
  const kv_template_host host = {NULL, go_on};
  kv_template *parsed;
  struct answer a = {0};
  a.code = kv_template_parse(c->template.bytes, c->template.length, &host, &parsed, &a.error);
  if (a.code == SQLITE_OK) {
    a.code = kv_template_render(parsed, &host, &source, c->missing, 1 << 20, &a.output, &a.length,
                                &a.error);
  }
  kv_template_free(parsed);
  return a;
}

static int is_good(const struct test_case *c, const struct answer *a) {
  if (c->is_error) {
    if (strcmp(c->answer.bytes, "output too long") == 0) return a->code == SQLITE_TOOBIG;
    return a->code == SQLITE_ERROR && a->error != NULL && is_same_error(&c->answer, a->error);
  }
  return a->code == SQLITE_OK && a->length == c->answer.length &&
         memcmp(a->output, c->answer.bytes, a->length) == 0;
}

static void tell(const struct test_case *c, const struct answer *a) {
  show("template", c->template.bytes, c->template.length);
  for (int i = 0; i < c->key_count; i++)
    printf("    %s = %s\n", c->keys[i].bytes, c->values[i].bytes);
  show(c->is_error ? "Go fails:" : "expected", c->answer.bytes, c->answer.length);
  if (a->code == SQLITE_OK) {
    show("got", a->output, a->length);
  } else {
    printf("  error %d: %s\n", a->code, a->error != NULL ? a->error : "");
  }
}

static void check(struct test_case *c, const char *file, int line, int is_quiet) {
  struct answer a = ask(c);
  if (is_good(c, &a)) {
    passed++;
  } else {
    failed++;
    if (!is_quiet) {
      printf("%s:%d: FAILED\n", file, line);
      tell(c, &a);
    }
  }
  sqlite3_free(a.output);
  sqlite3_free(a.error);
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
  printf("%d errors: %d with another line, %d with other words\n", errors, other_lines,
         other_words);
  printf("%d passed, %d failed\n", passed, failed);
  return failed > 0 || passed == 0;
}
