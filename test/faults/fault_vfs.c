/*
** See fault_vfs.h. Counts are atomic: the purge thread's calls fail too.
*/
#include "fault_vfs.h"
#include "shim_vfs.h"

#include <stdatomic.h>
#include <stddef.h>

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

/* ---- files ---- */

static int file_read(sqlite3_file *file, void *bytes, int count, sqlite3_int64 offset) {
  int code = fault(FAULT_READ);
  return code != SQLITE_OK ? code : shim_methods.xRead(file, bytes, count, offset);
}

static int file_write(sqlite3_file *file, const void *bytes, int count, sqlite3_int64 offset) {
  int code = fault(FAULT_WRITE);
  if (code == SQLITE_OK) code = fault(FAULT_FULL);
  return code != SQLITE_OK ? code : shim_methods.xWrite(file, bytes, count, offset);
}

static int file_truncate(sqlite3_file *file, sqlite3_int64 size) {
  int code = fault(FAULT_TRUNCATE);
  return code != SQLITE_OK ? code : shim_methods.xTruncate(file, size);
}

static int file_sync(sqlite3_file *file, int flags) {
  int code = fault(FAULT_SYNC);
  return code != SQLITE_OK ? code : shim_methods.xSync(file, flags);
}

static int file_size(sqlite3_file *file, sqlite3_int64 *size) {
  int code = fault(FAULT_SIZE);
  return code != SQLITE_OK ? code : shim_methods.xFileSize(file, size);
}

static int file_lock(sqlite3_file *file, int level) {
  int code = fault(FAULT_LOCK);
  if (code == SQLITE_OK) code = fault(FAULT_BUSY);
  return code != SQLITE_OK ? code : shim_methods.xLock(file, level);
}

static int file_check_reserved(sqlite3_file *file, int *is_reserved) {
  int code = fault(FAULT_LOCK);
  return code != SQLITE_OK ? code : shim_methods.xCheckReservedLock(file, is_reserved);
}

static int shm_map(sqlite3_file *file, int region, int size, int is_extending, void volatile **at) {
  int code = fault(FAULT_SHM_MAP);
  return code != SQLITE_OK ? code : shim_methods.xShmMap(file, region, size, is_extending, at);
}

static int shm_lock(sqlite3_file *file, int offset, int count, int flags) {
  int code = (flags & SQLITE_SHM_LOCK) ? fault(FAULT_SHM_LOCK) : SQLITE_OK;
  return code != SQLITE_OK ? code : shim_methods.xShmLock(file, offset, count, flags);
}

/* ---- the VFS ---- */

static sqlite3_io_methods methods;

static int vfs_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *given) {
  (void)vfs;
  file->pMethods = NULL;
  int code = fault(FAULT_OPEN);
  return code != SQLITE_OK ? code : shim_open(name, file, flags, given, &methods);
}

static int vfs_delete(sqlite3_vfs *vfs, const char *name, int is_synced) {
  (void)vfs;
  int code = fault(FAULT_DELETE);
  return code != SQLITE_OK ? code : shim_under()->xDelete(shim_under(), name, is_synced);
}

static int vfs_access(sqlite3_vfs *vfs, const char *name, int flags, int *result) {
  (void)vfs;
  int code = fault(FAULT_ACCESS);
  return code != SQLITE_OK ? code : shim_under()->xAccess(shim_under(), name, flags, result);
}

int fault_vfs_register(void) {
  static sqlite3_vfs vfs;
  methods = shim_methods;
  methods.xRead = file_read;
  methods.xWrite = file_write;
  methods.xTruncate = file_truncate;
  methods.xSync = file_sync;
  methods.xFileSize = file_size;
  methods.xLock = file_lock;
  methods.xCheckReservedLock = file_check_reserved;
  methods.xShmMap = shm_map;
  methods.xShmLock = shm_lock;
  int code = shim_register(&vfs, "faults", vfs_open, vfs_delete);
  vfs.xAccess = vfs_access;
  return code;
}
