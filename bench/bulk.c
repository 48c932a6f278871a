/*
** Loads of many rows: the one statement that the README recommends, in autocommit; keys that come
** in no order; and the same inside of a transaction, where a set for each is the other way.
*/
#include "bare.h"
#include "store.h"

#include <stdio.h>
#include <string.h>

enum { MOST_LOADS = 6 };

enum how { AUTOCOMMIT, IN_TRANSACTION, ROW_BY_ROW };

struct load {
  enum flavour flavour;
  enum how how;
  const char *name, *sql;
  sqlite3 *db;
};

#define VALUE          "'a value of some length'"
#define ROWS           "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < ?1) "
#define IN_TURN        " SELECT 'g', printf('key-%08d', i), " VALUE " FROM n"
#define INSERT_ENTRIES ROWS "INSERT OR REPLACE INTO kv_entries(grp, key, value)" IN_TURN
#define INSERT_BY_HAND ROWS "INSERT INTO kv(grp, key, value)" IN_TURN

static void empty(void *pointer, long count) {
  struct load *load = pointer;
  (void)count;
  run_sql(load->db, "DELETE FROM kv; PRAGMA wal_checkpoint(TRUNCATE)");
}

static void set_each(struct load *load, long count) {
  sqlite3_stmt *statement = prepare(load->db, load->sql);
  for (long i = 0; i < count; i++) {
    struct key key = key_of(i);
    sqlite3_bind_text(statement, 1, key.text, key.length, SQLITE_STATIC);
    step_all(load->db, statement);
  }
  sqlite3_finalize(statement);
}

static void load_at_once(struct load *load, long count) {
  sqlite3_stmt *statement = prepare(load->db, load->sql);
  if (sqlite3_bind_parameter_count(statement) > 0) sqlite3_bind_int64(statement, 1, count);
  step_all(load->db, statement);
  sqlite3_finalize(statement);
}

static void run_load(void *pointer, long count) {
  struct load *load = pointer;
  if (load->how != AUTOCOMMIT) run_sql(load->db, "BEGIN");
  if (load->how == ROW_BY_ROW)
    set_each(load, count);
  else
    load_at_once(load, count);
  if (load->how != AUTOCOMMIT) run_sql(load->db, "COMMIT");
}

/* ---- the contenders of a work ---------------------------------------------------------------- */

static const char bare_upsert[] =
    "INSERT INTO kv(grp, key, value, expires_at) VALUES (?1, ?2, ?3, NULL) ON CONFLICT(grp, key) "
    "DO UPDATE SET value = excluded.value, expires_at = excluded.expires_at";

static int is_bare(const struct load *load) {
  return strstr(load->sql, "bare_rows") != NULL;
}

/* Rows whose keys come in no order, in a table of the connection's own. */
static void fill_source(sqlite3 *db, long rows) {
  run_sql(db, "CREATE TEMP TABLE source(key TEXT NOT NULL); BEGIN");
  sqlite3_stmt *statement = prepare(db, "INSERT INTO source VALUES (?1)");
  for (long i = 0; i < rows; i++) {
    struct key key = new_key(i, rows);
    sqlite3_bind_text(statement, 1, key.text, key.length, SQLITE_STATIC);
    step_all(db, statement);
  }
  sqlite3_finalize(statement);
  run_sql(db, "COMMIT");
}

/* Leaves out what is not built; returns how many there are. */
static int open_loads(enum place place, struct load *loads, int count, long source) {
  int there = 0;
  for (int i = 0; i < count; i++) {
    struct load load = loads[i];
    static char files[MOST_LOADS][16];
    sqlite3_snprintf(sizeof files[there], files[there], "load-%d", there);
    load.db = open_database(place, files[there], load.flavour);
    if (is_bare(&load)) register_bare_table(load.db, bare_upsert);
    if (source > 0) fill_source(load.db, source);
    if (load.flavour == WITH_KV && !is_built(load.db, load.name, load.sql)) {
      close_database(load.db, files[there]);
      continue;
    }
    loads[there++] = load;
  }
  return there;
}

static void close_loads(struct load *loads, int count) {
  for (int i = 0; i < count; i++) {
    char file[16];
    sqlite3_snprintf(sizeof file, file, "load-%d", i);
    if (is_bare(&loads[i])) remove_bare_table(loads[i].db);
    close_database(loads[i].db, file);
  }
}

