/*
** kv_events(watcher) and kv_watchers: reading takes the events that it returns.
**
** A scan ends with the events that were there when it began, so that a statement which writes to
** the store for each event it reads comes to an end. Rows that SQLite filters out afterwards (WHERE
** type = 'set') are taken too; only the watcher's id is looked at before.
*/
#include "tables/event_tables.h"
#include "arguments/arguments.h"
#include "events/events.h"

#include <string.h>

enum { WATCHER, SEQ, TYPE, GRP, KEY, VALUE, AT };                                 /* kv_events */
enum { ID, FILTER_GRP, FILTER_KEY, CAPACITY, PENDING, DROPPED, HOOKED, WITNESS }; /* kv_watchers */
enum { HAS_ARGUMENT = 1, HAS_WATCHER = 1 << KV_PLAN_BITS };

/* ---- kv_events ------------------------------------------------------------------------------- */

struct reading {
  char *scope;      /* as it was when the scan began */
  sqlite3_int64 id; /* 0: all watchers */
  sqlite3_int64 last_seq;
  sqlite3_int64 next_id;
  kv_delivery row;
};

static void free_reading(void *pointer) {
  struct reading *reading = pointer;
  if (reading == NULL) return;
  kv_event_release(reading->row.event);
  sqlite3_free(reading->scope);
  sqlite3_free(reading);
}

static int plan_events(kv_connection *connection, sqlite3_index_info *info, int *next_argument) {
  (void)connection;
  info->estimatedCost = 10.0;
  for (int i = 0; i < info->nConstraint && !(info->idxNum & HAS_ARGUMENT); i++) {
    if (info->aConstraint[i].op != SQLITE_INDEX_CONSTRAINT_EQ) continue;
    if (info->aConstraint[i].iColumn != WATCHER || !info->aConstraint[i].usable) continue;
    info->aConstraintUsage[i].argvIndex = ++*next_argument;
    info->idxNum |= HAS_WATCHER;
    break;
  }
  return SQLITE_OK;
}

/* kv_events(99), where there is no such watcher, is a mistake of the caller's; the same in a WHERE is
** a condition that nothing meets. */
static int fail_unknown(const kv_cursor *cursor, sqlite3_value *id) {
  const char *text = (const char *)sqlite3_value_text(id);
  return kv_fail(cursor->connection, SQLITE_ERROR, "no watcher %s", text != NULL ? text : "NULL");
}

static int filter_events(kv_cursor *cursor, int plan, int argc, sqlite3_value **argv) {
  kv_connection *connection = cursor->connection;
  const char *scope = kv_connection_scope(connection);
  int is_chosen = plan & (HAS_ARGUMENT | HAS_WATCHER);
  sqlite3_int64 id = 0;
  (void)argc;
  int code = kv_events_look(connection);
  if (code != SQLITE_OK) return code;
  kv_watchers *watchers = kv_events_watchers(connection);
  if (is_chosen) {
    int is_number = sqlite3_value_numeric_type(*argv) == SQLITE_INTEGER;
    id = is_number ? sqlite3_value_int64(*argv) : 0;
    int is_there = is_number && watchers != NULL && kv_watchers_has(watchers, id, scope);
    cursor->is_end = !is_there;
    if (!is_there && (plan & HAS_ARGUMENT)) return fail_unknown(cursor, *argv);
  }
  cursor->is_end = cursor->is_end || watchers == NULL;
  if (cursor->is_end) return SQLITE_OK;
  struct reading *reading = cursor->state = sqlite3_malloc64(sizeof *reading);
  if (reading == NULL) return SQLITE_NOMEM;
  *reading = (struct reading){
      .scope = sqlite3_mprintf("%s", scope), .id = id, .last_seq = watchers->last_seq};
  return reading->scope != NULL ? SQLITE_OK : SQLITE_NOMEM;
}

static int next_event(kv_cursor *cursor) {
  struct reading *reading = cursor->state;
  kv_watchers *watchers = kv_events_watchers(cursor->connection);
  kv_event_release(reading->row.event);
  reading->row.event = NULL;
  cursor->is_end = !kv_watchers_take(watchers, reading->id, reading->last_seq, reading->scope,
                                     &reading->next_id, &reading->row);
  return SQLITE_OK;
}

/* A group's name as the watcher's scope sees it. */
static void answer_group(const kv_delivery *row, sqlite3_context *context) {
  kv_text group = row->event->group;
  if (group.bytes == NULL) return;
  sqlite3_result_text(context, group.bytes + row->hidden, group.length - row->hidden,
                      SQLITE_TRANSIENT);
}

