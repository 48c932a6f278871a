/*
** The one module behind all virtual tables. See tvf.h.
**
** All tables are eponymous: they exist in every database without a CREATE VIRTUAL TABLE and leave
** nothing in the file. (Twins of them are created in "temp": see tables.h.)
*/
#include "tables/tvf.h"
#include "store/schema.h"
#include "tables/bulk.h"

#include <assert.h>
#include <string.h>

/* What SQLite hands to connect: a table on a connection. */
struct binding {
  const kv_table *table;
  kv_connection *connection;
};

static int fail(kv_vtab *vtab, int code) {
  if (code == SQLITE_OK) return SQLITE_OK;
  sqlite3_free(vtab->base.zErrMsg);
  vtab->base.zErrMsg = kv_take_error(vtab->connection, vtab->table->name, code);
  return vtab->base.zErrMsg != NULL ? code : SQLITE_NOMEM;
}

/* ---- connecting ------------------------------------------------------------------------------ */

static int connect(sqlite3 *db, void *auxiliary, int argc, const char *const *argv,
                   sqlite3_vtab **out, char **error) {
  const struct binding *binding = auxiliary;
  (void)argc, (void)argv, (void)error;
  int code = sqlite3_declare_vtab(db, binding->table->declaration);
  if (code == SQLITE_OK && binding->table->update != NULL) {
    code = sqlite3_vtab_config(db, SQLITE_VTAB_CONSTRAINT_SUPPORT, 1);
  }
  if (code != SQLITE_OK) return code;
  kv_vtab *vtab = sqlite3_malloc64(sizeof *vtab);
  if (vtab == NULL) return SQLITE_NOMEM;
  *vtab =
      (kv_vtab){.table = binding->table, .connection = kv_connection_retain(binding->connection)};
  if (vtab->table->is_anchor) kv_connection_anchor(vtab->connection);
  *out = &vtab->base;
  return SQLITE_OK;
}

static int disconnect(sqlite3_vtab *base) {
  kv_vtab *vtab = (kv_vtab *)base;
  if (vtab->table->is_anchor) kv_connection_unanchor(vtab->connection);
  kv_connection_release(vtab->connection);
  sqlite3_free(vtab);
  return SQLITE_OK;
}

/* ---- planning -------------------------------------------------------------------------------- */

int kv_plan_uses(sqlite3_index_info *info, int constraint, int column) {
  const struct sqlite3_index_constraint *c = &info->aConstraint[constraint];
  return c->usable && c->iColumn == column &&
         sqlite3_stricmp(sqlite3_vtab_collation(info, constraint), "BINARY") == 0;
}

#if SQLITE_VERSION_NUMBER >= 3038000

int kv_plan_is_in(sqlite3_index_info *info, int constraint) {
  return sqlite3_libversion_number() >= 3038000 && sqlite3_vtab_in(info, constraint, -1);
}

void kv_plan_in(sqlite3_index_info *info, int constraint) {
  assert(info->idxNum >> KV_PLAN_IN_SHIFT == 0);
  sqlite3_vtab_in(info, constraint, 1);
  info->idxNum |= info->aConstraintUsage[constraint].argvIndex << KV_PLAN_IN_SHIFT;
}

#else

int kv_plan_is_in(sqlite3_index_info *info, int constraint) {
  (void)info, (void)constraint;
  return 0;
}

void kv_plan_in(sqlite3_index_info *info, int constraint) {
  (void)info, (void)constraint;
}

#endif

/* Takes the arguments, in order. One that is there but not usable yet (it comes from a table
** further right in a join) rules the plan out. */
static int plan_arguments(const kv_table *table, sqlite3_index_info *info, int *next_argument) {
  for (int argument = 0; argument < table->arguments; argument++) {
    int found = -1, is_waiting = 0;
    for (int i = 0; i < info->nConstraint; i++) {
      const struct sqlite3_index_constraint *c = &info->aConstraint[i];
      if (c->iColumn != table->columns + argument || c->op != SQLITE_INDEX_CONSTRAINT_EQ) continue;
      if (c->usable) {
        found = i;
      } else {
        is_waiting = 1;
      }
    }
    if (found < 0 && is_waiting) return SQLITE_CONSTRAINT;
    if (found < 0) continue;
    info->aConstraintUsage[found].argvIndex = ++*next_argument;
    info->aConstraintUsage[found].omit = 1;
    info->idxNum |= 1 << argument;
  }
  return SQLITE_OK;
}

static int best_index(sqlite3_vtab *base, sqlite3_index_info *info) {
  const kv_vtab *vtab = (const kv_vtab *)base;
  int next_argument = 0;
  info->idxNum = 0;
  info->estimatedRows = 100;
  int code = plan_arguments(vtab->table, info, &next_argument);
  info->estimatedCost = next_argument == vtab->table->arguments ? 100.0 : 1e9;
  if (code != SQLITE_OK || vtab->table->plan == NULL) return code;
  return vtab->table->plan(vtab->connection, info, &next_argument);
}

