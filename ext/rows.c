/*
** Rows written by their rowid: the UPDATE and DELETE of kv_entries. See store.h.
**
** Their statements name no group or key, so where somebody listens the old row is read first.
*/
#include "events.h"
#include "store.h"

/* What the row was, as the event of its deletion. NULL: nobody listens. */
static int read_old_row(kv_connection *connection, sqlite3_int64 rowid, sqlite3_int64 now,
                        kv_event **old) {
  kv_query query;
  *old = NULL;
  if (!kv_events_are_on(connection)) return SQLITE_OK;
  kv_query_begin(&query, connection, KV_SQL_ENTRY_BY_ROWID);
  kv_bind_integer(&query, 1, rowid);
  if (kv_query_row(&query)) {
    kv_text group = kv_query_text(&query, 0), key = kv_query_text(&query, 1);
    *old = kv_event_new(KV_EVENT_DELETE, group, key, kv_query_value(&query, 2), now);
    if (*old == NULL) query.code = SQLITE_NOMEM;
  }
  return kv_query_end(&query);
}

static int is_same_name(const kv_event *old, const kv_entry *entry) {
  return kv_text_equals(old->group, entry->group) && kv_text_equals(old->key, entry->key);
}

/* A row that moves is deleted under its old name and set under the new one. */
static int announce_move(kv_connection *connection, const kv_event *old, const kv_entry *entry,
                         int has_value, sqlite3_int64 now) {
  int code = SQLITE_OK;
  if (old == NULL) return SQLITE_OK;
  if (!is_same_name(old, entry)) {
    code = kv_events_announce(connection, KV_EVENT_DELETE, old->group, old->key, NULL, now);
  }
  if (code != SQLITE_OK) return code;
  return kv_events_announce(connection, KV_EVENT_SET, entry->group, entry->key,
                            has_value ? entry->value : old->value, now);
}

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
  kv_event *old = NULL;
  *is_taken = 0;
  int code = kv_write_begin(&write, connection, entry->has_expiry ? now : KV_NO_PURGE);
  write.group = entry->group;
  if (code == SQLITE_OK) code = read_old_row(connection, rowid, now, &old);
  if (code == SQLITE_OK) code = clear_name(connection, rowid, entry, is_replacing, now);
  if (code == SQLITE_OK) code = find_other(connection, rowid, entry, is_taken);
  if (code == SQLITE_OK && !*is_taken) {
    code = rewrite_row(connection, rowid, entry, has_value, has_expiry);
    if (code == SQLITE_OK) code = announce_move(connection, old, entry, has_value, now);
  }
  kv_event_release(old);
  return kv_write_end(&write, code);
}

int kv_store_delete_row(kv_connection *connection, sqlite3_int64 rowid, sqlite3_int64 now) {
  kv_write write;
  kv_event *old = NULL;
  sqlite3_int64 changes = 0;
  int code = kv_write_begin(&write, connection, KV_NO_PURGE);
  if (code == SQLITE_OK) code = read_old_row(connection, rowid, now, &old);
  if (code == SQLITE_OK) {
    kv_query_begin(&write.query, connection, KV_SQL_ENTRY_DELETE);
    kv_bind_integer(&write.query, 1, rowid);
    code = kv_query_write(&write.query, &changes);
  }
  if (code == SQLITE_OK && old != NULL && changes > 0) {
    code = kv_events_announce(connection, KV_EVENT_DELETE, old->group, old->key, NULL, now);
  }
  kv_event_release(old);
  return kv_write_end(&write, code);
}
