/*
** Around a write: savepoint, creation of the store, purge on write. See kv_write in store.h.
**
** One writing statement needs nothing around it: it commits or fails as a whole. Two and more are
** held together by a savepoint, which SQLite allows inside a running SELECT and refuses only while
** an outer statement writes; then a transaction is open already, and an error fails that statement
** too.
*/
#include "store/quota.h"
#include "store/schema.h"
#include "store/store.h"

static int open_savepoint(kv_write *write) {
  write->is_outermost = sqlite3_get_autocommit(write->connection->db);
  int code = kv_execute(write->connection, KV_SQL_SAVEPOINT);
  if (code == SQLITE_BUSY) {
    kv_clear_error(write->connection);
    return SQLITE_OK;
  }
  write->has_savepoint = code == SQLITE_OK;
  return code;
}

/*
** A savepoint that has the write lock before anything is read in it. SQLite waits for the lock, as
** long as the host's busy timeout says, only on behalf of a transaction that holds nothing: one
** that reads already is turned away at once. The statement is prepared first, since that may read
** the schema.
*/
static int open_locked_savepoint(kv_write *write) {
  kv_connection *connection = write->connection;
  kv_query lock;
  kv_query_begin(&lock, connection, KV_SQL_LOCK);
  if (lock.code == SQLITE_OK) lock.code = open_savepoint(write);
  int state = sqlite3_txn_state(connection->db, kv_connection_schema(connection));
  if (lock.code == SQLITE_OK && state == SQLITE_TXN_NONE) kv_query_row(&lock);
  return kv_query_end(&lock);
}

/*
** Undoes all since the savepoint, unless SQLite rolled the whole transaction back itself. The error
** that led here is the one to report: what goes wrong in the undoing is not.
**
** Never ROLLBACK TO a savepoint that is the transaction: where the file was empty when this
** connection last looked, and another has filled it since, SQLite (3.40, at least) takes it to have
** been empty at the savepoint too, and the RELEASE after it commits an empty file. (The test is
** "8 threads create the store" in test/c/threads_test.c.)
*/
static void roll_back(kv_write *write) {
  kv_connection *connection = write->connection;
  if (sqlite3_get_autocommit(connection->db)) return;
  char *error = connection->error;
  connection->error = NULL;
  if (write->is_outermost) {
    kv_execute(connection, KV_SQL_ROLLBACK);
  } else {
    kv_execute(connection, KV_SQL_ROLLBACK_TO);
    kv_execute(connection, KV_SQL_RELEASE);
  }
  kv_clear_error(connection);
  connection->error = error;
}

static int find_expired(kv_connection *connection, sqlite3_int64 now, int *is_any) {
  kv_query query;
  kv_query_begin(&query, connection, KV_SQL_ANY_EXPIRED);
  kv_bind_integer(&query, 1, now);
  *is_any = kv_query_row(&query);
  return kv_query_end(&query);
}

static int purge_some(kv_connection *connection, sqlite3_int64 now) {
  char nothing[] = "";
  const kv_range everything = {.lower = {nothing, 0, SQLITE_UTF8}};
  sqlite3_int64 removed;
  return kv_write_purge(connection, &everything, now, KV_PURGE_ON_WRITE, &removed);
}

/* Where the clock is pinned and there are quotas, their triggers are to go by it too. */
static int find_clock(kv_connection *connection, int *is_needed) {
  *is_needed = 0;
  return connection->is_pinned ? kv_quota_exist(connection, is_needed) : SQLITE_OK;
}

static int pin_clock(kv_write *write) {
  int code = kv_quota_pin_clock(write->connection, write->connection->pinned_now);
  write->has_pinned_clock = code == SQLITE_OK;
  return code;
}

static int begin(kv_write *write, kv_connection *connection, sqlite3_int64 purge_at,
                 int is_compound) {
  *write =
      (kv_write){.connection = connection, .last_rowid = sqlite3_last_insert_rowid(connection->db)};
  int is_purge_due = 0, is_clock_needed = 0;
  int code = kv_schema_look(connection);
  int is_ready = connection->store == KV_STORE_READY;
  if (code == SQLITE_OK && is_ready && purge_at != KV_NO_PURGE) {
    code = find_expired(connection, purge_at, &is_purge_due);
  }
  if (code == SQLITE_OK) code = find_clock(connection, &is_clock_needed);
  is_compound = is_compound || is_purge_due || is_clock_needed || !is_ready;
  if (code == SQLITE_OK && is_compound) {
    code = is_ready ? open_locked_savepoint(write) : open_savepoint(write);
  }
  if (code == SQLITE_OK) code = kv_schema_bring_up(connection);
  if (code == SQLITE_OK && is_clock_needed) code = pin_clock(write);
  if (code == SQLITE_OK && is_purge_due) code = purge_some(connection, purge_at);
  return code;
}

int kv_write_begin(kv_write *write, kv_connection *connection, sqlite3_int64 purge_at) {
  return begin(write, connection, purge_at, 0);
}

int kv_write_begin_compound(kv_write *write, kv_connection *connection) {
  return begin(write, connection, KV_NO_PURGE, 1);
}

int kv_write_end(kv_write *write, int code) {
  if (write->has_pinned_clock && (code == SQLITE_OK || !write->has_savepoint)) {
    int unpin_code = kv_quota_unpin_clock(write->connection);
    if (code == SQLITE_OK) code = unpin_code;
  }
  if (write->has_savepoint) {
    if (code == SQLITE_OK) code = kv_execute(write->connection, KV_SQL_RELEASE);
    if (code != SQLITE_OK) roll_back(write);
  }
  if (sqlite3_last_insert_rowid(write->connection->db) != write->last_rowid) {
    sqlite3_set_last_insert_rowid(write->connection->db, write->last_rowid);
  }
  const kv_entry nothing = {.value = NULL}, *entry = write->entry != NULL ? write->entry : &nothing;
  return kv_quota_explain(write->connection, code, write->group, entry->key, entry->value);
}
