/*
** The rows of the store, each function one statement of sql/store.sql. See store.h.
*/
#include "store/store.h"
#include "store/hints.h"
#include "store/purge.h"
#include "store/quota.h"
#include "store/schema.h"
#include "store/write.h"

int kv_store_is_absent(kv_connection *connection, int *code) {
  *code = kv_schema_look(connection);
  return *code == SQLITE_OK && connection->store == KV_STORE_ABSENT;
}

/* ---- reading --------------------------------------------------------------------------------- */

static void begin_find(kv_query *query, kv_connection *connection, kv_sql sql, kv_text group,
                       kv_text key, sqlite3_int64 now_ms) {
  kv_query_begin(query, connection, sql);
  kv_bind_text(query, 1, group);
  kv_bind_text(query, 2, key);
  kv_bind_integer(query, 3, now_ms);
}

int kv_store_find(kv_query *query, kv_connection *connection, kv_text group, kv_text key,
                  sqlite3_int64 now_ms) {
  unsigned tag;
  kv_hint *hint = kv_hint_of(connection, group, key, &tag);
  if (hint != NULL && hint->tag == tag && hint->rowid != 0) {
    begin_find(query, connection, KV_SQL_GET_HINTED, group, key, now_ms);
    kv_bind_integer(query, 4, hint->rowid);
    if (kv_query_row(query) || query->code != SQLITE_OK) return query->code == SQLITE_OK;
    hint->rowid = 0;
    if (kv_query_end(query) != SQLITE_OK) return 0;
  }
  begin_find(query, connection, KV_SQL_GET, group, key, now_ms);
  int is_found = kv_query_row(query);
  if (is_found && hint != NULL) *hint = (kv_hint){tag, kv_query_integer(query, 2)};
  return is_found;
}

int kv_store_ttl(sqlite3_value *expires_at, sqlite3_int64 now_ms, double *ttl) {
  int type = sqlite3_value_type(expires_at);
  if (type != SQLITE_INTEGER && type != SQLITE_FLOAT) return 0;
  *ttl = (sqlite3_value_double(expires_at) - (double)now_ms) / 1000.0;
  return 1;
}

int kv_store_copy(kv_connection *connection, kv_text group, kv_text key, sqlite3_int64 now_ms,
                  sqlite3_value **value) {
  kv_query query;
  *value = NULL;
  if (kv_store_find(&query, connection, group, key, now_ms)) {
    *value = sqlite3_value_dup(kv_query_value(&query, 0));
    if (*value == NULL) query.code = SQLITE_NOMEM;
  }
  return kv_query_end(&query);
}

int kv_store_list(kv_query *query, kv_connection *connection, kv_text group, sqlite3_int64 now_ms) {
  kv_query_begin(query, connection, KV_SQL_GROUP_ENTRIES);
  kv_bind_text(query, 1, group);
  kv_bind_text(query, 3, (kv_text){"", 0});
  kv_bind_beyond_text(query, 4);
  kv_bind_integer(query, 5, 1);
  kv_bind_integer(query, 6, now_ms);
  return query->code;
}

int kv_store_count(kv_connection *connection, const kv_range *range, sqlite3_int64 now_ms,
                   sqlite3_int64 *count) {
  kv_query query;
  *count = 0;
  kv_query_begin(&query, connection, KV_SQL_COUNT);
  kv_range_bind(&query, 1, range);
  kv_bind_integer(&query, 3, now_ms);
  if (kv_query_row(&query)) *count = kv_query_integer(&query, 0);
  return kv_query_end(&query);
}

/* ---- writing --------------------------------------------------------------------------------- */

/* Ends a write that changes at most one row: was there one? */
static int end_write(kv_write *write, int *is_written) {
  sqlite3_int64 changes;
  int code = kv_write_end(write, &changes);
  *is_written = changes > 0;
  return code;
}

static const kv_text nowhere = {"", 0};

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

/* What the quotas are told of an entry: no statement of ours REPLACEs; and what it is, if it is refused. */
static void announce(kv_write *write, const kv_entry *entry) {
  write->key = entry->key;
  write->value = entry->value;
  kv_quota_announce_upsert(write->query.connection);
}

/* Begins to write an entry: ?1 group, ?2 key, ?3 value, ?4 expiry. */
static void begin_entry(kv_write *write, kv_connection *connection, kv_sql sql, kv_sql purging,
                        const kv_entry *entry, sqlite3_int64 now_ms) {
  if (entry->has_expiry) {
    kv_write_begin_expiring(write, connection, sql, purging, entry->group, now_ms);
  } else {
    kv_write_begin(write, connection, sql, entry->group);
  }
  bind_name(&write->query, entry->group, entry->key);
  announce(write, entry);
  if (entry->value != NULL) kv_bind_value(&write->query, 3, entry->value);
  if (sql != KV_SQL_SET) kv_bind_expiry(&write->query, 4, entry);
}

