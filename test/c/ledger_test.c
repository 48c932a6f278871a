/*
** The ledger alone: places and their order, savepoints, what is counted, what is never lost. It is
** linked in, and needs no connection.
*/
#define SQLITE_CORE
#include "events/ledger.h"

#include "check.h"

static const kv_text any = {"*", 1};

static kv_text text(const char *bytes) {
  return (kv_text){bytes, (int)strlen(bytes)};
}

typedef struct book {
  kv_ledger ledger;
  kv_watchers watchers;
} book;

static void watch(book *b, int id, const char *group, int capacity) {
  const kv_watcher_terms terms = {.scope = "",
                                  .group = text(group),
                                  .key = any,
                                  .capacity = capacity,
                                  .since = b->ledger.order};
  CHECK_INTEGER("a watcher is added", SQLITE_OK, kv_watchers_add(&b->watchers, id, &terms));
}

/* Fills the place of a row with a set of group/key, as the witness does. */
static void fill(book *b, int operation, int rowid, const char *group, const char *key) {
  kv_place place;
  if (!kv_ledger_take_place(&b->ledger, operation, rowid, &place)) b->ledger.is_resync_owed = 1;
  kv_interest interest =
      kv_watchers_interest(&b->watchers, text(group), text(key), place.order);
  if (interest == KV_WANTS) {
    kv_event *event = kv_event_new(KV_EVENT_SET, text(group), text(key), NULL, 1);
    kv_ledger_put(&b->ledger, &place, &b->watchers, event);
    kv_event_release(event);
  } else if (interest == KV_COUNTS) {
    kv_ledger_count(&b->ledger, &place, &b->watchers, text(group), text(key));
  }
  kv_ledger_close_place(&b->ledger, &place);
}

static void set(book *b, int rowid, const char *group, const char *key) {
  kv_ledger_reserve(&b->ledger, SQLITE_INSERT, rowid);
  fill(b, SQLITE_INSERT, rowid, group, key);
}

/* What a watcher was told: its keys, "(n)" for a loss, "!" for another resync. */
static const char *told(book *b, int id) {
  static char out[400];
  kv_delivery row;
  sqlite3_int64 next_id = 0;
  out[0] = 0;
  while (kv_watchers_take(&b->watchers, id, b->watchers.last_seq, "", &next_id, &row)) {
    size_t used = strlen(out);
    if (row.lost > 0) {
      snprintf(out + used, sizeof out - used, "(%lld)", row.lost);
    } else {
      snprintf(out + used, sizeof out - used, "%s",
               row.event->type == KV_EVENT_RESYNC ? "!" : row.event->key.bytes);
    }
    kv_event_release(row.event);
  }
  return out;
}

static const char *commit(book *b, int id) {
  (void)kv_ledger_commit(&b->ledger, &b->watchers, NULL);
  return told(b, id);
}

static book *begin(int capacity) {
  static book b;
  kv_ledger_free(&b.ledger);
  kv_watchers_clear(&b.watchers);
  b = (book){0};
  watch(&b, 1, "*", capacity);
  return &b;
}

static void places(void) {
  book *b = begin(100);
  kv_ledger_reserve(&b->ledger, SQLITE_INSERT, 1);
  kv_ledger_reserve(&b->ledger, SQLITE_UPDATE, 1);
  fill(b, SQLITE_UPDATE, 1, "g", "b");
  fill(b, SQLITE_INSERT, 1, "g", "a");
  CHECK_TEXT("events stand where the rows changed, not where they were filled", "ab", commit(b, 1));

  kv_ledger_reserve(&b->ledger, SQLITE_DELETE, 1);
  kv_ledger_reserve(&b->ledger, SQLITE_DELETE, 1);
  fill(b, SQLITE_DELETE, 1, "g", "a");
  CHECK_INTEGER("the newest of two places is filled", 1, b->ledger.open);
  CHECK_TEXT("a place that nobody fills is a resync", "a!", commit(b, 1));

  fill(b, SQLITE_INSERT, 7, "g", "a");
  CHECK_TEXT("a row without a place is one, and is told", "a!", commit(b, 1));

  for (int i = 0; i < 3 * KV_MAX_OPEN_PLACES; i++) kv_ledger_reserve(&b->ledger, SQLITE_INSERT, i);
  CHECK("open places are bounded", b->ledger.size <= 2 * KV_MAX_OPEN_PLACES);
  CHECK_TEXT("and are one resync", "!", commit(b, 1));
}

