/*
** Runs SQL from standard input as the sqlite3 shell does in its list mode:  run EXTENSION DATABASE
**
** For systems that have no such shell: the quick start of the README goes through it. With
** -DKV_IS_LINKED kv is in the program, and EXTENSION is not looked at.
*/
#include <sqlite3.h>
#include <stdio.h>

#ifdef KV_IS_LINKED
int sqlite3_kv_init(sqlite3 *db, char **error, const struct sqlite3_api_routines *api);
#endif

static int print_row(void *unused, int count, char **values, char **names) {
  (void)unused;
  (void)names;
  for (int i = 0; i < count; i++) {
    printf("%s%s", i == 0 ? "" : "|", values[i] == NULL ? "" : values[i]);
  }
  puts("");
  return 0;
}

int main(int count, char **arguments) {
  static char sql[65536];
  sqlite3 *db = NULL;
  char *error = NULL;
  if (count != 3) return 2;
  size_t length = fread(sql, 1, sizeof(sql) - 1, stdin);
  sql[length] = 0;
#ifdef KV_IS_LINKED
  sqlite3_auto_extension((void (*)(void))sqlite3_kv_init);
  int code = sqlite3_open(arguments[2], &db);
#else
  int code = sqlite3_open(arguments[2], &db);
  sqlite3_enable_load_extension(db, 1);
  if (code == SQLITE_OK) code = sqlite3_load_extension(db, arguments[1], NULL, &error);
#endif
  if (code == SQLITE_OK) code = sqlite3_exec(db, sql, print_row, NULL, &error);
  if (code != SQLITE_OK) printf("error: %s\n", error != NULL ? error : sqlite3_errmsg(db));
  sqlite3_free(error);
  sqlite3_close(db);
  return code != SQLITE_OK;
}
