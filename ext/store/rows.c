/*
** Rows written by their rowid: the UPDATE and DELETE of kv_entries. See store.h.
*/
#include "store/store.h"

/* Removes the row that stands in the way of another's new name, if it may go. */
static int clear_name(kv_connection *connection, sqlite3_int64 rowid, const kv_entry *entry,
                      int is_replacing, sqlite3_int64 now) {
  kv_query query;
  sqlite3_int64 changes;
  kv_query_begin(&query, connection, KV_SQL_ENTRY_CLEAR);
  kv_bind_text(&query, 1, entry->group);
  kv_bind_text(&query, 2, entry->key);
  kv_bind_integer(&query, 3, now);
  kv_bind_integer(&query, 4, is_replacing);
  kv_bind_integer(&query, 5, rowid);
  return kv_query_write(&query, &changes);
}

static int find_other(kv_connection *connection, sqlite3_int64 rowid, const kv_entry *entry,
                      int *is_found) {
  kv_query query;
  kv_query_begin(&query, connection, KV_SQL_ENTRY_EXISTS);
  kv_bind_text(&query, 1, entry->group);
  kv_bind_text(&query, 2, entry->key);
  kv_bind_integer(&query, 3, rowid);
  *is_found = kv_query_row(&query);
  return kv_query_end(&query);
}

static int rewrite_row(kv_connection *connection, sqlite3_int64 rowid, const kv_entry *entry,
                       int has_value, int has_expiry) {
  kv_query query;
  sqlite3_int64 changes;
  kv_query_begin(&query, connection, KV_SQL_ENTRY_UPDATE);
  kv_bind_integer(&query, 1, rowid);
  kv_bind_text(&query, 2, entry->group);
  kv_bind_text(&query, 3, entry->key);
  kv_bind_integer(&query, 4, has_value);
  if (has_value) kv_bind_value(&query, 5, entry->value);
  kv_bind_integer(&query, 6, has_expiry);
  kv_bind_expiry(&query, 7, entry);
  return kv_query_write(&query, &changes);
}

int kv_store_move(kv_connection *connection, sqlite3_int64 rowid, const kv_entry *entry,
                  int has_value, int has_expiry, int is_replacing, sqlite3_int64 now,
                  int *is_taken) {
  kv_write write;
  *is_taken = 0;
  int code = kv_write_begin(&write, connection, entry->has_expiry ? now : KV_NO_PURGE);
  write.group = entry->group;
  if (code == SQLITE_OK) code = clear_name(connection, rowid, entry, is_replacing, now);
  if (code == SQLITE_OK) code = find_other(connection, rowid, entry, is_taken);
  if (code == SQLITE_OK && !*is_taken) {
    code = rewrite_row(connection, rowid, entry, has_value, has_expiry);
  }
  return kv_write_end(&write, code);
}

int kv_store_find_row(kv_query *query, kv_connection *connection, sqlite3_int64 rowid) {
  kv_query_begin(query, connection, KV_SQL_ENTRY_ROW);
  kv_bind_integer(query, 1, rowid);
  return kv_query_row(query);
}

int kv_store_rewrite(kv_connection *connection, sqlite3_int64 rowid, const kv_entry *entry,
                     int has_value, int has_expiry, sqlite3_int64 now) {
  kv_write write;
  sqlite3_int64 changes;
  int code = kv_write_begin(&write, connection, entry->has_expiry ? now : KV_NO_PURGE);
  write.group = entry->group;
  if (code == SQLITE_OK) {
    kv_query_begin(&write.query, connection, KV_SQL_ENTRY_REWRITE);
    kv_bind_integer(&write.query, 1, rowid);
    kv_bind_integer(&write.query, 2, has_value);
    if (has_value) kv_bind_value(&write.query, 3, entry->value);
    kv_bind_integer(&write.query, 4, has_expiry);
    kv_bind_expiry(&write.query, 5, entry);
    code = kv_query_write(&write.query, &changes);
  }
  return kv_write_end(&write, code);
}

int kv_store_delete_row(kv_connection *connection, sqlite3_int64 rowid) {
  kv_write write;
  sqlite3_int64 changes = 0;
  int code = kv_write_begin(&write, connection, KV_NO_PURGE);
  if (code == SQLITE_OK) {
    kv_query_begin(&write.query, connection, KV_SQL_ENTRY_DELETE);
    kv_bind_integer(&write.query, 1, rowid);
    code = kv_query_write(&write.query, &changes);
  }
  return kv_write_end(&write, code);
}
