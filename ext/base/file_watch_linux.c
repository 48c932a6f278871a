/*
** File changes on Linux: inotify. See file_watch.h.
*/
#include "base/file_watch.h"

#ifdef __linux__
#include "base/threads.h"

#include <poll.h>
#include <sys/inotify.h>
#include <unistd.h>

struct kv_file_watch {
  int descriptor;
  char *paths[3];
};

static const char *const endings[] = {"", "-wal", "-journal"};

kv_file_watch *kv_file_watch_open(const char *path) {
  kv_file_watch *watch = sqlite3_malloc64(sizeof *watch);
  if (watch == NULL) return NULL;
  int is_made = 1;
  watch->descriptor = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
  for (int i = 0; i < 3; i++) {
    watch->paths[i] = sqlite3_mprintf("%s%s", path, endings[i]);
    is_made = is_made && watch->paths[i] != NULL;
  }
  if (is_made && watch->descriptor >= 0) return watch;
  kv_file_watch_close(watch);
  return NULL;
}

static void drain(const kv_file_watch *watch) {
  char events[4096];
  for (int i = 0; i < 64 && read(watch->descriptor, events, sizeof events) > 0; i++) continue;
}

/* To watch what is watched already changes nothing; what is not there yet will touch what is. */
void kv_file_watch_arm(kv_file_watch *watch) {
  for (int i = 0; i < 3; i++) {
    (void)inotify_add_watch(watch->descriptor, watch->paths[i], IN_MODIFY | IN_DELETE_SELF);
  }
  drain(watch);
}

/* poll() counts in milliseconds: less than one is slept through. */
int kv_file_watch_wait(kv_file_watch *watch, sqlite3_int64 microseconds) {
  struct pollfd wanted = {.fd = watch->descriptor, .events = POLLIN};
  if (microseconds < 1000) {
    kv_nap(microseconds);
    return 0;
  }
  if (poll(&wanted, 1, (int)(microseconds / 1000)) <= 0) return 0;
  drain(watch);
  return 1;
}

void kv_file_watch_close(kv_file_watch *watch) {
  if (watch == NULL) return;
  if (watch->descriptor >= 0) close(watch->descriptor);
  for (int i = 0; i < 3; i++) sqlite3_free(watch->paths[i]);
  sqlite3_free(watch);
}

#endif
