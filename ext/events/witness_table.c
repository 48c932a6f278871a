/*
** The witness's table: what it is told of rows and of transactions. See witness.h.
*/
#include "events/witness_table.h"
#include "base/statements.h"

#include <string.h>

struct witness_table {
  sqlite3_vtab base; /* SQLite's; must be first */
  kv_connection *connection;
  int is_enlisted; /* in the transaction */
  int is_joining;  /* just now, and others were there before */
};

/*
** SQLite may have several of them at work in one transaction: where it reads the schema anew (ROLLBACK
** TO, after a change of the schema), the old one stays to hear of the end, and the next change enlists
** a new one. All are told of the same turns; the ledger is one.
*/
static void enlist(struct witness_table *table, kv_events *events) {
  if (events == NULL || table->is_enlisted) return;
  events->witness.enlisted++;
  table->is_enlisted = 1;
}

static void leave_transaction(struct witness_table *table, kv_events *events) {
  if (table->is_enlisted) events->witness.enlisted--;
  table->is_enlisted = table->is_joining = 0;
}

/* Where xUpdate finds what: the old rowid, the new one, then the columns. */
enum { OLD_ROWID, NEW_ROWID, OPERATION, ID, GRP, KEY, VALUE, EXPIRES_AT, WAS_GRP, WAS_KEY };

static kv_connection *connection_of(sqlite3_vtab *table) {
  return ((struct witness_table *)table)->connection;
}

static kv_events *events_of(sqlite3_vtab *table) {
  return connection_of(table)->events;
}

/* ---- a row ----------------------------------------------------------------------------------- */

struct change {
  kv_event_type type;
  kv_text group; /* stored name */
  kv_text key;
  sqlite3_value *value;
};

/* What one row of the trigger's comes to: two changes where a key was renamed. */
struct report {
  kv_connection *connection;
  kv_place place;
  kv_callback_kinds kinds; /* of callbacks that hear of it from here */
  kv_event *events[2];     /* for them */
  int count;
};

/* Puts the change into the ledger, as far as anybody waits for it, and remembers it for callbacks. */
static int note(struct report *report, const struct change *change) {
  kv_events *events = report->connection->events;
  kv_interest interest =
      kv_watchers_interest(&events->watchers, change->group, change->key, report->place.order);
  int is_called = kv_callbacks_concern(&events->callbacks, report->kinds, change->group);
  if (interest == KV_COUNTS) {
    kv_ledger_count(&events->ledger, &report->place, &events->watchers, change->group, change->key);
  }
  if (interest != KV_WANTS && !is_called) return SQLITE_OK;
  kv_event *event = kv_event_new(change->type, change->group, change->key, change->value,
                                 kv_connection_now(report->connection));
  if (event == NULL) return SQLITE_NOMEM;
  if (interest == KV_WANTS) {
    kv_ledger_put(&events->ledger, &report->place, &events->watchers, event);
  }
  if (is_called) {
    report->events[report->count++] = event;
  } else {
    kv_event_release(event);
  }
  return SQLITE_OK;
}

/* An expiry that is no number never comes. */
static int has_expired(const kv_connection *connection, sqlite3_value *expires_at) {
  int type = sqlite3_value_type(expires_at);
  const kv_intent *intent = &connection->intent;
  if (type != SQLITE_INTEGER && type != SQLITE_FLOAT) return 0;
  sqlite3_int64 now_ms = intent->has_now ? intent->now_ms : kv_connection_now(connection);
  return type == SQLITE_INTEGER ? sqlite3_value_int64(expires_at) <= now_ms
                                : sqlite3_value_double(expires_at) <= (double)now_ms;
}

static int note_set(struct report *report, sqlite3_value **argv) {
  kv_text group = kv_name_of(argv[GRP]), key = kv_name_of(argv[KEY]);
  if (group.bytes == NULL || key.bytes == NULL) return SQLITE_NOMEM;
  kv_vanished_set(&report->connection->events->vanished, group);
  return note(report, &(struct change){KV_EVENT_SET, group, key, argv[VALUE]});
}

