/*
** Look-ups that go on. See run.h.
**
** The statement joins the table kv_asked, which never ends and whose only row is what is looked for
** now, to the store (sql/store.sql, "run"): each step is one look-up. It stands on a row from one call to
** the next, which is why it must not outlive the host's statement. (It holds no lock that this does not
** hold: a call from a statement that reads nothing is answered without a run.)
*/
#include "store/run.h"
#include "store/schema.h"

struct kv_run {
  kv_query query;
  int has_begun;
  kv_text group, key; /* what is looked for */
  sqlite3_int64 now_ms;
};

static const char pointer_type[] = "kv_run";

kv_run *kv_run_new(kv_connection *connection) {
  if (connection->schema != NULL || connection->store != KV_STORE_READY || !connection->anchors) {
    return NULL;
  }
  kv_run *run = sqlite3_malloc64(sizeof *run);
  if (run != NULL) *run = (kv_run){.query = {.connection = connection}};
  return run;
}

void kv_run_free(void *pointer) {
  kv_run *run = pointer;
  (void)kv_query_end(&run->query); /* a step that failed was reported by its call */
  sqlite3_free(run);
}

int kv_run_look(kv_run *run, kv_text group, kv_text key, sqlite3_int64 now_ms,
                sqlite3_value **value, int *is_over) {
  kv_query *query = &run->query;
  kv_connection *connection = query->connection;
  *value = NULL;
  run->group = group;
  run->key = key;
  run->now_ms = now_ms;
  if (!run->has_begun) {
    run->has_begun = 1;
    kv_query_begin(query, connection, KV_SQL_RUN);
    kv_bind_pointer(query, 1, run, pointer_type);
  }
  int is_row = query->generation == connection->generation && kv_query_row(query);
  int code = query->code & 0xff;
  *is_over = !is_row && (code == SQLITE_OK || code == SQLITE_SCHEMA || code == SQLITE_ABORT);
  if (*is_over) {
    kv_clear_error(connection);
    return SQLITE_OK;
  }
  if (is_row && sqlite3_column_type(query->statement, 0) != SQLITE_NULL) {
    *value = kv_query_value(query, 0);
  }
  return query->code;
}

/* ---- kv_asked -------------------------------------------------------------------------------- */

enum { GRP, KEY, NOW, ASKED };

struct cursor {
  sqlite3_vtab_cursor base; /* SQLite's; must be first */
  const kv_run *run;
};

static int connect(sqlite3 *db, void *auxiliary, int argc, const char *const *argv,
                   sqlite3_vtab **out, char **error) {
  (void)auxiliary, (void)argc, (void)argv, (void)error;
  int code = sqlite3_declare_vtab(db, "CREATE TABLE x(grp, key, now, asked HIDDEN)");
  if (code != SQLITE_OK) return code;
  *out = sqlite3_malloc64(sizeof **out);
  if (*out == NULL) return SQLITE_NOMEM;
  **out = (sqlite3_vtab){0};
  return SQLITE_OK;
}

static int disconnect(sqlite3_vtab *vtab) {
  sqlite3_free(vtab);
  return SQLITE_OK;
}

/* The pointer is the one thing that it can be asked with. */
static int best_index(sqlite3_vtab *vtab, sqlite3_index_info *info) {
  (void)vtab;
  for (int i = 0; i < info->nConstraint; i++) {
    if (!info->aConstraint[i].usable || info->aConstraint[i].iColumn != ASKED) continue;
    info->aConstraintUsage[i].argvIndex = 1;
    info->aConstraintUsage[i].omit = 1;
    info->estimatedCost = 1.0;
    return SQLITE_OK;
  }
  return SQLITE_CONSTRAINT;
}

static int open_cursor(sqlite3_vtab *vtab, sqlite3_vtab_cursor **out) {
  (void)vtab;
  struct cursor *cursor = sqlite3_malloc64(sizeof *cursor);
  if (cursor == NULL) return SQLITE_NOMEM;
  *cursor = (struct cursor){.run = NULL};
  *out = &cursor->base;
  return SQLITE_OK;
}

static int close_cursor(sqlite3_vtab_cursor *cursor) {
  sqlite3_free(cursor);
  return SQLITE_OK;
}

static int filter(sqlite3_vtab_cursor *base, int plan, const char *text, int argc,
                  sqlite3_value **argv) {
  (void)plan, (void)text, (void)argc;
  ((struct cursor *)base)->run = sqlite3_value_pointer(argv[0], pointer_type);
  return SQLITE_OK;
}

static int next(sqlite3_vtab_cursor *cursor) {
  (void)cursor;
  return SQLITE_OK;
}

/* With anything but our pointer there is no row; with it, there is no last one. */
static int is_end(sqlite3_vtab_cursor *base) {
  return ((const struct cursor *)base)->run == NULL;
}

static int column(sqlite3_vtab_cursor *base, sqlite3_context *context, int index) {
  const kv_run *run = ((const struct cursor *)base)->run;
  if (index == NOW) {
    sqlite3_result_int64(context, run->now_ms);
  } else if (index != ASKED) {
    kv_text text = index == GRP ? run->group : run->key;
    sqlite3_result_text(context, text.bytes, text.length, SQLITE_STATIC);
  }
  return SQLITE_OK;
}

static int rowid(sqlite3_vtab_cursor *cursor, sqlite3_int64 *out) {
  (void)cursor;
  *out = 1;
  return SQLITE_OK;
}

static const sqlite3_module module = {.xConnect = connect,
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

int kv_run_register(kv_connection *connection) {
  return sqlite3_create_module_v2(connection->db, "kv_asked", &module, NULL, NULL);
}

void kv_run_unregister(sqlite3 *db) {
  sqlite3_create_module_v2(db, "kv_asked", NULL, NULL, NULL);
}