/* ---- the right side of an IN -------------------------------------------------------------------- */

struct kv_turns {
  int plan, place, argc;
  int count, next;
  sqlite3_value **values; /* owned, but for NULLs: what stands in place */
  sqlite3_value *argv[];  /* owned, but for that in place */
};

static void free_turns(kv_cursor *cursor) {
  struct kv_turns *turns = cursor->turns;
  cursor->turns = NULL;
  if (turns == NULL) return;
  for (int i = 0; i < turns->argc; i++) {
    if (i != turns->place) sqlite3_value_free(turns->argv[i]);
  }
  for (int i = 0; i < turns->count; i++) sqlite3_value_free(turns->values[i]);
  sqlite3_free(turns->values);
  sqlite3_free(turns);
}

#if SQLITE_VERSION_NUMBER >= 3038000

/* How many values there are; *has_number: not texts alone. */
static int count_values(sqlite3_value *in, int *count, int *has_number) {
  sqlite3_value *value;
  *count = *has_number = 0;
  int code = sqlite3_vtab_in_first(in, &value);
  for (; code == SQLITE_OK; code = sqlite3_vtab_in_next(in, &value)) {
    int type = sqlite3_value_type(value);
    if (type == SQLITE_INTEGER || type == SQLITE_FLOAT) *has_number = 1;
    ++*count;
  }
  return code == SQLITE_DONE ? SQLITE_OK : code;
}

/* NULL and BLOBs, which no text equals, are as any value. */
static int copy_values(struct kv_turns *turns, sqlite3_value *in, int count) {
  sqlite3_value *value;
  int code = sqlite3_vtab_in_first(in, &value);
  for (; code == SQLITE_OK && turns->count < count; code = sqlite3_vtab_in_next(in, &value)) {
    sqlite3_value *copy = sqlite3_value_dup(value);
    if (copy == NULL) return SQLITE_NOMEM;
    turns->values[turns->count++] = copy;
  }
  return code == SQLITE_DONE ? SQLITE_OK : code;
}

#else

static int count_values(sqlite3_value *in, int *count, int *has_number) {
  (void)in;
  *count = *has_number = 0;
  return SQLITE_OK;
}

static int copy_values(struct kv_turns *turns, sqlite3_value *in, int count) {
  (void)turns, (void)in, (void)count;
  return SQLITE_OK;
}

#endif

static int take_turns(kv_cursor *cursor, int plan, int place, int argc, sqlite3_value **argv) {
  int count, has_number;
  int code = count_values(argv[place], &count, &has_number);
  if (code != SQLITE_OK) return code;
  sqlite3_uint64 size = sizeof(struct kv_turns) + (unsigned)argc * sizeof(sqlite3_value *);
  struct kv_turns *turns = cursor->turns = sqlite3_malloc64(size);
  if (turns == NULL) return SQLITE_NOMEM;
  memset(turns, 0, (size_t)size);
  *turns = (struct kv_turns){.plan = plan, .place = place, .argc = argc};
  turns->values = sqlite3_malloc64(((unsigned)count + 1) * sizeof *turns->values);
  if (turns->values == NULL) return SQLITE_NOMEM;
  for (int i = 0; i < argc; i++) {
    turns->argv[i] = i == place ? NULL : sqlite3_value_dup(argv[i]);
    if (i != place && turns->argv[i] == NULL) return SQLITE_NOMEM;
  }
  if (!has_number) return copy_values(turns, argv[place], count);
  turns->values[turns->count++] = NULL;
  return SQLITE_OK;
}

/* ---- scanning -------------------------------------------------------------------------------- */

static int open_cursor(sqlite3_vtab *base, sqlite3_vtab_cursor **out) {
  const kv_vtab *vtab = (const kv_vtab *)base;
  size_t arguments = (size_t)vtab->table->arguments * sizeof(sqlite3_value *);
  kv_cursor *cursor = sqlite3_malloc64(sizeof *cursor + arguments);
  if (cursor == NULL) return SQLITE_NOMEM;
  *cursor = (kv_cursor){.connection = vtab->connection, .table = vtab->table};
  cursor->query.connection = vtab->connection;
  cursor->arguments = (sqlite3_value **)(cursor + 1);
  memset(cursor->arguments, 0, arguments);
  *out = &cursor->base;
  return SQLITE_OK;
}

