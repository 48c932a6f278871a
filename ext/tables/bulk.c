/*
** Rows held back. See bulk.h.
*/
#include "tables/bulk.h"
#include "store/batch.h"
#include "store/schema.h"

#include <string.h>

enum { MOST_ROWS = 512, MOST_BYTES = 1 << 20, LARGE = 1 << 15 };

struct kv_bulk {
  kv_batch *batch;
  const void *rows; /* where the statement's rows are handed over */
  int seen;         /* rows of the transaction */
  int is_replacing; /* those that are held */
  int is_stopped;
  int is_flushing;
};

static kv_bulk *bulk_of(kv_connection *connection) {
  if (connection->bulk != NULL) return connection->bulk;
  kv_bulk *bulk = sqlite3_malloc64(sizeof *bulk);
  if (bulk == NULL) return NULL;
  *bulk = (kv_bulk){.batch = kv_batch_new()};
  if (bulk->batch == NULL) {
    sqlite3_free(bulk);
    return NULL;
  }
  return connection->bulk = bulk;
}

static void free_bulk(kv_connection *connection) {
  if (connection->bulk == NULL) return;
  kv_batch_free(connection->bulk->batch);
  sqlite3_free(connection->bulk);
  connection->bulk = NULL;
}

const kv_room kv_bulk_room = {.settle = kv_bulk_flush, .free = free_bulk};

void kv_bulk_begin(kv_connection *connection) {
  kv_bulk *bulk = connection->bulk;
  if (bulk == NULL) return;
  bulk->seen = 0;
  bulk->is_stopped = 0;
}

void kv_bulk_drop(kv_connection *connection) {
  if (connection->bulk == NULL || connection->bulk->is_flushing) return;
  kv_batch_clear(connection->bulk->batch);
  connection->has_pending_rows = 0;
}

int kv_bulk_refusal(int code) {
  return (code & 0xff) == SQLITE_CONSTRAINT ? SQLITE_ERROR : code;
}

int kv_bulk_fail_exists(kv_connection *connection, kv_text group, kv_text key) {
  kv_text visible = group;
  const char *scope = kv_connection_scope(connection);
  if (kv_name_is_in(group, scope)) visible = kv_name_without(group, scope);
  return kv_fail(connection, SQLITE_CONSTRAINT_UNIQUE,
                 "key \"%.*s\" of group \"%.*s\" exists already", key.length, key.bytes,
                 visible.length, visible.bytes);
}

int kv_bulk_flush(kv_connection *connection) {
  kv_bulk *bulk = connection->bulk;
  int taken, attempts = 0, code;
  if (bulk == NULL || bulk->is_flushing || !connection->has_pending_rows) return SQLITE_OK;
  bulk->is_flushing = 1;
  connection->has_pending_rows = 0;
  do {
    code = kv_batch_write(connection, bulk->batch, bulk->is_replacing,
                          kv_connection_now(connection), &taken);
  } while (kv_again(connection, &code, &attempts));
  if (taken < 0) {
    code = kv_bulk_refusal(code);
  } else {
    const kv_batch_row row = kv_batch_at(bulk->batch, taken);
    code = kv_bulk_fail_exists(connection, row.group, row.key);
  }
  kv_batch_clear(bulk->batch);
  bulk->is_flushing = 0;
  return code;
}

int kv_bulk_stop(kv_connection *connection) {
  if (connection->bulk == NULL || connection->depth > 0) return SQLITE_OK; /* one of our own */
  connection->bulk->is_stopped = 1;
  return kv_bulk_flush(connection);
}

/* Does a trigger of any schema write to kv_entries? Its text says the name. */
static int find_triggers(kv_connection *connection, int *is_any) {
  kv_query schemas;
  int code = SQLITE_OK;
  *is_any = 0;
  kv_query_begin(&schemas, connection, KV_SQL_SCHEMAS);
  while (code == SQLITE_OK && !*is_any && kv_query_row(&schemas)) {
    const char *name = (const char *)sqlite3_column_text(schemas.statement, 0);
    code = name == NULL ? SQLITE_NOMEM
                        : kv_find_named(connection, KV_SQL_ENTRIES_TRIGGER, name, is_any);
  }
  int end_code = kv_query_end(&schemas);
  return code == SQLITE_OK ? end_code : code;
}

