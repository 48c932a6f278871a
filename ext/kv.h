/*
** kv: a group-namespaced key-value store inside SQLite. The interface for hosts written in C.
**
** A host that only wants the SQL functions needs nothing from here: sqlite3_load_extension(db,
** "kv", …) finds the entry point by its name. This header is for C callbacks, for sharing the
** update hook, and for linking the extension statically (sqlite3_auto_extension((void
** (*)(void))sqlite3_kv_init)).
**
**     static int changed(void *log, sqlite3 *db, const kv_change *change) {
**       fprintf(log, "%s %s/%s\n", change->type, change->group, change->key);
**       return SQLITE_OK;
**     }
**     …
**     const kv_interface *kv = kv_interface_of(db);
**     kv->on_change(kv->handle, changed, stderr, NULL, NULL);
**
** What a host must know:
**
**   Threads. The functions below take the connection's mutex. So, as SQLite's own, they may be
**   called on any thread while another runs SQL on the same connection, if SQLite is in
**   serialized mode. A callback is called on the thread that runs the statement, which holds
**   that mutex: it must not wait for a thread that wants the connection.
**
**   Callbacks. One may run SQL on `db`, kv functions included, write, and register or remove
**   callbacks, itself among them. SQLite refuses SAVEPOINT and DROP there. One that begins or
**   ends a transaction makes the statement fail. With is_in_hook it may run no SQL at all. It
**   must not close the connection.
**
**   Values. change->value, and all else that a kv_change points to, live until the callback
**   returns: copy what is to be kept. The value is a copy (sqlite3_value_dup): do not call
**   sqlite3_value_numeric_type() on it, which crashes on text in SQLite 3.53.0 to 3.53.4.
**   sqlite3_value_type(), _int64(), _double(), _text() and _blob() are fine.
**
**   Lifetime. The interface and its handle live as long as the connection. A callback's
**   `destroy` is called once: when it is removed, when the connection closes, or when it could
**   not be registered. Nothing needs to be removed before sqlite3_close(), which succeeds in
**   spite of watchers and callbacks.
**
**   The file. Never open the database file, or its -wal or -shm, by open() or fopen() in a
**   process that has it open through SQLite. On POSIX the close() of that descriptor drops all
**   locks of SQLite's on the file: then commits can be lost. kv opens none itself.
**
**   fork(). A connection must not be used in the child, and neither must its interface: open
**   another one. The purge thread is not in the child; a close there of an inherited connection
**   does not wait for it.
*/
#ifndef KV_H
#define KV_H

#ifndef SQLITE3_H
#include <sqlite3.h>
#endif

#ifdef __cplusplus
extern "C" {
#endif

#define KV_VERSION "0.2.0"

/* What changed. All of it is valid until the callback returns. */
typedef struct kv_change {
  const char *type;  /* "set", "delete", "delete_group", "expire", "resync" */
  const char *group; /* UTF-8, ends with a zero byte; NULL for a resync */
  int group_length;
  const char *key; /* NULL where the change is about no single key */
  int key_length;
  sqlite3_value *value; /* set: the new value; expire: the old one; else NULL */
  sqlite3_int64 at;     /* Unix milliseconds */
  /* 1: called from inside SQLite's update hook, for plain SQL on the table "kv". The type is
  ** "resync", no SQL may be run on the connection, and what the callback returns does not count. */
  int is_in_hook;
  int operation;       /* is_in_hook: SQLITE_INSERT, SQLITE_UPDATE or SQLITE_DELETE, else 0 */
  sqlite3_int64 rowid; /* is_in_hook: of the row in "kv" */
} kv_change;

/*
** Called right after a change, inside its transaction. May run SQL, kv functions and CREATE TABLE
** (not CREATE TEMP TABLE) included, and register or remove callbacks; BEGIN, COMMIT and ROLLBACK fail the statement. Anything
** but SQLITE_OK undoes the statement that changed the row, and is what it fails with; SQLITE_CONSTRAINT
** becomes SQLITE_ERROR, since OR IGNORE would swallow it.
*/
typedef int kv_change_callback(void *user_data, sqlite3 *db, const kv_change *change);

/* As sqlite3_update_hook() takes it. */
typedef void kv_update_hook(void *user_data, int operation, const char *schema, const char *table,
                            sqlite3_int64 rowid);

/*
** The interface of one connection, valid as long as that is open. `handle` is the first argument of
** all.
*/
typedef struct kv_interface {
  int size; /* sizeof(kv_interface) of the extension: what is beyond it, it does not have */
  void *handle;
  /*
  ** Registers a callback; *id (NULL: not wanted) is for off_change. `destroy` (may be NULL) is
  ** called with user_data when the callback is removed or the connection closes, and also when this
  ** fails. Returns SQLITE_OK or SQLITE_NOMEM.
  */
  int (*on_change)(void *handle, kv_change_callback *callback, void *user_data,
                   void (*destroy)(void *), sqlite3_int64 *id);
  /* Removes a callback of either kind: 1, or 0 if there was none. Safe inside a callback. */
  int (*off_change)(void *handle, sqlite3_int64 id);
  /*
  ** SQLite has one update hook for each connection, and kv sets it with the first watcher or
  ** callback, and leaves it there. A host that wants one too gives it here: it is called after kv's
  ** own, for every table. NULL ends that.
  */
  int (*chain_update_hook)(void *handle, kv_update_hook *hook, void *user_data);
} kv_interface;

#ifndef KV_INSIDE_EXTENSION
/* The entry point. */
struct sqlite3_api_routines;
int sqlite3_kv_init(sqlite3 *db, char **error, const struct sqlite3_api_routines *api);

/* The interface of the extension loaded on `db`; NULL if there is none. */
static inline const kv_interface *kv_interface_of(sqlite3 *db) {
  const kv_interface *found = 0;
  sqlite3_stmt *statement = 0;
  if (sqlite3_prepare_v2(db, "SELECT kv_interface(?1)", -1, &statement, 0) == SQLITE_OK &&
      sqlite3_bind_pointer(statement, 1, (void *)&found, "kv_interface", 0) == SQLITE_OK) {
    sqlite3_step(statement);
  }
  sqlite3_finalize(statement);
  return found;
}
#endif

#ifdef __cplusplus
}
#endif

#endif