/* LMDB and Redis: the fill of their stores is a load. */
static void run_fill(void *pointer, long count) {
  struct store *store = pointer;
  store->kind->fill(store, count);
}

static int add_peers(enum place place, struct contender *contenders, int count,
                     struct store *peers[2]) {
  static const struct store_kind *const kinds[] = {&lmdb_store, &redis_pipeline_store};
  for (int i = 0; i < 2; i++) {
    peers[i] = kinds[i]->open(place, "load-peer");
    if (peers[i] == NULL) continue;
    static char value[] = "a value of some length";
    peers[i]->value = value;
    peers[i]->length = 22;
    contenders[count++] = (struct contender){kinds[i]->name, peers[i], NULL, run_fill};
  }
  return count;
}

static void measure_loads(const char *work, enum place place, long rows, struct load *loads,
                          int count, int has_peers) {
  struct contender contenders[MOST_LOADS + 2];
  struct store *peers[2] = {NULL, NULL};
  for (int i = 0; i < count; i++) {
    contenders[i] = (struct contender){loads[i].name, &loads[i], empty, run_load};
  }
  int all = has_peers ? add_peers(place, contenders, count, peers) : count;
  measure(&(struct measurement){.family = "bulk",
                                .work = work,
                                .where = place_names[place],
                                .x = rows,
                                .step = rows,
                                .most = rows,
                                .rounds = 3},
          contenders, all);
  close_loads(loads, count);
  for (int i = 0; i < 2; i++) {
    if (peers[i] != NULL) peers[i]->kind->close(peers[i]);
  }
}

/* ---- the works ------------------------------------------------------------------------------- */

static void bench_autocommit(enum place place, long rows) {
  struct load loads[] = {
      {WITH_KV, AUTOCOMMIT, "kv", INSERT_ENTRIES, NULL},
      {BY_HAND, AUTOCOMMIT, "hand-written", INSERT_BY_HAND, NULL},
      {BY_HAND, AUTOCOMMIT, "a bare virtual table",
       ROWS "INSERT OR REPLACE INTO bare_rows(grp, key, value)" IN_TURN, NULL},
  };
  int count = open_loads(place, loads, 3, 0);
  measure_loads("load, for each row", place, rows, loads, count, 1);
}

static void bench_scattered(enum place place, long rows) {
  struct load loads[] = {
      {WITH_KV, AUTOCOMMIT, "kv",
       "INSERT OR REPLACE INTO kv_entries(grp, key, value) SELECT 'g', key, " VALUE
       " FROM temp.source",
       NULL},
      {BY_HAND, AUTOCOMMIT, "hand-written",
       "INSERT INTO kv(grp, key, value) SELECT 'g', key, " VALUE " FROM temp.source", NULL},
  };
  int count = open_loads(place, loads, 2, rows);
  measure_loads("load of scattered keys, for each row", place, rows, loads, count, 0);
}

static void bench_transactions(enum place place, long rows) {
  struct load loads[] = {
      {WITH_KV, IN_TRANSACTION, "kv_put",
       ROWS "SELECT kv_put(kv_rows('g', printf('key-%08d', i), " VALUE ")) FROM n", NULL},
      {WITH_KV, IN_TRANSACTION, "kv_entries", INSERT_ENTRIES, NULL},
      {BY_HAND, IN_TRANSACTION, "hand-written", INSERT_BY_HAND, NULL},
      {WITH_KV, ROW_BY_ROW, "kv_set for each", "SELECT kv_set('g', ?1, " VALUE ")", NULL},
      {BY_HAND, ROW_BY_ROW, "an INSERT for each",
       "INSERT INTO kv(grp, key, value) VALUES ('g', ?1, " VALUE ")", NULL},
      {GO_STORE, ROW_BY_ROW, "go-store's way",
       "INSERT INTO kv(grp, key, value, expires_at) VALUES ('g', ?1, " VALUE ", NULL) "
       "ON CONFLICT(grp, key) DO UPDATE SET value = excluded.value, expires_at = NULL",
       NULL},
  };
  int count = open_loads(place, loads, 6, 0);
  measure_loads("load inside a transaction, for each row", place, rows, loads, count, 0);
}

void bench_bulk(void) {
  long rows = options.is_counting ? 5000 : options.is_quick ? 50000 : 300000;
  for (int place = IN_MEMORY; place <= (int)LAST_PLACE; place++) {
    bench_autocommit((enum place)place, rows);
    bench_scattered((enum place)place, rows);
    bench_transactions((enum place)place, rows);
  }
}