/* Does a trigger on kv write to a virtual table, as the witness of events does? SQLite refuses that
** while it commits (SQLITE_LOCKED), which is when the last rows are written. An EXPLAIN must not be kept: it
** would show the steps for the schema as it was, from memory that has been freed. */
static int find_virtual_writes(kv_connection *connection, int *is_any) {
  kv_query query;
  *is_any = 0;
  kv_query_begin(&query, connection, KV_SQL_BATCH_PLAN);
  while (!*is_any && kv_query_row(&query)) {
    const char *step = (const char *)sqlite3_column_text(query.statement, 1);
    *is_any = step == NULL || strcmp(step, "VUpdate") == 0;
  }
  return kv_query_end_for_good(&query);
}

/* Does another statement that writes stand beside this one? Then this one ends without a commit, and its last
** rows would stay behind. */
static int has_other_writer(sqlite3 *db) {
  int writers = 0;
  for (sqlite3_stmt *s = sqlite3_next_stmt(db, NULL); s != NULL; s = sqlite3_next_stmt(db, s)) {
    writers += sqlite3_stmt_busy(s) && !sqlite3_stmt_readonly(s);
  }
  return writers > 1;
}

/* The second row of a statement tells that it has many. Where a look fails, as it may while others hold
** main, rows go by themselves. */
static int look(kv_connection *connection, kv_bulk *bulk) {
  int has_triggers = 0, has_virtual = 0;
  bulk->is_stopped = 1;
  if (!sqlite3_get_autocommit(connection->db) || connection->encoding != SQLITE_UTF8 ||
      has_other_writer(connection->db)) {
    return SQLITE_OK;
  }
  int code = kv_schema_bring_up(connection);
  if (code != SQLITE_OK) return code;
  code = find_triggers(connection, &has_triggers);
  if (code == SQLITE_OK) code = find_virtual_writes(connection, &has_virtual);
  if (code == SQLITE_OK) bulk->is_stopped = has_triggers || has_virtual;
  int kind = code & 0xff;
  if (kind == SQLITE_BUSY || kind == SQLITE_LOCKED || kind == SQLITE_AUTH || kind == SQLITE_ERROR) {
    kv_clear_error(connection);
    return SQLITE_OK;
  }
  return code;
}

static int is_large(const kv_entry *entry) {
  int type = sqlite3_value_type(entry->value);
  return (type == SQLITE_TEXT || type == SQLITE_BLOB) && sqlite3_value_bytes(entry->value) > LARGE;
}

int kv_bulk_takes(kv_connection *connection, const kv_entry *entry, int is_replacing,
                  const void *rows, int *is_taken) {
  kv_bulk *bulk = bulk_of(connection);
  int code = SQLITE_OK;
  *is_taken = 0;
  if (bulk == NULL) return SQLITE_NOMEM;
  if (bulk->is_flushing) return SQLITE_OK; /* a trigger or callback, inside */
  if (bulk->seen++ == 0) bulk->rows = rows;
  if (bulk->seen == 2 && !bulk->is_stopped) code = look(connection, bulk);
  if (rows != bulk->rows) bulk->is_stopped = 1;
  *is_taken = code == SQLITE_OK && bulk->seen > 1 && !bulk->is_stopped && !entry->has_expiry &&
              !is_large(entry) &&
              (!connection->has_pending_rows || is_replacing == bulk->is_replacing);
  if (*is_taken) bulk->is_replacing = is_replacing;
  return code == SQLITE_OK && !*is_taken ? kv_bulk_flush(connection) : code;
}

int kv_bulk_add(kv_connection *connection, const kv_entry *entry) {
  kv_bulk *bulk = connection->bulk;
  int code = kv_batch_add(connection, bulk->batch, entry, 2 * MOST_BYTES);
  if (code != SQLITE_OK) return code;
  connection->has_pending_rows = 1;
  int is_full =
      kv_batch_count(bulk->batch) >= MOST_ROWS || kv_batch_size(bulk->batch) >= MOST_BYTES;
  return is_full ? kv_bulk_flush(connection) : SQLITE_OK;
}
