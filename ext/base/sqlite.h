/*
** SQLite's API, however this file is built: through the table of pointers that a loaded extension
** is handed, or, with -DSQLITE_CORE, linked into the program as any other library.
*/
#ifndef KV_SQLITE_H
#define KV_SQLITE_H

#include <sqlite3ext.h>
#include <stddef.h>

#ifndef KV_DEFINES_SQLITE_API
SQLITE_EXTENSION_INIT3
#endif

#endif
