/*
** The per-connection state: lifetime, clock, call depth, and the pending error. See connection.h.
*/
#include "base/connection.h"

#include <assert.h>
#include <stdarg.h>
#include <string.h>

/* Frames of SQLite and of ours between two nested calls take some kilobytes: this many fit the
** smallest stacks in use (the 128 KB of musl's threads). */
enum { MAX_DEPTH = 16 };

static const sqlite3_int64 unix_epoch_in_julian_ms = 210866760000000;

kv_connection *kv_connection_new(sqlite3 *db, const kv_room *const *rooms) {
  kv_connection *connection = sqlite3_malloc64(sizeof *connection);
  if (connection == NULL) return NULL;
  *connection = (kv_connection){.db = db, .rooms = rooms, .references = 1, .encoding = SQLITE_UTF8};
  if (sqlite3_file_control(db, "main", SQLITE_FCNTL_VFS_POINTER, &connection->vfs) != SQLITE_OK) {
    connection->vfs = sqlite3_vfs_find(NULL);
  }
  for (const kv_room *const *room = rooms; *room != NULL; room++) {
    if ((*room)->begin_call != NULL) connection->listener = *room;
  }
  return connection;
}

kv_connection *kv_connection_retain(kv_connection *connection) {
  connection->references++;
  return connection;
}

void kv_connection_release(void *pointer) {
  kv_connection *connection = pointer;
  if (--connection->references > 0) return;
  for (const kv_room *const *room = connection->rooms; *room != NULL; room++) {
    if ((*room)->free != NULL) (*room)->free(connection);
  }
  sqlite3_free(connection->schema);
  sqlite3_free(connection->scope);
  sqlite3_free(connection->error);
  sqlite3_free(connection->interface);
  sqlite3_free(connection);
}

void kv_connection_anchor(kv_connection *connection) {
  connection->anchors++;
}

void kv_connection_unanchor(kv_connection *connection) {
  assert(connection->anchors > 0);
  connection->anchors--;
  connection->is_paused = 1;
  for (const kv_room *const *room = connection->rooms; *room != NULL; room++) {
    if ((*room)->pause != NULL) (*room)->pause(connection);
  }
}

/* A close was announced and did not come: each room goes on as before. */
static int resume(kv_connection *connection) {
  int code = SQLITE_OK;
  connection->is_paused = 0;
  for (const kv_room *const *room = connection->rooms; *room != NULL && code == SQLITE_OK; room++) {
    if ((*room)->resume != NULL) code = (*room)->resume(connection);
  }
  if (code != SQLITE_OK) connection->is_paused = 1;
  return code;
}

const char *kv_connection_schema(const kv_connection *connection) {
  return connection->schema != NULL ? connection->schema : "main";
}

const char *kv_connection_scope(const kv_connection *connection) {
  return connection->scope != NULL ? connection->scope : "";
}

kv_text kv_connection_namespace(const kv_connection *connection) {
  const char *scope = kv_connection_scope(connection);
  return (kv_text){scope, (int)strcspn(scope, ":")};
}

sqlite3_int64 kv_connection_now(const kv_connection *connection) {
  if (connection->is_pinned) return connection->pinned_now;
  sqlite3_vfs *vfs = connection->vfs;
  sqlite3_int64 julian_ms = 0;
  if (vfs->iVersion >= 2 && vfs->xCurrentTimeInt64 != NULL) {
    vfs->xCurrentTimeInt64(vfs, &julian_ms);
  } else {
    double julian_days = 0.0;
    vfs->xCurrentTime(vfs, &julian_days);
    julian_ms = (sqlite3_int64)(julian_days * 86400000.0);
  }
  return julian_ms - unix_epoch_in_julian_ms;
}

static int settle(kv_connection *connection) {
  int code = SQLITE_OK;
  for (const kv_room *const *room = connection->rooms; *room != NULL && code == SQLITE_OK; room++) {
    if ((*room)->settle != NULL) code = (*room)->settle(connection);
  }
  return code;
}

int kv_connection_enter(kv_connection *connection) {
  int code = connection->has_pending_rows ? settle(connection) : SQLITE_OK;
  return code == SQLITE_OK ? kv_connection_enter_row(connection) : code;
}

int kv_connection_enter_row(kv_connection *connection) {
  if (connection->depth >= MAX_DEPTH) {
    return kv_fail(connection, SQLITE_ERROR,
                   "nested too deep: more than %d calls inside each other", MAX_DEPTH);
  }
  if (connection->is_paused) {
    int code = resume(connection);
    if (code != SQLITE_OK) return code;
  }
  connection->is_store_fresh = 0;
  if (connection->depth == 0 && connection->listener != NULL) {
    int code = connection->listener->begin_call(connection);
    if (code != SQLITE_OK) return code;
  }
  connection->depth++;
  connection->is_store_fresh = 0;
  return SQLITE_OK;
}

void kv_connection_leave(kv_connection *connection) {
  connection->depth--;
  if (connection->depth == 0 && connection->listener != NULL) {
    char *error = connection->error; /* on its way to the host: what runs now has its own */
    connection->error = NULL;
    connection->listener->end_call(connection);
    kv_clear_error(connection);
    connection->error = error;
  }
}

int kv_fail(kv_connection *connection, int code, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  sqlite3_free(connection->error);
  connection->error = sqlite3_vmprintf(format, arguments);
  va_end(arguments);
  return connection->error != NULL ? code : SQLITE_NOMEM;
}

int kv_fail_sqlite(kv_connection *connection) {
  int code = sqlite3_extended_errcode(connection->db);
  if ((code & 0xff) == SQLITE_NOMEM) {
    kv_clear_error(connection);
    return code;
  }
  if (code == SQLITE_ABORT_ROLLBACK) { /* SQLite's own text knows only of the one */
    return kv_fail(connection, code, "a ROLLBACK, or a change of the TEMP schema, while it ran");
  }
  return kv_fail(connection, code, "%s", sqlite3_errmsg(connection->db));
}

char *kv_take_error(kv_connection *connection, const char *name, int code) {
  const char *reason = connection->error != NULL ? connection->error : sqlite3_errstr(code);
  size_t length = strlen(name);
  int is_named =
      strncmp(reason, name, length) == 0 && reason[length] == ':'; /* by a call in a call */
  char *message =
      is_named ? sqlite3_mprintf("%s", reason) : sqlite3_mprintf("%s: %s", name, reason);
  kv_clear_error(connection);
  return message;
}

void kv_clear_error(kv_connection *connection) {
  sqlite3_free(connection->error);
  connection->error = NULL;
}

int kv_is_grave(int code) {
  int kind = code & 0xff;
  return kind == SQLITE_NOMEM || kind == SQLITE_IOERR || kind == SQLITE_FULL ||
         kind == SQLITE_INTERRUPT;
}
