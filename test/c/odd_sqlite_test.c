/*
** An SQLite that lacks something: it is too old, has no threads, or its clock is of the first kind.
**
** The first two are this SQLite under a table of routines of which one lies.
*/
#define SQLITE_CORE 1 /* the routines by name, beside the table of them */
#include <sqlite3ext.h>

#include "host.h"

#include <dlfcn.h>

static sqlite3_api_routines routines;
static int (*init)(sqlite3 *, char **, const sqlite3_api_routines *);

static int take_routines(sqlite3 *db, char **error, const sqlite3_api_routines *api) {
  (void)db, (void)error;
  routines = *api;
  return SQLITE_OK;
}

static void find_entry_point(void) {
  char path[400];
  snprintf(path, sizeof path, "%s.so", host_library());
  void *library = dlopen(path, RTLD_NOW);
  host_require(library != NULL, path);
  *(void **)&init = dlsym(library, "sqlite3_kv_init");
  host_require(init != NULL, "the entry point");
  sqlite3_auto_extension((void (*)(void))take_routines);
  host_close(host_open_plain(":memory:", SQLITE_OPEN_READWRITE));
  sqlite3_reset_auto_extension();
}

static int version_3_33(void) {
  return 3033000;
}

static void test_old_sqlite(void) {
  sqlite3 *db = host_open_plain(":memory:", SQLITE_OPEN_READWRITE);
  sqlite3_api_routines old = routines;
  char *error = NULL, expected[80];
  old.libversion_number = version_3_33;
  snprintf(expected, sizeof expected, "kv: needs SQLite 3.34 or newer, this is %s",
           sqlite3_libversion());
  CHECK_INTEGER("an SQLite before 3.34 is refused", SQLITE_ERROR, init(db, &error, &old));
  CHECK_TEXT("and told why", expected, error != NULL ? error : "nothing");
  CHECK_ANSWER("nothing is registered", db, "SELECT kv_version()",
               "error 1: no such function: kv_version");
  sqlite3_free(error);
  CHECK_CLOSES("the close succeeds", db);
}

static int no_threads(void) {
  return 0;
}

static void test_no_threads(void) {
  sqlite3 *db =
      host_open_plain(host_file("threads.db"), SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);
  sqlite3_api_routines single = routines;
  single.mutex_alloc = NULL; /* as in a build with SQLITE_THREADSAFE=0 */
  single.mutex_enter = NULL;
  single.mutex_leave = NULL;
  char *error = NULL;
  single.xthreadsafe = no_threads;
  CHECK_INTEGER("without threads it loads", SQLITE_OK, init(db, &error, &single));
  CHECK_ANSWER("and works", db, "SELECT kv_set('g', 'k', 1, 60), kv_purge()", "1|0");
  CHECK_ANSWER("only the background purge is not to be had", db, "SELECT kv_purge_every(1)",
               "error 1: kv_purge_every: this SQLite was built without threads");
  CHECK_CLOSES("the close succeeds", db);
}

/* A VFS that knows the time as days only: noon of 2000-01-01, and a quarter of a second. */
static int some_time(sqlite3_vfs *vfs, double *days) {
  (void)vfs;
  *days = 2451545.0 + 0.25 / 86400.0;
  return SQLITE_OK;
}

static void test_old_clock(void) {
  sqlite3_vfs vfs = *sqlite3_vfs_find(NULL);
  sqlite3 *db = NULL;
  char *error = NULL;
  vfs.iVersion = 1;
  vfs.zName = "days";
  vfs.xCurrentTime = some_time;
  sqlite3_vfs_register(&vfs, 0);
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
  host_require(sqlite3_open_v2(host_file("clock.db"), &db, flags, "days") == SQLITE_OK, "a file");
  host_require(init(db, &error, &routines) == SQLITE_OK, "the extension");
  CHECK_ANSWER("a clock of days tells the time", db,
               "SELECT kv_set('g', 'k', 1, 1); SELECT expires_at - 946728000000 "
               "BETWEEN 1249 AND 1251 FROM kv_entries",
               "1 1");
  CHECK_CLOSES("the close succeeds", db);
  sqlite3_vfs_unregister(&vfs);
}

int main(void) {
  find_entry_point();
  test_old_sqlite();
  test_no_threads();
  test_old_clock();
  return host_end();
}
