/*
** SQLite's API, however this file is built: through the table of pointers that a loaded extension
*is
** handed, or, with -DSQLITE_CORE, linked into the program as any other library.
*/
#ifndef KV_SQLITE_H
#define KV_SQLITE_H

#include <stddef.h>

#ifdef SQLITE_CORE
#include <sqlite3.h>
#else
#include <sqlite3ext.h>
SQLITE_EXTENSION_INIT3
#endif

#endif
