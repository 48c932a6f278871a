/*
** A contender that runs one SQL text on one key after another. See bench.h.
**
** Where keys are new, the store would grow while it is measured: it is set back before each turn,
** and its log with it.
*/
#include "bench.h"

void forget_new_keys(void *pointer, long count) {
  struct keyed *keyed = pointer;
  (void)count;
  if (keyed->is_new) {
    run_sql(keyed->db, "BEGIN");
    sqlite3_stmt *statement = prepare(keyed->db, "DELETE FROM kv WHERE grp = 't:g' AND key = ?1");
    for (long i = 1; i <= keyed->added; i++) {
      struct key key = new_key(i, keyed->keys);
      sqlite3_bind_text(statement, 1, key.text, key.length, SQLITE_STATIC);
      step_all(keyed->db, statement);
    }
    sqlite3_finalize(statement);
    run_sql(keyed->db, "COMMIT");
  }
  keyed->added = 0;
  /* The first write to an empty log waits for the disk: it is not to be one of those measured. */
  run_sql(keyed->db, "PRAGMA wal_checkpoint(TRUNCATE); PRAGMA user_version = 1");
}

static void step_keyed(const struct keyed *keyed, sqlite3_stmt *statement) {
  if (keyed->is_refused) {
    if (sqlite3_step(statement) == SQLITE_ROW) fail(keyed->sql, "was not refused");
    sqlite3_reset(statement);
  } else {
    step_all(keyed->db, statement);
  }
}

void run_keyed(void *pointer, long count) {
  struct keyed *keyed = pointer;
  sqlite3_stmt *statement = prepare(keyed->db, keyed->sql);
  char value[] = "00000000 of some length";
  int parameters = sqlite3_bind_parameter_count(statement);
  for (long i = 0; i < count; i++) {
    struct key key = keyed->is_new ? new_key(++keyed->added, keyed->keys)
                                   : key_of(draw_key(keyed->draw, keyed->keys));
    sqlite3_bind_text(statement, 1, key.text, key.length, SQLITE_STATIC);
    if (parameters >= 2) {
      write_digits(value, any_below(100000000));
      sqlite3_bind_text(statement, 2, value, 22, SQLITE_STATIC);
    }
    if (parameters >= 3) sqlite3_bind_int64(statement, 3, clock_ms());
    if (keyed->batch > 0 && i % keyed->batch == 0) run_sql(keyed->db, "BEGIN");
    step_keyed(keyed, statement);
    if (keyed->batch > 0 && (i % keyed->batch == keyed->batch - 1 || i == count - 1)) {
      run_sql(keyed->db, "COMMIT");
    }
  }
  sqlite3_finalize(statement);
}
