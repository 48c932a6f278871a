/*
** Calls as rows. See call_table.h.
**
** The function is called as any host would, by a statement; what it writes is part of the INSERT.
*/
#include "tables/call_table.h"
#include "tables/bulk.h"

#include <string.h>

enum { NAME, FIRST_ARGUMENT, ARGUMENTS = 5, RESULT = FIRST_ARGUMENT + ARGUMENTS, COLUMNS };
enum { OLD_ROWID, NEW_ROWID, ROW }; /* of xUpdate, before the columns */

/* What may be called, without "kv_", and how many arguments it has at least. (Of the others, those at
** the end that are NULL are not given.) What sets something up is called by itself. */
static const struct callable {
  const char *name;
  int least;
} callables[] = {
    {"set", 3},           {"setnx", 3}, {"cas", 4},    {"incr", 2},   {"expire", 3},
    {"persist", 2},       {"touch", 3}, {"getdel", 2}, {"delete", 2}, {"delete_group", 1},
    {"delete_prefix", 1}, {"load", 2},  {"import", 1}, {"purge", 0},
};

static const struct callable *find(sqlite3_value *name) {
  const char *text = (const char *)sqlite3_value_text(name);
  for (size_t i = 0; text != NULL && i < sizeof callables / sizeof callables[0]; i++) {
    if (strcmp(text, callables[i].name) == 0) return &callables[i];
  }
  return NULL;
}

static int prepare(kv_connection *connection, const char *name, int count,
                   sqlite3_stmt **statement) {
  static const kv_sql calls[] = {KV_SQL_CALL_0, KV_SQL_CALL_1, KV_SQL_CALL_2,
                                 KV_SQL_CALL_3, KV_SQL_CALL_4, KV_SQL_CALL_5};
  char *function = sqlite3_mprintf("kv_%s", name);
  if (function == NULL) return SQLITE_NOMEM;
  int code = kv_statement_prepare_named(connection, calls[count], function, statement);
  sqlite3_free(function);
  return code;
}

static int call(kv_connection *connection, const char *name, int count, sqlite3_value **arguments) {
  sqlite3_stmt *statement = NULL;
  sqlite3_value *answer = NULL;
  int code = prepare(connection, name, count, &statement);
  for (int i = 0; i < count && code == SQLITE_OK; i++) {
    code = sqlite3_bind_value(statement, i + 1, arguments[i]);
  }
  if (code == SQLITE_OK && sqlite3_step(statement) == SQLITE_ROW) {
    answer = sqlite3_value_dup(sqlite3_column_value(statement, 0));
    if (answer == NULL) code = SQLITE_NOMEM;
  }
  if (code == SQLITE_OK && sqlite3_reset(statement) != SQLITE_OK) code = kv_fail_sqlite(connection);
  sqlite3_finalize(statement);
  if (code != SQLITE_OK) {
    sqlite3_value_free(answer);
    return code;
  }
  sqlite3_value_free(connection->answer);
  connection->answer = answer;
  return SQLITE_OK;
}

static int update(kv_vtab *vtab, int argc, sqlite3_value **argv, sqlite3_int64 *rowid) {
  kv_connection *connection = vtab->connection;
  if (argc == 1 || sqlite3_value_type(argv[OLD_ROWID]) != SQLITE_NULL) {
    return kv_fail(connection, SQLITE_ERROR, "only INSERT calls");
  }
  sqlite3_value **row = argv + ROW;
  const struct callable *callable = find(row[NAME]);
  if (callable == NULL) {
    return kv_fail(connection, SQLITE_ERROR, "name is no function that writes, such as 'set'");
  }
  int count = ARGUMENTS;
  while (count > callable->least &&
         sqlite3_value_type(row[FIRST_ARGUMENT + count - 1]) == SQLITE_NULL) {
    count--;
  }
  *rowid = 1;
  return kv_bulk_refusal(call(connection, callable->name, count, row + FIRST_ARGUMENT));
}

/* One row, unless nothing was called yet. */
static int filter(kv_cursor *cursor, int plan, int argc, sqlite3_value **argv) {
  (void)plan, (void)argc, (void)argv;
  cursor->is_end = cursor->connection->answer == NULL;
  return SQLITE_OK;
}

static int next(kv_cursor *cursor) {
  cursor->is_end = cursor->rowid > 1;
  return SQLITE_OK;
}

static int column(kv_cursor *cursor, sqlite3_context *context, int index) {
  sqlite3_value *answer = cursor->connection->answer;
  if (index == RESULT && answer != NULL) sqlite3_result_value(context, answer);
  return SQLITE_OK;
}

static void free_answer(kv_connection *connection) {
  sqlite3_value_free(connection->answer);
  connection->answer = NULL;
}

const kv_room kv_call_room = {.free = free_answer};

const kv_table kv_call_table = {
    .name = "kv_call",
    .declaration = "CREATE TABLE x(name TEXT, a1, a2, a3, a4, a5, result)",
    .columns = COLUMNS,
    .filter = filter,
    .next = next,
    .column = column,
    .update = update,
};
