/*
** Around a write. See write.h.
*/
#include "store/write.h"
#include "base/threads.h"
#include "store/log.h"
#include "store/purge.h"
#include "store/quota.h"
#include "store/schema.h"

/* ---- a pinned clock --------------------------------------------------------------------------- */

/* The triggers of quotas and of the feed are to go by it, too. */
struct pinned {
  kv_connection *connection;
  kv_body *body;
  void *data;
  int has_quotas, has_log;
};

static int find_clocks(struct pinned *pinned) {
  kv_connection *connection = pinned->connection;
  if (!connection->is_pinned) return SQLITE_OK;
  int code = kv_quota_exist(connection, &pinned->has_quotas);
  return code == SQLITE_OK ? kv_log_exists(connection, &pinned->has_log) : code;
}

/* An error needs no unpinning, since all is undone. */
static int run_pinned(void *pointer) {
  const struct pinned *pinned = pointer;
  kv_connection *connection = pinned->connection;
  sqlite3_int64 now_ms = connection->pinned_now;
  int code = SQLITE_OK;
  if (pinned->has_quotas) code = kv_quota_pin_clock(connection, now_ms);
  if (code == SQLITE_OK && pinned->has_log) code = kv_log_pin_clock(connection, now_ms);
  if (code == SQLITE_OK) code = pinned->body(pinned->data);
  if (code == SQLITE_OK && pinned->has_log) code = kv_log_unpin_clock(connection);
  return code == SQLITE_OK && pinned->has_quotas ? kv_quota_unpin_clock(connection) : code;
}

/* Runs the body in a driver; one that is a single statement (`is_single`) needs none, but for the clock. And but
** for RAISE(FAIL) in a trigger of the host's, after which SQLite keeps what the statement had changed. */
static int drive(kv_connection *connection, kv_body *body, void *data, int is_single) {
  struct pinned pinned = {.connection = connection, .body = body, .data = data};
  int code = find_clocks(&pinned);
  if (code != SQLITE_OK) return code;
  if (pinned.has_quotas || pinned.has_log) return kv_drive(connection, run_pinned, &pinned);
  is_single = is_single && !connection->has_failing_triggers;
  return is_single ? body(data) : kv_drive(connection, body, data);
}

/* ---- a store in memory -------------------------------------------------------------------------- */

static int purge_all(void *pointer) {
  kv_connection *connection = pointer;
  return kv_purge_some(connection, kv_connection_now(connection), -1);
}

/* What a thread does for a file: once in an interval, all that has expired goes (purger.h). */
static int sweep(kv_connection *connection) {
  if (connection->sweep_every_ms == 0) return SQLITE_OK;
  sqlite3_int64 now_ms = kv_steady_clock();
  if (now_ms - connection->swept_at_ms < connection->sweep_every_ms) return SQLITE_OK;
  connection->swept_at_ms = now_ms;
  return drive(connection, purge_all, connection, 0);
}

/* ---- around every write ---------------------------------------------------------------------- */

/* What is done before a write, and stays. */
static int make_ready(kv_connection *connection) {
  int code = kv_schema_bring_up(connection);
  return code == SQLITE_OK ? sweep(connection) : code;
}

static int end(kv_connection *connection, int code, sqlite3_int64 last_rowid) {
  if (sqlite3_last_insert_rowid(connection->db) != last_rowid) {
    sqlite3_set_last_insert_rowid(connection->db, last_rowid);
  }
  if (code == SQLITE_OK) return code;
  return kv_driver_failed(connection, code);
}

int kv_write_all(kv_connection *connection, const kv_text *group, kv_body *body, void *data) {
  sqlite3_int64 last_rowid = sqlite3_last_insert_rowid(connection->db);
  int code = make_ready(connection);
  if (code == SQLITE_OK) code = drive(connection, body, data, 0);
  code = end(connection, code, last_rowid);
  return kv_quota_explain(connection, code, *group, (kv_text){NULL, 0}, NULL);
}

/* ---- one statement --------------------------------------------------------------------------- */

static void begin(kv_write *write, kv_connection *connection, kv_sql sql, kv_text group, int code) {
  write->group = group;
  write->key = (kv_text){NULL, 0};
  write->value = NULL;
  write->purge = (kv_driven){.connection = connection};
  write->changes = 0;
  if (code == SQLITE_OK) {
    kv_query_begin(&write->query, connection, sql);
  } else {
    write->query = (kv_query){.connection = connection, .sql = sql, .code = code};
  }
}

void kv_write_begin(kv_write *write, kv_connection *connection, kv_sql sql, kv_text group) {
  write->last_rowid = sqlite3_last_insert_rowid(connection->db);
  begin(write, connection, sql, group, make_ready(connection));
}

static int purge_some(void *pointer) {
  const kv_write *write = pointer;
  return kv_purge_some(write->query.connection, write->now_ms, KV_PURGE_ON_WRITE);
}

void kv_write_begin_expiring(kv_write *write, kv_connection *connection, kv_sql sql, kv_sql purging,
                             kv_text group, sqlite3_int64 now_ms) {
  enum { BODY = 6 };
  int is_due = 0;
  write->last_rowid = sqlite3_last_insert_rowid(connection->db);
  int code = make_ready(connection);
  if (code == SQLITE_OK) code = kv_purge_is_due(connection, now_ms, &is_due);
  begin(write, connection, is_due ? purging : sql, group, code);
  if (!is_due) return;
  write->now_ms = now_ms;
  write->purge.body = purge_some;
  write->purge.data = write;
  kv_bind_driven(&write->query, BODY, &write->purge);
}

static int step(void *pointer) {
  kv_write *write = pointer;
  return kv_driven_end(&write->purge, kv_query_write(&write->query, &write->changes));
}

int kv_write_end(kv_write *write, sqlite3_int64 *changes) {
  kv_connection *connection = write->query.connection;
  int code = write->query.code;
  if (code == SQLITE_OK) code = drive(connection, step, write, 1);
  if (write->query.statement != NULL) kv_query_end(&write->query); /* it was not stepped */
  *changes = code == SQLITE_OK ? write->changes : 0;
  sqlite3_int64 rowid = sqlite3_last_insert_rowid(connection->db);
  write->has_inserted = rowid != write->last_rowid && rowid != KV_QUOTA_UPSERT;
  code = end(connection, code, write->last_rowid);
  return kv_quota_explain(connection, code, write->group, write->key, write->value);
}