static void savepoints(void) {
  book *b = begin(100);
  set(b, 1, "g", "a");
  kv_ledger_savepoint(&b->ledger, 0);
  set(b, 2, "g", "b");
  kv_ledger_savepoint(&b->ledger, 1);
  set(b, 3, "g", "c");
  kv_ledger_release(&b->ledger, 1);
  CHECK_INTEGER("something is undone", 1, kv_ledger_rollback_to(&b->ledger, &b->watchers, 0));
  set(b, 4, "g", "d");
  CHECK_INTEGER("a savepoint stays after a rollback to it", 0, kv_ledger_innermost(&b->ledger));
  CHECK_TEXT("what happened since a savepoint is undone, inner ones with it", "ad", commit(b, 1));

  kv_ledger_savepoint(&b->ledger, 2);
  set(b, 1, "g", "a");
  (void)kv_ledger_rollback_to(&b->ledger, &b->watchers, 1);
  CHECK_TEXT("one that is not known is older than all", "", commit(b, 1));

  set(b, 1, "g", "a");
  (void)kv_ledger_rollback_to(&b->ledger, &b->watchers, -1);
  set(b, 1, "g", "b");
  CHECK_TEXT("-1 is the transaction", "b", commit(b, 1));

  b->ledger.is_resync_owed = 1;
  set(b, 1, "g", "a");
  (void)kv_ledger_forget(&b->ledger, &b->watchers);
  CHECK_TEXT("a resync that is owed is never forgotten", "!", commit(b, 1));
}

static void bounds(void) {
  book *b = begin(2);
  watch(b, 2, "other", 3);
  for (int i = 0; i < 100000; i++) {
    kv_ledger_savepoint(&b->ledger, 0);
    set(b, i, i % 2 ? "g" : "other", "k");
    kv_ledger_release(&b->ledger, 0);
  }
  CHECK("what nobody can hold is counted, not kept", b->ledger.size <= 16);
  CHECK_TEXT("and said to each by number", "kk(99998)", commit(b, 1));
  CHECK_TEXT("of what concerned it", "kkk(49997)", told(b, 2));

  set(b, 1, "g", "a");
  set(b, 2, "g", "b");
  kv_ledger_savepoint(&b->ledger, 0);
  set(b, 3, "g", "c");
  (void)kv_ledger_rollback_to(&b->ledger, &b->watchers, 0);
  CHECK_TEXT("what was counted is undone as well", "ab", commit(b, 1));

  kv_ledger_savepoint(&b->ledger, 0);
  set(b, 1, "g", "x");
  set(b, 2, "g", "x");
  (void)kv_ledger_rollback_to(&b->ledger, &b->watchers, 0);
  set(b, 1, "g", "a");
  set(b, 2, "g", "b");
  CHECK_TEXT("and makes room", "ab", commit(b, 1));
}

static void late(void) {
  book *b = begin(10);
  set(b, 1, "g", "a");
  kv_ledger_reserve(&b->ledger, SQLITE_INSERT, 2);
  watch(b, 2, "*", 10);
  fill(b, SQLITE_INSERT, 2, "g", "b");
  set(b, 3, "g", "c");
  CHECK_TEXT("who was there hears all", "abc", commit(b, 1));
  CHECK_TEXT("who comes during a change hears of what comes after it", "c", told(b, 2));
}

int main(void) {
  places();
  savepoints();
  bounds();
  late();
  book *b = begin(1);
  kv_watchers_clear(&b->watchers);
  return check_end();
}
