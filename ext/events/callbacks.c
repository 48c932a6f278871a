/*
** Callbacks. See callbacks.h.
**
** The list may change while it is walked: a callback may register and remove callbacks, itself
** included. So a removed one is only marked, and freed when no call is in progress; and one that is
** registered during a change does not hear of that change.
*/
#define KV_INSIDE_EXTENSION
#include "events/callbacks.h"

#include "base/statements.h"

#include <string.h>

struct kv_callback {
  kv_callback *next;
  sqlite3_int64 id;
  int is_removed;
  int is_after_commit;
  char *scope;
  char *name;              /* the SQL function, or NULL: */
  sqlite3_stmt *statement; /* its call; NULL while not prepared, or in use */
  kv_change_callback *function;
  void *user_data;
  void (*destroy)(void *);
};

static void free_callback(kv_callback *callback) {
  sqlite3_finalize(callback->statement);
  if (callback->destroy != NULL) callback->destroy(callback->user_data);
  sqlite3_free(callback->scope);
  sqlite3_free(callback->name);
  sqlite3_free(callback);
}

/* Takes out what is marked as removed. The destructors may come back in, so the list is whole
** before each. */
static void sweep(kv_callbacks *callbacks) {
  kv_callback **at = &callbacks->first;
  while (callbacks->running == 0 && *at != NULL) {
    kv_callback *callback = *at;
    if (!callback->is_removed) {
      at = &callback->next;
      continue;
    }
    *at = callback->next;
    free_callback(callback);
    at = &callbacks->first;
  }
}

static kv_callback *new_callback(const kv_connection *connection, sqlite3_int64 id, kv_text name) {
  kv_callback *callback = sqlite3_malloc64(sizeof *callback);
  if (callback == NULL) return NULL;
  *callback = (kv_callback){.id = id};
  callback->scope = sqlite3_mprintf("%s", kv_connection_scope(connection));
  if (name.bytes != NULL) callback->name = sqlite3_mprintf("%s", name.bytes);
  if (callback->scope == NULL || (name.bytes != NULL && callback->name == NULL)) {
    free_callback(callback);
    return NULL;
  }
  return callback;
}

static void append(kv_callbacks *callbacks, kv_callback *callback) {
  kv_callback **last = &callbacks->first;
  while (*last != NULL) last = &(*last)->next;
  *last = callback;
}

int kv_callbacks_add_sql(kv_callbacks *callbacks, kv_connection *connection, sqlite3_int64 id,
                         kv_text name, int is_after_commit) {
  kv_callback *callback = new_callback(connection, id, name);
  if (callback == NULL) return SQLITE_NOMEM;
  callback->is_after_commit = is_after_commit;
  int code = kv_statement_prepare_callback(connection, callback->name, &callback->statement);
  if (code == SQLITE_OK) {
    if (connection->anchors == 0) { /* nobody would tell us to let go of it */
      sqlite3_finalize(callback->statement);
      callback->statement = NULL;
    }
    append(callbacks, callback);
  } else {
    free_callback(callback);
  }
  return code;
}

int kv_callbacks_add_c(kv_callbacks *callbacks, kv_connection *connection, sqlite3_int64 id,
                       kv_change_callback *function, void *user_data, void (*destroy)(void *)) {
  kv_callback *callback = new_callback(connection, id, (kv_text){NULL, 0});
  if (callback == NULL) {
    if (destroy != NULL) destroy(user_data);
    return SQLITE_NOMEM;
  }
  callback->function = function;
  callback->user_data = user_data;
  callback->destroy = destroy;
  append(callbacks, callback);
  return SQLITE_OK;
}

int kv_callbacks_remove(kv_callbacks *callbacks, const kv_connection *connection,
                        sqlite3_int64 id) {
  const char *scope = kv_connection_scope(connection);
  for (kv_callback *callback = callbacks->first; callback != NULL; callback = callback->next) {
    if (callback->id != id || callback->is_removed) continue;
    if (*scope != 0 && strcmp(callback->scope, scope) != 0) return 0;
    callback->is_removed = 1;
    sweep(callbacks);
    return 1;
  }
  return 0;
}

void kv_callbacks_clear(kv_callbacks *callbacks) {
  for (kv_callback *callback = callbacks->first; callback != NULL; callback = callback->next) {
    callback->is_removed = 1;
  }
  sweep(callbacks);
}

int kv_callbacks_are_there(const kv_callbacks *callbacks) {
  for (const kv_callback *callback = callbacks->first; callback != NULL;
       callback = callback->next) {
    if (!callback->is_removed) return 1;
  }
  return 0;
}