/* Ends the scan, so that the next may begin. */
static void end_scan(kv_cursor *cursor) {
  kv_query_end(&cursor->query);
  cursor->query = (kv_query){.connection = cursor->connection};
  if (cursor->table->free_state != NULL) cursor->table->free_state(cursor->state);
  cursor->state = NULL;
  for (int i = 0; i < cursor->table->arguments; i++) {
    sqlite3_value_free(cursor->arguments[i]);
    cursor->arguments[i] = NULL;
  }
}

static int close_cursor(sqlite3_vtab_cursor *base) {
  end_scan((kv_cursor *)base);
  free_turns((kv_cursor *)base);
  sqlite3_free(((kv_cursor *)base)->scope);
  sqlite3_free(base);
  return SQLITE_OK;
}

static int step_query(kv_cursor *cursor) {
  cursor->is_end = !kv_query_row(&cursor->query);
  return cursor->query.code;
}

static int advance(kv_cursor *cursor) {
  cursor->rowid++;
  return cursor->table->next != NULL ? cursor->table->next(cursor) : step_query(cursor);
}

static int copy_arguments(kv_cursor *cursor, int given, sqlite3_value **argv) {
  for (int i = 0, next = 0; i < cursor->table->arguments; i++) {
    if (!(given & 1 << i)) continue;
    cursor->arguments[i] = sqlite3_value_dup(argv[next++]);
    if (cursor->arguments[i] == NULL) return SQLITE_NOMEM;
  }
  return SQLITE_OK;
}

/* The cursor's first scan. */
static int begin_cursor(kv_cursor *cursor) {
  kv_vtab *vtab = (kv_vtab *)cursor->base.pVtab;
  cursor->scope = sqlite3_mprintf("%s", kv_connection_scope(cursor->connection));
  if (cursor->scope == NULL) return SQLITE_NOMEM;
  cursor->now_ms = kv_connection_now(cursor->connection);
  cursor->schema_switches = cursor->connection->schema_switches;
  cursor->is_begun = 1;
  vtab->schema_switches = cursor->schema_switches;
  vtab->scans_now_ms[vtab->scans++ % KV_VTAB_SCANS] = cursor->now_ms;
  return SQLITE_OK;
}

static int fail_switched(kv_connection *connection) {
  return kv_fail(connection, SQLITE_ERROR, "the schema of the store was changed meanwhile");
}

static int begin_scan(kv_cursor *cursor, int plan, int argc, sqlite3_value **argv) {
  end_scan(cursor);
  cursor->is_end = 0;
  cursor->rowid = 0;
  int code = copy_arguments(cursor, plan, argv);
  if (code == SQLITE_OK) code = cursor->table->filter(cursor, plan, argc, argv);
  if (code == SQLITE_OK && !cursor->is_end) code = advance(cursor);
  return code;
}

static int scan(kv_cursor *cursor, int plan, int argc, sqlite3_value **argv) {
  kv_connection *connection = cursor->connection;
  int attempts = 0;
  int code = kv_connection_enter(connection);
  if (code != SQLITE_OK) return code;
  if (!cursor->is_begun) {
    code = begin_cursor(cursor);
  } else if (cursor->schema_switches != connection->schema_switches) {
    code = fail_switched(connection);
  }
  if (code == SQLITE_OK) {
    do code = begin_scan(cursor, plan, argc, argv);
    while (kv_again(connection, &code, &attempts));
  }
  kv_connection_leave(connection);
  return code;
}

static int next_turn(kv_cursor *cursor) {
  struct kv_turns *turns = cursor->turns;
  int code = SQLITE_OK;
  cursor->is_end = 1;
  while (code == SQLITE_OK && cursor->is_end && turns->next < turns->count) {
    turns->argv[turns->place] = turns->values[turns->next++];
    code = scan(cursor, turns->plan, turns->argc, turns->argv);
  }
  return code;
}

static int filter(sqlite3_vtab_cursor *base, int plan, const char *text, int argc,
                  sqlite3_value **argv) {
  kv_cursor *cursor = (kv_cursor *)base;
  int place = plan >> KV_PLAN_IN_SHIFT, code;
  (void)text;
  free_turns(cursor);
  if (place == 0) {
    code = scan(cursor, plan, argc, argv);
  } else {
    code = take_turns(cursor, plan, place - 1, argc, argv);
    if (code == SQLITE_OK) code = next_turn(cursor);
  }
  return fail((kv_vtab *)base->pVtab, code);
}

static int next(sqlite3_vtab_cursor *base) {
  kv_cursor *cursor = (kv_cursor *)base;
  int code = advance(cursor);
  if (code == SQLITE_OK && cursor->is_end && cursor->turns != NULL) code = next_turn(cursor);
  return fail((kv_vtab *)base->pVtab, code);
}

static int is_end(sqlite3_vtab_cursor *base) {
  return ((kv_cursor *)base)->is_end;
}

sqlite3_value *kv_cursor_argument(const kv_cursor *cursor, int index) {
  return cursor->arguments[index];
}

