/*
** See inject.h.
*/
#include "inject.h"
#include "fault_vfs.h"

#include <stddef.h>
#include <stdio.h>

/* The newest action code, and one more. */
enum { ACTIONS = 34 };

static struct {
  injection what;
  long countdown; /* occasions until the one that fails; 0: none does */
  int is_lasting;
  int has_failed;
} armed;

/* Is this the occasion that fails? */
static int is_it(void) {
  if (armed.countdown == 0 || --armed.countdown > 0) return 0;
  armed.countdown = armed.is_lasting ? 1 : 0;
  armed.has_failed = 1;
  return 1;
}

/* ---- memory ---- */

static sqlite3_mem_methods real;
static int is_memory_armed;

static void *allocate(int size) {
  return is_memory_armed && is_it() ? NULL : real.xMalloc(size);
}

static void *reallocate(void *block, int size) {
  return is_memory_armed && is_it() ? NULL : real.xRealloc(block, size);
}

void inject_begin(void) {
  sqlite3_config(SQLITE_CONFIG_GETMALLOC, &real);
  sqlite3_mem_methods failing = real;
  failing.xMalloc = allocate;
  failing.xRealloc = reallocate;
  sqlite3_config(SQLITE_CONFIG_MALLOC, &failing);
  sqlite3_config(SQLITE_CONFIG_LOOKASIDE, 0, 0); /* every allocation is one that may fail */
}

/* ---- instructions and questions ---- */

static int progress(void *db) {
  if (!is_it()) return 0;
  if (armed.what != INJECT_INTERRUPT) return 1;
  sqlite3_interrupt(db);
  return 0;
}

static int authorize(void *action, int code, const char *a, const char *b, const char *c,
                     const char *d) {
  (void)a, (void)b, (void)c, (void)d;
  if (action == NULL) return is_it() ? SQLITE_DENY : SQLITE_OK;
  return code == *(const int *)action ? SQLITE_DENY : SQLITE_OK;
}

/* ---- arming ---- */

static const char *const names[INJECTIONS] = {
    [INJECT_ABORT] = "instruction",
    [INJECT_ABORT_LASTING] = "instruction and all after",
    [INJECT_INTERRUPT] = "interrupt",
    [INJECT_DENY] = "question to the authorizer",
    [INJECT_DENY_LASTING] = "question to the authorizer and all after",
    [INJECT_DENY_ACTION] = "action",
    [INJECT_NO_MEMORY] = "allocation",
    [INJECT_NO_MEMORY_LASTING] = "allocation and all after",
    [INJECT_FULL] = "page",
    [INJECT_WRITER] = "other's write lock",
    [INJECT_READER] = "other's read lock",
    [INJECT_IO] = "call to the disk",
};

const char *inject_name(injection what) {
  return names[what];
}

static void limit_pages(sqlite3 *db, long more) {
  sqlite3_stmt *count = NULL;
  char limit[60];
  sqlite3_prepare_v2(db, "PRAGMA page_count", -1, &count, NULL);
  int pages = sqlite3_step(count) == SQLITE_ROW ? sqlite3_column_int(count, 0) : 0;
  sqlite3_finalize(count);
  snprintf(limit, sizeof limit, "PRAGMA max_page_count = %ld", pages + more);
  sqlite3_exec(db, limit, NULL, NULL, NULL);
}

void inject_arm(sqlite3 *db, sqlite3 *other, injection what, int kind, long n) {
  static int action;
  armed.what = what;
  armed.countdown = n;
  armed.has_failed = 0;
  armed.is_lasting = what == INJECT_ABORT_LASTING || what == INJECT_DENY_LASTING ||
                     what == INJECT_NO_MEMORY_LASTING;
  switch (what) {
  case INJECT_ABORT:
  case INJECT_ABORT_LASTING:
  case INJECT_INTERRUPT:
    sqlite3_progress_handler(db, 1, progress, db);
    break;
  case INJECT_DENY:
  case INJECT_DENY_LASTING:
    sqlite3_set_authorizer(db, authorize, NULL);
    break;
  case INJECT_DENY_ACTION:
    action = (int)n;
    armed.has_failed = n < ACTIONS;
    sqlite3_set_authorizer(db, authorize, &action);
    break;
  case INJECT_NO_MEMORY:
  case INJECT_NO_MEMORY_LASTING:
    is_memory_armed = 1;
    break;
  case INJECT_FULL:
    limit_pages(db, n - 1);
    armed.has_failed = n <= 4;
    break;
  case INJECT_WRITER:
    sqlite3_exec(other, "BEGIN IMMEDIATE", NULL, NULL, NULL);
    armed.has_failed = n <= 1;
    break;
  case INJECT_READER:
    sqlite3_exec(other, "BEGIN; SELECT * FROM t", NULL, NULL, NULL);
    armed.has_failed = n <= 1;
    break;
  default:
    fault_vfs_arm((fault_kind)kind, (int)n, 1);
  }
}

int inject_disarm(sqlite3 *db, sqlite3 *other, injection what) {
  is_memory_armed = 0;
  if (what == INJECT_IO) armed.has_failed = fault_vfs_failures() > 0;
  fault_vfs_arm(FAULT_READ, 0, 0);
  sqlite3_progress_handler(db, 0, NULL, NULL);
  if (what == INJECT_DENY || what == INJECT_DENY_LASTING || what == INJECT_DENY_ACTION) {
    sqlite3_set_authorizer(db, NULL, NULL);
  }
  if (what == INJECT_FULL) limit_pages(db, 100000);
  if (!sqlite3_get_autocommit(other)) sqlite3_exec(other, "ROLLBACK", NULL, NULL, NULL);
  return armed.has_failed;
}
