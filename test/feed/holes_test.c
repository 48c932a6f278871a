/*
** What the feed cannot see, as docs/feed.md says: if one of these is seen one day, the page is to be changed. And that
** a feed which ends or is broken off leaves whole what it leaves.
*/
#include "host.h"

static void write_unseen(void) {
  sqlite3 *db = host_open(":memory:");
  sqlite3_blob *blob = NULL;
  CHECK_RUNS("a feed", db, "SELECT kv_set('g', 'k', zeroblob(3)), kv_feed(100)");
  sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
  CHECK_RUNS("triggers off", db, "INSERT INTO kv VALUES ('g', 'off', 1, NULL)");
  sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 1, NULL);
  CHECK_INTEGER("a BLOB is opened", SQLITE_OK,
                sqlite3_blob_open(db, "main", "kv", "value", 1, 1, &blob));
  CHECK_INTEGER("a BLOB is written", SQLITE_OK, sqlite3_blob_write(blob, "abc", 3, 0));
  sqlite3_blob_close(blob);
  CHECK_ANSWER("neither is in the log", db, "SELECT count(*) FROM kv_log WHERE type <> 'resync'",
               "0");
  CHECK_CLOSES("closes", db);
}

/* kv_feed(0) beside an open read, for which SQLite drops no table: all or nothing. */
static void end_beside_a_read(void) {
  sqlite3 *db = host_open(host_file("end.db"));
  sqlite3_stmt *read = NULL;
  CHECK_RUNS("a feed", db, "SELECT kv_set('g', 'a', 1), kv_set('g', 'b', 1), kv_feed(100)");
  sqlite3_prepare_v2(db, "SELECT * FROM kv", -1, &read, NULL);
  CHECK_INTEGER("a read is open", SQLITE_ROW, sqlite3_step(read));
  CHECK_INTEGER("the feed cannot end", SQLITE_LOCKED, host_run(db, "SELECT kv_feed(0)") & 0xff);
  CHECK_INTEGER("and nothing is begun by that", 1, sqlite3_get_autocommit(db));
  sqlite3_finalize(read);
  CHECK_RUNS("it is whole", db, "SELECT kv_set('g', 'c', 1)");
  CHECK_ANSWER("it is whole", db, "SELECT type, key FROM kv_changes", "resync|NULL set|c");
  CHECK_RUNS("now it can", db, "SELECT kv_feed(0)");
  CHECK_ANSWER("nothing is left", db,
               "SELECT count(*) FROM sqlite_schema WHERE name GLOB 'kv_log*'", "0");
  CHECK_RUNS("writers go on", db, "INSERT INTO kv VALUES ('g', 'd', 1, NULL)");
  CHECK_CLOSES("closes", db);
}

int main(void) {
  sqlite3 *keeps_library = host_open(":memory:");
  write_unseen();
  end_beside_a_read();
  host_close(keeps_library);
  return host_end();
}
