/*
** What an operation costs as the store grows: in keys, 1,000 to 10,000,000 in files; and in
** groups, 1 to 1,000,000. A file for each size, all open at once, measured in turn; keys are drawn
** at random from all. The page cache holds the whole file, so that what grows is the depth of the
** tree and the reach of the processor's caches, as it does for the SQL written by hand, which is
** measured too. The log is checkpointed between the turns, not in them: a checkpoint costs what
** the pages do that were changed, which says more of the disk than of the tree.
*/
#include "bench.h"

#include <stdio.h>

/* In one turn: so few that a log without checkpoints stays small. */
enum { MOST_SIZES = 7, MOST_KEYS = 3000 };

struct growing {
  const char *work, *sql;
  int is_new;
};

static const struct growing with_kv[] = {
    {"kv_get", "SELECT kv_get('t:g', ?1)", 0},
    {"kv_set", "SELECT kv_set('t:g', ?1, ?2)", 0},
    {"kv_set, new key", "SELECT kv_set('t:g', ?1, ?2)", 1},
    {"one row of kv_groups", "SELECT name FROM kv_groups WHERE name = 't:g'", 0},
};
static const struct growing by_hand[] = {
    {"SELECT by hand",
     "SELECT value FROM kv WHERE grp = 't:g' AND key = ?1 "
     "AND (expires_at IS NULL OR expires_at > ?3)",
     0},
    {"upsert by hand",
     "INSERT INTO kv(grp, key, value) VALUES ('t:g', ?1, ?2) ON CONFLICT(grp, key) "
     "DO UPDATE SET value = excluded.value, expires_at = excluded.expires_at",
     0},
    {"upsert by hand, new key",
     "INSERT INTO kv(grp, key, value) VALUES ('t:g', ?1, ?2) ON CONFLICT(grp, key) "
     "DO UPDATE SET value = excluded.value, expires_at = excluded.expires_at",
     1},
};
static const struct growing with_quota[] = {
    {"kv_set under a quota", "SELECT kv_set('t:g', ?1, ?2)", 0},
    {"kv_set under a quota, new key", "SELECT kv_set('t:g', ?1, ?2)", 1},
};

/* A set of stores, largest first, and what measures them. */
struct sizes {
  int count;
  long sizes[MOST_SIZES];
  sqlite3 *dbs[MOST_SIZES];
  char names[MOST_SIZES][24];
};

static void tell_sizes(const char *family, const char *work, const struct sizes *of,
                       struct contender *contenders, long most) {
  for (int i = 0; i < of->count; i++) contenders[i].name = of->names[i];
  measure(
      &(struct measurement){
          .family = family, .work = work, .where = place_names[WAL_NORMAL], .most = most},
      contenders, of->count);
}

static void grow(const struct sizes *of, const struct growing *works, size_t count) {
  for (size_t i = 0; i < count; i++) {
    struct keyed keyed[MOST_SIZES];
    struct contender contenders[MOST_SIZES];
    for (int j = 0; j < of->count; j++) {
      keyed[j] = (struct keyed){
          .db = of->dbs[j], .sql = works[i].sql, .keys = of->sizes[j], .is_new = works[i].is_new};
      contenders[j] = (struct contender){NULL, &keyed[j], forget_new_keys, run_keyed};
    }
    tell_sizes("growth", works[i].work, of, contenders, MOST_KEYS);
  }
}

/* Works on the whole: each costs what its answer does. */
static void grow_whole(const struct sizes *of, const char *family, const char *work,
                       const char *sql) {
  struct query queries[MOST_SIZES];
  struct contender contenders[MOST_SIZES];
  for (int i = 0; i < of->count; i++) {
    queries[i] = (struct query){.db = of->dbs[i], .sql = sql};
    contenders[i] = (struct contender){NULL, &queries[i], NULL, run_query};
  }
  for (int i = 0; i < of->count; i++) contenders[i].name = of->names[i];
  measure(
      &(struct measurement){
          .family = family, .work = work, .where = place_names[WAL_NORMAL], .rounds = 3},
      contenders, of->count);
  for (int i = 0; i < of->count; i++) sqlite3_finalize(queries[i].statement);
}

