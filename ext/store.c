/*
** The rows of the store, each function one statement of sql/store.sql. See store.h.
*/
#include "store.h"
#include "schema.h"

int kv_store_is_absent(kv_connection *connection, int *code) {
  *code = kv_schema_look(connection);
  return *code == SQLITE_OK && connection->store == KV_STORE_ABSENT;
}

/* ---- reading
 * ------------------------------------------------------------------------------------- */

int kv_store_find(kv_query *query, kv_connection *connection, kv_text group, kv_text key,
                  sqlite3_int64 now) {
  kv_query_begin(query, connection, KV_SQL_GET);
  kv_bind_text(query, 1, group);
  kv_bind_text(query, 2, key);
  kv_bind_integer(query, 3, now);
  return query->code;
}

int kv_store_copy(kv_connection *connection, kv_text group, kv_text key, sqlite3_int64 now,
                  sqlite3_value **value) {
  kv_query query;
  *value = NULL;
  kv_store_find(&query, connection, group, key, now);
  if (kv_query_row(&query)) {
    *value = sqlite3_value_dup(kv_query_value(&query, 0));
    if (*value == NULL) query.code = SQLITE_NOMEM;
  }
  return kv_query_end(&query);
}

int kv_store_count(kv_connection *connection, const kv_range *range, sqlite3_int64 now,
                   sqlite3_int64 *count) {
  kv_query query;
  *count = 0;
  kv_query_begin(&query, connection, KV_SQL_COUNT);
  kv_range_bind(&query, 1, range);
  kv_bind_integer(&query, 3, now);
  if (kv_query_row(&query)) *count = kv_query_integer(&query, 0);
  return kv_query_end(&query);
}

/* ---- writing
 * ------------------------------------------------------------------------------------- */

/* A write of one statement begins: what fails is remembered by its query. */
static void begin_write(kv_write *write, kv_connection *connection, kv_sql sql,
                        sqlite3_int64 purge_at) {
  int code = kv_write_begin(write, connection, purge_at);
  if (code == SQLITE_OK) {
    kv_query_begin(&write->query, connection, sql);
  } else {
    write->query = (kv_query){.connection = connection, .sql = sql, .code = code};
  }
}

static int end_write(kv_write *write, sqlite3_int64 *changes) {
  int code = kv_query_write(&write->query, changes);
  return kv_write_end(write, code);
}

/* The same where at most one row is written: whether it was. */
static int end_write_of_one(kv_write *write, int *is_written) {
  sqlite3_int64 changes;
  int code = end_write(write, &changes);
  *is_written = changes > 0;
  return code;
}

static void bind_name(kv_query *query, kv_text group, kv_text key) {
  kv_bind_text(query, 1, group);
  kv_bind_text(query, 2, key);
}

static void bind_expiry(kv_query *query, int parameter, const kv_entry *entry) {
  if (entry->has_expiry) {
    kv_bind_integer(query, parameter, entry->expires_at);
  } else {
    kv_bind_null(query, parameter);
  }
}

/* Begins to write an entry: ?1 group, ?2 key, ?3 value, ?4 expiry. */
static void begin_entry(kv_write *write, kv_connection *connection, kv_sql sql,
                        const kv_entry *entry, sqlite3_int64 now) {
  begin_write(write, connection, sql, entry->has_expiry ? now : KV_NO_PURGE);
  write->group = entry->group;
  bind_name(&write->query, entry->group, entry->key);
  kv_bind_value(&write->query, 3, entry->value);
  bind_expiry(&write->query, 4, entry);
}

int kv_store_set(kv_connection *connection, const kv_entry *entry, sqlite3_int64 now) {
  kv_write write;
  int is_written;
  begin_entry(&write, connection, KV_SQL_SET, entry, now);
  return end_write_of_one(&write, &is_written);
}

int kv_store_setnx(kv_connection *connection, const kv_entry *entry, sqlite3_int64 now,
                   int *stored) {
  kv_write write;
  begin_entry(&write, connection, KV_SQL_SETNX, entry, now);
  kv_bind_integer(&write.query, 5, now);
  return end_write_of_one(&write, stored);
}

int kv_store_cas(kv_connection *connection, const kv_entry *entry, sqlite3_value *expected,
                 sqlite3_int64 now, int *stored) {
  kv_write write;
  begin_entry(&write, connection, KV_SQL_CAS, entry, now);
  kv_bind_integer(&write.query, 5, now);
  kv_bind_value(&write.query, 6, expected);
  return end_write_of_one(&write, stored);
}

int kv_store_replace(kv_connection *connection, const kv_entry *entry, sqlite3_value *old,
                     sqlite3_int64 now, int *replaced) {
  kv_write write;
  begin_write(&write, connection, KV_SQL_REPLACE, KV_NO_PURGE);
  bind_name(&write.query, entry->group, entry->key);
  kv_bind_value(&write.query, 3, entry->value);
  kv_bind_integer(&write.query, 4, now);
  kv_bind_value(&write.query, 5, old);
  return end_write_of_one(&write, replaced);
}

