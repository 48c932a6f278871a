/*
** See fault_vfs.h. Counts are atomic: the purge thread's calls fail too.
*/
#include "fault_vfs.h"

#include <sqlite3.h>
#include <stdatomic.h>
#include <stddef.h>

typedef struct fault_file {
  sqlite3_file base;
  sqlite3_file *real; /* stands behind this struct */
} fault_file;

static sqlite3_vfs *under;
static _Atomic int armed_kind, countdown, is_lasting, failures;

static const struct {
  const char *name;
  int code;
} kinds[FAULT_KINDS] = {
    [FAULT_READ] = {"read", SQLITE_IOERR_READ},
    [FAULT_WRITE] = {"write", SQLITE_IOERR_WRITE},
    [FAULT_FULL] = {"write to a full disk", SQLITE_FULL},
    [FAULT_SYNC] = {"sync", SQLITE_IOERR_FSYNC},
    [FAULT_TRUNCATE] = {"truncate", SQLITE_IOERR_TRUNCATE},
    [FAULT_SIZE] = {"file size", SQLITE_IOERR_FSTAT},
    [FAULT_LOCK] = {"lock", SQLITE_IOERR_LOCK},
    [FAULT_BUSY] = {"lock that another has", SQLITE_BUSY},
    [FAULT_OPEN] = {"open", SQLITE_CANTOPEN},
    [FAULT_DELETE] = {"delete", SQLITE_IOERR_DELETE},
    [FAULT_ACCESS] = {"access", SQLITE_IOERR_ACCESS},
    [FAULT_SHM_MAP] = {"map of shared memory", SQLITE_IOERR_SHMMAP},
    [FAULT_SHM_LOCK] = {"lock on shared memory", SQLITE_IOERR_SHMLOCK},
};

const char *fault_vfs_name(fault_kind kind) {
  return kinds[kind].name;
}

void fault_vfs_arm(fault_kind kind, int n, int lasting) {
  countdown = 0;
  armed_kind = (int)kind;
  is_lasting = lasting;
  failures = 0;
  countdown = n;
}

int fault_vfs_failures(void) {
  return failures;
}

/* The code that this call is to fail with, or SQLITE_OK. */
static int fault(fault_kind kind) {
  if (countdown == 0 || armed_kind != (int)kind || --countdown > 0) return SQLITE_OK;
  countdown = is_lasting ? 1 : 0;
  failures++;
  return kinds[kind].code;
}

static sqlite3_file *real_file(sqlite3_file *file) {
  return ((fault_file *)file)->real;
}

/* ---- files ---- */

static int file_close(sqlite3_file *file) {
  return real_file(file)->pMethods->xClose(real_file(file));
}

static int file_read(sqlite3_file *file, void *bytes, int count, sqlite3_int64 offset) {
  int code = fault(FAULT_READ);
  return code != SQLITE_OK
             ? code
             : real_file(file)->pMethods->xRead(real_file(file), bytes, count, offset);
}

static int file_write(sqlite3_file *file, const void *bytes, int count, sqlite3_int64 offset) {
  int code = fault(FAULT_WRITE);
  if (code == SQLITE_OK) code = fault(FAULT_FULL);
  return code != SQLITE_OK
             ? code
             : real_file(file)->pMethods->xWrite(real_file(file), bytes, count, offset);
}

static int file_truncate(sqlite3_file *file, sqlite3_int64 size) {
  int code = fault(FAULT_TRUNCATE);
  return code != SQLITE_OK ? code : real_file(file)->pMethods->xTruncate(real_file(file), size);
}

static int file_sync(sqlite3_file *file, int flags) {
  int code = fault(FAULT_SYNC);
  return code != SQLITE_OK ? code : real_file(file)->pMethods->xSync(real_file(file), flags);
}

static int file_size(sqlite3_file *file, sqlite3_int64 *size) {
  int code = fault(FAULT_SIZE);
  return code != SQLITE_OK ? code : real_file(file)->pMethods->xFileSize(real_file(file), size);
}

static int file_lock(sqlite3_file *file, int level) {
  int code = fault(FAULT_LOCK);
  if (code == SQLITE_OK) code = fault(FAULT_BUSY);
  return code != SQLITE_OK ? code : real_file(file)->pMethods->xLock(real_file(file), level);
}

static int file_unlock(sqlite3_file *file, int level) {
  return real_file(file)->pMethods->xUnlock(real_file(file), level);
}

static int file_check_reserved(sqlite3_file *file, int *is_reserved) {
  int code = fault(FAULT_LOCK);
  return code != SQLITE_OK
             ? code
             : real_file(file)->pMethods->xCheckReservedLock(real_file(file), is_reserved);
}

static int file_control(sqlite3_file *file, int operation, void *argument) {
  return real_file(file)->pMethods->xFileControl(real_file(file), operation, argument);
}

static int file_sector_size(sqlite3_file *file) {
  return real_file(file)->pMethods->xSectorSize(real_file(file));
}

static int file_characteristics(sqlite3_file *file) {
  return real_file(file)->pMethods->xDeviceCharacteristics(real_file(file));
}

static int shm_map(sqlite3_file *file, int region, int size, int is_extending, void volatile **at) {
  int code = fault(FAULT_SHM_MAP);
  return code != SQLITE_OK
             ? code
             : real_file(file)->pMethods->xShmMap(real_file(file), region, size, is_extending, at);
}

static int shm_lock(sqlite3_file *file, int offset, int count, int flags) {
  int code = (flags & SQLITE_SHM_LOCK) ? fault(FAULT_SHM_LOCK) : SQLITE_OK;
  return code != SQLITE_OK
             ? code
             : real_file(file)->pMethods->xShmLock(real_file(file), offset, count, flags);
}

static void shm_barrier(sqlite3_file *file) {
  real_file(file)->pMethods->xShmBarrier(real_file(file));
}

static int shm_unmap(sqlite3_file *file, int is_deleting) {
  return real_file(file)->pMethods->xShmUnmap(real_file(file), is_deleting);
}

/* Version 2: with shared memory, without mapped files, which would read past xRead. */
static const sqlite3_io_methods methods = {
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

/* ---- the VFS ---- */

static int vfs_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *given) {
  fault_file *opened = (fault_file *)file;
  (void)vfs;
  opened->base.pMethods = NULL;
  opened->real = (sqlite3_file *)(opened + 1);
  int code = fault(FAULT_OPEN);
  if (code == SQLITE_OK) code = under->xOpen(under, name, opened->real, flags, given);
  if (code == SQLITE_OK) opened->base.pMethods = &methods;
  return code;
}

static int vfs_delete(sqlite3_vfs *vfs, const char *name, int is_synced) {
  (void)vfs;
  int code = fault(FAULT_DELETE);
  return code != SQLITE_OK ? code : under->xDelete(under, name, is_synced);
}

static int vfs_access(sqlite3_vfs *vfs, const char *name, int flags, int *result) {
  (void)vfs;
  int code = fault(FAULT_ACCESS);
  return code != SQLITE_OK ? code : under->xAccess(under, name, flags, result);
}

int fault_vfs_register(void) {
  static sqlite3_vfs vfs;
  under = sqlite3_vfs_find(NULL);
  vfs = *under;
  vfs.zName = "faults";
  vfs.szOsFile += (int)sizeof(fault_file);
  vfs.xOpen = vfs_open;
  vfs.xDelete = vfs_delete;
  vfs.xAccess = vfs_access;
  return sqlite3_vfs_register(&vfs, 0);
}
