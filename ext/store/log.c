/*
** The shape of the feed. See log.h.
*/
#include "store/log.h"

#include <string.h>

/* A trigger, and where it stands. */
struct part {
  const char *name, *table;
  kv_sql create, drop;
};

/* The last is made last: without it the log is not whole. */
static const struct part parts[] = {
    {"kv_log_insert", "kv", KV_SQL_CREATE_LOG_INSERT, KV_SQL_DROP_LOG_INSERT},
    {"kv_log_update", "kv", KV_SQL_CREATE_LOG_UPDATE, KV_SQL_DROP_LOG_UPDATE},
    {"kv_log_delete", "kv", KV_SQL_CREATE_LOG_DELETE, KV_SQL_DROP_LOG_DELETE},
    {"kv_log_move", "kv", KV_SQL_CREATE_LOG_MOVE, KV_SQL_DROP_LOG_MOVE},
    {"kv_log_replace", "kv", KV_SQL_CREATE_LOG_REPLACE, KV_SQL_DROP_LOG_REPLACE},
    {"kv_log_replace_update", "kv", KV_SQL_CREATE_LOG_REPLACE_UPDATE,
     KV_SQL_DROP_LOG_REPLACE_UPDATE},
    {"kv_log_tick", "kv_log", KV_SQL_CREATE_LOG_TICK, KV_SQL_DROP_LOG_TICK},
    {"kv_log_trim", "kv_log_settings", KV_SQL_CREATE_LOG_TRIM, KV_SQL_DROP_LOG_TRIM},
};

enum { PARTS = sizeof parts / sizeof parts[0], LAST = PARTS - 1 };

static int look_at_part(kv_connection *connection, const struct part *part, int *is_whole) {
  kv_query query;
  kv_query_begin(&query, connection, KV_SQL_LOG_TRIGGER);
  kv_bind_text(&query, 1, (kv_text){part->name, (int)strlen(part->name)});
  kv_bind_text(&query, 2, (kv_text){part->table, (int)strlen(part->table)});
  *is_whole = 0;
  if (kv_query_row(&query)) {
    kv_text text = kv_query_text(&query, 0);
    *is_whole = text.bytes != NULL && kv_statement_created(part->create, text.bytes);
  }
  return kv_query_end(&query);
}

int kv_log_exists(kv_connection *connection, int *is_there) {
  const char *schema = kv_connection_schema(connection);
  kv_query query;
  kv_query_begin(&query, connection, KV_SQL_HAS_LOG);
  kv_bind_text(&query, 1, (kv_text){schema, (int)strlen(schema)});
  *is_there = kv_query_row(&query);
  return kv_query_end(&query);
}

int kv_log_look(kv_connection *connection, int *is_there, int *is_whole) {
  *is_whole = 1;
  int code = kv_log_exists(connection, is_there);
  if (code != SQLITE_OK || !*is_there) return code;
  for (int i = 0; i < PARTS && code == SQLITE_OK && *is_whole; i++) {
    code = look_at_part(connection, &parts[i], is_whole);
  }
  return code;
}

static int run(kv_connection *connection, kv_sql sql, sqlite3_int64 first, sqlite3_int64 second) {
  kv_query query;
  kv_query_begin(&query, connection, sql);
  if (query.code == SQLITE_OK) {
    int count = sqlite3_bind_parameter_count(query.statement);
    if (count > 0) kv_bind_integer(&query, 1, first);
    if (count > 1) kv_bind_integer(&query, 2, second);
  }
  kv_query_row(&query);
  return kv_query_end(&query);
}

static int run_all(kv_connection *connection, const kv_sql *steps, int count) {
  int code = SQLITE_OK;
  for (int i = 0; i < count && code == SQLITE_OK; i++) code = kv_execute(connection, steps[i]);
  return code;
}

static int replace_part(kv_connection *connection, const struct part *part) {
  int code = kv_execute(connection, part->drop);
  return code == SQLITE_OK ? kv_execute(connection, part->create) : code;
}

static int create_tables(kv_connection *connection) {
  static const kv_sql tables[] = {KV_SQL_CREATE_LOG, KV_SQL_CREATE_LOG_READERS,
                                  KV_SQL_CREATE_LOG_SETTINGS};
  return run_all(connection, tables, sizeof tables / sizeof tables[0]);
}

int kv_log_ground(kv_connection *connection) {
  int is_there;
  int code = kv_log_exists(connection, &is_there);
  return code == SQLITE_OK && is_there ? create_tables(connection) : code;
}

