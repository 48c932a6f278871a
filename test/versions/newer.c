/*
** What Debian's libsqlite3-tcl and sqlite3 shell call and an older SQLite has not: linked into that
** library, so that the Tcl tests and the SQL scripts run there too. Nothing of kv calls these.
*/
#include "sqlite3.h"

#if SQLITE_VERSION_NUMBER < 3037000
SQLITE_API sqlite3_int64 sqlite3_changes64(sqlite3 *db);
SQLITE_API sqlite3_int64 sqlite3_total_changes64(sqlite3 *db);

sqlite3_int64 sqlite3_changes64(sqlite3 *db) {
  return sqlite3_changes(db);
}

sqlite3_int64 sqlite3_total_changes64(sqlite3 *db) {
  return sqlite3_total_changes(db);
}
#endif

#if SQLITE_VERSION_NUMBER < 3038000
SQLITE_API int sqlite3_error_offset(sqlite3 *db);

int sqlite3_error_offset(sqlite3 *db) {
  (void)db;
  return -1; /* "not known" */
}
#endif
