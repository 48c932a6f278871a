/*
** The stores in SQLite: the extension; the limit, which is what a careful hand writes on the same
** table in C; and go-store's way.
**
** The limit does all that the calls do and nothing else. Its statement is prepared once; the group,
** the key and the value are bound as they are, not copied; the clock is read and bound for each
** call that has to know what has expired; what a call returns is read. Two things it is spared: it
** says nothing of what was stored, and it removes nothing that has expired. The same statements
** behind a bare function (bare.h) are the floor of what an extension can reach.
**
** As SQL text, both are prepared, run and finalized for each call, as a driver does that keeps no
** statements. So are go-store's statements, which it hands to such a driver; it has no counter and
** no compare-and-swap.
*/
#include "bare.h"
#include "store.h"

#include <stdlib.h>
#include <string.h>

/* ?1 group, ?2 key, ?3 value, ?4 now, ?5 the value that is expected */
static const char *const kv_calls[OPERATIONS] = {
    [GET] = "SELECT kv_get(?1, ?2)",          [SET] = "SELECT kv_set(?1, ?2, ?3)",
    [SET_NEW] = "SELECT kv_set(?1, ?2, ?3)",  [SET_TTL] = "SELECT kv_set(?1, ?2, ?3, 3600)",
    [DELETE] = "SELECT kv_delete(?1, ?2)",    [INCREMENT] = "SELECT kv_incr(?1, ?2)",
    [SWAP] = "SELECT kv_cas(?1, ?2, ?5, ?3)",
};

#define UPSERT(expiry)                                                                             \
  "INSERT INTO kv(grp, key, value, expires_at) VALUES (?1, ?2, ?3, " expiry ") "                   \
  "ON CONFLICT(grp, key) DO UPDATE SET value = excluded.value, expires_at = excluded.expires_at"

static const char *const by_hand[OPERATIONS] = {
    [GET] = "SELECT value FROM kv WHERE grp = ?1 AND key = ?2 "
            "AND (expires_at IS NULL OR expires_at > ?4)",
    [SET] = UPSERT("NULL"),
    [SET_NEW] = UPSERT("NULL"),
    [SET_TTL] = UPSERT("?4 + 3600000"),
    [DELETE] = "DELETE FROM kv WHERE grp = ?1 AND key = ?2 "
               "AND (expires_at IS NULL OR expires_at > ?4)",
    [INCREMENT] = "INSERT INTO kv(grp, key, value) VALUES (?1, ?2, 1) "
                  "ON CONFLICT(grp, key) DO UPDATE SET "
                  "value = CASE WHEN expires_at <= ?4 THEN 1 ELSE value + 1 END, "
                  "expires_at = CASE WHEN expires_at <= ?4 THEN NULL ELSE expires_at END "
                  "RETURNING value",
    [SWAP] = "UPDATE kv SET value = ?3, expires_at = NULL WHERE grp = ?1 AND key = ?2 "
             "AND value IS ?5 AND (expires_at IS NULL OR expires_at > ?4)",
};

/* The same statements, run by a function that does nothing else: the floor of any extension. */
static const char *const bare_calls[OPERATIONS] = {
    [GET] = "SELECT bare(?1, ?2)",          [SET] = "SELECT bare(?1, ?2, ?3)",
    [SET_NEW] = "SELECT bare(?1, ?2, ?3)",  [SET_TTL] = "SELECT bare(?1, ?2, ?3)",
    [DELETE] = "SELECT bare(?1, ?2)",       [INCREMENT] = "SELECT bare(?1, ?2)",
    [SWAP] = "SELECT bare(?1, ?2, ?3, ?5)",
};

static const char *const go_statements[OPERATIONS] = {
    [GET] = "SELECT value, expires_at FROM kv WHERE grp = ?1 AND key = ?2",
    [SET] = UPSERT("NULL"),
    [SET_NEW] = UPSERT("NULL"),
    [SET_TTL] = UPSERT("?4 + 3600000"),
    [DELETE] = "DELETE FROM kv WHERE grp = ?1 AND key = ?2",
};

/* Where the key is known to be there: one that is not is missed, so this is no set, but its limit. */
static const char *const updates[OPERATIONS] = {
    [SET] = "UPDATE kv SET value = ?3, expires_at = NULL WHERE grp = ?1 AND key = ?2",
    [SET_TTL] = "UPDATE kv SET value = ?3, expires_at = ?4 + 3600000 WHERE grp = ?1 AND key = ?2",
};

struct sqlite_store {
  struct store base; /* must be first */
  sqlite3 *db;
  const char *name;
  const char *group;
  const char *const *statements;
  const char *sql;
  sqlite3_stmt *statement, *begin, *commit;
  int is_text, is_bare, has_value, has_clock, has_expected;
};

static struct store *join_store(const struct store_kind *kind, enum place place, const char *name,
                                enum flavour flavour) {
  struct sqlite_store *self = calloc(1, sizeof *self);
  if (self == NULL) fail(name, "out of memory");
  self->base.kind = kind;
  self->db = open_again(place, name, flavour);
  self->name = name;
  self->begin = prepare(self->db, "BEGIN");
  self->commit = prepare(self->db, "COMMIT");
  self->statements = flavour == WITH_KV ? kv_calls : flavour == BY_HAND ? by_hand : go_statements;
  self->is_text = kind == &kv_text_store || kind == &bare_text_store || kind == &hand_text_store ||
                  kind == &go_store;
  self->is_bare = kind == &bare_store || kind == &bare_text_store;
  if (self->is_bare) self->statements = bare_calls;
  if (kind == &update_store) self->statements = updates;
  return &self->base;
}

