/*
** Rows written by their rowid: the UPDATE and DELETE of kv_entries. See store.h.
*/
#include "store/purge.h"
#include "store/schema.h"
#include "store/store.h"
#include "store/write.h"

struct move {
  kv_connection *connection;
  sqlite3_int64 rowid;
  const kv_entry *entry;
  int has_value, has_expiry;
  int is_replacing;
  sqlite3_int64 now_ms;
  int is_taken;
};

/* Removes the row that stands in the way of another's new name, if it may go. */
static int clear_name(void *pointer) {
  const struct move *move = pointer;
  kv_query query;
  sqlite3_int64 changes;
  kv_query_begin(&query, move->connection, KV_SQL_ENTRY_CLEAR);
  kv_bind_text(&query, 1, move->entry->group);
  kv_bind_text(&query, 2, move->entry->key);
  kv_bind_integer(&query, 3, move->now_ms);
  kv_bind_integer(&query, 4, move->is_replacing);
  kv_bind_integer(&query, 5, move->rowid);
  return kv_query_write(&query, &changes);
}

static int find_other(void *pointer) {
  struct move *move = pointer;
  kv_query query;
  kv_query_begin(&query, move->connection, KV_SQL_ENTRY_EXISTS);
  kv_bind_text(&query, 1, move->entry->group);
  kv_bind_text(&query, 2, move->entry->key);
  kv_bind_integer(&query, 3, move->rowid);
  move->is_taken = kv_query_row(&query);
  return kv_query_end(&query);
}

static int rewrite_row(void *pointer) {
  const struct move *move = pointer;
  kv_query query;
  sqlite3_int64 changes;
  kv_query_begin(&query, move->connection, KV_SQL_ENTRY_UPDATE);
  kv_bind_integer(&query, 1, move->rowid);
  kv_bind_text(&query, 2, move->entry->group);
  kv_bind_text(&query, 3, move->entry->key);
  kv_bind_integer(&query, 4, move->has_value);
  if (move->has_value) kv_bind_value(&query, 5, move->entry->value);
  kv_bind_integer(&query, 6, move->has_expiry);
  kv_bind_expiry(&query, 7, move->entry);
  return kv_query_write(&query, &changes);
}

/* A name that is taken is an error here, so that what made room for it comes back. */
static int move_row(void *pointer) {
  struct move *move = pointer;
  kv_connection *connection = move->connection;
  int code = kv_again_inside(connection, clear_name, move);
  if (code == SQLITE_OK) code = kv_again_inside(connection, find_other, move);
  if (code != SQLITE_OK) return code;
  if (move->is_taken) return SQLITE_CONSTRAINT_UNIQUE;
  if (move->entry->has_expiry) code = kv_purge_some(connection, move->now_ms, KV_PURGE_ON_WRITE);
  return code == SQLITE_OK ? kv_again_inside(connection, rewrite_row, move) : code;
}

int kv_store_move(kv_connection *connection, sqlite3_int64 rowid, const kv_entry *entry,
                  int has_value, int has_expiry, int is_replacing, sqlite3_int64 now_ms,
                  int *is_taken) {
  struct move move = {.connection = connection,
                      .rowid = rowid,
                      .entry = entry,
                      .has_value = has_value,
                      .has_expiry = has_expiry,
                      .is_replacing = is_replacing,
                      .now_ms = now_ms};
  int code = kv_write_all(connection, &entry->group, move_row, &move);
  *is_taken = move.is_taken;
  return move.is_taken ? SQLITE_OK : code;
}

int kv_store_find_row(kv_query *query, kv_connection *connection, sqlite3_int64 rowid) {
  kv_query_begin(query, connection, KV_SQL_ENTRY_ROW);
  kv_bind_integer(query, 1, rowid);
  return kv_query_row(query);
}

int kv_store_rewrite(kv_connection *connection, sqlite3_int64 rowid, const kv_entry *entry,
                     int has_value, int has_expiry, sqlite3_int64 now_ms) {
  kv_write write;
  sqlite3_int64 changes;
  if (entry->has_expiry) {
    kv_write_begin_expiring(&write, connection, KV_SQL_ENTRY_REWRITE, KV_SQL_ENTRY_REWRITE_PURGING,
                            entry->group, now_ms);
  } else {
    kv_write_begin(&write, connection, KV_SQL_ENTRY_REWRITE, entry->group);
  }
  kv_bind_integer(&write.query, 1, rowid);
  kv_bind_integer(&write.query, 2, has_value);
  if (has_value) kv_bind_value(&write.query, 3, entry->value);
  kv_bind_integer(&write.query, 4, has_expiry);
  kv_bind_expiry(&write.query, 5, entry);
  return kv_write_end(&write, &changes);
}

int kv_store_delete_row(kv_connection *connection, sqlite3_int64 rowid) {
  kv_write write;
  sqlite3_int64 changes;
  kv_write_begin(&write, connection, KV_SQL_ENTRY_DELETE, (kv_text){"", 0});
  kv_bind_integer(&write.query, 1, rowid);
  return kv_write_end(&write, &changes);
}
