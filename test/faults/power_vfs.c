/*
** See power_vfs.h.
**
** A file is its bytes on the disk and a list of what was done since: writes and truncations. A new
** file is on the disk from its first sync on (SQLite syncs the directory then); a deletion is there
** at once if SQLite asks for a sync of the directory, else perhaps. Shared memory is no file here.
** For one thread.
*/
#include "power_vfs.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_FILES = 8, SECTOR = 512 };

typedef struct change {
  struct change *next;
  sqlite3_int64 offset;
  int count; /* -1: truncated to the offset */
  char bytes[];
} change;

typedef struct disk_file {
  char name[400];
  char *bytes; /* on the disk */
  sqlite3_int64 size;
  int is_there;
  change *first, **last; /* since the last sync */
} disk_file;

typedef struct power_file {
  sqlite3_file base;
  sqlite3_file *real; /* stands behind this struct */
  disk_file *disk;    /* NULL: a temporary file, which no restart needs */
} power_file;

static sqlite3_vfs *under;
static disk_file files[MAX_FILES];
static int countdown, is_cut, is_ignoring_syncs;

/* ---- the disk ---- */

static void forget_changes(disk_file *file) {
  while (file->first != NULL) {
    change *next = file->first->next;
    free(file->first);
    file->first = next;
  }
  file->last = &file->first;
}

static void note(disk_file *file, sqlite3_int64 offset, const void *bytes, int count) {
  if (file == NULL) return;
  size_t length = count > 0 ? (size_t)count : 0;
  change *made = malloc(sizeof *made + length);
  if (made == NULL) abort();
  *made = (change){.offset = offset, .count = count};
  if (length > 0) memcpy(made->bytes, bytes, length);
  *file->last = made;
  file->last = &made->next;
}

static void resize(disk_file *file, sqlite3_int64 size) {
  file->bytes = realloc(file->bytes, (size_t)size + 1);
  if (file->bytes == NULL) abort();
  if (size > file->size) memset(file->bytes + file->size, 0, (size_t)(size - file->size));
  file->size = size;
}

static int is_lucky(int chance) {
  return rand() % 100 < chance;
}

/* A write reaches the disk sector by sector, in any order and not always. */
static void apply(disk_file *file, const change *made, int chance) {
  if (made->count < 0) {
    if (is_lucky(chance) && made->offset < file->size) resize(file, made->offset);
    return;
  }
  sqlite3_int64 end = made->offset + made->count;
  for (sqlite3_int64 at = made->offset; at < end;) {
    sqlite3_int64 next = (at / SECTOR + 1) * SECTOR;
    if (next > end) next = end;
    if (is_lucky(chance)) {
      if (next > file->size) resize(file, next);
      memcpy(file->bytes + at, made->bytes + (at - made->offset), (size_t)(next - at));
    }
    at = next;
  }
}

static void flush(disk_file *file) {
  for (const change *made = file->first; made != NULL; made = made->next) apply(file, made, 100);
  forget_changes(file);
  file->is_there = 1;
}

static void read_from_disk(disk_file *file) {
  FILE *in = fopen(file->name, "rb");
  file->is_there = in != NULL;
  file->size = 0;
  if (in == NULL) return;
  fseek(in, 0, SEEK_END);
  resize(file, ftell(in));
  rewind(in);
  if (fread(file->bytes, 1, (size_t)file->size, in) != (size_t)file->size) abort();
  fclose(in);
}

static disk_file *find_file(const char *name) {
  int i = 0;
  if (name == NULL) return NULL;
  while (i < MAX_FILES && files[i].name[0] != 0 && strcmp(files[i].name, name) != 0) i++;
  if (i == MAX_FILES) abort();
  if (files[i].name[0] == 0) {
    snprintf(files[i].name, sizeof files[i].name, "%s", name);
    files[i].last = &files[i].first;
    read_from_disk(&files[i]);
  }
  return &files[i];
}

void power_vfs_restore(int chance, unsigned seed) {
  srand(seed);
  for (int i = 0; i < MAX_FILES && files[i].name[0] != 0; i++) {
    disk_file *file = &files[i];
    for (const change *made = file->first; made != NULL; made = made->next) {
      apply(file, made, chance);
    }
    remove(file->name);
    if (!file->is_there) continue;
    FILE *out = fopen(file->name, "wb");
    if (out == NULL || fwrite(file->bytes, 1, (size_t)file->size, out) != (size_t)file->size)
      abort();
    fclose(out);
  }
}

/* ---- the power ---- */

void power_vfs_start(int n) {
  for (int i = 0; i < MAX_FILES; i++) {
    forget_changes(&files[i]);
    free(files[i].bytes);
    files[i] = (disk_file){0};
  }
  countdown = n;
  is_cut = 0;
}

