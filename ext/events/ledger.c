/*
** The ledger. See ledger.h.
*/
#include "events/ledger.h"

#include <assert.h>
#include <string.h>

/* An open place, one that is filled (with nothing, where nobody wanted the event), or a count of
** events that one watcher lost. */
struct kv_pending {
  kv_order order;
  int operation;       /* not 0: the place is open */
  sqlite3_int64 rowid; /* of an open place */
  sqlite3_int64 lost;  /* not 0: so many were lost, by: */
  sqlite3_int64 watcher;
  kv_event *event, *second;
};

struct kv_mark {
  int number;
  int count; /* entries when it was set */
};

void kv_ledger_free(kv_ledger *ledger) {
  kv_watchers nobody = {0};
  (void)kv_ledger_forget(ledger, &nobody);
  sqlite3_free(ledger->entries);
  sqlite3_free(ledger->marks);
  *ledger = (kv_ledger){0};
}

/* Makes room for one more; 0: out of memory. */
static int grow(void **array, int count, int *size, size_t each) {
  if (count < *size) return 1;
  int wanted = *size < 8 ? 8 : *size * 2;
  void *grown = sqlite3_realloc64(*array, (sqlite3_uint64)wanted * each);
  if (grown == NULL) return 0;
  *array = grown;
  *size = wanted;
  return 1;
}

/* A new entry at the end, or NULL: a resync is owed. */
static struct kv_pending *append(kv_ledger *ledger, kv_order order) {
  if (!grow((void **)&ledger->entries, ledger->count, &ledger->size, sizeof *ledger->entries)) {
    ledger->is_resync_owed = 1;
    return NULL;
  }
  struct kv_pending *made = &ledger->entries[ledger->count++];
  *made = (struct kv_pending){.order = order};
  return made;
}

/* Entries from here on belong to the innermost savepoint. */
static int innermost_count(const kv_ledger *ledger) {
  return ledger->mark_count > 0 ? ledger->marks[ledger->mark_count - 1].count : 0;
}

/* ---- places ---------------------------------------------------------------------------------- */

void kv_ledger_give_up_places(kv_ledger *ledger) {
  for (int i = 0; i < ledger->count && ledger->open > 0; i++) {
    struct kv_pending *entry = &ledger->entries[i];
    if (entry->operation == 0) continue;
    entry->operation = 0;
    ledger->open--;
    ledger->is_resync_owed = 1;
    ledger->is_unheard = 1;
  }
  assert(ledger->open == 0);
}

/* Takes empty entries off the end, as far as no savepoint stands among them. */
static void trim(kv_ledger *ledger) {
  while (ledger->count > innermost_count(ledger)) {
    const struct kv_pending *last = &ledger->entries[ledger->count - 1];
    if (last->operation != 0 || last->lost != 0 || last->event != NULL) break;
    ledger->count--;
  }
}

void kv_ledger_reserve(kv_ledger *ledger, int operation, sqlite3_int64 rowid) {
  assert(operation != 0);
  ledger->order++;
  if (ledger->open >= KV_MAX_OPEN_PLACES) {
    kv_ledger_give_up_places(ledger);
    trim(ledger);
  }
  struct kv_pending *made = append(ledger, ledger->order);
  if (made == NULL) return;
  made->operation = operation;
  made->rowid = rowid;
  ledger->open++;
}

int kv_ledger_take_place(kv_ledger *ledger, int operation, sqlite3_int64 rowid, kv_place *place) {
  for (int i = ledger->count - 1; i >= 0 && ledger->open > 0; i--) {
    struct kv_pending *entry = &ledger->entries[i];
    if (entry->operation != operation || entry->rowid != rowid) continue;
    *place = (kv_place){i, entry->order};
    entry->operation = 0;
    ledger->open--;
    if (i == ledger->count - 1 && i >= innermost_count(ledger)) {
      place->index = -1;
      ledger->count--;
    }
    return 1;
  }
  *place = (kv_place){-1, ++ledger->order};
  return 0;
}

void kv_ledger_put(kv_ledger *ledger, kv_place *place, kv_watchers *watchers, kv_event *event) {
  if (place->index < 0) {
    if (append(ledger, place->order) == NULL) return;
    place->index = ledger->count - 1;
  }
  struct kv_pending *entry = &ledger->entries[place->index];
  assert(entry->order == place->order && entry->second == NULL);
  if (entry->event == NULL) {
    entry->event = kv_event_retain(event);
  } else {
    entry->second = kv_event_retain(event);
  }
  kv_watchers_expect(watchers, event, place->order, 1);
}

/* ---- losses ---------------------------------------------------------------------------------- */

/* Adds to the watcher's loss among those at the end, but to none that is older than the savepoint. */
static void lose(kv_ledger *ledger, sqlite3_int64 watcher, sqlite3_int64 count, kv_order order) {
  for (int i = ledger->count - 1; i >= innermost_count(ledger) && ledger->entries[i].lost > 0;
       i--) {
    if (ledger->entries[i].watcher != watcher) continue;
    ledger->entries[i].lost += count;
    return;
  }
  struct kv_pending *made = append(ledger, order);
  if (made == NULL) return;
  made->lost = count;
  made->watcher = watcher;
}

