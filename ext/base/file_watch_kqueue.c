/*
** File changes on macOS and the BSDs: kqueue. See file_watch.h.
**
** kqueue wants descriptors. The -wal has none of SQLite's locks (they are on the -shm and the database),
** so it may be opened; a rollback journal comes and goes with each commit, which the folder is told of.
** Built, and not run: there was no such machine.
*/
#include "base/file_watch.h"

#if defined(__APPLE__) || defined(__FreeBSD__) || defined(__OpenBSD__) || defined(__NetBSD__)

#include <fcntl.h>
#include <string.h>
#include <sys/event.h>
#include <sys/time.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

#ifndef O_EVTONLY
#define O_EVTONLY O_RDONLY
#endif

struct kv_file_watch {
  int queue;
  int folder;
  int wal; /* -1: there was none */
  char *wal_path;
};

static void add(const kv_file_watch *watch, int descriptor) {
  struct kevent change;
  if (descriptor < 0) return;
  EV_SET(&change, (uintptr_t)descriptor, EVFILT_VNODE, EV_ADD | EV_CLEAR,
         NOTE_WRITE | NOTE_EXTEND | NOTE_DELETE | NOTE_ATTRIB, 0, 0);
  (void)kevent(watch->queue, &change, 1, NULL, 0, NULL);
}

static int open_folder(const char *path) {
  const char *slash = strrchr(path, '/');
  char *folder =
      slash == NULL ? sqlite3_mprintf(".") : sqlite3_mprintf("%.*s/", (int)(slash - path), path);
  int descriptor = folder != NULL ? open(folder, O_EVTONLY | O_CLOEXEC) : -1;
  sqlite3_free(folder);
  return descriptor;
}

kv_file_watch *kv_file_watch_open(const char *path) {
  kv_file_watch *watch = sqlite3_malloc64(sizeof *watch);
  if (watch == NULL) return NULL;
  watch->wal = -1;
  watch->queue = kqueue();
  watch->folder = open_folder(path);
  watch->wal_path = sqlite3_mprintf("%s-wal", path);
  if (watch->queue < 0 || watch->folder < 0 || watch->wal_path == NULL) {
    kv_file_watch_close(watch);
    return NULL;
  }
  add(watch, watch->folder);
  return watch;
}

static int take(const kv_file_watch *watch, sqlite3_int64 microseconds) {
  struct kevent event;
  struct timespec time = {.tv_sec = (time_t)(microseconds / 1000000),
                          .tv_nsec = (long)(microseconds % 1000000) * 1000};
  return kevent(watch->queue, NULL, 0, &event, 1, &time) > 0;
}

/* The -wal may be another file than last time: it is opened anew. */
void kv_file_watch_arm(kv_file_watch *watch) {
  if (watch->wal >= 0) close(watch->wal);
  watch->wal = open(watch->wal_path, O_EVTONLY | O_CLOEXEC);
  add(watch, watch->wal);
  for (int i = 0; i < 64 && take(watch, 0); i++) continue;
}

int kv_file_watch_wait(kv_file_watch *watch, sqlite3_int64 microseconds) {
  return take(watch, microseconds);
}

void kv_file_watch_close(kv_file_watch *watch) {
  if (watch == NULL) return;
  if (watch->wal >= 0) close(watch->wal);
  if (watch->folder >= 0) close(watch->folder);
  if (watch->queue >= 0) close(watch->queue);
  sqlite3_free(watch->wal_path);
  sqlite3_free(watch);
}

#endif
