/*
** The fuzzer's target: any bytes as a template, over a group of three keys.
*/
#include "template.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

static const char *const keys[] = {"a", "b", "name"}, *const values[] = {"x", "<5>", "\xff日本"};

static int get(void *context, const char *key, size_t key_length, const char **value,
               size_t *value_length) {
  (void)context;
  *value = NULL;
  for (int i = 0; i < 3; i++) {
    if (strlen(keys[i]) == key_length && memcmp(keys[i], key, key_length) == 0) *value = values[i];
  }
  if (*value != NULL) *value_length = strlen(*value);
  return SQLITE_OK;
}

static int each(void *context, int (*visit)(void *, const char *, size_t, const char *, size_t),
                void *visitor) {
  int code = SQLITE_OK;
  (void)context;
  for (int i = 0; i < 3 && code == SQLITE_OK; i++) {
    code = visit(visitor, keys[i], strlen(keys[i]), values[i], strlen(values[i]));
  }
  return code;
}

/* Loops may be endless: a host would interrupt. */
static int go_on(void *context) {
  return ++*(int *)context > 200 ? SQLITE_INTERRUPT : SQLITE_OK;
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size) {
  int asked = 0;
  const kv_template_host host = {&asked, go_on};
  const kv_template_source source = {NULL, get, each};
  kv_template *parsed;
  char *output = NULL, *error = NULL;
  size_t length;
  if (kv_template_parse((const char *)data, size, &host, &parsed, &error) == SQLITE_OK) {
    kv_template_render(parsed, &host, &source, KV_MISSING_DEFAULT, 1 << 20, &output, &length,
                       &error);
  }
  kv_template_free(parsed);
  sqlite3_free(output);
  sqlite3_free(error);
  return 0;
}
