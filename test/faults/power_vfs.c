/*
** See power_vfs.h.
**
** A file is its bytes on the disk and a list of what was done since: writes and truncations. A new
** file is on the disk from its first sync on (SQLite syncs the directory then); a deletion is there
** at once if SQLite asks for a sync of the directory, else perhaps. Shared memory is no file here.
** For one thread.
*/
#include "power_vfs.h"
#include "shim_vfs.h"

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

/* NULL: a temporary file, which no restart needs. */
static disk_file *on_disk(sqlite3_file *file) {
  return ((shim_file *)file)->own;
}

/* The write that is under way when the power goes may be on the disk too. */
static int file_write(sqlite3_file *file, const void *bytes, int count, sqlite3_int64 offset) {
  if (is_cut) return SQLITE_IOERR_WRITE;
  note(on_disk(file), offset, bytes, count);
  return is_power_gone() ? SQLITE_IOERR_WRITE : shim_methods.xWrite(file, bytes, count, offset);
}

static int file_truncate(sqlite3_file *file, sqlite3_int64 size) {
  if (is_cut) return SQLITE_IOERR_TRUNCATE;
  note(on_disk(file), size, NULL, -1);
  return is_power_gone() ? SQLITE_IOERR_TRUNCATE : shim_methods.xTruncate(file, size);
}

static int file_sync(sqlite3_file *file, int flags) {
  (void)flags;
  if (is_power_gone()) return SQLITE_IOERR_FSYNC;
  if (on_disk(file) != NULL && !is_ignoring_syncs) flush(on_disk(file));
  return SQLITE_OK;
}

static int file_sector_size(sqlite3_file *file) {
  (void)file;
  return SECTOR;
}

/* ---- the VFS ---- */

static sqlite3_io_methods methods;

static int vfs_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *given) {
  (void)vfs;
  ((shim_file *)file)->own = find_file(name);
  return shim_open(name, file, flags, given, &methods);
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
  return shim_under()->xDelete(shim_under(), name, is_synced);
}

int power_vfs_register(void) {
  static sqlite3_vfs vfs;
  methods = shim_methods;
  methods.xWrite = file_write;
  methods.xTruncate = file_truncate;
  methods.xSync = file_sync;
  methods.xSectorSize = file_sector_size;
  return shim_register(&vfs, "power", vfs_open, vfs_delete);
}
