/* Many rows at once: a bulk load, and the purge of what has expired. */
#include "bare.h"
#include "store.h"

#include <stdio.h>

/* ---- loads ----------------------------------------------------------------------------------- */

enum { WAYS = 6, BARE = 1 };

struct load {
  enum flavour flavour;
  const char *name, *sql;
  int is_row_by_row; /* the SQL is run for each key, in one transaction */
  sqlite3 *db;
};

#define ROWS           "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < ?1) "
#define VALUES_OF_ROWS " SELECT 'g', printf('key-%08d', i), 'a value of some length' FROM n"

static void run_load(void *pointer, long count) {
  struct load *load = pointer;
  run_sql(load->db, "BEGIN; DELETE FROM kv");
  sqlite3_stmt *statement = prepare(load->db, load->sql);
  if (load->is_row_by_row) {
    for (long i = 0; i < count; i++) {
      struct key key = key_of(i);
      sqlite3_bind_text(statement, 1, key.text, key.length, SQLITE_STATIC);
      step_all(load->db, statement);
    }
  } else {
    sqlite3_bind_int64(statement, 1, count);
    step_all(load->db, statement);
  }
  run_sql(load->db, "COMMIT");
  sqlite3_finalize(statement);
}

/* LMDB and Redis: the fill of their stores is a load. */
static void run_fill(void *pointer, long count) {
  struct store *store = pointer;
  store->kind->fill(store, count);
}

static int add_peers(struct contender *contenders, int count, struct store *peers[2]) {
  static const struct store_kind *const kinds[] = {&lmdb_store, &redis_pipeline_store};
  for (int i = 0; i < 2; i++) {
    peers[i] = kinds[i]->open(IN_MEMORY, "load-peer");
    if (peers[i] == NULL) continue;
    static char value[] = "a value of some length";
    peers[i]->value = value;
    peers[i]->length = 22;
    contenders[count++] = (struct contender){kinds[i]->name, peers[i], NULL, run_fill};
  }
  return count;
}

static void bench_loads(void) {
  struct load loads[] = {
      {WITH_KV, "kv", ROWS "INSERT OR REPLACE INTO kv_entries(grp, key, value)" VALUES_OF_ROWS, 0,
       NULL},
      {BY_HAND, "a bare virtual table",
       ROWS "INSERT OR REPLACE INTO bare_rows(grp, key, value)" VALUES_OF_ROWS, 0, NULL},
      {BY_HAND, "hand-written", ROWS "INSERT INTO kv(grp, key, value)" VALUES_OF_ROWS, 0, NULL},
      {WITH_KV, "kv_set for each", "SELECT kv_set('g', ?1, 'a value of some length')", 1, NULL},
      {BY_HAND, "an INSERT for each",
       "INSERT INTO kv(grp, key, value) VALUES ('g', ?1, 'a value of some length')", 1, NULL},
      {GO_STORE, "go-store's way",
       "INSERT INTO kv(grp, key, value, expires_at) VALUES ('g', ?1, 'a value of some length', "
       "NULL) "
       "ON CONFLICT(grp, key) DO UPDATE SET value = excluded.value, expires_at = NULL",
       1, NULL},
  };
  struct contender contenders[WAYS + 2];
  struct store *peers[2];
  long rows = options.is_quick ? 100000 : 1000000;
  for (int i = 0; i < WAYS; i++) {
    loads[i].db = open_database(IN_MEMORY, "load", loads[i].flavour);
    if (i == BARE) {
      register_bare_table(loads[i].db,
                          "INSERT INTO kv(grp, key, value, expires_at) VALUES (?1, ?2, ?3, NULL) "
                          "ON CONFLICT(grp, key) DO UPDATE SET value = excluded.value, "
                          "expires_at = excluded.expires_at");
    }
    contenders[i] = (struct contender){loads[i].name, &loads[i], NULL, run_load};
  }
  int count = add_peers(contenders, WAYS, peers);
  measure(&(struct measurement){.family = "bulk",
                                .work = "load, for each row",
                                .where = place_names[IN_MEMORY],
                                .x = rows,
                                .step = rows,
                                .most = rows,
                                .rounds = 3},
          contenders, count);
  remove_bare_table(loads[BARE].db);
  for (int i = 0; i < WAYS; i++) close_database(loads[i].db, NULL);
  for (int i = 0; i < 2; i++) {
    if (peers[i] != NULL) peers[i]->kind->close(peers[i]);
  }
}

/* ---- purges ---------------------------------------------------------------------------------- */

struct purge {
  sqlite3 *db;
  const char *sql;
};

static void fill_expired(void *pointer, long count) {
  struct purge *purge = pointer;
  run_made(
      purge->db,
      sqlite3_mprintf("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n "
                      "WHERE i < %ld) INSERT OR REPLACE INTO kv(grp, key, value, expires_at) "
                      "SELECT 'old', printf('key-%%08d', i), 'a value of some length', i FROM n",
                      count));
}

static void run_purge(void *pointer, long count) {
  struct purge *purge = pointer;
  (void)count;
  run_sql(purge->db, purge->sql);
}

static void bench_purges(void) {
  static const char *const names[] = {"kv", "hand-written", "go-store's way"};
  static const char all_expired[] =
      "DELETE FROM kv WHERE expires_at IS NOT NULL AND expires_at <= 1700000000000";
  struct purge purges[3];
  struct contender contenders[3];
  long rows = options.is_quick ? 10000 : 100000;
  for (int i = 0; i < 3; i++) {
    purges[i] = (struct purge){open_database(IN_MEMORY, "purge", (enum flavour)i),
                               i == 0 ? "SELECT kv_purge()" : all_expired};
    fill(purges[i].db, "live", rows, "a value of some length", 22);
    contenders[i] = (struct contender){names[i], &purges[i], fill_expired, run_purge};
  }
  measure(&(struct measurement){.family = "bulk",
                                .work = "purge, for each expired row",
                                .where = place_names[IN_MEMORY],
                                .x = rows,
                                .step = rows,
                                .most = rows},
          contenders, 3);
  for (int i = 0; i < 3; i++) close_database(purges[i].db, NULL);
}

void bench_bulk(void) {
  bench_loads();
  bench_purges();
}