/* The same without a purge. */
static void begin_plain(kv_write *write, kv_connection *connection, kv_sql lasting, kv_sql expiring,
                        const kv_entry *entry) {
  kv_write_begin(write, connection, entry->has_expiry ? expiring : lasting, entry->group);
  bind_name(&write->query, entry->group, entry->key);
  kv_bind_value(&write->query, 3, entry->value);
  announce(write, entry);
  if (entry->has_expiry) kv_bind_integer(&write->query, 4, entry->expires_at);
}

/* After so many sets in a row that found their key, the next is taken to find its own too. */
enum { OVERWRITES_EXPECTED = 4 };

/* An UPDATE costs a seventh less than the upsert, where there is something to update: so that is
** tried first while sets have lately found their key. Triggers of the host could tell the two apart. */
int kv_store_set(kv_connection *connection, const kv_entry *entry, sqlite3_int64 now_ms) {
  kv_write write;
  int is_written = 0;
  if (entry->has_expiry && kv_purge_is_worth_a_look(connection)) {
    begin_entry(&write, connection, KV_SQL_SET_EXPIRING, KV_SQL_SET_PURGING, entry, now_ms);
    return end_write(&write, &is_written);
  }
  if (connection->overwrites >= OVERWRITES_EXPECTED && !connection->has_host_triggers) {
    begin_plain(&write, connection, KV_SQL_OVERWRITE, KV_SQL_OVERWRITE_EXPIRING, entry);
    int code = end_write(&write, &is_written);
    if (code != SQLITE_OK || is_written) return code;
    connection->overwrites = 0;
  }
  begin_plain(&write, connection, KV_SQL_SET, KV_SQL_SET_EXPIRING, entry);
  int code = end_write(&write, &is_written);
  connection->overwrites = write.has_inserted ? 0 : connection->overwrites + 1;
  return code;
}

int kv_store_setnx(kv_connection *connection, const kv_entry *entry, sqlite3_int64 now_ms,
                   int *stored) {
  kv_write write;
  begin_entry(&write, connection, KV_SQL_SETNX, KV_SQL_SETNX_PURGING, entry, now_ms);
  kv_bind_integer(&write.query, 5, now_ms);
  return end_write(&write, stored);
}

int kv_store_cas(kv_connection *connection, const kv_entry *entry, sqlite3_value *expected,
                 sqlite3_int64 now_ms, int *stored) {
  kv_write write;
  begin_entry(&write, connection, KV_SQL_CAS, KV_SQL_CAS_PURGING, entry, now_ms);
  kv_bind_integer(&write.query, 5, now_ms);
  kv_bind_value(&write.query, 7, expected);
  return end_write(&write, stored);
}

int kv_store_expire(kv_connection *connection, const kv_entry *entry, sqlite3_int64 now_ms,
                    int *found) {
  kv_write write;
  begin_entry(&write, connection, KV_SQL_EXPIRE, KV_SQL_EXPIRE_PURGING, entry, now_ms);
  kv_bind_integer(&write.query, 5, now_ms);
  return end_write(&write, found);
}

int kv_store_delete_if(kv_connection *connection, kv_text group, kv_text key,
                       sqlite3_value *expected, sqlite3_int64 now_ms, int *deleted) {
  kv_write write;
  kv_write_begin(&write, connection, KV_SQL_DELETE_IF, group);
  bind_name(&write.query, group, key);
  kv_bind_integer(&write.query, 3, now_ms);
  kv_bind_value(&write.query, 4, expected);
  return end_write(&write, deleted);
}

int kv_store_delete(kv_connection *connection, kv_text group, kv_text key, sqlite3_int64 now_ms,
                    int *deleted) {
  kv_write write;
  kv_write_begin(&write, connection, KV_SQL_DELETE, group);
  bind_name(&write.query, group, key);
  kv_bind_integer(&write.query, 3, now_ms);
  return end_write(&write, deleted);
}

int kv_store_delete_groups(kv_connection *connection, const kv_range *range, kv_text name,
                           int is_prefix, sqlite3_int64 now_ms, sqlite3_int64 *deleted) {
  kv_write write;
  kv_write_begin(&write, connection, KV_SQL_DELETE_GROUPS, nowhere);
  kv_range_bind(&write.query, 1, range);
  kv_bind_integer(&write.query, 3, now_ms);
  const kv_intent before = connection->intent;
  connection->intent.deleted_groups = name;
  connection->intent.is_prefix = is_prefix;
  connection->intent.depth = connection->depth;
  int code = kv_write_end(&write, deleted);
  connection->intent = before;
  return code;
}

int kv_store_purge(kv_connection *connection, const kv_range *range, sqlite3_int64 now_ms,
                   int limit, sqlite3_int64 *removed) {
  kv_write write;
  kv_write_begin(&write, connection, KV_SQL_PURGE, nowhere);
  kv_purge_bind(&write.query, range, now_ms, limit);
  const kv_intent before = connection->intent;
  connection->intent.has_now = 1;
  connection->intent.now_ms = now_ms;
  int code = kv_write_end(&write, removed);
  connection->intent = before;
  return code;
}
