/*
** The one module behind all virtual tables. See tvf.h.
**
** All tables are eponymous: they exist in every database without a CREATE VIRTUAL TABLE and leave
** nothing in the file.
*/
#include "tables/tvf.h"
#include "store/schema.h"

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

static int begin_scan(kv_cursor *cursor, int plan, int argc, sqlite3_value **argv) {
  end_scan(cursor);
  cursor->is_end = 0;
  cursor->rowid = 0;
  int code = copy_arguments(cursor, plan, argv);
  if (code == SQLITE_OK) code = cursor->table->filter(cursor, plan, argc, argv);
  if (code == SQLITE_OK && !cursor->is_end) code = advance(cursor);
  return code;
}

static int filter(sqlite3_vtab_cursor *base, int plan, const char *text, int argc,
                  sqlite3_value **argv) {
  kv_cursor *cursor = (kv_cursor *)base;
  kv_connection *connection = cursor->connection;
  int attempts = 0;
  (void)text;
  int code = kv_connection_enter(connection);
  if (code == SQLITE_OK) {
    cursor->now = kv_connection_now(connection);
    do code = begin_scan(cursor, plan, argc, argv);
    while (kv_again(connection, &code, &attempts));
    kv_connection_leave(connection);
  }
  return fail((kv_vtab *)base->pVtab, code);
}

static int next(sqlite3_vtab_cursor *base) {
  return fail((kv_vtab *)base->pVtab, advance((kv_cursor *)base));
}

static int is_end(sqlite3_vtab_cursor *base) {
  return ((kv_cursor *)base)->is_end;
}

sqlite3_value *kv_cursor_argument(const kv_cursor *cursor, int index) {
  return cursor->arguments[index];
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

static int update(sqlite3_vtab *base, int argc, sqlite3_value **argv, sqlite3_int64 *out) {
  kv_vtab *vtab = (kv_vtab *)base;
  int attempts = 0;
  int code = kv_connection_enter(vtab->connection);
  if (code == SQLITE_OK) {
    do code = vtab->table->update(vtab->connection, argc, argv, out);
    while (kv_again(vtab->connection, &code, &attempts));
    kv_connection_leave(vtab->connection);
  }
  return fail(vtab, code);
}

/* ---- registration ---------------------------------------------------------------------------- */

/* No xCreate: eponymous only. */
static const sqlite3_module reading = {.iVersion = 0,
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

static const sqlite3_module writing = {.iVersion = 0,
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
                                       .xUpdate = update};

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
