/* See bare.h. */
#include "bare.h"

#include "bench.h"

#include <stdlib.h>
#include <string.h>

enum { CLOCK = 4, COLUMNS = 3 };

struct bare {
  sqlite3_stmt *statement;
  int has_clock;
};

static struct bare *make_bare(sqlite3 *db, const char *sql) {
  struct bare *bare = malloc(sizeof *bare);
  if (bare == NULL) fail(sql, "out of memory");
  *bare = (struct bare){prepare(db, sql), strstr(sql, "?4") != NULL};
  return bare;
}

static void free_bare(void *pointer) {
  struct bare *bare = pointer;
  sqlite3_finalize(bare->statement);
  free(bare);
}

/* No copies: the values outlive the statement's run. */
static void bind(const struct bare *bare, int parameter, sqlite3_value *value) {
  if (sqlite3_value_type(value) == SQLITE_TEXT) {
    sqlite3_bind_text(bare->statement, parameter, (const char *)sqlite3_value_text(value),
                      sqlite3_value_bytes(value), SQLITE_STATIC);
  } else {
    sqlite3_bind_value(bare->statement, parameter, value);
  }
}

/* ---- the function ---------------------------------------------------------------------------- */

static void call(sqlite3_context *context, int count, sqlite3_value **arguments) {
  static const int parameters[] = {1, 2, 3, 5};
  const struct bare *bare = sqlite3_user_data(context);
  for (int i = 0; i < count; i++) bind(bare, parameters[i], arguments[i]);
  if (bare->has_clock) sqlite3_bind_int64(bare->statement, CLOCK, clock_ms());
  if (sqlite3_step(bare->statement) == SQLITE_ROW) {
    sqlite3_result_value(context, sqlite3_column_value(bare->statement, 0));
  }
  int code = sqlite3_reset(bare->statement);
  if (code != SQLITE_OK) sqlite3_result_error_code(context, code);
}

void register_bare_function(sqlite3 *db, const char *sql) {
  int code = sqlite3_create_function_v2(
      db, "bare", -1, SQLITE_UTF8, sql != NULL ? make_bare(db, sql) : NULL,
      sql != NULL ? call : NULL, NULL, NULL, sql != NULL ? free_bare : NULL);
  if (code != SQLITE_OK) fail("bare()", sqlite3_errmsg(db));
}

/* ---- the table ------------------------------------------------------------------------------- */

static int connect_table(sqlite3 *db, void *data, int argc, const char *const *argv,
                         sqlite3_vtab **table, char **message) {
  (void)data, (void)argc, (void)argv, (void)message;
  *table = calloc(1, sizeof **table);
  if (*table == NULL) return SQLITE_NOMEM;
  return sqlite3_declare_vtab(db, "CREATE TABLE x(grp, key, value)");
}

static int disconnect_table(sqlite3_vtab *table) {
  free(table);
  return SQLITE_OK;
}

/* It is written only: what reads it finds that no plan will do. */
static int plan(sqlite3_vtab *table, sqlite3_index_info *info) {
  (void)table, (void)info;
  return SQLITE_CONSTRAINT;
}

struct bare_table {
  sqlite3_module module; /* must be first: the tables point to it */
  struct bare *bare;
};

static int insert(sqlite3_vtab *table, int argc, sqlite3_value **argv, sqlite3_int64 *rowid) {
  const struct bare *bare = ((const struct bare_table *)(const void *)table->pModule)->bare;
  (void)rowid;
  if (argc != COLUMNS + 2) return SQLITE_READONLY;
  for (int i = 0; i < COLUMNS; i++) bind(bare, i + 1, argv[i + 2]);
  sqlite3_step(bare->statement);
  return sqlite3_reset(bare->statement);
}

static void free_table(void *pointer) {
  struct bare_table *table = pointer;
  free_bare(table->bare);
  free(table);
}

void remove_bare_table(sqlite3 *db) {
  sqlite3_create_module_v2(db, "bare_rows", NULL, NULL, NULL);
}

void register_bare_table(sqlite3 *db, const char *sql) {
  struct bare_table *table = calloc(1, sizeof *table);
  if (table == NULL) fail(sql, "out of memory");
  table->bare = make_bare(db, sql);
  table->module = (sqlite3_module){.xConnect = connect_table,
                                   .xDisconnect = disconnect_table,
                                   .xBestIndex = plan,
                                   .xUpdate = insert};
  int code = sqlite3_create_module_v2(db, "bare_rows", &table->module, table, free_table);
  if (code != SQLITE_OK) fail("bare_rows", sqlite3_errmsg(db));
}
