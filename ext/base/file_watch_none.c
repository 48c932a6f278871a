/*
** Where no system tells of file changes. See file_watch.h.
*/
#include "base/file_watch.h"

#if !defined(__linux__) && !defined(_WIN32) && !defined(__APPLE__) && !defined(__FreeBSD__) &&     \
    !defined(__OpenBSD__) && !defined(__NetBSD__)

kv_file_watch *kv_file_watch_open(const char *path) {
  (void)path;
  return NULL;
}

void kv_file_watch_arm(kv_file_watch *watch) {
  (void)watch;
}

int kv_file_watch_wait(kv_file_watch *watch, sqlite3_int64 microseconds) {
  (void)watch, (void)microseconds;
  return 0;
}

void kv_file_watch_close(kv_file_watch *watch) {
  (void)watch;
}

#endif
