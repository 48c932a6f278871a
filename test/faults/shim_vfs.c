/*
** See shim_vfs.h.
*/
#include "shim_vfs.h"

#include <stddef.h>

static sqlite3_vfs *under;

sqlite3_vfs *shim_under(void) {
  return under;
}

sqlite3_file *shim_real(sqlite3_file *file) {
  return ((shim_file *)file)->real;
}

static int file_close(sqlite3_file *file) {
  return shim_real(file)->pMethods->xClose(shim_real(file));
}

static int file_read(sqlite3_file *file, void *bytes, int count, sqlite3_int64 offset) {
  return shim_real(file)->pMethods->xRead(shim_real(file), bytes, count, offset);
}

static int file_write(sqlite3_file *file, const void *bytes, int count, sqlite3_int64 offset) {
  return shim_real(file)->pMethods->xWrite(shim_real(file), bytes, count, offset);
}

static int file_truncate(sqlite3_file *file, sqlite3_int64 size) {
  return shim_real(file)->pMethods->xTruncate(shim_real(file), size);
}

static int file_sync(sqlite3_file *file, int flags) {
  return shim_real(file)->pMethods->xSync(shim_real(file), flags);
}

static int file_size(sqlite3_file *file, sqlite3_int64 *size) {
  return shim_real(file)->pMethods->xFileSize(shim_real(file), size);
}

static int file_lock(sqlite3_file *file, int level) {
  return shim_real(file)->pMethods->xLock(shim_real(file), level);
}

static int file_unlock(sqlite3_file *file, int level) {
  return shim_real(file)->pMethods->xUnlock(shim_real(file), level);
}

static int file_check_reserved(sqlite3_file *file, int *is_reserved) {
  return shim_real(file)->pMethods->xCheckReservedLock(shim_real(file), is_reserved);
}

static int file_control(sqlite3_file *file, int operation, void *argument) {
  return shim_real(file)->pMethods->xFileControl(shim_real(file), operation, argument);
}

static int file_sector_size(sqlite3_file *file) {
  return shim_real(file)->pMethods->xSectorSize(shim_real(file));
}

static int file_characteristics(sqlite3_file *file) {
  return shim_real(file)->pMethods->xDeviceCharacteristics(shim_real(file));
}

static int shm_map(sqlite3_file *file, int region, int size, int is_extending, void volatile **at) {
  return shim_real(file)->pMethods->xShmMap(shim_real(file), region, size, is_extending, at);
}

static int shm_lock(sqlite3_file *file, int offset, int count, int flags) {
  return shim_real(file)->pMethods->xShmLock(shim_real(file), offset, count, flags);
}

static void shm_barrier(sqlite3_file *file) {
  shim_real(file)->pMethods->xShmBarrier(shim_real(file));
}

static int shm_unmap(sqlite3_file *file, int is_deleting) {
  return shim_real(file)->pMethods->xShmUnmap(shim_real(file), is_deleting);
}

const sqlite3_io_methods shim_methods = {
    .iVersion = 2,
    .xClose = file_close,
    .xRead = file_read,
    .xWrite = file_write,
    .xTruncate = file_truncate,
    .xSync = file_sync,
    .xFileSize = file_size,
    .xLock = file_lock,
    .xUnlock = file_unlock,
    .xCheckReservedLock = file_check_reserved,
    .xFileControl = file_control,
    .xSectorSize = file_sector_size,
    .xDeviceCharacteristics = file_characteristics,
    .xShmMap = shm_map,
    .xShmLock = shm_lock,
    .xShmBarrier = shm_barrier,
    .xShmUnmap = shm_unmap,
};

int shim_open(const char *name, sqlite3_file *file, int flags, int *given,
              const sqlite3_io_methods *own_methods) {
  shim_file *opened = (shim_file *)file;
  opened->base.pMethods = NULL;
  opened->real = (sqlite3_file *)(opened + 1);
  int code = under->xOpen(under, name, opened->real, flags, given);
  if (code == SQLITE_OK) opened->base.pMethods = own_methods;
  return code;
}

int shim_register(sqlite3_vfs *vfs, const char *name,
                  int (*open)(sqlite3_vfs *, const char *, sqlite3_file *, int, int *),
                  int (*delete)(sqlite3_vfs *, const char *, int)) {
  under = sqlite3_vfs_find(NULL);
  *vfs = *under;
  vfs->zName = name;
  vfs->szOsFile += (int)sizeof(shim_file);
  vfs->xOpen = open;
  vfs->xDelete = delete;
  return sqlite3_vfs_register(vfs, 0);
}
