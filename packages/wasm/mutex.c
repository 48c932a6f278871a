/*
** On WASI, where there is one thread, SQLite has no mutexes. kv asks for them.
*/
#include <sqlite3.h>

sqlite3_mutex *sqlite3_mutex_alloc(int type) {
  (void)type;
  return 0;
}

void sqlite3_mutex_enter(sqlite3_mutex *mutex) {
  (void)mutex;
}

void sqlite3_mutex_leave(sqlite3_mutex *mutex) {
  (void)mutex;
}
