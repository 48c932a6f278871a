/*
** The C interface: callbacks, their order and errors, the shared update hook. Built twice:
** against the loaded extension, and with -DSTATIC, linked into the program.
*/
#include "host.h"
#include "kv.h"

struct log {
  int calls, in_hook, destroyed;
  int fail_with;
  kv_change last;
  char group[64], key[64], type[32];
  sqlite3_int64 value;
};

static int changed(void *data, sqlite3 *db, const kv_change *change) {
  struct log *log = data;
  (void)db;
  log->calls++;
  log->in_hook += change->is_in_hook;
  log->last = *change;
  snprintf(log->type, sizeof log->type, "%s", change->type);
  snprintf(log->group, sizeof log->group, "%s", change->group ? change->group : "(none)");
  snprintf(log->key, sizeof log->key, "%s", change->key ? change->key : "(none)");
  log->value = change->value ? sqlite3_value_int64(change->value) : -1;
  return log->fail_with;
}

static void destroyed(void *data) {
  ((struct log *)data)->destroyed++;
}

static int writes_again(void *data, sqlite3 *db, const kv_change *change) {
  (void)data;
  if (strcmp(change->group, "g") != 0) return SQLITE_OK;
  return host_run(db, "SELECT kv_incr('count','n')");
}

static int removes_itself(void *data, sqlite3 *db, const kv_change *change) {
  const kv_interface *kv = kv_interface_of(db);
  (void)change;
  return kv->off_change(kv->handle, *(sqlite3_int64 *)data) ? SQLITE_OK : SQLITE_ERROR;
}

static void hooked(void *data, int operation, const char *schema, const char *table,
                   sqlite3_int64 rowid) {
  (void)operation, (void)schema, (void)table, (void)rowid;
  ++*(int *)data;
}

static sqlite3 *open_one(void) {
#ifdef STATIC
  sqlite3 *db = NULL;
  sqlite3_auto_extension((void (*)(void))sqlite3_kv_init);
  sqlite3_open(":memory:", &db);
  return db;
#else
  return host_open(":memory:");
#endif
}

static void check_callbacks(sqlite3 *db, const kv_interface *kv) {
  struct log log = {0};
  sqlite3_int64 id = 0;
  CHECK("a callback is registered",
        kv->on_change(kv->handle, changed, &log, destroyed, &id) == SQLITE_OK && id > 0);
  host_run(db, "SELECT kv_set('g','k',7)");
  CHECK("it hears of a set", log.calls == 1 && strcmp(log.type, "set") == 0 && log.value == 7 &&
                                 strcmp(log.group, "g") == 0 && strcmp(log.key, "k") == 0);
  host_run(db, "SELECT kv_delete_group('g')");
  CHECK("and of a group that goes",
        strcmp(log.type, "delete_group") == 0 && strcmp(log.key, "(none)") == 0);
  log.fail_with = SQLITE_PERM;
  CHECK("its error is what the call fails with",
        host_run(db, "SELECT kv_set('g','no',1)") == SQLITE_PERM);
  CHECK("with a message", strncmp(sqlite3_errmsg(db), "kv_set: a change callback failed", 32) == 0);
  CHECK("and undoes the change", strcmp(host_answer(db, "SELECT kv_exists('g','no')"), "0") == 0);
  log.fail_with = SQLITE_OK;
  int before = log.calls;
  host_run(db, "INSERT INTO kv VALUES('p','k',1,NULL)");
  CHECK("plain SQL is heard of at once, from the hook",
        log.calls == before + 1 && log.in_hook == 1 && log.last.operation == SQLITE_INSERT &&
            log.last.rowid > 0 && strcmp(log.type, "resync") == 0);
  CHECK("it is removed once",
        kv->off_change(kv->handle, id) == 1 && kv->off_change(kv->handle, id) == 0);
  CHECK("its destructor runs once", log.destroyed == 1);
  before = log.calls;
  host_run(db, "SELECT kv_set('g','k',8)");
  CHECK("and it hears no more", log.calls == before);
}

static void check_reentry(sqlite3 *db, const kv_interface *kv) {
  sqlite3_int64 writer = 0, self = 0;
  kv->on_change(kv->handle, writes_again, NULL, NULL, &writer);
  kv->on_change(kv->handle, removes_itself, &self, NULL, &self);
  CHECK("callbacks may write and remove themselves",
        host_run(db, "SELECT kv_set('g','k',9)") == SQLITE_OK);
  CHECK("what they write is written",
        strcmp(host_answer(db, "SELECT kv_get('count','n')"), "1") == 0);
  CHECK("who removed itself is gone", kv->off_change(kv->handle, self) == 0);
  kv->off_change(kv->handle, writer);
}

static void check_hook(sqlite3 *db, const kv_interface *kv) {
  int count = 0;
  CHECK("an update hook is chained",
        kv->chain_update_hook(kv->handle, hooked, &count) == SQLITE_OK);
  host_run(
      db,
      "SELECT kv_watch('*'); CREATE TABLE t(x); INSERT INTO t VALUES(1); SELECT kv_set('g','k',1)");
  CHECK("it hears of every table", count == 2);
  kv->chain_update_hook(kv->handle, NULL, NULL);
  host_run(db, "INSERT INTO t VALUES(2)");
  CHECK("until it is taken off", count == 2);
}

int main(void) {
  sqlite3 *db = open_one();
  const kv_interface *kv = kv_interface_of(db);
  struct log log = {0};
  CHECK("a loaded extension has an interface", kv != NULL);
  if (kv == NULL) return host_end();
  CHECK("of this size", kv->size == (int)sizeof *kv);
  check_callbacks(db, kv);
  check_reentry(db, kv);
  check_hook(db, kv);
  kv->on_change(kv->handle, changed, &log, destroyed, NULL);
  CHECK("host_close() succeeds with callbacks", host_close(db) == SQLITE_OK);
  CHECK("and destroys what is left", log.destroyed == 1);
#ifndef STATIC
  sqlite3_open(":memory:", &db);
  CHECK("without the extension there is none", kv_interface_of(db) == NULL);
  host_close(db);
#endif
  return host_end();
}
