/*
** One virtual-table module for all tables. A table is a row of a specification: its name, its
** columns, and where its rows come from. Arguments of table-valued functions, FROM kv_split('g',
** 'k', ','), are hidden columns after the visible ones.
**
** Rows that come from a SELECT need only `filter`, which begins cursor->query; other sources bring
** `next` and `column` of their own and keep their state in cursor->state.
*/
#ifndef KV_TVF_H
#define KV_TVF_H

#include "base/statements.h"

typedef struct kv_table kv_table;
typedef struct kv_cursor kv_cursor;
typedef struct kv_vtab kv_vtab;

struct kv_table {
  const char *name;
  const char *declaration; /* CREATE TABLE x(visible columns, hidden arguments HIDDEN) */
  int columns;             /* visible ones: the first hidden column has this index */
  int arguments;
  int is_anchor; /* its disconnect ends the statement cache (statements.c) */

  /* Plans beyond the arguments; may be NULL. Runs after the arguments took their places in argv. */
  int (*plan)(kv_connection *connection, sqlite3_index_info *info, int *next_argument);
  /* Begins a scan: `plan` is idxNum, argv what the plan asked for. */
  int (*filter)(kv_cursor *cursor, int plan, int argc, sqlite3_value **argv);
  /* Moves to the next row, or sets cursor->is_end. NULL: steps cursor->query. */
  int (*next)(kv_cursor *cursor);
  /* Answers with a visible column. NULL: that of cursor->query. */
  int (*column)(kv_cursor *cursor, sqlite3_context *context, int column);
  void (*free_state)(void *state);
  /* Writes, as SQLite's xUpdate; NULL: the table is read-only. */
  int (*update)(kv_vtab *vtab, int argc, sqlite3_value **argv, sqlite3_int64 *rowid);
};

enum { KV_VTAB_SCANS = 8 };

struct kv_vtab {
  sqlite3_vtab base; /* SQLite's; must be first */
  const kv_table *table;
  kv_connection *connection;
  unsigned schema_switches;                  /* the connection's when the last scan began */
  sqlite3_int64 scans_now_ms[KV_VTAB_SCANS]; /* the instants of the last scans, in a ring */
  unsigned scans;
};

struct kv_cursor {
  sqlite3_vtab_cursor base; /* SQLite's; must be first */
  kv_connection *connection;
  const kv_table *table;
  int is_end;
  sqlite3_int64 rowid; /* counts rows; a table may set its own */

  /* What a cursor begins with it keeps, though it may be scanned again and again in a join: */
  int is_begun;
  sqlite3_int64 now_ms;
  char *scope;              /* "namespace:", or ""; owned */
  unsigned schema_switches; /* the connection's: it is never scanned in two stores */

  kv_query query;
  void *state;
  struct kv_turns *turns;    /* of an IN; NULL: the scan is the only one */
  unsigned given;            /* bit i: argument i was given */
  sqlite3_value **arguments; /* copies of them, kv_table.arguments many; NULL: not given */
};

/* The argument of the table-valued function, or NULL. Valid as long as the cursor's scan. */
sqlite3_value *kv_cursor_argument(const kv_cursor *cursor, int index);

/* The bits of a plan (idxNum): the lowest say which arguments are given, the others are the
** table's, but for the highest: the place in argv, from 1 on, of a value that is the right side of
** an IN. For each text in there the table is scanned in turn, with the text in its place; or once,
** with no pointer in its place, if a number is in there, which a text may equal in several ways. */
enum { KV_PLAN_BITS = 8, KV_PLAN_IN_SHIFT = 26 };

/* Is this equality one with the right side of an IN, which can be had so? (SQLite tells since 3.38.
** Before, it scans the table for each value itself.) */
int kv_plan_is_in(sqlite3_index_info *info, int constraint);
/* The constraint took its place in argv: it is to be had so. One can in each plan. */
void kv_plan_in(sqlite3_index_info *info, int constraint);

/* Is this constraint one that the table may use: of this column, usable, and in byte order? */
int kv_plan_uses(sqlite3_index_info *info, int constraint, int column);

/* Answers with a stored group's name as the cursor's scope sees it, which it lies in. */
void kv_cursor_answer_group(const kv_cursor *cursor, sqlite3_context *context, kv_text stored);

int kv_table_register(kv_connection *connection, const kv_table *table);
void kv_table_unregister(sqlite3 *db, const kv_table *table);

#endif
