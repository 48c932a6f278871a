/*
** The extension linked into the host and registered for every connection, as kv.h says.
*/
#include "host.h"
#include "kv.h"

static int changed(void *count, sqlite3 *db, const kv_change *change) {
  (void)db;
  *(int *)count += strcmp(change->type, "set") == 0 && strcmp(change->key, "a") == 0;
  return SQLITE_OK;
}

int main(void) {
  int changes = 0;
  sqlite3_auto_extension((void (*)(void))sqlite3_kv_init);
  sqlite3 *db = host_open_plain(":memory:", SQLITE_OPEN_READWRITE);
  sqlite3 *other = host_open_plain(":memory:", SQLITE_OPEN_READWRITE);
  CHECK_ANSWER("every new connection has the functions", db,
               "SELECT kv_set('g', 'a', 1), kv_get('g', 'a')", "1|1");
  CHECK_ANSWER("and the tables", other, "SELECT count(*) FROM kv_groups", "0");

  const kv_interface *kv = kv_interface_of(db);
  CHECK("and the C interface", kv != NULL && kv->size >= (int)sizeof *kv);
  CHECK_INTEGER("a C callback is registered", SQLITE_OK,
                kv->on_change(kv->handle, changed, &changes, NULL, NULL));
  CHECK_RUNS("a change", db, "SELECT kv_set('g', 'a', 2), kv_set('g', 'b', 2)");
  CHECK_INTEGER("is heard of once", 1, changes);

  CHECK_INTEGER("registering again is harmless", SQLITE_OK, sqlite3_kv_init(db, NULL, NULL));
  CHECK_INTEGER("so is loading the library too", SQLITE_OK, host_load(db));
  CHECK_ANSWER("all works on", db, "SELECT kv_get('g', 'a'), (SELECT count(*) FROM kv_entries)",
               "2|2");
  CHECK_CLOSES("the close succeeds", db);
  CHECK_CLOSES("and that of the other", other);
  sqlite3_reset_auto_extension();
  return host_end();
}
