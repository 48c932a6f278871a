/*
** What can go wrong while SQLite works: one thing at a time, at the nth occasion.
*/
#ifndef INJECT_H
#define INJECT_H

#include <sqlite3.h>

typedef enum injection {
  INJECT_ABORT,         /* the progress handler says no at the nth instruction */
  INJECT_ABORT_LASTING, /* and at all that follow */
  INJECT_INTERRUPT,     /* sqlite3_interrupt() at the nth instruction */
  INJECT_DENY,          /* the authorizer denies the nth thing that it is asked */
  INJECT_DENY_LASTING,  /* and all that follow */
  INJECT_DENY_ACTION,   /* it denies every action of the code n */
  INJECT_NO_MEMORY,     /* the nth allocation fails */
  INJECT_NO_MEMORY_LASTING,
  INJECT_FULL,   /* the file may grow by n - 1 pages */
  INJECT_WRITER, /* another connection holds the write lock */
  INJECT_READER, /* another connection reads */
  INJECT_IO,     /* the nth call to the disk of a kind (fault_vfs.h) fails, and all that follow */
  INJECTIONS
} injection;

/* Before the first connection is opened. */
void inject_begin(void);

const char *inject_name(injection what);
/* From now on the nth occasion fails. `other` is a connection of its own to the same file; `kind` is
** for INJECT_IO. */
void inject_arm(sqlite3 *db, sqlite3 *other, injection what, int kind, long n);
/* Takes all of it back: was there an nth occasion? */
int inject_disarm(sqlite3 *db, sqlite3 *other, injection what);

#endif
