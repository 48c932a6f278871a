/*
** A host in C, built with what is installed:  host EXTENSION
*/
#include <kv.h>
#include <stdio.h>

static int changed(void *data, sqlite3 *db, const kv_change *change) {
  (void)data;
  (void)db;
  printf("%s %s/%s\n", change->type, change->group, change->key);
  return SQLITE_OK;
}

int main(int count, char **arguments) {
  sqlite3 *db;
  if (count != 2 || sqlite3_open(":memory:", &db) != SQLITE_OK) return 1;
  sqlite3_enable_load_extension(db, 1);
  int code = sqlite3_load_extension(db, arguments[1], NULL, NULL);
  const kv_interface *kv = code == SQLITE_OK ? kv_interface_of(db) : NULL;
  if (kv != NULL) code = kv->on_change(kv->handle, changed, NULL, NULL, NULL);
  if (code == SQLITE_OK) {
    code = sqlite3_exec(db, "SELECT kv_set('config', 'theme', 'dark')", NULL, NULL, NULL);
  }
  if (kv == NULL || code != SQLITE_OK) printf("error: %s\n", sqlite3_errmsg(db));
  return sqlite3_close(db);
}
