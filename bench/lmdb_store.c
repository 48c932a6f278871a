/*
** LMDB: the floor for a store in the process. A tree in a memory map, and no more: no types, no
** expiry, no SQL. Where SQLite does not sync at each commit neither does LMDB (MDB_NOSYNC: the
** operating system writes when it likes, and a power failure may damage the file, which SQLite's
** WAL never does).
*/
#include "store.h"

#ifdef HAS_LMDB

#include <lmdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct lmdb_store {
  struct store base; /* must be first */
  MDB_env *env;
  MDB_dbi dbi;
  MDB_txn *batch;
  const char *name;
  enum operation operation;
};

static void check(int code) {
  if (code != MDB_SUCCESS) fail("LMDB", mdb_strerror(code));
}

static struct store *join_lmdb(enum place place, const char *name) {
  struct lmdb_store *self = calloc(1, sizeof *self);
  if (self == NULL) fail(name, "out of memory");
  char path[256];
  MDB_txn *txn;
  self->base.kind = &lmdb_store;
  self->name = name;
  path_of(name, path);
  check(mdb_env_create(&self->env));
  check(mdb_env_set_mapsize(self->env, (size_t)16 << 30));
  check(mdb_env_open(self->env, path, MDB_NOSUBDIR | (place == WAL_FULL ? 0 : MDB_NOSYNC), 0600));
  check(mdb_txn_begin(self->env, NULL, 0, &txn));
  check(mdb_dbi_open(txn, NULL, 0, &self->dbi));
  check(mdb_txn_commit(txn));
  return &self->base;
}

static struct store *open_lmdb(enum place place, const char *name) {
  if (options.is_counting) return NULL;
  remove_database(name);
  return join_lmdb(place, name);
}

static void leave_lmdb(struct store *base) {
  struct lmdb_store *self = (struct lmdb_store *)base;
  mdb_env_close(self->env);
  free(self);
}

static void close_lmdb(struct store *base) {
  const char *name = ((struct lmdb_store *)base)->name;
  leave_lmdb(base);
  remove_database(name);
}

static MDB_val name_of(enum operation operation, const struct key *key, char name[static 32]) {
  name[0] = group_of(operation)[0];
  name[1] = '\0';
  memcpy(name + 2, key->text, (size_t)key->length);
  return (MDB_val){(size_t)key->length + 2, name};
}

static void put(struct lmdb_store *self, MDB_txn *txn, MDB_val *name) {
  MDB_val value = {(size_t)self->base.length, self->base.value};
  check(mdb_put(txn, self->dbi, name, &value, 0));
}

static void fill_lmdb(struct store *base, long count) {
  struct lmdb_store *self = (struct lmdb_store *)base;
  MDB_txn *txn;
  check(mdb_txn_begin(self->env, NULL, 0, &txn));
  for (long i = 0; i < count; i++) {
    char text[32];
    struct key key = key_of(i);
    MDB_val name = name_of(GET, &key, text);
    put(self, txn, &name);
  }
  check(mdb_txn_commit(txn));
}

static int start(struct store *base, enum operation operation) {
  struct lmdb_store *self = (struct lmdb_store *)base;
  self->operation = operation;
  return operation != SET_TTL;
}

static void increment(struct lmdb_store *self, MDB_txn *txn, MDB_val *name) {
  long number = 0;
  MDB_val value;
  if (mdb_get(txn, self->dbi, name, &value) == MDB_SUCCESS) {
    memcpy(&number, value.mv_data, sizeof number);
  }
  number++;
  value = (MDB_val){sizeof number, &number};
  check(mdb_put(txn, self->dbi, name, &value, 0));
}

static void swap(struct lmdb_store *self, MDB_txn *txn, MDB_val *name) {
  MDB_val value;
  check(mdb_get(txn, self->dbi, name, &value));
  if (value.mv_size == (size_t)self->base.length &&
      memcmp(value.mv_data, self->base.expected, value.mv_size) == 0) {
    put(self, txn, name);
  } else {
    fail("LMDB", "nothing was swapped");
  }
}

static void operate_in(struct lmdb_store *self, MDB_txn *txn, MDB_val *name) {
  MDB_val value;
  switch (self->operation) {
  case GET:
    check(mdb_get(txn, self->dbi, name, &value));
    break;
  case DELETE:
    check(mdb_del(txn, self->dbi, name, NULL));
    break;
  case INCREMENT:
    increment(self, txn, name);
    break;
  case SWAP:
    swap(self, txn, name);
    break;
  default:
    put(self, txn, name);
  }
}

static void begin(struct store *base) {
  struct lmdb_store *self = (struct lmdb_store *)base;
  check(mdb_txn_begin(self->env, NULL, self->operation == GET ? MDB_RDONLY : 0, &self->batch));
}

static void commit(struct store *base) {
  struct lmdb_store *self = (struct lmdb_store *)base;
  check(mdb_txn_commit(self->batch));
  self->batch = NULL;
}

static void operate(struct store *base, const struct key *key) {
  struct lmdb_store *self = (struct lmdb_store *)base;
  char text[32];
  MDB_val name = name_of(self->operation, key, text);
  int is_single = self->batch == NULL;
  if (is_single) begin(base);
  operate_in(self, self->batch, &name);
  if (is_single) commit(base);
}

const struct store_kind lmdb_store = {.name = "LMDB",
                                      .open = open_lmdb,
                                      .close = close_lmdb,
                                      .join = join_lmdb,
                                      .leave = leave_lmdb,
                                      .fill = fill_lmdb,
                                      .start = start,
                                      .operate = operate,
                                      .begin = begin,
                                      .commit = commit};

#else

static struct store *open_none(enum place place, const char *name) {
  static int is_told;
  (void)place, (void)name;
  if (!is_told++) tell_skipped("LMDB", "its header was not there: Debian's liblmdb-dev");
  return NULL;
}

const struct store_kind lmdb_store = {.name = "LMDB", .open = open_none};

#endif
