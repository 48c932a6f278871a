/*
** Around a write. See write.h.
*/
#include "store/write.h"
#include "base/threads.h"
#include "store/purge.h"
#include "store/quota.h"
#include "store/schema.h"

/* ---- the quotas' clock ----------------------------------------------------------------------- */

/* Where the clock is pinned and there are quotas, their triggers are to go by it too. */
static int find_clock(kv_connection *connection, int *is_needed) {
  *is_needed = 0;
  return connection->is_pinned ? kv_quota_exist(connection, is_needed) : SQLITE_OK;
}

struct pinned {
  kv_connection *connection;
  kv_body *body;
  void *data;
};

/* An error needs no unpinning, since all is undone. */
static int run_pinned(void *pointer) {
  const struct pinned *pinned = pointer;
  int code = kv_quota_pin_clock(pinned->connection, pinned->connection->pinned_now);
  if (code == SQLITE_OK) code = pinned->body(pinned->data);
  return code == SQLITE_OK ? kv_quota_unpin_clock(pinned->connection) : code;
}

static int drive_pinned(kv_connection *connection, kv_body *body, void *data) {
  struct pinned pinned = {connection, body, data};
  return kv_drive(connection, run_pinned, &pinned);
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
  return kv_drive(connection, purge_all, connection);
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
  int is_clock_needed = 0;
  int code = make_ready(connection);
  if (code == SQLITE_OK) code = find_clock(connection, &is_clock_needed);
  if (code == SQLITE_OK) {
    code =
        is_clock_needed ? drive_pinned(connection, body, data) : kv_drive(connection, body, data);
  }
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
  int is_clock_needed = 0;
  int code = write->query.code;
  if (code == SQLITE_OK) code = find_clock(connection, &is_clock_needed);
  if (code == SQLITE_OK) {
    code = is_clock_needed ? drive_pinned(connection, step, write) : step(write);
  }
  if (write->query.statement != NULL) kv_query_end(&write->query); /* it was not stepped */
  *changes = code == SQLITE_OK ? write->changes : 0;
  sqlite3_int64 rowid = sqlite3_last_insert_rowid(connection->db);
  write->has_inserted = rowid != write->last_rowid && rowid != KV_QUOTA_UPSERT;
  code = end(connection, code, write->last_rowid);
  return kv_quota_explain(connection, code, write->group, write->key, write->value);
}
