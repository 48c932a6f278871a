/*
** Checks for the C tests. A title is a sentence of what holds; a check that fails prints file,
** line, title, what was expected and what came. The last line of a test is "N passed, N failed".
*/
#ifndef CHECK_H
#define CHECK_H

#include <stdio.h>
#include <string.h>

static int checks_passed, checks_failed;

#define CHECK(title, condition)             check(__FILE__, __LINE__, title, condition, #condition)
#define CHECK_INTEGER(title, expected, got) check_integer(__FILE__, __LINE__, title, expected, got)
#define CHECK_TEXT(title, expected, got)    check_text(__FILE__, __LINE__, title, expected, got)

static inline int check(const char *file, int line, const char *title, int holds,
                        const char *condition) {
  if (holds) {
    checks_passed++;
  } else {
    checks_failed++;
    printf("%s:%d: FAILED: %s\n  is not so: %s\n", file, line, title, condition);
    fflush(stdout);
  }
  return holds;
}

static inline int check_text(const char *file, int line, const char *title, const char *expected,
                             const char *got) {
  if (strcmp(expected, got) == 0) {
    checks_passed++;
    return 1;
  }
  checks_failed++;
  printf("%s:%d: FAILED: %s\n  expected: %s\n  got:      %s\n", file, line, title, expected, got);
  fflush(stdout);
  return 0;
}

static inline int check_integer(const char *file, int line, const char *title, long long expected,
                                long long got) {
  char expected_text[24], got_text[24];
  snprintf(expected_text, sizeof expected_text, "%lld", expected);
  snprintf(got_text, sizeof got_text, "%lld", got);
  return check_text(file, line, title, expected_text, got_text);
}

/* What main() returns. */
static inline int check_end(void) {
  printf("%d passed, %d failed\n", checks_passed, checks_failed);
  return checks_failed > 0 || checks_passed == 0;
}

#endif
