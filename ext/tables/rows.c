/*
** The rows of a batch as a table. See rows.h.
*/
#include "tables/rows.h"
#include "store/batch.h"

enum { GRP, KEY, VALUE, EXPIRES_AT, COLUMNS };

/* The batch is not the cursor's, and is the same until the statement ends. */
struct scan {
  const kv_batch *batch;
  int next, end;
  kv_batch_row row;
};

static int filter(kv_cursor *cursor, int plan, int argc, sqlite3_value **argv) {
  (void)plan;
  const kv_batch *batch = argc > 0 ? sqlite3_value_pointer(argv[0], kv_batch_pointer) : NULL;
  cursor->is_end = batch == NULL;
  if (batch == NULL) return SQLITE_OK;
  struct scan *scan = cursor->state = sqlite3_malloc64(sizeof *scan);
  if (scan == NULL) return SQLITE_NOMEM;
  *scan = (struct scan){.batch = batch};
  kv_batch_range(batch, &scan->next, &scan->end);
  return SQLITE_OK;
}

static int next(kv_cursor *cursor) {
  struct scan *scan = cursor->state;
  cursor->is_end = scan->next >= scan->end;
  if (!cursor->is_end) scan->row = kv_batch_at(scan->batch, scan->next++);
  return SQLITE_OK;
}

static void answer_value(sqlite3_context *context, const kv_batch_row *row) {
  if (row->type == SQLITE_INTEGER) {
    sqlite3_result_int64(context, row->integer);
  } else if (row->type == SQLITE_FLOAT) {
    sqlite3_result_double(context, row->real);
  } else if (row->type == SQLITE_TEXT) {
    sqlite3_result_text(context, row->bytes, row->length, SQLITE_STATIC);
  } else {
    sqlite3_result_blob(context, row->bytes, row->length, SQLITE_STATIC);
  }
}

static int column(kv_cursor *cursor, sqlite3_context *context, int index) {
  const kv_batch_row *row = &((const struct scan *)cursor->state)->row;
  if (index == GRP)
    sqlite3_result_text(context, row->group.bytes, row->group.length, SQLITE_STATIC);
  if (index == KEY) sqlite3_result_text(context, row->key.bytes, row->key.length, SQLITE_STATIC);
  if (index == VALUE) answer_value(context, row);
  if (index == EXPIRES_AT && row->has_expiry) sqlite3_result_int64(context, row->expires_at);
  return SQLITE_OK;
}

static void free_scan(void *pointer) {
  sqlite3_free(pointer);
}

const kv_table kv_rows_table = {
    .name = "kv__rows",
    .declaration = "CREATE TABLE x(grp TEXT, key TEXT, value, expires_at INTEGER, batch HIDDEN)",
    .columns = COLUMNS,
    .arguments = 1,
    .filter = filter,
    .next = next,
    .column = column,
    .free_state = free_scan,
};
