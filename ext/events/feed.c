/*
** The feed. See feed.h.
**
** Each function that writes makes one statement that changes anything, so it needs nothing around it; the
** start runs inside a driver, the end (for which SQLite drops tables) inside a savepoint of its own.
*/
#include "events/feed.h"
#include "store/driver.h"
#include "store/log.h"
#include "store/schema.h"

static int fail_without(kv_connection *connection) {
  return kv_fail(connection, SQLITE_ERROR, "there is no feed: kv_feed(keep) starts one");
}

/* What is remembered may be out of date where it says no, or where the statement is not to be had: others
** start and end the feed as well. */
static int begin(kv_query *query, kv_connection *connection, kv_sql sql) {
  int is_there = 0;
  *query = (kv_query){.connection = connection};
  query->code = kv_schema_look(connection);
  if (query->code != SQLITE_OK) return query->code;
  if (connection->store == KV_STORE_READY && connection->has_log) {
    if (kv_query_begin(query, connection, sql) != SQLITE_ERROR) return query->code;
    kv_query_end(query);
    kv_clear_error(connection);
  }
  query->code = kv_log_exists(connection, &is_there);
  if (query->code == SQLITE_OK && !is_there) query->code = fail_without(connection);
  return query->code == SQLITE_OK ? kv_query_begin(query, connection, sql) : query->code;
}

/* Steps a bound statement that writes to the log's tables. What it inserts is no row of the host's. */
static int write(kv_query *query, sqlite3_int64 *changes) {
  sqlite3 *db = query->connection->db;
  sqlite3_int64 last_rowid = sqlite3_last_insert_rowid(db);
  int code = kv_query_write(query, changes);
  if (sqlite3_last_insert_rowid(db) != last_rowid) sqlite3_set_last_insert_rowid(db, last_rowid);
  return code;
}

struct start {
  kv_connection *connection;
  sqlite3_int64 keep, at_most;
};

static int start(void *pointer) {
  const struct start *start = pointer;
  return kv_log_start(start->connection, start->keep, start->at_most);
}

int kv_feed_set(kv_connection *connection, sqlite3_int64 keep, sqlite3_int64 at_most) {
  struct start data = {connection, keep, at_most};
  sqlite3_int64 last_rowid = sqlite3_last_insert_rowid(connection->db);
  int code = keep > 0 ? kv_schema_bring_up(connection) : kv_schema_look(connection);
  if (code != SQLITE_OK) return code;
  kv_schema_forget(connection); /* what follows is about the schema itself, as it comes to be */
  code = keep > 0 ? kv_drive(connection, start, &data) : kv_log_end(connection);
  if (code != SQLITE_OK) code = kv_driver_failed(connection, code);
  sqlite3_set_last_insert_rowid(connection->db, last_rowid);
  kv_schema_forget(connection);
  return code;
}

int kv_feed_head(kv_connection *connection, sqlite3_int64 *head) {
  kv_query query;
  *head = 0;
  begin(&query, connection, KV_SQL_LOG_HEAD);
  if (kv_query_row(&query)) *head = kv_query_integer(&query, 0);
  return kv_query_end(&query);
}

int kv_feed_ack(kv_connection *connection, kv_text reader, sqlite3_int64 seq,
                sqlite3_int64 now_ms) {
  sqlite3_int64 head, changes;
  int code = kv_feed_head(connection, &head);
  if (code == SQLITE_OK && seq > head) {
    code = kv_fail(connection, SQLITE_ERROR, "there is no change %lld yet: the newest is %lld", seq,
                   head);
  }
  if (code != SQLITE_OK) return code;
  kv_query query;
  begin(&query, connection, KV_SQL_LOG_ACK);
  kv_bind_text(&query, 1, reader);
  kv_bind_integer(&query, 2, seq);
  kv_bind_integer(&query, 3, now_ms);
  return write(&query, &changes);
}

int kv_feed_forget(kv_connection *connection, kv_text reader, int *is_there) {
  sqlite3_int64 changes = 0;
  kv_query query;
  begin(&query, connection, KV_SQL_LOG_FORGET);
  kv_bind_text(&query, 1, reader);
  int code = write(&query, &changes);
  *is_there = changes > 0;
  return code;
}

int kv_feed_compact(kv_connection *connection, sqlite3_int64 *removed) {
  kv_query query;
  *removed = 0;
  begin(&query, connection, KV_SQL_LOG_COMPACT);
  return write(&query, removed);
}

int kv_feed_changes(kv_query *query, kv_connection *connection, sqlite3_int64 after,
                    sqlite3_int64 until, const kv_range *groups) {
  begin(query, connection, KV_SQL_LOG_CHANGES);
  kv_bind_integer(query, 1, after);
  kv_range_bind(query, 2, groups);
  kv_bind_integer(query, 4, until);
  return query->code;
}

int kv_feed_readers(kv_query *query, kv_connection *connection, const kv_range *names) {
  begin(query, connection, KV_SQL_LOG_READERS);
  kv_range_bind(query, 1, names);
  return query->code;
}