void kv_callbacks_close_statements(kv_callbacks *callbacks) {
  for (kv_callback *callback = callbacks->first; callback != NULL; callback = callback->next) {
    sqlite3_finalize(callback->statement);
    callback->statement = NULL;
  }
}

/* ---- calling --------------------------------------------------------------------------------- */

/* The group as the callback's scope sees it. */
static kv_text visible_group(const kv_callback *callback, const kv_event *event) {
  int hidden = event->group.bytes != NULL ? (int)strlen(callback->scope) : 0;
  return (kv_text){event->group.bytes + hidden, event->group.length - hidden};
}

static int concerns(const kv_callback *callback, kv_text group) {
  return group.bytes == NULL || kv_name_is_in(group, callback->scope);
}

/* Is it to be called at once, if it is of these kinds? */
static int is_due(const kv_callback *callback, kv_callback_kinds kinds, kv_text group) {
  return !callback->is_removed && !callback->is_after_commit && concerns(callback, group) &&
         (callback->function == NULL || kinds == KV_SQL_AND_C);
}

int kv_callbacks_concern(const kv_callbacks *callbacks, kv_callback_kinds kinds, kv_text group) {
  const kv_callback *callback = callbacks->first;
  while (callback != NULL && !is_due(callback, kinds, group)) callback = callback->next;
  return callback != NULL;
}

static int call_c(const kv_callback *callback, kv_connection *connection, const kv_event *event) {
  kv_text group = visible_group(callback, event);
  const kv_change change = {.type = kv_event_type_name(event->type),
                            .group = group.bytes,
                            .group_length = group.length,
                            .key = event->key.bytes,
                            .key_length = event->key.length,
                            .value = event->value,
                            .at = event->at};
  int code = callback->function(callback->user_data, connection->db, &change);
  if (code == SQLITE_OK) return SQLITE_OK;
  return kv_fail(connection, code, "a change callback failed: %s", sqlite3_errstr(code));
}

/* `lost`: of a resync after the commit, how many changes it stands for. */
static int call_sql(kv_callback *callback, kv_connection *connection, const kv_event *event,
                    sqlite3_int64 lost) {
  kv_query query = {.connection = connection, .statement = callback->statement};
  kv_text group = visible_group(callback, event);
  callback->statement = NULL; /* a call inside the call prepares another */
  if (query.statement == NULL) {
    query.code = kv_statement_prepare_callback(connection, callback->name, &query.statement);
  }
  const char *type = kv_event_type_name(event->type);
  kv_bind_text(&query, 1, (kv_text){type, (int)strlen(type)});
  kv_bind_text(&query, 2, group);
  kv_bind_text(&query, 3, event->key);
  if (event->value != NULL) {
    kv_bind_value(&query, 4, event->value);
  } else if (lost > 0) {
    kv_bind_integer(&query, 4, lost);
  } else {
    kv_bind_null(&query, 4);
  }
  kv_bind_integer(&query, 5, event->at != 0 ? event->at : kv_connection_now(connection));
  if (query.code == SQLITE_OK && sqlite3_step(query.statement) != SQLITE_ROW) {
    query.code = kv_fail_sqlite(connection);
  }
  if (callback->statement == NULL && connection->anchors > 0) {
    sqlite3_reset(query.statement);
    callback->statement = query.statement;
  } else {
    sqlite3_finalize(query.statement);
  }
  return query.code;
}

/* Did the callback leave the transaction as it was? */
static int check_transaction(const kv_callbacks *callbacks, kv_connection *connection,
                             int was_autocommit, unsigned rollbacks, int code) {
  int is_autocommit = sqlite3_get_autocommit(connection->db);
  int is_rolled_back = callbacks->rollbacks != rollbacks;
  if (is_autocommit == was_autocommit && !is_rolled_back) return code;
  if (!is_autocommit) { /* of the callback's making */
    int undo_code = kv_execute(connection, KV_SQL_UNDO_TRANSACTION);
    if (undo_code != SQLITE_OK && code == SQLITE_OK) code = undo_code;
  }
  if (code != SQLITE_OK) return code;
  return kv_fail(connection, SQLITE_ERROR, "a change callback %s a transaction",
                 is_rolled_back || is_autocommit ? "ended" : "began");
}