static struct store *open_store(const struct store_kind *kind, enum place place, const char *name,
                                enum flavour flavour) {
  if (place != IN_MEMORY) remove_database(name);
  struct store *base = join_store(kind, place, name, flavour);
  create_table(((struct sqlite_store *)base)->db, flavour);
  return base;
}

static struct store *join_kv(enum place place, const char *name) {
  return join_store(&kv_store, place, name, WITH_KV);
}

static struct store *join_hand(enum place place, const char *name) {
  return join_store(&hand_store, place, name, BY_HAND);
}

static struct store *open_kv(enum place place, const char *name) {
  return open_store(&kv_store, place, name, WITH_KV);
}

static struct store *open_kv_text(enum place place, const char *name) {
  return open_store(&kv_text_store, place, name, WITH_KV);
}

static struct store *open_bare(enum place place, const char *name) {
  return open_store(&bare_store, place, name, BY_HAND);
}

static struct store *open_bare_text(enum place place, const char *name) {
  return open_store(&bare_text_store, place, name, BY_HAND);
}

static struct store *open_hand(enum place place, const char *name) {
  return open_store(&hand_store, place, name, BY_HAND);
}

static struct store *open_update(enum place place, const char *name) {
  return open_store(&update_store, place, name, BY_HAND);
}

static struct store *open_hand_text(enum place place, const char *name) {
  return open_store(&hand_text_store, place, name, BY_HAND);
}

static struct store *open_go(enum place place, const char *name) {
  return open_store(&go_store, place, name, GO_STORE);
}

static void leave_store(struct store *base) {
  struct sqlite_store *self = (struct sqlite_store *)base;
  sqlite3_finalize(self->statement);
  sqlite3_finalize(self->begin);
  sqlite3_finalize(self->commit);
  if (self->is_bare) register_bare_function(self->db, NULL);
  close_database(self->db, NULL);
  free(self);
}

static void close_store(struct store *base) {
  const char *name = ((struct sqlite_store *)base)->name;
  leave_store(base);
  remove_database(name);
}

static void fill_store(struct store *base, long count) {
  struct sqlite_store *self = (struct sqlite_store *)base;
  fill(self->db, group_of(GET), count, base->value, base->length);
}

/* Each turn begins with an empty log, so that all have their checkpoints at the same places. The
** first write to such a log waits for the disk. */
static void settle(struct store *base) {
  struct sqlite_store *self = (struct sqlite_store *)base;
  run_sql(self->db, "PRAGMA wal_checkpoint(TRUNCATE); PRAGMA user_version = 1");
}

static int start(struct store *base, enum operation operation) {
  struct sqlite_store *self = (struct sqlite_store *)base;
  self->sql = self->statements[operation];
  if (self->sql == NULL) return 0;
  self->group = group_of(operation);
  sqlite3_finalize(self->statement);
  if (self->is_bare) register_bare_function(self->db, by_hand[operation]);
  self->statement = prepare(self->db, self->sql);
  self->has_value = strstr(self->sql, "?3") != NULL;
  self->has_clock = strstr(self->sql, "?4") != NULL;
  self->has_expected = strstr(self->sql, "?5") != NULL;
  return 1;
}

static void operate(struct store *base, const struct key *key) {
  struct sqlite_store *self = (struct sqlite_store *)base;
  if (self->statement == NULL) self->statement = prepare(self->db, self->sql);
  sqlite3_bind_text(self->statement, 1, self->group, 1, SQLITE_STATIC);
  sqlite3_bind_text(self->statement, 2, key->text, key->length, SQLITE_STATIC);
  if (self->has_value) {
    sqlite3_bind_text(self->statement, 3, base->value, base->length, SQLITE_STATIC);
  }
  if (self->has_expected) {
    sqlite3_bind_text(self->statement, 5, base->expected, base->length, SQLITE_STATIC);
  }
  if (self->has_clock) sqlite3_bind_int64(self->statement, 4, clock_ms());
  step_all(self->db, self->statement);
  if (self->has_expected && sqlite3_changes(self->db) == 0) fail(self->sql, "nothing was swapped");
  if (self->is_text) {
    sqlite3_finalize(self->statement);
    self->statement = NULL;
  }
}

static void begin(struct store *base) {
  struct sqlite_store *self = (struct sqlite_store *)base;
  step_all(self->db, self->begin);
}

static void commit(struct store *base) {
  struct sqlite_store *self = (struct sqlite_store *)base;
  step_all(self->db, self->commit);
}

#define SQLITE_STORE(title, opener, joiner)                                                        \
  {                                                                                                \
    .name = title, .open = opener, .close = close_store, .join = joiner, .leave = leave_store,     \
    .fill = fill_store, .start = start, .operate = operate, .begin = begin, .commit = commit,      \
    .settle = settle                                                                               \
  }

const struct store_kind kv_store = SQLITE_STORE("kv", open_kv, join_kv);
const struct store_kind kv_text_store = SQLITE_STORE("kv as SQL text", open_kv_text, NULL);
const struct store_kind bare_store = SQLITE_STORE("a bare function", open_bare, NULL);
const struct store_kind bare_text_store =
    SQLITE_STORE("a bare function as SQL text", open_bare_text, NULL);
const struct store_kind hand_store = SQLITE_STORE("hand-written", open_hand, join_hand);
const struct store_kind update_store = SQLITE_STORE("an UPDATE by hand", open_update, NULL);
const struct store_kind hand_text_store =
    SQLITE_STORE("hand-written as SQL text", open_hand_text, NULL);
const struct store_kind go_store = SQLITE_STORE("go-store's way", open_go, NULL);