void kv_cursor_answer_group(const kv_cursor *cursor, sqlite3_context *context, kv_text stored) {
  kv_text group = kv_name_without(stored, cursor->scope);
  sqlite3_result_text(context, group.bytes, group.length, SQLITE_TRANSIENT);
}

static int column(sqlite3_vtab_cursor *base, sqlite3_context *context, int index) {
  kv_cursor *cursor = (kv_cursor *)base;
  if (index >= cursor->table->columns) {
    sqlite3_value *argument = cursor->arguments[index - cursor->table->columns];
    if (argument != NULL) sqlite3_result_value(context, argument);
    return SQLITE_OK;
  }
  if (cursor->table->column != NULL) {
    return fail((kv_vtab *)base->pVtab, cursor->table->column(cursor, context, index));
  }
  sqlite3_result_value(context, kv_query_value(&cursor->query, index));
  return SQLITE_OK;
}

static int rowid(sqlite3_vtab_cursor *base, sqlite3_int64 *out) {
  *out = ((kv_cursor *)base)->rowid;
  return SQLITE_OK;
}

/* ---- writing --------------------------------------------------------------------------------- */

/*
** In a transaction SQLite undoes a failed INSERT of many rows from a mark that it set when the
** statement began, but only in the schema of the virtual table, main or temp. Where the store is in
** another, this sets the mark there.
*/
static int mark_statement(kv_connection *connection) {
  if (connection->schema == NULL || sqlite3_get_autocommit(connection->db)) return SQLITE_OK;
  int code = kv_schema_bring_up(connection);
  return code == SQLITE_OK ? kv_execute(connection, KV_SQL_OPEN_STATEMENT_JOURNAL) : code;
}

/* A rowid that a scan found is of the store that was scanned. */
static int update(sqlite3_vtab *base, int argc, sqlite3_value **argv, sqlite3_int64 *out) {
  kv_vtab *vtab = (kv_vtab *)base;
  kv_connection *connection = vtab->connection;
  int is_found = sqlite3_value_type(argv[0]) != SQLITE_NULL, attempts = 0;
  int code = is_found ? kv_connection_enter(connection) : kv_connection_enter_row(connection);
  if (code == SQLITE_OK) {
    if (is_found && vtab->schema_switches != connection->schema_switches) {
      code = fail_switched(connection);
    }
    if (code == SQLITE_OK) {
      do {
        code = mark_statement(connection);
        if (code == SQLITE_OK) code = vtab->table->update(vtab, argc, argv, out);
      } while (kv_again(connection, &code, &attempts));
    }
    kv_connection_leave(connection);
  }
  return fail(vtab, code);
}

/* ---- transactions: of rows that are held back (bulk.h) --------------------------------------------- */

static kv_connection *connection_of(sqlite3_vtab *base) {
  return ((kv_vtab *)base)->connection;
}

static int begin(sqlite3_vtab *base) {
  kv_bulk_begin(connection_of(base));
  return SQLITE_OK;
}

/* The statement, or the transaction, is about to be committed: what fails here fails it. */
static int sync_rows(sqlite3_vtab *base) {
  return fail((kv_vtab *)base, kv_bulk_flush(connection_of(base)));
}

static int rollback(sqlite3_vtab *base) {
  kv_bulk_drop(connection_of(base));
  return SQLITE_OK;
}

static int savepoint(sqlite3_vtab *base, int number) {
  (void)number;
  return fail((kv_vtab *)base, kv_bulk_stop(connection_of(base)));
}

/* ---- registration ---------------------------------------------------------------------------- */

/* xCreate is xConnect, so each table is there without a CREATE, and may be created too. */
static const sqlite3_module reading = {.iVersion = 0,
                                       .xCreate = connect,
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
                                       .xRowid = rowid};

static const sqlite3_module writing = {.iVersion = 2,
                                       .xCreate = connect,
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
                                       .xRowid = rowid,
                                       .xUpdate = update,
                                       .xBegin = begin,
                                       .xSync = sync_rows,
                                       .xRollback = rollback,
                                       .xSavepoint = savepoint};

static void free_binding(void *pointer) {
  struct binding *binding = pointer;
  kv_connection_release(binding->connection);
  sqlite3_free(binding);
}

int kv_table_register(kv_connection *connection, const kv_table *table) {
  struct binding *made = sqlite3_malloc64(sizeof *made);
  if (made == NULL) return SQLITE_NOMEM;
  *made = (struct binding){table, kv_connection_retain(connection)};
  return sqlite3_create_module_v2(connection->db, table->name,
                                  table->update != NULL ? &writing : &reading, made, free_binding);
}

void kv_table_unregister(sqlite3 *db, const kv_table *table) {
  sqlite3_create_module_v2(db, table->name, NULL, NULL, NULL);
}
