/*
** The settings, a row each. See settings.h.
*/
#include "surface/settings.h"
#include "arguments/arguments.h"
#include "events/events.h"
#include "store/purger.h"
#include "store/schema.h"
#include "tables/tables.h"

struct setting {
  const char *name;
  int (*set)(kv_connection *connection, sqlite3_value *value);
  void (*get)(const kv_connection *connection, sqlite3_context *context);
};

static int set_schema(kv_connection *connection, sqlite3_value *value) {
  kv_text name;
  int code = kv_argument_text(connection, value, "schema", &name);
  if (code != SQLITE_OK) return code;
  char *schema = sqlite3_mprintf("%s", name.bytes);
  if (schema == NULL) return SQLITE_NOMEM;
  char *before = connection->schema;
  connection->schema = schema;
  if (!kv_schema_is_attached(connection)) {
    connection->schema = before;
    sqlite3_free(schema);
    return kv_fail(connection, SQLITE_ERROR, "no schema \"%s\" is attached", name.bytes);
  }
  kv_schema_forget(connection);
  connection->schema_switches++;
  code = kv_tables_follow(connection);
  if (code == SQLITE_OK) code = kv_purger_set(connection, kv_purger_interval(connection));
  if (code == SQLITE_OK) code = kv_events_rebase(connection);
  if (code != SQLITE_OK) { /* interrupted, say: nothing was set, and whoever listens finds out */
    connection->schema = before;
    before = schema;
    kv_schema_forget(connection);
  }
  sqlite3_free(before);
  return code;
}

static void get_schema(const kv_connection *connection, sqlite3_context *context) {
  sqlite3_result_text(context, kv_connection_schema(connection), -1, SQLITE_TRANSIENT);
}

static int set_now(kv_connection *connection, sqlite3_value *value) {
  int is_given;
  sqlite3_int64 instant;
  int code = kv_argument_instant(connection, value, &is_given, &instant);
  if (code != SQLITE_OK) return code;
  connection->is_pinned = is_given;
  connection->pinned_now = instant;
  return SQLITE_OK;
}

static void get_now(const kv_connection *connection, sqlite3_context *context) {
  if (connection->is_pinned) sqlite3_result_int64(context, connection->pinned_now);
}

static int set_update_hook(kv_connection *connection, sqlite3_value *value) {
  sqlite3_int64 is_allowed;
  int code = kv_argument_integer(connection, value, "update_hook", 0, 1, &is_allowed);
  return code == SQLITE_OK ? kv_events_allow_hook(connection, (int)is_allowed) : code;
}

static void get_update_hook(const kv_connection *connection, sqlite3_context *context) {
  sqlite3_result_int(context, kv_events_is_hook_allowed(connection));
}

static int set_purge_error(kv_connection *connection, sqlite3_value *value) {
  (void)value;
  return kv_fail(connection, SQLITE_ERROR, "\"purge_error\" is only to be read");
}

static void get_purge_error(const kv_connection *connection, sqlite3_context *context) {
  char *error;
  if (kv_purger_error(connection, &error) != SQLITE_OK) {
    sqlite3_result_error_nomem(context);
  } else if (error != NULL) {
    sqlite3_result_text(context, error, -1, sqlite3_free);
  }
}

static const struct setting settings[] = {
    {"schema", set_schema, get_schema},
    {"now", set_now, get_now},
    {"update_hook", set_update_hook, get_update_hook},
    {"purge_error", set_purge_error, get_purge_error},
};

int kv_settings_call(kv_connection *connection, sqlite3_context *context, sqlite3_value *name,
                     sqlite3_value *value) {
  kv_text text;
  int code = kv_argument_text(connection, name, "name", &text);
  if (code != SQLITE_OK) return code;
  for (size_t i = 0; i < sizeof settings / sizeof settings[0]; i++) {
    if (sqlite3_stricmp(text.bytes, settings[i].name) != 0) continue;
    if (value != NULL) code = settings[i].set(connection, value);
    if (code == SQLITE_OK) settings[i].get(connection, context);
    return code;
  }
  return kv_fail(connection, SQLITE_ERROR, "unknown setting \"%s\"", text.bytes);
}
