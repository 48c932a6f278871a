/*
** kv_migrate: see migrate.h and sql/migrate.sql.
*/
#include "transfer/migrate.h"
#include "store/schema.h"
#include "store/write.h"

struct migration {
  kv_connection *connection;
  sqlite3_int64 now_ms;
  sqlite3_int64 moved;
};

/* Neither of two values is thrown away: the caller says which. */
static int refuse_conflict(const struct migration *migration) {
  kv_connection *connection = migration->connection;
  kv_query query;
  int code = SQLITE_OK;
  kv_query_begin(&query, connection, KV_SQL_GO_STORE_CONFLICT);
  kv_bind_integer(&query, 1, migration->now_ms);
  if (kv_query_row(&query)) {
    kv_text group = kv_query_text(&query, 0), key = kv_query_text(&query, 1);
    int has_memory = group.bytes != NULL && key.bytes != NULL;
    code = has_memory ? kv_fail(connection, SQLITE_CONSTRAINT,
                                "group \"%.*s\", key \"%.*s\" is in \"entries\" and in \"kv\", and "
                                "differs: delete it in one",
                                group.length, group.bytes, key.length, key.bytes)
                      : SQLITE_NOMEM;
  }
  int query_code = kv_query_end(&query);
  return query_code == SQLITE_OK ? code : query_code;
}

static int move(void *pointer) {
  struct migration *migration = pointer;
  kv_query query;
  sqlite3_int64 emptied;
  int code = refuse_conflict(migration);
  if (code != SQLITE_OK) return code;
  kv_query_begin(&query, migration->connection, KV_SQL_GO_STORE_COPY);
  kv_bind_integer(&query, 1, migration->now_ms);
  code = kv_query_write(&query, &migration->moved);
  if (code != SQLITE_OK) return code;
  kv_query_begin(&query, migration->connection, KV_SQL_GO_STORE_EMPTY);
  return kv_query_write(&query, &emptied);
}

int kv_migrate_go_store(kv_connection *connection, sqlite3_int64 now_ms, sqlite3_int64 *moved) {
  struct migration migration = {.connection = connection, .now_ms = now_ms};
  kv_text no_group = {"", 0};
  int is_go_store;
  *moved = 0;
  int code = kv_schema_find_go_store(connection, &is_go_store);
  if (code != SQLITE_OK || !is_go_store) return code;
  connection->is_migrating = 1;
  code = kv_write_all(connection, &no_group, move, &migration);
  connection->is_migrating = 0;
  if (code == SQLITE_OK) *moved = migration.moved;
  return code;
}