static int events_column(kv_cursor *cursor, sqlite3_context *context, int column) {
  const kv_delivery *row = &((const struct reading *)cursor->state)->row;
  const kv_event *event = row->event;
  if (column == WATCHER) {
    sqlite3_result_int64(context, row->watcher);
  } else if (column == SEQ) {
    sqlite3_result_int64(context, row->seq);
  } else if (column == TYPE) {
    sqlite3_result_text(context, kv_event_type_name(event->type), -1, SQLITE_STATIC);
  } else if (column == GRP) {
    answer_group(row, context);
  } else if (column == KEY && event->key.bytes != NULL) {
    sqlite3_result_text(context, event->key.bytes, event->key.length, SQLITE_TRANSIENT);
  } else if (column == VALUE && row->lost > 0) {
    sqlite3_result_int64(context, row->lost);
  } else if (column == VALUE && event->value != NULL) {
    sqlite3_result_value(context, event->value);
  } else if (column == AT) {
    sqlite3_result_int64(context, event->at != 0 ? event->at : cursor->now_ms);
  }
  return SQLITE_OK;
}

const kv_table kv_events_table = {
    .name = "kv_events",
    .declaration = "CREATE TABLE x(watcher INTEGER, seq INTEGER, type TEXT, grp TEXT, key TEXT, "
                   "value, at INTEGER, of_watcher HIDDEN)",
    .columns = 7,
    .arguments = 1,
    .plan = plan_events,
    .filter = filter_events,
    .next = next_event,
    .column = events_column,
    .free_state = free_reading,
};

/* ---- kv_watchers ----------------------------------------------------------------------------- */

struct roll {
  kv_watcher_status row;
};

static void free_roll(void *pointer) {
  sqlite3_free(pointer);
}

static int filter_watchers(kv_cursor *cursor, int plan, int argc, sqlite3_value **argv) {
  (void)plan, (void)argc, (void)argv;
  int code = kv_events_look(cursor->connection);
  if (code != SQLITE_OK) return code;
  struct roll *roll = cursor->state = sqlite3_malloc64(sizeof *roll);
  if (roll == NULL) return SQLITE_NOMEM;
  roll->row.id = 0;
  return SQLITE_OK;
}

static int next_watcher(kv_cursor *cursor) {
  struct roll *roll = cursor->state;
  const kv_watchers *watchers = kv_events_watchers(cursor->connection);
  const char *scope = kv_connection_scope(cursor->connection);
  cursor->is_end =
      watchers == NULL || !kv_watchers_status(watchers, roll->row.id + 1, scope, &roll->row);
  return SQLITE_OK;
}

/* Finds the watcher anew: it may have been removed while its row stands. */
static void answer_filter(const kv_cursor *cursor, sqlite3_context *context, int column) {
  const struct roll *roll = cursor->state;
  const char *scope = kv_connection_scope(cursor->connection);
  kv_watcher_status status;
  if (!kv_watchers_status(kv_events_watchers(cursor->connection), roll->row.id, scope, &status) ||
      status.id != roll->row.id) {
    return;
  }
  const kv_filter *filter = status.filter;
  if (column == FILTER_KEY) {
    sqlite3_result_text(context, filter->key.bytes, filter->key.length, SQLITE_TRANSIENT);
  } else if (*scope == 0 && *filter->scope != 0) {
    char *name = sqlite3_mprintf("%s%s", filter->scope, filter->group.bytes);
    if (name == NULL) {
      sqlite3_result_error_nomem(context);
    } else {
      sqlite3_result_text(context, name, -1, sqlite3_free);
    }
  } else {
    sqlite3_result_text(context, filter->group.bytes, filter->group.length, SQLITE_TRANSIENT);
  }
}

static int watchers_column(kv_cursor *cursor, sqlite3_context *context, int column) {
  const kv_watcher_status *row = &((const struct roll *)cursor->state)->row;
  if (column == ID) sqlite3_result_int64(context, row->id);
  if (column == FILTER_GRP || column == FILTER_KEY) answer_filter(cursor, context, column);
  if (column == CAPACITY) sqlite3_result_int(context, row->capacity);
  if (column == PENDING) sqlite3_result_int(context, row->pending);
  if (column == DROPPED) sqlite3_result_int64(context, row->dropped);
  if (column == HOOKED) sqlite3_result_int(context, kv_events_is_hooked(cursor->connection));
  if (column == WITNESS) {
    const char *why_not = kv_events_why_not(cursor->connection);
    sqlite3_result_text(context, why_not != NULL ? why_not : "in place", -1, SQLITE_STATIC);
  }
  return SQLITE_OK;
}

/* Hidden columns: "hooked": does the update hook tell of rows? "witness": "in place", or why not, in a
** few words. */
const kv_table kv_watchers_table = {
    .name = "kv_watchers",
    .declaration = "CREATE TABLE x(id INTEGER, grp TEXT, key TEXT, capacity INTEGER, "
                   "pending INTEGER, dropped INTEGER, hooked INTEGER HIDDEN, witness TEXT HIDDEN)",
    .columns = 8,
    .filter = filter_watchers,
    .next = next_watcher,
    .column = watchers_column,
    .free_state = free_roll,
};