/* An UPDATE of the name is the end of the old one. */
static int note_rename(struct report *report, sqlite3_value **argv) {
  kv_text group = kv_name_of(argv[WAS_GRP]), key = kv_name_of(argv[WAS_KEY]);
  if (group.bytes == NULL || key.bytes == NULL) return SQLITE_NOMEM;
  if (kv_text_equals(key, kv_name_of(argv[KEY])) && kv_text_equals(group, kv_name_of(argv[GRP]))) {
    return SQLITE_OK;
  }
  return note(report, &(struct change){KV_EVENT_DELETE, group, key, NULL});
}

static int note_delete(struct report *report, sqlite3_value **argv) {
  kv_events *events = report->connection->events;
  const kv_intent *intent = &report->connection->intent;
  struct change change = {KV_EVENT_DELETE, kv_name_of(argv[GRP]), kv_name_of(argv[KEY]), NULL};
  if (change.group.bytes == NULL || change.key.bytes == NULL) return SQLITE_NOMEM;
  kv_vanishing vanishing = kv_vanished_row(&events->vanished, intent, change.group);
  if (vanishing == KV_WAS_TOLD) return SQLITE_OK;
  if (vanishing == KV_GROUP_GOES) {
    change.type = KV_EVENT_DELETE_GROUP;
    change.key = (kv_text){NULL, 0};
  } else if (has_expired(report->connection, argv[EXPIRES_AT])) {
    change.type = KV_EVENT_EXPIRE;
    change.value = argv[VALUE];
  }
  return note(report, &change);
}

/* A statement begins that deletes groups. Where a trigger may keep a row, no group is said to be gone. */
static void look_for_vanishing(kv_connection *connection) {
  kv_events *events = connection->events;
  if (!kv_vanished_look(&events->vanished, &connection->intent, connection->depth,
                        kv_ledger_innermost(&events->ledger))) {
    return;
  }
  kv_query query;
  kv_query_begin(&query, connection, KV_SQL_WITNESS_MAY_SKIP);
  int is_kept = kv_query_row(&query);
  if (kv_query_end(&query) != SQLITE_OK || is_kept) kv_vanished_doubt(&events->vanished);
  kv_clear_error(connection);
}

/* Names that are no text are in no group that anybody sees: it can only be said that they are there. */
static int is_named(sqlite3_value **argv, int operation) {
  return sqlite3_value_type(argv[GRP]) == SQLITE_TEXT &&
         sqlite3_value_type(argv[KEY]) == SQLITE_TEXT &&
         (operation != SQLITE_UPDATE || (sqlite3_value_type(argv[WAS_GRP]) == SQLITE_TEXT &&
                                         sqlite3_value_type(argv[WAS_KEY]) == SQLITE_TEXT));
}

/* A row without a place: recursive triggers, or the hook is the host's own by now. */
static void take_place(struct report *report, int operation, sqlite3_value **argv) {
  kv_events *events = report->connection->events;
  int is_placed = kv_ledger_take_place(&events->ledger, operation, sqlite3_value_int64(argv[ID]),
                                       &report->place);
  int is_missing = !is_placed && events->hook.is_set;
  /* -1 can only be given, and is what a trigger before the row sees where none is. */
  int is_in_doubt = operation == SQLITE_INSERT && sqlite3_value_int64(argv[ID]) == -1;
  if (is_missing || is_in_doubt || events->witness.is_leaky) events->ledger.is_resync_owed = 1;
  if (operation != SQLITE_DELETE) events->hook.is_lost = is_missing;
  int is_heard = is_placed && report->connection->depth == 0; /* by C callbacks, from the hook */
  report->kinds = is_heard ? KV_SQL_ONLY : KV_SQL_AND_C;
}

static int note_row(struct report *report, sqlite3_value **argv) {
  kv_events *events = report->connection->events;
  int operation = sqlite3_value_int(argv[OPERATION]), code = SQLITE_OK;
  if (operation != SQLITE_INSERT && operation != SQLITE_UPDATE && operation != SQLITE_DELETE) {
    kv_events_owe_resync(report->connection); /* a trigger saw what it cannot name */
    return SQLITE_OK;
  }
  look_for_vanishing(report->connection);
  take_place(report, operation, argv);
  if (!is_named(argv, operation)) {
    kv_events_owe_resync(report->connection);
  } else if (operation == SQLITE_DELETE) {
    code = note_delete(report, argv);
  } else {
    if (operation == SQLITE_UPDATE) code = note_rename(report, argv);
    if (code == SQLITE_OK) code = note_set(report, argv);
  }
  kv_ledger_close_place(&events->ledger, &report->place);
  return code;
}

