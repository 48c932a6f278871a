/*
** The fuzzer's target: any bytes as a duration. What is accepted reads the same without its sign,
** and the answer comes always whole or not at all.
*/
#include "arguments/duration.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

static void check_seconds(const unsigned char *data, size_t size) {
  double seconds;
  sqlite3_int64 milliseconds = 0;
  if (size < sizeof seconds) return;
  memcpy(&seconds, data, sizeof seconds);
  if (kv_duration_of_seconds(seconds, &milliseconds) != KV_DURATION_OK) return;
  if ((seconds > 0 && milliseconds <= 0) || (seconds < 0 && milliseconds >= 0)) abort();
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size) {
  sqlite3_int64 milliseconds = 0, again = 0;
  char *text = sqlite3_malloc64(size + 32);
  if (text == NULL) return 0;
  if (size > 0) memcpy(text, data, size);
  if (kv_duration_parse(text, (int)size, &milliseconds) == KV_DURATION_OK &&
      milliseconds > -1000000000000 && milliseconds < 1000000000000) {
    sqlite3_snprintf(32, text, "%lldms", milliseconds);
    if (kv_duration_parse(text, (int)strlen(text), &again) != KV_DURATION_OK) abort();
    if (again != milliseconds) abort();
  }
  sqlite3_free(text);
  check_seconds(data, size);
  return 0;
}