int kv_store_expire(kv_connection *connection, const kv_entry *entry, sqlite3_int64 now,
                    int *found) {
  kv_write write;
  begin_write(&write, connection, KV_SQL_EXPIRE, entry->has_expiry ? now : KV_NO_PURGE);
  bind_name(&write.query, entry->group, entry->key);
  bind_expiry(&write.query, 3, entry);
  kv_bind_integer(&write.query, 4, now);
  return end_write_of_one(&write, found);
}

int kv_store_load(kv_connection *connection, const kv_entry *entry, sqlite3_int64 now,
                  sqlite3_int64 *stored) {
  kv_write write;
  begin_write(&write, connection, KV_SQL_LOAD, entry->has_expiry ? now : KV_NO_PURGE);
  write.group = entry->group;
  kv_bind_text(&write.query, 1, entry->group);
  kv_bind_value(&write.query, 3, entry->value);
  bind_expiry(&write.query, 4, entry);
  return end_write(&write, stored);
}

/* Removes the row that stands in the way of another's new name, if it may go. */
static int clear_name(kv_connection *connection, sqlite3_int64 rowid, const kv_entry *entry,
                      int is_replacing, sqlite3_int64 now) {
  kv_query query;
  kv_query_begin(&query, connection, KV_SQL_ENTRY_CLEAR);
  bind_name(&query, entry->group, entry->key);
  kv_bind_integer(&query, 3, now);
  kv_bind_integer(&query, 4, is_replacing);
  kv_bind_integer(&query, 5, rowid);
  kv_query_row(&query);
  return kv_query_end(&query);
}

static int find_other(kv_connection *connection, sqlite3_int64 rowid, const kv_entry *entry,
                      int *is_found) {
  kv_query query;
  kv_query_begin(&query, connection, KV_SQL_ENTRY_EXISTS);
  bind_name(&query, entry->group, entry->key);
  kv_bind_integer(&query, 3, rowid);
  *is_found = kv_query_row(&query);
  return kv_query_end(&query);
}

static int rewrite_row(kv_connection *connection, sqlite3_int64 rowid, const kv_entry *entry,
                       int has_value, int has_expiry) {
  kv_query query;
  kv_query_begin(&query, connection, KV_SQL_ENTRY_UPDATE);
  kv_bind_integer(&query, 1, rowid);
  kv_bind_text(&query, 2, entry->group);
  kv_bind_text(&query, 3, entry->key);
  kv_bind_integer(&query, 4, has_value);
  if (has_value) kv_bind_value(&query, 5, entry->value);
  kv_bind_integer(&query, 6, has_expiry);
  bind_expiry(&query, 7, entry);
  kv_query_row(&query);
  return kv_query_end(&query);
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

int kv_store_delete_row(kv_connection *connection, sqlite3_int64 rowid) {
  kv_write write;
  sqlite3_int64 changes;
  begin_write(&write, connection, KV_SQL_ENTRY_DELETE, KV_NO_PURGE);
  kv_bind_integer(&write.query, 1, rowid);
  return end_write(&write, &changes);
}

/* ---- deleting
 * ------------------------------------------------------------------------------------ */

int kv_store_delete(kv_connection *connection, kv_text group, kv_text key, sqlite3_value *old,
                    sqlite3_int64 now, int *deleted) {
  kv_write write;
  begin_write(&write, connection, old != NULL ? KV_SQL_DELETE_IF : KV_SQL_DELETE, KV_NO_PURGE);
  bind_name(&write.query, group, key);
  kv_bind_integer(&write.query, 3, now);
  if (old != NULL) kv_bind_value(&write.query, 4, old);
  return end_write_of_one(&write, deleted);
}

int kv_store_delete_groups(kv_connection *connection, const kv_range *range, sqlite3_int64 now,
                           sqlite3_int64 *deleted) {
  kv_write write;
  begin_write(&write, connection, KV_SQL_DELETE_GROUPS, KV_NO_PURGE);
  kv_range_bind(&write.query, 1, range);
  kv_bind_integer(&write.query, 3, now);
  return end_write(&write, deleted);
}

int kv_store_purge(kv_connection *connection, const kv_range *range, sqlite3_int64 now, int limit,
                   sqlite3_int64 *removed) {
  kv_write write;
  begin_write(&write, connection, KV_SQL_PURGE, KV_NO_PURGE);
  kv_range_bind(&write.query, 1, range);
  kv_bind_integer(&write.query, 3, now);
  kv_bind_integer(&write.query, 4, limit);
  return end_write(&write, removed);
}