static int update(sqlite3_vtab *table, int argc, sqlite3_value **argv, sqlite3_int64 *rowid) {
  kv_connection *connection = connection_of(table);
  kv_events *events = connection->events;
  if (argc == 1 || sqlite3_value_type(argv[OLD_ROWID]) != SQLITE_NULL) return SQLITE_READONLY;
  *rowid = 0;
  if (!kv_events_are_on(connection)) return SQLITE_OK;
  struct report report = {.connection = connection};
  unsigned rollbacks = events->callbacks.rollbacks;
  events->witness.running++;
  int code = note_row(&report, argv);
  for (int i = 0; i < report.count; i++) {
    if (code == SQLITE_OK) {
      code = kv_callbacks_call(&events->callbacks, connection, report.kinds, report.events[i]);
    }
    kv_event_release(report.events[i]);
  }
  events->witness.running--;
  /* A callback undid more than it was told of. */
  if (events->callbacks.rollbacks != rollbacks) events->ledger.is_resync_owed = 1;
  if (code != SQLITE_OK) {
    sqlite3_free(table->zErrMsg);
    table->zErrMsg = connection->error; /* NULL: SQLite's own for the code */
    connection->error = NULL;
  }
  return code;
}

/* ---- the transaction ------------------------------------------------------------------------- */

/* Is it the host who rolls back? What is undone so was never said to have happened. */
static int is_rolling_back(sqlite3 *db) {
  static const char rollback[] = "ROLLBACK";
  for (sqlite3_stmt *s = sqlite3_next_stmt(db, NULL); s != NULL; s = sqlite3_next_stmt(db, s)) {
    const char *sql = sqlite3_stmt_busy(s) ? sqlite3_sql(s) : NULL;
    if (sql == NULL) continue;
    sql += strspn(sql, " \t\r\n\f;");
    if (sqlite3_strnicmp(sql, rollback, (int)sizeof rollback - 1) == 0) return 1;
  }
  return 0;
}

static void note_undoing(kv_connection *connection, int is_any) {
  if (is_any && !is_rolling_back(connection->db)) connection->events->ledger.is_resync_owed = 1;
}

/* Plain SQL: what was committed since the last look is not to be taken for this transaction's. (A call of
** ours has looked before.) */
static void note_moves(const kv_connection *connection) {
  kv_witness *witness = &connection->events->witness;
  kv_versions now;
  if (connection->depth > 0 || witness->is_unsettled) return;
  kv_witness_read_versions(connection, &now);
  if (now.own != witness->versions.own || now.temp != witness->versions.temp) {
    witness->is_unsettled = 1;
  }
}

static int begin(sqlite3_vtab *table) {
  kv_events *events = events_of(table);
  if (events == NULL) return SQLITE_OK;
  int is_joining = events->witness.enlisted > 0;
  enlist((struct witness_table *)table, events);
  ((struct witness_table *)table)->is_joining = is_joining;
  if (is_joining) return SQLITE_OK;
  /* Whatever the ledger has is older than all savepoints that this will hear of. */
  kv_ledger_give_up_places(&events->ledger);
  if (kv_ledger_forget(&events->ledger, &events->watchers)) events->ledger.is_resync_owed = 1;
  kv_vanished_end(&events->vanished, -1);
  note_moves(connection_of(table));
  events->witness.savepoints = sqlite3_get_autocommit(connection_of(table)->db) ? 0 : 2;
  return SQLITE_OK;
}

