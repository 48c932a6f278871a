/*
** The shape of the feed. See log.h.
*/
#include "store/log.h"

#include <string.h>

/* A trigger, where it stands, and its text where the host has triggers of its own beside it. */
struct part {
  const char *name, *table;
  kv_sql create, create_beside_others, drop;
};

/* The last is made last: without it the log is not whole. */
static const struct part parts[] = {
    {"kv_log_insert", "kv", KV_SQL_CREATE_LOG_INSERT, KV_SQL_CREATE_LOG_INSERT_BESIDE_OTHERS,
     KV_SQL_DROP_LOG_INSERT},
    {"kv_log_update", "kv", KV_SQL_CREATE_LOG_UPDATE, KV_SQL_CREATE_LOG_UPDATE_BESIDE_OTHERS,
     KV_SQL_DROP_LOG_UPDATE},
    {"kv_log_delete", "kv", KV_SQL_CREATE_LOG_DELETE, KV_SQL_CREATE_LOG_DELETE_BESIDE_OTHERS,
     KV_SQL_DROP_LOG_DELETE},
    {"kv_log_move", "kv", KV_SQL_CREATE_LOG_MOVE, KV_SQL_CREATE_LOG_MOVE, KV_SQL_DROP_LOG_MOVE},
    {"kv_log_replace", "kv", KV_SQL_CREATE_LOG_REPLACE, KV_SQL_CREATE_LOG_REPLACE,
     KV_SQL_DROP_LOG_REPLACE},
    {"kv_log_replace_update", "kv", KV_SQL_CREATE_LOG_REPLACE_UPDATE,
     KV_SQL_CREATE_LOG_REPLACE_UPDATE, KV_SQL_DROP_LOG_REPLACE_UPDATE},
    {"kv_log_trim", "kv_log_settings", KV_SQL_CREATE_LOG_TRIM, KV_SQL_CREATE_LOG_TRIM,
     KV_SQL_DROP_LOG_TRIM},
};

enum { PARTS = sizeof parts / sizeof parts[0], LAST = PARTS - 1 };

static int exists(kv_connection *connection, kv_sql sql, int *is_there) {
  kv_query query;
  kv_query_begin(&query, connection, sql);
  *is_there = kv_query_row(&query);
  return kv_query_end(&query);
}

static kv_sql text_of(const struct part *part, int has_others) {
  return has_others ? part->create_beside_others : part->create;
}

static int look_at_part(kv_connection *connection, const struct part *part, int has_others,
                        int *is_whole) {
  kv_query query;
  kv_query_begin(&query, connection, KV_SQL_LOG_TRIGGER);
  kv_bind_text(&query, 1, (kv_text){part->name, (int)strlen(part->name)});
  kv_bind_text(&query, 2, (kv_text){part->table, (int)strlen(part->table)});
  *is_whole = 0;
  if (kv_query_row(&query)) {
    kv_text text = kv_query_text(&query, 0);
    *is_whole = text.bytes != NULL && kv_statement_created(text_of(part, has_others), text.bytes);
  }
  return kv_query_end(&query);
}

int kv_log_look(kv_connection *connection, int *is_there, int *is_whole) {
  int has_others = 0;
  *is_whole = 1;
  int code = exists(connection, KV_SQL_HAS_LOG, is_there);
  if (code != SQLITE_OK || !*is_there) return code;
  code = exists(connection, KV_SQL_LOG_BESIDE_OTHERS, &has_others);
  for (int i = 0; i < PARTS && code == SQLITE_OK && *is_whole; i++) {
    code = look_at_part(connection, &parts[i], has_others, is_whole);
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

static int replace_part(kv_connection *connection, const struct part *part, int has_others) {
  int code = kv_execute(connection, part->drop);
  return code == SQLITE_OK ? kv_execute(connection, text_of(part, has_others)) : code;
}

/* Others may write between two of these statements. So the resync comes after the triggers that
** see every change, and what makes the log whole comes after the resync. */
static int build(kv_connection *connection, sqlite3_int64 keep, sqlite3_int64 at_most) {
  static const kv_sql tables[] = {KV_SQL_CREATE_LOG, KV_SQL_CREATE_LOG_READERS,
                                  KV_SQL_CREATE_LOG_SETTINGS, KV_SQL_CREATE_QUOTA_CLOCK};
  int has_others = 0;
  sqlite3_int64 now_ms = kv_connection_now(connection);
  int code = kv_execute(connection, parts[LAST].drop);
  if (code == SQLITE_OK) code = run_all(connection, tables, sizeof tables / sizeof tables[0]);
  if (code == SQLITE_OK) code = run(connection, KV_SQL_LOG_BEGIN, now_ms, 0);
  if (code == SQLITE_OK) code = run(connection, KV_SQL_LOG_SETTINGS_BEGIN, keep, at_most);
  if (code == SQLITE_OK) code = exists(connection, KV_SQL_LOG_BESIDE_OTHERS, &has_others);
  for (int i = 0; i < LAST && code == SQLITE_OK; i++) {
    code = replace_part(connection, &parts[i], has_others);
  }
  if (code == SQLITE_OK) code = run(connection, KV_SQL_LOG_RESYNC, now_ms, 0);
  if (code == SQLITE_OK) code = kv_execute(connection, KV_SQL_LOG_SETTLED);
  return code == SQLITE_OK ? replace_part(connection, &parts[LAST], has_others) : code;
}

int kv_log_restore(kv_connection *connection) {
  enum { KEEP = 10000, AT_MOST = 100000 }; /* where the settings are lost, too */
  return build(connection, KEEP, AT_MOST);
}

int kv_log_start(kv_connection *connection, sqlite3_int64 keep, sqlite3_int64 at_most) {
  int is_there, is_whole;
  int code = kv_log_look(connection, &is_there, &is_whole);
  if (code == SQLITE_OK && (!is_there || !is_whole)) {
    code = build(connection, keep, at_most);
  }
  return code == SQLITE_OK ? run(connection, KV_SQL_LOG_SET, keep, at_most) : code;
}

int kv_log_end(kv_connection *connection) {
  static const kv_sql tables[] = {KV_SQL_DROP_LOG_SETTINGS, KV_SQL_DROP_LOG_READERS,
                                  KV_SQL_DROP_LOG};
  int code = SQLITE_OK;
  for (int i = LAST; i >= 0 && code == SQLITE_OK; i--) {
    code = kv_execute(connection, parts[i].drop);
  }
  return code == SQLITE_OK ? run_all(connection, tables, sizeof tables / sizeof tables[0]) : code;
}