static void open_sizes(struct sizes *of, long least, long most,
                       void (*load)(sqlite3 *db, long size)) {
  of->count = 0;
  for (long size = most; size >= least; size /= 10) {
    int i = of->count++;
    of->sizes[i] = size;
    snprintf(of->names[i], sizeof of->names[i], "%ld", size);
    of->dbs[i] = open_database(WAL_NORMAL, of->names[i], WITH_KV);
    run_sql(of->dbs[i], "PRAGMA cache_size = -3000000; PRAGMA synchronous = OFF; "
                        "PRAGMA wal_autocheckpoint = 100000");
    load(of->dbs[i], size);
    run_sql(of->dbs[i], "PRAGMA wal_checkpoint(TRUNCATE); PRAGMA synchronous = NORMAL");
  }
}

static void close_sizes(struct sizes *of) {
  for (int i = 0; i < of->count; i++) close_database(of->dbs[i], of->names[i]);
}

/* In pieces, so that the log of one transaction is not as large as the store. */
static void load_keys(sqlite3 *db, long size) {
  sqlite3_stmt *statement =
      prepare(db, "WITH RECURSIVE n(i) AS (SELECT ?1 UNION ALL SELECT i + 1 FROM n WHERE i < ?2) "
                  "INSERT INTO kv(grp, key, value) "
                  "SELECT 't:g', printf('key-%08d', i), 'a value of some length' FROM n");
  for (long first = 0; first < size; first += 500000) {
    long last = first + 500000 < size ? first + 500000 : size;
    sqlite3_bind_int64(statement, 1, first);
    sqlite3_bind_int64(statement, 2, last - 1);
    step_all(db, statement);
  }
  sqlite3_finalize(statement);
}

static void load_groups(sqlite3 *db, long size) {
  run_made(db,
           sqlite3_mprintf("WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n "
                           "WHERE i + 1 < %ld) INSERT INTO kv(grp, key, value) "
                           "SELECT printf('key-%%08d', i), 'k', 'a value of some length' FROM n",
                           size));
}

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void grow_in_keys(void) {
  struct sizes of;
  open_sizes(&of, 1000, options.is_quick ? 100000 : 10000000, load_keys);
  grow(&of, with_kv, COUNT(with_kv));
  grow(&of, by_hand, COUNT(by_hand));
  grow_whole(&of, "growth of answers", "kv_count of all", "SELECT kv_count('t:g')");
  grow_whole(&of, "growth of answers", "list all keys", "SELECT key FROM kv_entries('t:g')");
  for (int i = 0; i < of.count; i++) run_sql(of.dbs[i], "SELECT kv_quota('t', 100000000, 10)");
  grow(&of, with_quota, COUNT(with_quota));
  close_sizes(&of);
}

static const struct growing in_groups[] = {
    {"kv_get", "SELECT kv_get(?1, 'k')", 0},
    {"kv_set", "SELECT kv_set(?1, 'k', ?2)", 0},
    {"kv_count of one group", "SELECT kv_count(?1)", 0},
    {"one row of kv_groups", "SELECT name FROM kv_groups WHERE name = ?1", 0},
};

static void grow_in_groups(void) {
  struct sizes of;
  open_sizes(&of, 1, options.is_quick ? 10000 : 1000000, load_groups);
  for (size_t i = 0; i < COUNT(in_groups); i++) {
    struct keyed keyed[MOST_SIZES];
    struct contender contenders[MOST_SIZES];
    for (int j = 0; j < of.count; j++) {
      keyed[j] = (struct keyed){.db = of.dbs[j], .sql = in_groups[i].sql, .keys = of.sizes[j]};
      contenders[j] = (struct contender){NULL, &keyed[j], forget_new_keys, run_keyed};
    }
    tell_sizes("growth in groups", in_groups[i].work, &of, contenders, MOST_KEYS);
  }
  grow_whole(&of, "growth of answers", "list all groups", "SELECT name FROM kv_groups");
  close_sizes(&of);
}

void bench_growth(void) {
  grow_in_keys();
  grow_in_groups();
}