static int commit(sqlite3_vtab *table) {
  kv_connection *connection = connection_of(table);
  kv_events *events = connection->events;
  if (events == NULL) return SQLITE_OK;
  leave_transaction((struct witness_table *)table, events);
  if (events->ledger.open > 0) events->witness.is_unsettled = 1;
  if (!events->witness.is_partly_undone) events->witness.unmade_temp_schema_version = -1;
  kv_events_deliver(connection);
  kv_vanished_end(&events->vanished, -1);
  /* One statement alone cannot have changed the schema, so what has moved is its own commit. */
  if (events->witness.savepoints > 1) {
    events->witness.is_unsettled = 1;
  } else {
    kv_witness_read_versions(connection, &events->witness.versions);
  }
  return SQLITE_OK;
}

static int rollback(sqlite3_vtab *table) {
  kv_connection *connection = connection_of(table);
  kv_events *events = connection->events;
  if (events == NULL) return SQLITE_OK;
  leave_transaction((struct witness_table *)table, events);
  events->callbacks.rollbacks++;
  events->witness.unmade_temp_schema_version = -1;
  events->witness.is_unsettled = 1; /* it may have been made in this transaction */
  kv_vanished_end(&events->vanished, -1);
  int is_any = kv_ledger_forget(&events->ledger, &events->watchers);
  if (kv_events_is_writing(connection)) {
    /* A close that fails says so, too, and the transaction goes on. */
    if (is_any) events->ledger.is_resync_owed = 1;
    return SQLITE_OK;
  }
  note_undoing(connection, is_any);
  kv_events_deliver(connection);
  return SQLITE_OK;
}

static int savepoint(sqlite3_vtab *table, int number) {
  kv_events *events = events_of(table);
  if (events == NULL) return SQLITE_OK;
  struct witness_table *self = (struct witness_table *)table;
  int is_known = self->is_joining && kv_ledger_innermost(&events->ledger) == number;
  self->is_joining = 0;
  if (is_known) return SQLITE_OK;
  events->witness.savepoints++;
  return kv_ledger_savepoint(&events->ledger, number);
}

static int release(sqlite3_vtab *table, int number) {
  kv_events *events = events_of(table);
  if (events == NULL) return SQLITE_OK;
  kv_ledger_release(&events->ledger, number);
  kv_vanished_end(&events->vanished, number);
  return SQLITE_OK;
}

static int rollback_to(sqlite3_vtab *table, int number) {
  kv_events *events = events_of(table);
  if (events == NULL) return SQLITE_OK;
  kv_vanished_end(&events->vanished, number);
  kv_vanished_doubt(&events->vanished);
  events->witness.is_partly_undone = events->witness.is_unsettled = 1; /* perhaps its making, too */
  note_undoing(connection_of(table),
               kv_ledger_rollback_to(&events->ledger, &events->watchers, number));
  return SQLITE_OK;
}

/* ---- the table ------------------------------------------------------------------------------- */

static int connect(sqlite3 *db, void *auxiliary, int argc, const char *const *argv,
                   sqlite3_vtab **out, char **error) {
  kv_connection *connection = auxiliary;
  if (argc < 3 || strcmp(argv[1], "temp") != 0 || strcmp(argv[2], KV_WITNESS_NAME) != 0) {
    *error = sqlite3_mprintf("%s is for kv's own use", KV_WITNESS_NAME);
    return SQLITE_ERROR;
  }
  int code = sqlite3_declare_vtab(
      db, "CREATE TABLE x(operation, id, grp, key, value, expires_at, was_grp, was_key)");
  /* Triggers may use it whatever trusted_schema says. And no SQLITE_VTAB_CONSTRAINT_SUPPORT: with it,
  ** OR IGNORE would keep what a callback refuses. */
  if (code == SQLITE_OK) code = sqlite3_vtab_config(db, SQLITE_VTAB_INNOCUOUS);
  if (code != SQLITE_OK) return code;
  struct witness_table *made = sqlite3_malloc64(sizeof *made);
  if (made == NULL) return SQLITE_NOMEM;
  *made = (struct witness_table){.connection = kv_connection_retain(connection)};
  *out = &made->base;
  if (connection->events != NULL) {
    connection->events->witness.table = *out;
    connection->events->witness.connects++;
  }
  return SQLITE_OK;
}

