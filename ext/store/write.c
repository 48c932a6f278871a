/*
** The driver statement. See write.h.
*/
#include "store/write.h"
#include "store/purge.h"
#include "store/quota.h"
#include "store/schema.h"

#include <assert.h>

/* ---- the driver ------------------------------------------------------------------------------ */

static const char body_function[] = "kv__body";
static const char body_pointer[] = "kv_driven"; /* SQL cannot make a pointer of this kind */

/* The message that is on its way to the host, kept from what runs meanwhile. */
static char *set_error_aside(kv_connection *connection) {
  char *error = connection->error;
  connection->error = NULL;
  return error;
}

static void put_error_back(kv_connection *connection, char *error) {
  kv_clear_error(connection);
  connection->error = error;
}

/*
** kv__body(pointer) -> 1 once the body has run, and NULL for anything that is no pointer of ours.
** SQLITE_SCHEMA is for kv_again() and not for SQLite, which would take it to mean that the driver
** has not begun.
*/
static void run_body(sqlite3_context *context, int count, sqlite3_value **arguments) {
  (void)count;
  kv_driven *driven = sqlite3_value_pointer(arguments[0], body_pointer);
  if (driven == NULL) return;
  if (!driven->has_run) {
    driven->has_run = 1;
    driven->code = driven->body(driven->data);
    if (driven->code != SQLITE_OK) driven->error = set_error_aside(driven->connection);
  }
  if (driven->code == SQLITE_OK) {
    sqlite3_result_int(context, 1);
  } else {
    sqlite3_result_error_code(context, driven->code == SQLITE_SCHEMA ? SQLITE_ERROR : driven->code);
  }
}

int kv_write_register(sqlite3 *db) {
  return sqlite3_create_function_v2(db, body_function, 1, SQLITE_UTF8 | SQLITE_DIRECTONLY, NULL,
                                    run_body, NULL, NULL, NULL);
}

void kv_write_unregister(sqlite3 *db) {
  sqlite3_create_function_v2(db, body_function, 1, SQLITE_UTF8, NULL, NULL, NULL, NULL, NULL);
}

/* After the driver failed: the error of the body is the one to report, with its message. */
static int end_driven(kv_driven *driven, int code) {
  if (driven->code == SQLITE_OK) return code;
  assert(code != SQLITE_OK);
  put_error_back(driven->connection, driven->error);
  return driven->code;
}

static int drive(kv_driven *driven) {
  kv_query query;
  kv_query_begin(&query, driven->connection, KV_SQL_WRITE_ALL);
  kv_bind_text(&query, 1, (kv_text){"", 0});
  kv_bind_pointer(&query, 2, driven, body_pointer);
  kv_query_row(&query);
  return end_driven(driven, kv_query_end(&query));
}

/* ---- the quotas' clock ----------------------------------------------------------------------- */

/* Where the clock is pinned and there are quotas, their triggers are to go by it too. */
static int find_clock(kv_connection *connection, int *is_needed) {
  *is_needed = 0;
  return connection->is_pinned ? kv_quota_exist(connection, is_needed) : SQLITE_OK;
}

/* The body of a body: an error needs no unpinning, since all is undone. */
static int run_pinned(void *pointer) {
  kv_driven *driven = pointer;
  int code = kv_quota_pin_clock(driven->connection, driven->connection->pinned_now);
  if (code == SQLITE_OK) code = driven->body(driven->data);
  return code == SQLITE_OK ? kv_quota_unpin_clock(driven->connection) : code;
}

static int drive_pinned(kv_driven *driven) {
  kv_driven pinned = {.connection = driven->connection, .body = run_pinned, .data = driven};
  return drive(&pinned);
}

/* ---- around every write ---------------------------------------------------------------------- */

/*
** A trigger or callback may have created a table before the error. Where that was undone with the
** rest, and the transaction goes on, SQLite's idea of the schema is of what is gone, until a new
** statement about that schema is run. This is one; that it fails is its purpose.
*/
static void look_at_schema(kv_connection *connection) {
  if (sqlite3_get_autocommit(connection->db)) return;
  char *error = set_error_aside(connection);
  kv_schema_check(connection);
  put_error_back(connection, error);
}

static int end(kv_connection *connection, int code, sqlite3_int64 last_rowid, kv_text group) {
  if (sqlite3_last_insert_rowid(connection->db) != last_rowid) {
    sqlite3_set_last_insert_rowid(connection->db, last_rowid);
  }
  if (code == SQLITE_OK) return code;
  look_at_schema(connection);
  return kv_quota_explain(connection, code, group);
}

int kv_write_all(kv_connection *connection, const kv_text *group, kv_body *body, void *data) {
  kv_driven driven = {.connection = connection, .body = body, .data = data};
  sqlite3_int64 last_rowid = sqlite3_last_insert_rowid(connection->db);
  int is_clock_needed = 0;
  int code = kv_schema_bring_up(connection);
  if (code == SQLITE_OK) code = find_clock(connection, &is_clock_needed);
  if (code == SQLITE_OK) code = is_clock_needed ? drive_pinned(&driven) : drive(&driven);
  return end(connection, code, last_rowid, *group);
}

/* ---- one statement --------------------------------------------------------------------------- */

void kv_write_begin(kv_write *write, kv_connection *connection, kv_sql sql, kv_text group) {
  write->group = group;
  write->purge = (kv_driven){.connection = connection};
  write->changes = 0;
  int code = kv_schema_bring_up(connection);
  if (code == SQLITE_OK) {
    kv_query_begin(&write->query, connection, sql);
  } else {
    write->query = (kv_query){.connection = connection, .sql = sql, .code = code};
  }
}

static int purge_some(void *pointer) {
  kv_write *write = pointer;
  return kv_purge_some(write->query.connection, write->now_ms, KV_PURGE_ON_WRITE);
}

void kv_write_purge(kv_write *write, int parameter, sqlite3_int64 now_ms) {
  write->now_ms = now_ms;
  write->purge.body = purge_some;
  write->purge.data = write;
  kv_bind_pointer(&write->query, parameter, &write->purge, body_pointer);
}

static int step(void *pointer) {
  kv_write *write = pointer;
  return end_driven(&write->purge, kv_query_write(&write->query, &write->changes));
}

int kv_write_end(kv_write *write, sqlite3_int64 *changes) {
  kv_connection *connection = write->query.connection;
  sqlite3_int64 last_rowid = sqlite3_last_insert_rowid(connection->db);
  int is_clock_needed = 0;
  int code = write->query.code;
  if (code == SQLITE_OK) code = find_clock(connection, &is_clock_needed);
  if (code != SQLITE_OK) {
    kv_query_end(&write->query);
  } else if (is_clock_needed) {
    kv_driven driven = {.connection = connection, .body = step, .data = write};
    code = drive_pinned(&driven);
    kv_query_end(&write->query);
  } else {
    code = step(write);
  }
  *changes = code == SQLITE_OK ? write->changes : 0;
  return end(connection, code, last_rowid, write->group);
}
