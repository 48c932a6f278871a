/*
** File changes on Windows: the change notification of the folder. See file_watch.h.
*/
#include "base/file_watch.h"

#ifdef _WIN32
#define WIN32_LEAN_AND_MEAN
#include <windows.h>

#include <string.h>

struct kv_file_watch {
  HANDLE handle;
};

/* The folder of the path, in UTF-16. NULL: out of memory, or no path. */
static wchar_t *folder_of(const char *path) {
  int length = MultiByteToWideChar(CP_UTF8, 0, path, -1, NULL, 0);
  wchar_t *folder = length > 0 ? sqlite3_malloc64((size_t)length * sizeof *folder) : NULL;
  if (folder == NULL) return NULL;
  MultiByteToWideChar(CP_UTF8, 0, path, -1, folder, length);
  int end = length - 1;
  while (end > 0 && folder[end] != L'\\' && folder[end] != L'/') end--;
  folder[end] = 0;
  return folder;
}

kv_file_watch *kv_file_watch_open(const char *path) {
  wchar_t *folder = folder_of(path);
  if (folder == NULL) return NULL;
  HANDLE handle = FindFirstChangeNotificationW(
      *folder != 0 ? folder : L".", FALSE,
      FILE_NOTIFY_CHANGE_LAST_WRITE | FILE_NOTIFY_CHANGE_SIZE | FILE_NOTIFY_CHANGE_FILE_NAME);
  sqlite3_free(folder);
  if (handle == INVALID_HANDLE_VALUE) return NULL;
  kv_file_watch *watch = sqlite3_malloc64(sizeof *watch);
  if (watch == NULL) {
    FindCloseChangeNotification(handle);
    return NULL;
  }
  watch->handle = handle;
  return watch;
}

static int take(const kv_file_watch *watch, DWORD milliseconds) {
  if (WaitForSingleObject(watch->handle, milliseconds) != WAIT_OBJECT_0) return 0;
  return FindNextChangeNotification(watch->handle) != 0;
}

void kv_file_watch_arm(kv_file_watch *watch) {
  for (int i = 0; i < 64 && take(watch, 0); i++) continue;
}

int kv_file_watch_wait(kv_file_watch *watch, sqlite3_int64 microseconds) {
  return take(watch, (DWORD)((microseconds + 999) / 1000));
}

void kv_file_watch_close(kv_file_watch *watch) {
  if (watch == NULL) return;
  FindCloseChangeNotification(watch->handle);
  sqlite3_free(watch);
}

#endif