/* One call, between two looks at the schema: a callback may create tables, and no statement that was
** prepared before is used again. */
static int call(kv_callbacks *callbacks, kv_callback *callback, kv_connection *connection,
                const kv_event *event) {
  int was_autocommit = sqlite3_get_autocommit(connection->db);
  unsigned rollbacks = callbacks->rollbacks;
  kv_query probe;
  kv_query_begin(&probe, connection, KV_SQL_SCHEMA_PROBE);
  int code = probe.code;
  if (code == SQLITE_SCHEMA || (code & 0xff) == SQLITE_ERROR || (code & 0xff) == SQLITE_AUTH) {
    code = SQLITE_OK; /* no table, or none to be read: nothing was prepared for it either */
    kv_clear_error(connection);
  }
  if (code == SQLITE_OK) {
    code = callback->function != NULL ? call_c(callback, connection, event)
                                      : call_sql(callback, connection, event, 0);
  }
  code = check_transaction(callbacks, connection, was_autocommit, rollbacks, code);
  int is_probed = probe.code == SQLITE_OK;
  if (is_probed) (void)kv_query_row(&probe);
  int probe_code = kv_query_end(&probe);
  if (is_probed && probe_code == SQLITE_SCHEMA) {
    kv_statements_close(connection);
    connection->generation++;
  } else if (is_probed && probe_code != SQLITE_OK && code == SQLITE_OK) {
    code = probe_code;
  }
  return (code & 0xff) == SQLITE_CONSTRAINT || code == SQLITE_SCHEMA ? SQLITE_ERROR : code;
}

int kv_callbacks_call(kv_callbacks *callbacks, kv_connection *connection, kv_callback_kinds kinds,
                      const kv_event *event) {
  sqlite3_int64 last = 0;
  int code = kv_connection_enter(connection); /* what it writes may call it again: not for ever */
  if (code != SQLITE_OK) return code;
  for (const kv_callback *c = callbacks->first; c != NULL; c = c->next) last = c->id;
  callbacks->running++;
  for (kv_callback *callback = callbacks->first; callback != NULL && code == SQLITE_OK;
       callback = callback->next) {
    if (callback->id > last || !is_due(callback, kinds, event->group)) continue;
    code = call(callbacks, callback, connection, event);
  }
  callbacks->running--;
  sweep(callbacks);
  kv_connection_leave(connection);
  return code;
}

/* Calls each for what was there when this began: 1 if there was something. */
static int deliver_round(kv_callbacks *callbacks, kv_connection *connection,
                         kv_watchers *watchers) {
  sqlite3_int64 last_seq = watchers->last_seq, next_id = 0;
  int is_any = 0;
  for (kv_callback *callback = callbacks->first; callback != NULL; callback = callback->next) {
    kv_delivery row;
    while (callback->is_after_commit && !callback->is_removed &&
           kv_watchers_take(watchers, callback->id, last_seq, "", &next_id, &row)) {
      int code = call_sql(callback, connection, row.event, row.lost);
      if (code != SQLITE_OK) {
        sqlite3_log(code, "kv: the callback %s failed after the commit: %s", callback->name,
                    connection->error != NULL ? connection->error : sqlite3_errstr(code));
      }
      kv_clear_error(connection);
      kv_event_release(row.event);
      is_any = 1;
    }
  }
  return is_any;
}

void kv_callbacks_call_after_commit(kv_callbacks *callbacks, kv_connection *connection,
                                    kv_watchers *watchers) {
  enum { MAX_ROUNDS = 16 }; /* what they write themselves comes in the next; the rest, next time */
  const kv_callback *callback = callbacks->first;
  while (callback != NULL && !callback->is_after_commit) callback = callback->next;
  if (callback == NULL) return;
  callbacks->running++;
  for (int i = 0; i < MAX_ROUNDS && deliver_round(callbacks, connection, watchers); i++) {
  }
  callbacks->running--;
  sweep(callbacks);
}

void kv_callbacks_call_from_hook(kv_callbacks *callbacks, kv_connection *connection, int operation,
                                 sqlite3_int64 rowid) {
  const kv_change change = {.type = kv_event_type_name(KV_EVENT_RESYNC),
                            .at = kv_connection_now(connection),
                            .is_in_hook = 1,
                            .operation = operation,
                            .rowid = rowid};
  callbacks->running++;
  for (kv_callback *callback = callbacks->first; callback != NULL; callback = callback->next) {
    if (callback->function == NULL || callback->is_removed) continue;
    callback->function(callback->user_data, connection->db, &change);
  }
  callbacks->running--; /* sweeping finalizes and frees: not from inside the hook */
}
