/*
** cc mail.c -Iext -lsqlite3 -o mail && ./mail app.db build/kv
*/
#include "kv.h"
#include <stdio.h>

static int changed(void *data, sqlite3 *db, const kv_change *change) {
  (void)data;
  (void)db;
  printf("%s %s/%s\n", change->type, change->group, change->key);
  return SQLITE_OK; /* anything else undoes the change */
}

/* Runs one statement and prints its rows, the columns with '=' between them. */
static int print(sqlite3 *db, const char *sql) {
  sqlite3_stmt *statement;
  int code = sqlite3_prepare_v2(db, sql, -1, &statement, NULL);
  while (code == SQLITE_OK && sqlite3_step(statement) == SQLITE_ROW) {
    for (int i = 0; i < sqlite3_column_count(statement); i++) {
      printf("%s%s", i == 0 ? "" : "=", (const char *)sqlite3_column_text(statement, i));
    }
    printf("\n");
  }
  code = sqlite3_finalize(statement);
  if (code != SQLITE_OK) printf("%s\n", sqlite3_errmsg(db));
  return code;
}

int main(int count, char **arguments) {
  sqlite3 *db;
  char *message = NULL;
  if (count != 3 || sqlite3_open(arguments[1], &db) != SQLITE_OK) return 1;
  sqlite3_enable_load_extension(db, 1);
  if (sqlite3_load_extension(db, arguments[2], NULL, &message) != SQLITE_OK) {
    fprintf(stderr, "%s\n", message);
    sqlite3_free(message);
    sqlite3_close(db);
    return 1;
  }
  const kv_interface *kv = kv_interface_of(db);
  kv->on_change(kv->handle, changed, NULL, NULL, NULL);

  sqlite3_exec(db, "SELECT kv_set('mail', 'host', 'smtp.example.com')", NULL, NULL, NULL);
  sqlite3_exec(db, "SELECT kv_set('mail', 'port', 587)", NULL, NULL, NULL);
  print(db, "SELECT kv_get('mail', 'host')");
  print(db, "SELECT key, value FROM kv_entries('mail')");
  print(db, "SELECT kv_render('{{ .host }}:{{ .port }}', 'mail')");
  print(db, "SELECT kv_require('mail', 'user')");
  return sqlite3_close(db);
}