/* For a driver: the resync comes after the triggers, which see every change from then on. */
static int build(kv_connection *connection, sqlite3_int64 keep, sqlite3_int64 at_most) {
  sqlite3_int64 now_ms = kv_connection_now(connection);
  int code = create_tables(connection);
  if (code == SQLITE_OK) code = run(connection, KV_SQL_LOG_BEGIN, now_ms, 0);
  if (code == SQLITE_OK) code = run(connection, KV_SQL_LOG_SETTINGS_BEGIN, keep, at_most);
  for (int i = 0; i < PARTS && code == SQLITE_OK; i++) code = replace_part(connection, &parts[i]);
  if (code == SQLITE_OK) code = run(connection, KV_SQL_LOG_RESYNC, now_ms, 0);
  return code == SQLITE_OK ? kv_execute(connection, KV_SQL_LOG_SETTLED) : code;
}

int kv_log_restore(kv_connection *connection) {
  enum { KEEP = 10000, AT_MOST = 100000 }; /* where the settings are lost, too */
  int code = build(connection, KEEP, AT_MOST);
  return code == SQLITE_OK ? kv_execute(connection, KV_SQL_LOG_TRIM) : code;
}

int kv_log_start(kv_connection *connection, sqlite3_int64 keep, sqlite3_int64 at_most) {
  int is_there, is_whole;
  int code = kv_log_look(connection, &is_there, &is_whole);
  if (code == SQLITE_OK && (!is_there || !is_whole)) code = build(connection, keep, at_most);
  return code == SQLITE_OK ? run(connection, KV_SQL_LOG_SET, keep, at_most) : code;
}

static int drop_all(kv_connection *connection) {
  static const kv_sql tables[] = {KV_SQL_DROP_LOG_SETTINGS, KV_SQL_DROP_LOG_READERS,
                                  KV_SQL_DROP_LOG};
  int code = SQLITE_OK;
  for (int i = 0; i < PARTS && code == SQLITE_OK; i++) {
    code = kv_execute(connection, parts[i].drop);
  }
  return code == SQLITE_OK ? run_all(connection, tables, sizeof tables / sizeof tables[0]) : code;
}

/* A write that fails: an interrupt makes SQLite roll back all, as it would not for a ROLLBACK TO. The log may be
** there, or not: one of the two is a write. */
static void write_in_vain(kv_connection *connection) {
  (void)kv_execute(connection, KV_SQL_CREATE_LOG);
  (void)run(connection, KV_SQL_LOG_RESYNC, 0, 0);
}

/* Where SQLite rolled all back by itself, the savepoint is gone, and there is nothing to undo. What keeps
** the undo from running is an interrupt, mostly: it is for all statements, until the last of them ends. */
static void undo_end(kv_connection *connection, int was_autocommit) {
  enum { ATTEMPTS = 4 };
  char *error = connection->error;
  connection->error = NULL;
  for (int i = 0; i < ATTEMPTS; i++) {
    if (was_autocommit && sqlite3_get_autocommit(connection->db)) break;
    int code = kv_execute(connection, KV_SQL_LOG_END_UNDO);
    if (code == SQLITE_OK) code = kv_execute(connection, KV_SQL_LOG_END_KEEP);
    if ((code & 0xff) != SQLITE_INTERRUPT) break;
    write_in_vain(connection);
  }
  kv_clear_error(connection);
  connection->error = error;
}

/* Between two of these statements nobody may write: a feed that is half gone would be put back by who does. */
int kv_log_end(kv_connection *connection) {
  int was_autocommit = sqlite3_get_autocommit(connection->db);
  int is_there;
  int code = kv_log_exists(connection, &is_there);
  if (code != SQLITE_OK || !is_there) return code;
  code = kv_execute(connection, KV_SQL_LOG_END_BEGIN);
  if (code == SQLITE_OK) code = drop_all(connection);
  if (code == SQLITE_OK) code = kv_execute(connection, KV_SQL_LOG_END_KEEP);
  if (code != SQLITE_OK) undo_end(connection, was_autocommit);
  return code;
}

int kv_log_pin_clock(kv_connection *connection, sqlite3_int64 now_ms) {
  return run(connection, KV_SQL_LOG_PIN, now_ms, 0);
}

int kv_log_unpin_clock(kv_connection *connection) {
  return kv_execute(connection, KV_SQL_LOG_UNPIN);
}
