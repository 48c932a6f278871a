/*
** Runs a fuzzer's target over files, without the fuzzer:  replay FILE...
*/
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

int main(int count, char **files) {
  static unsigned char data[1 << 16];
  int passed = 0, failed = 0;
  for (int i = 1; i < count; i++) {
    FILE *file = fopen(files[i], "rb");
    if (file == NULL) {
      fprintf(stderr, "FAILED: no file %s\n", files[i]);
      failed++;
      continue;
    }
    LLVMFuzzerTestOneInput(data, fread(data, 1, sizeof data, file));
    fclose(file);
    passed++; /* a target that finds something aborts */
  }
  printf("%d passed, %d failed\n", passed, failed);
  return failed != 0 || passed == 0;
}