struct loss {
  kv_ledger *ledger;
  kv_order order;
};

static void lose_one(void *context, sqlite3_int64 watcher) {
  const struct loss *loss = context;
  lose(loss->ledger, watcher, 1, loss->order);
}

void kv_ledger_count(kv_ledger *ledger, const kv_place *place, const kv_watchers *watchers,
                     kv_text group, kv_text key) {
  struct loss loss = {ledger, place->order};
  kv_watchers_each(watchers, group, key, place->order, lose_one, &loss);
}

/* Losses at the end that stand apart become one for each watcher. */
static void merge_losses(kv_ledger *ledger) {
  int begin = ledger->count;
  while (begin > innermost_count(ledger) && ledger->entries[begin - 1].lost > 0) begin--;
  int end = ledger->count;
  ledger->count = begin;
  for (int i = begin; i < end; i++) {
    struct kv_pending loss = ledger->entries[i]; /* a copy: its place may be taken */
    lose(ledger, loss.watcher, loss.lost, loss.order);
  }
}

void kv_ledger_close_place(kv_ledger *ledger, const kv_place *place) {
  if (place->index < 0 || ledger->entries[place->index].event != NULL) return;
  /* Filled with nothing, and others stand after it: they move up. */
  int after = ledger->count - place->index - 1;
  memmove(&ledger->entries[place->index], &ledger->entries[place->index + 1],
          (size_t)after * sizeof *ledger->entries);
  ledger->count--;
  for (int i = 0; i < ledger->mark_count; i++) {
    if (ledger->marks[i].count > place->index) ledger->marks[i].count--;
  }
  merge_losses(ledger);
}

/* ---- savepoints ------------------------------------------------------------------------------ */

/* The first mark of the savepoint or one inside it. */
static int find_mark(const kv_ledger *ledger, int number) {
  int i = ledger->mark_count;
  while (i > 0 && ledger->marks[i - 1].number >= number) i--;
  return i;
}

int kv_ledger_savepoint(kv_ledger *ledger, int number) {
  ledger->mark_count = find_mark(ledger, number);
  if (!grow((void **)&ledger->marks, ledger->mark_count, &ledger->mark_size,
            sizeof *ledger->marks)) {
    return SQLITE_NOMEM;
  }
  ledger->marks[ledger->mark_count++] = (struct kv_mark){number, ledger->count};
  return SQLITE_OK;
}

void kv_ledger_release(kv_ledger *ledger, int number) {
  ledger->mark_count = find_mark(ledger, number);
  trim(ledger);
  merge_losses(ledger);
}

int kv_ledger_innermost(const kv_ledger *ledger) {
  return ledger->mark_count > 0 ? ledger->marks[ledger->mark_count - 1].number : -1;
}

/* Takes away all but the first `keep` entries: 1 if there was something in them. An open place is
** taken to be undone with its row, unless nobody knows: see kv_ledger_rollback_to(). */
static int cut_back(kv_ledger *ledger, kv_watchers *watchers, int keep) {
  int is_any = ledger->count > keep;
  while (ledger->count > keep) {
    const struct kv_pending *entry = &ledger->entries[--ledger->count];
    if (entry->operation != 0) ledger->open--;
    if (entry->event != NULL) kv_watchers_expect(watchers, entry->event, entry->order, -1);
    if (entry->second != NULL) kv_watchers_expect(watchers, entry->second, entry->order, -1);
    kv_event_release(entry->event);
    kv_event_release(entry->second);
  }
  return is_any;
}

int kv_ledger_rollback_to(kv_ledger *ledger, kv_watchers *watchers, int number) {
  int at = find_mark(ledger, number);
  int is_known = at < ledger->mark_count && ledger->marks[at].number == number;
  int is_any = cut_back(ledger, watchers, is_known ? ledger->marks[at].count : 0);
  ledger->mark_count = is_known ? at + 1 : at;
  return is_any;
}

/* ---- the end --------------------------------------------------------------------------------- */

int kv_ledger_forget(kv_ledger *ledger, kv_watchers *watchers) {
  int is_any = cut_back(ledger, watchers, 0);
  kv_watchers_expect_nothing(watchers);
  ledger->mark_count = 0;
  return is_any;
}

int kv_ledger_commit(kv_ledger *ledger, kv_watchers *watchers, kv_event *resync) {
  kv_ledger_give_up_places(ledger);
  for (int i = 0; i < ledger->count; i++) {
    const struct kv_pending *entry = &ledger->entries[i];
    if (entry->lost > 0) kv_watchers_deliver_loss(watchers, entry->watcher, entry->lost);
    if (entry->event != NULL) kv_watchers_deliver(watchers, entry->event, entry->order);
    if (entry->second != NULL) kv_watchers_deliver(watchers, entry->second, entry->order);
  }
  int is_told = ledger->is_resync_owed && watchers->resync != NULL;
  (void)kv_ledger_forget(ledger, watchers);
  ledger->is_resync_owed = 0;
  if (is_told) {
    kv_watchers_deliver(watchers, resync != NULL ? resync : watchers->resync, ++ledger->order);
  }
  return is_told;
}
