/*
** The rows of the store, each function one statement of sql/store.sql. See store.h.
*/
#include "store/store.h"
#include "store/schema.h"

int kv_store_is_absent(kv_connection *connection, int *code) {
  *code = kv_schema_look(connection);
  return *code == SQLITE_OK && connection->store == KV_STORE_ABSENT;
}

/* ---- reading --------------------------------------------------------------------------------- */

int kv_store_find(kv_query *query, kv_connection *connection, kv_text group, kv_text key) {
  kv_query_begin(query, connection, KV_SQL_GET);
  kv_bind_text(query, 1, group);
  kv_bind_text(query, 2, key);
  return kv_query_row(query);
}

int kv_store_expires(kv_query *query, sqlite3_int64 *at) {
  if (sqlite3_column_type(query->statement, 1) == SQLITE_NULL) return 0;
  *at = kv_query_integer(query, 1);
  return 1;
}

int kv_store_copy(kv_connection *connection, kv_text group, kv_text key, sqlite3_int64 now,
                  sqlite3_value **value) {
  kv_query query;
  sqlite3_int64 at;
  *value = NULL;
  int is_found = kv_store_find(&query, connection, group, key);
  if (is_found && (!kv_store_expires(&query, &at) || at > now)) {
    *value = sqlite3_value_dup(kv_query_value(&query, 0));
    if (*value == NULL) query.code = SQLITE_NOMEM;
  }
  return kv_query_end(&query);
}

int kv_store_list(kv_query *query, kv_connection *connection, kv_text group, sqlite3_int64 now) {
  kv_query_begin(query, connection, KV_SQL_GROUP_ENTRIES);
  kv_bind_text(query, 1, group);
  kv_bind_text(query, 3, (kv_text){"", 0});
  kv_bind_beyond_text(query, 4);
  kv_bind_integer(query, 5, 1);
  kv_bind_integer(query, 6, now);
  return query->code;
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

/* ---- writing --------------------------------------------------------------------------------- */

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

/* Ends a write that changes at most one row: was there one? */
static int end_write(kv_write *write, int *is_written) {
  sqlite3_int64 changes;
  int code = kv_query_write(&write->query, &changes);
  *is_written = changes > 0;
  return kv_write_end(write, code);
}

static void bind_name(kv_query *query, kv_text group, kv_text key) {
  kv_bind_text(query, 1, group);
  kv_bind_text(query, 2, key);
}

void kv_bind_expiry(kv_query *query, int parameter, const kv_entry *entry) {
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
  if (sql != KV_SQL_SET_LASTING) kv_bind_expiry(&write->query, 4, entry);
}

int kv_store_set(kv_connection *connection, const kv_entry *entry, sqlite3_int64 now) {
  kv_write write;
  int is_written;
  begin_entry(&write, connection, entry->has_expiry ? KV_SQL_SET : KV_SQL_SET_LASTING, entry, now);
  return end_write(&write, &is_written);
}

int kv_store_setnx(kv_connection *connection, const kv_entry *entry, sqlite3_int64 now,
                   int *stored) {
  kv_write write;
  begin_entry(&write, connection, KV_SQL_SETNX, entry, now);
  kv_bind_integer(&write.query, 5, now);
  return end_write(&write, stored);
}

int kv_store_cas(kv_connection *connection, const kv_entry *entry, sqlite3_value *expected,
                 sqlite3_int64 now, int *stored) {
  kv_write write;
  begin_entry(&write, connection, KV_SQL_CAS, entry, now);
  kv_bind_integer(&write.query, 5, now);
  kv_bind_value(&write.query, 6, expected);
  return end_write(&write, stored);
}

int kv_store_replace(kv_connection *connection, const kv_entry *entry, sqlite3_value *old,
                     sqlite3_int64 now, int *replaced) {
  kv_write write;
  begin_write(&write, connection, KV_SQL_REPLACE, KV_NO_PURGE);
  bind_name(&write.query, entry->group, entry->key);
  kv_bind_value(&write.query, 3, entry->value);
  kv_bind_integer(&write.query, 4, now);
  kv_bind_value(&write.query, 5, old);
  return end_write(&write, replaced);
}

int kv_store_expire(kv_connection *connection, const kv_entry *entry, sqlite3_int64 now,
                    int *found) {
  kv_write write;
  begin_write(&write, connection, KV_SQL_EXPIRE, entry->has_expiry ? now : KV_NO_PURGE);
  bind_name(&write.query, entry->group, entry->key);
  kv_bind_expiry(&write.query, 3, entry);
  kv_bind_integer(&write.query, 4, now);
  return end_write(&write, found);
}

int kv_store_delete(kv_connection *connection, kv_text group, kv_text key, sqlite3_value *old,
                    sqlite3_int64 now, int *deleted) {
  kv_write write;
  begin_write(&write, connection, old != NULL ? KV_SQL_DELETE_IF : KV_SQL_DELETE, KV_NO_PURGE);
  bind_name(&write.query, group, key);
  kv_bind_integer(&write.query, 3, now);
  if (old != NULL) kv_bind_value(&write.query, 4, old);
  return end_write(&write, deleted);
}

int kv_store_delete_groups(kv_connection *connection, const kv_range *range, kv_text name,
                           int is_prefix, sqlite3_int64 now, sqlite3_int64 *deleted) {
  kv_write write;
  begin_write(&write, connection, KV_SQL_DELETE_GROUPS, KV_NO_PURGE);
  kv_range_bind(&write.query, 1, range);
  kv_bind_integer(&write.query, 3, now);
  const kv_intent before = connection->intent;
  connection->intent.deleted_groups = name;
  connection->intent.is_prefix = is_prefix;
  connection->intent.depth = connection->depth;
  int code = kv_query_write(&write.query, deleted);
  connection->intent = before;
  return kv_write_end(&write, code);
}