/* Not the same function, or the table were one of "main", too, without being made. */
static int create(sqlite3 *db, void *auxiliary, int argc, const char *const *argv,
                  sqlite3_vtab **out, char **error) {
  int code = connect(db, auxiliary, argc, argv, out, error);
  if (code == SQLITE_OK) enlist((struct witness_table *)*out, events_of(*out)); /* without xBegin */
  return code;
}

static int disconnect(sqlite3_vtab *table) {
  kv_connection *connection = connection_of(table);
  kv_events *events = connection->events;
  if (events != NULL && events->witness.table == table) events->witness.table = NULL;
  if (events != NULL) leave_transaction((struct witness_table *)table, events);
  if (events != NULL) events->witness.is_unsettled = 1;
  sqlite3_free(table);
  kv_connection_release(connection);
  return SQLITE_OK;
}

static int best_index(sqlite3_vtab *table, sqlite3_index_info *info) {
  kv_events *events = events_of(table);
  if (events != NULL) events->witness.questions++;
  info->estimatedCost = 1.0;
  return SQLITE_OK;
}

static int open_cursor(sqlite3_vtab *table, sqlite3_vtab_cursor **out) {
  (void)table;
  *out = sqlite3_malloc64(sizeof **out);
  if (*out == NULL) return SQLITE_NOMEM;
  **out = (sqlite3_vtab_cursor){0};
  return SQLITE_OK;
}

static int close_cursor(sqlite3_vtab_cursor *cursor) {
  sqlite3_free(cursor);
  return SQLITE_OK;
}

static int filter(sqlite3_vtab_cursor *cursor, int plan, const char *text, int argc,
                  sqlite3_value **argv) {
  (void)cursor, (void)plan, (void)text, (void)argc, (void)argv;
  return SQLITE_OK;
}

static int next(sqlite3_vtab_cursor *cursor) {
  (void)cursor;
  return SQLITE_OK;
}

static int is_end(sqlite3_vtab_cursor *cursor) {
  (void)cursor;
  return 1; /* it keeps nothing */
}

static int column(sqlite3_vtab_cursor *cursor, sqlite3_context *context, int index) {
  (void)cursor, (void)context, (void)index;
  return SQLITE_OK;
}

static int rowid_of(sqlite3_vtab_cursor *cursor, sqlite3_int64 *rowid) {
  (void)cursor;
  *rowid = 0;
  return SQLITE_OK;
}

static const sqlite3_module module = {.iVersion = 2,
                                      .xCreate = create,
                                      .xConnect = connect,
                                      .xBestIndex = best_index,
                                      .xDisconnect = disconnect,
                                      .xDestroy = disconnect,
                                      .xOpen = open_cursor,
                                      .xClose = close_cursor,
                                      .xFilter = filter,
                                      .xNext = next,
                                      .xEof = is_end,
                                      .xColumn = column,
                                      .xRowid = rowid_of,
                                      .xUpdate = update,
                                      .xBegin = begin,
                                      .xCommit = commit,
                                      .xRollback = rollback,
                                      .xSavepoint = savepoint,
                                      .xRelease = release,
                                      .xRollbackTo = rollback_to};

int kv_witness_register(kv_connection *connection) {
  return sqlite3_create_module_v2(connection->db, KV_WITNESS_NAME, &module,
                                  kv_connection_retain(connection), kv_connection_release);
}

void kv_witness_unregister(sqlite3 *db) {
  sqlite3_create_module_v2(db, KV_WITNESS_NAME, NULL, NULL, NULL);
}

void kv_witness_read_versions(const kv_connection *connection, kv_versions *versions) {
  versions->own = versions->temp = 0;
  sqlite3_file_control(connection->db, kv_connection_schema(connection), SQLITE_FCNTL_DATA_VERSION,
                       &versions->own);
  sqlite3_file_control(connection->db, "temp", SQLITE_FCNTL_DATA_VERSION, &versions->temp);
}

const void *kv_witness_file(const kv_connection *connection) {
  const void *file = NULL;
  sqlite3_file_control(connection->db, kv_connection_schema(connection), SQLITE_FCNTL_FILE_POINTER,
                       (void *)&file);
  return file;
}
