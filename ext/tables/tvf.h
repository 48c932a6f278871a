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
  int (*update)(kv_connection *connection, int argc, sqlite3_value **argv, sqlite3_int64 *rowid);
};

struct kv_vtab {
  sqlite3_vtab base; /* SQLite's; must be first */
  const kv_table *table;
  kv_connection *connection;
};

struct kv_cursor {
  sqlite3_vtab_cursor base; /* SQLite's; must be first */
  kv_connection *connection;
  const kv_table *table;
  int is_end;
  sqlite3_int64 rowid; /* counts rows; a table may set its own */
  sqlite3_int64 now;   /* the listing's */
  kv_query query;
  void *state;
  unsigned given;            /* bit i: argument i was given */
  sqlite3_value **arguments; /* copies of them, kv_table.arguments many; NULL: not given */
};

/* The argument of the table-valued function, or NULL. Valid as long as the cursor's scan. */
sqlite3_value *kv_cursor_argument(const kv_cursor *cursor, int index);

/* The bits of a plan (idxNum): the lowest say which arguments are given, the others are the
** table's. */
enum { KV_PLAN_BITS = 8 };

/* Is this constraint one that the table may use: of this column, usable, and in byte order? */
int kv_plan_uses(sqlite3_index_info *info, int constraint, int column);

int kv_table_register(kv_connection *connection, const kv_table *table);
void kv_table_unregister(sqlite3 *db, const kv_table *table);

#endif