int power_vfs_is_cut(void) {
  return is_cut;
}

void power_vfs_ignore_syncs(int is_ignoring) {
  is_ignoring_syncs = is_ignoring;
}

static int is_power_gone(void) {
  if (countdown > 0 && --countdown == 0) is_cut = 1;
  return is_cut;
}

/* ---- files ---- */

static sqlite3_file *real_file(sqlite3_file *file) {
  return ((power_file *)file)->real;
}

static disk_file *on_disk(sqlite3_file *file) {
  return ((power_file *)file)->disk;
}

static int file_close(sqlite3_file *file) {
  return real_file(file)->pMethods->xClose(real_file(file));
}

static int file_read(sqlite3_file *file, void *bytes, int count, sqlite3_int64 offset) {
  return real_file(file)->pMethods->xRead(real_file(file), bytes, count, offset);
}

/* The write that is under way when the power goes may be on the disk too. */
static int file_write(sqlite3_file *file, const void *bytes, int count, sqlite3_int64 offset) {
  if (is_cut) return SQLITE_IOERR_WRITE;
  note(on_disk(file), offset, bytes, count);
  if (is_power_gone()) return SQLITE_IOERR_WRITE;
  return real_file(file)->pMethods->xWrite(real_file(file), bytes, count, offset);
}

static int file_truncate(sqlite3_file *file, sqlite3_int64 size) {
  if (is_cut) return SQLITE_IOERR_TRUNCATE;
  note(on_disk(file), size, NULL, -1);
  if (is_power_gone()) return SQLITE_IOERR_TRUNCATE;
  return real_file(file)->pMethods->xTruncate(real_file(file), size);
}

static int file_sync(sqlite3_file *file, int flags) {
  if (is_power_gone()) return SQLITE_IOERR_FSYNC;
  (void)flags;
  if (on_disk(file) != NULL && !is_ignoring_syncs) flush(on_disk(file));
  return SQLITE_OK;
}

static int file_size(sqlite3_file *file, sqlite3_int64 *size) {
  return real_file(file)->pMethods->xFileSize(real_file(file), size);
}

static int file_lock(sqlite3_file *file, int level) {
  return real_file(file)->pMethods->xLock(real_file(file), level);
}

static int file_unlock(sqlite3_file *file, int level) {
  return real_file(file)->pMethods->xUnlock(real_file(file), level);
}

static int file_check_reserved(sqlite3_file *file, int *is_reserved) {
  return real_file(file)->pMethods->xCheckReservedLock(real_file(file), is_reserved);
}

static int file_control(sqlite3_file *file, int operation, void *argument) {
  return real_file(file)->pMethods->xFileControl(real_file(file), operation, argument);
}

static int file_sector_size(sqlite3_file *file) {
  (void)file;
  return SECTOR;
}

static int file_characteristics(sqlite3_file *file) {
  return real_file(file)->pMethods->xDeviceCharacteristics(real_file(file));
}

static int shm_map(sqlite3_file *file, int region, int size, int is_extending, void volatile **at) {
  return real_file(file)->pMethods->xShmMap(real_file(file), region, size, is_extending, at);
}

static int shm_lock(sqlite3_file *file, int offset, int count, int flags) {
  return real_file(file)->pMethods->xShmLock(real_file(file), offset, count, flags);
}

static void shm_barrier(sqlite3_file *file) {
  real_file(file)->pMethods->xShmBarrier(real_file(file));
}

static int shm_unmap(sqlite3_file *file, int is_deleting) {
  return real_file(file)->pMethods->xShmUnmap(real_file(file), is_deleting);
}

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
  power_file *opened = (power_file *)file;
  (void)vfs;
  opened->base.pMethods = NULL;
  opened->real = (sqlite3_file *)(opened + 1);
  opened->disk = find_file(name);
  int code = under->xOpen(under, name, opened->real, flags, given);
  if (code == SQLITE_OK) opened->base.pMethods = &methods;
  return code;
}

static int vfs_delete(sqlite3_vfs *vfs, const char *name, int is_synced) {
  (void)vfs;
  if (is_power_gone()) return SQLITE_IOERR_DELETE;
  disk_file *file = find_file(name);
  forget_changes(file);
  if (is_synced || is_lucky(50)) {
    file->is_there = 0;
    file->size = 0;
  }
  return under->xDelete(under, name, is_synced);
}

int power_vfs_register(void) {
  static sqlite3_vfs vfs;
  under = sqlite3_vfs_find(NULL);
  vfs = *under;
  vfs.zName = "power";
  vfs.szOsFile += (int)sizeof(power_file);
  vfs.xOpen = vfs_open;
  vfs.xDelete = vfs_delete;
  return sqlite3_vfs_register(&vfs, 0);
}
