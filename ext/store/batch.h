/*
** Rows gathered in memory, and written by one statement: what SQLite takes to begin and to end a
** statement is paid once for all of them. The statement reads them through the table kv__rows
** (tables/rows.c).
*/
#ifndef KV_BATCH_H
#define KV_BATCH_H

#include "store/store.h"

typedef struct kv_batch kv_batch;

/* A row as kv__rows shows it. */
typedef struct kv_batch_row {
  kv_text group; /* as stored */
  kv_text key;
  int type; /* of the value: */
  sqlite3_int64 integer;
  double real;
  const char *bytes;
  int length;
  int has_expiry;
  sqlite3_int64 expires_at;
} kv_batch_row;

/* The pointer type of a batch that is on its way to kv__rows. */
extern const char kv_batch_pointer[];

/* NULL: out of memory. */
kv_batch *kv_batch_new(void);
void kv_batch_free(kv_batch *batch);
void kv_batch_clear(kv_batch *batch);

int kv_batch_count(const kv_batch *batch);
/* The bytes of all names and values. */
sqlite3_int64 kv_batch_size(const kv_batch *batch);

/* Adds a copy of the entry. Text goes through UTF-8 (half a surrogate pair of UTF-16 does not survive it).
** Errors: out of memory; more than `most` bytes of rows (SQLITE_TOOBIG). */
int kv_batch_add(kv_connection *connection, kv_batch *batch, const kv_entry *entry,
                 sqlite3_int64 most);

/*
** Writes all rows, or, on an error, none. With `is_replacing` keys that are there are overwritten;
** without, a live one is SQLITE_CONSTRAINT_UNIQUE, and *taken the row that it stands in the way of
** (otherwise -1).
*/
int kv_batch_write(kv_connection *connection, kv_batch *batch, int is_replacing,
                   sqlite3_int64 now_ms, int *taken);

/* The row that a scan of kv__rows begins with, and the one that it ends before. */
void kv_batch_range(const kv_batch *batch, int *from, int *to);
/* The row: its bytes live until the batch is changed. */
kv_batch_row kv_batch_at(const kv_batch *batch, int index);

#endif
