/*
** What VFSes over the default one share: files that pass every call on to the real file. One that
** watches some calls copies shim_methods, and puts its own in their place.
*/
#ifndef SHIM_VFS_H
#define SHIM_VFS_H

#include <sqlite3.h>

typedef struct shim_file {
  sqlite3_file base;
  sqlite3_file *real; /* stands behind this struct */
  void *own;          /* the watcher's */
} shim_file;

/* Version 2: with shared memory, without mapped files, which would read past xRead. */
extern const sqlite3_io_methods shim_methods;

/* Registers a copy of the default VFS under a name, with these in place of its own. */
int shim_register(sqlite3_vfs *vfs, const char *name,
                  int (*open)(sqlite3_vfs *, const char *, sqlite3_file *, int, int *),
                  int (*delete)(sqlite3_vfs *, const char *, int));
/* The default VFS. */
sqlite3_vfs *shim_under(void);
/* Opens the real file; the shim's then has these methods. */
int shim_open(const char *name, sqlite3_file *file, int flags, int *given,
              const sqlite3_io_methods *own_methods);
sqlite3_file *shim_real(sqlite3_file *file);

#endif
