/*
** Watchers and their queues. See watchers.h.
**
** A queue is a ring of fixed size. Of its places, `capacity` are for events; the rest are for the
** marks that say "so many were lost here", of which there is never more than one between two
** events.
*/
#include "events/watchers.h"

#include <string.h>

struct place {
  kv_event *event;
  sqlite3_int64 seq;
  sqlite3_int64 lost; /* > 0: a mark, not an event */
};

struct kv_watcher {
  kv_watcher *next;
  sqlite3_int64 id;
  kv_filter filter;
  int is_hidden;
  kv_order since;         /* hears of what comes after */
  sqlite3_int64 expected; /* events in the ledger that it waits for */
  int capacity;
  int events; /* in the ring, marks not counted */
  int first, used, size;
  sqlite3_int64 dropped;
  struct place ring[];
};

/* ---- events ---------------------------------------------------------------------------------- */

const char *kv_event_type_name(kv_event_type type) {
  static const char *const names[] = {"set", "delete", "delete_group", "expire", "resync"};
  return names[type];
}

/* Copies the text to *at, which moves on. */
static kv_text copy_text(kv_text text, char **at) {
  if (text.bytes == NULL) return text;
  char *copy = *at;
  memcpy(copy, text.bytes, (size_t)text.length);
  copy[text.length] = 0;
  *at += text.length + 1;
  return (kv_text){copy, text.length};
}

kv_event *kv_event_new(kv_event_type type, kv_text group, kv_text key, sqlite3_value *value,
                       sqlite3_int64 at) {
  sqlite3_uint64 size = sizeof(kv_event) + (unsigned)group.length + (unsigned)key.length + 2;
  kv_event *event = sqlite3_malloc64(size);
  if (event == NULL) return NULL;
  char *texts = (char *)(event + 1);
  *event = (kv_event){.references = 1, .type = type, .at = at};
  event->group = copy_text(group, &texts);
  event->key = copy_text(key, &texts);
  if (value != NULL) {
    event->value = sqlite3_value_dup(value);
    if (event->value == NULL) {
      sqlite3_free(event);
      return NULL;
    }
  }
  return event;
}

kv_event *kv_event_retain(kv_event *event) {
  event->references++;
  return event;
}

void kv_event_release(kv_event *event) {
  if (event == NULL || --event->references > 0) return;
  sqlite3_value_free(event->value);
  sqlite3_free(event);
}

/* ---- filters --------------------------------------------------------------------------------- */

int kv_filter_init(kv_filter *filter, const char *scope, kv_text group, kv_text key) {
  sqlite3_uint64 size = strlen(scope) + (unsigned)group.length + (unsigned)key.length + 3;
  char *at = sqlite3_malloc64(size);
  if (at == NULL) return SQLITE_NOMEM;
  filter->scope = at;
  (void)copy_text((kv_text){scope, (int)strlen(scope)}, &at);
  filter->group = copy_text(group, &at);
  filter->key = copy_text(key, &at);
  return SQLITE_OK;
}

void kv_filter_clear(kv_filter *filter) {
  sqlite3_free(filter->scope);
  filter->scope = NULL;
}

static int name_matches(kv_text wanted, const char *bytes, int length) {
  if (wanted.length == 1 && *wanted.bytes == '*') return 1;
  return wanted.length == length && memcmp(wanted.bytes, bytes, (size_t)length) == 0;
}

int kv_filter_matches(const kv_filter *filter, kv_text group, kv_text key) {
  int scope = (int)strlen(filter->scope);
  if (group.bytes == NULL) return 1;
  if (group.length < scope || memcmp(group.bytes, filter->scope, (size_t)scope) != 0) return 0;
  if (!name_matches(filter->group, group.bytes + scope, group.length - scope)) return 0;
  return key.bytes == NULL || name_matches(filter->key, key.bytes, key.length);
}

/* A scope sees the watchers that were made in it; no scope sees all. */
static int is_visible(const kv_watcher *watcher, const char *scope) {
  return *scope == 0 || strcmp(watcher->filter.scope, scope) == 0;
}

/* ---- the list -------------------------------------------------------------------------------- */

int kv_watchers_add(kv_watchers *watchers, sqlite3_int64 id, const kv_watcher_terms *terms) {
  static const kv_text none = {NULL, 0};
  if (watchers->resync == NULL) {
    watchers->resync = kv_event_new(KV_EVENT_RESYNC, none, none, NULL, 0);
    if (watchers->resync == NULL) return SQLITE_NOMEM;
  }
  int size = 2 * terms->capacity + 1;
  kv_watcher *made = sqlite3_malloc64(sizeof *made + (size_t)size * sizeof(struct place));
  if (made == NULL) return SQLITE_NOMEM;
  *made = (kv_watcher){.id = id,
                       .is_hidden = terms->is_hidden,
                       .since = terms->since,
                       .capacity = terms->capacity,
                       .size = size};
  if (kv_filter_init(&made->filter, terms->scope, terms->group, terms->key) != SQLITE_OK) {
    sqlite3_free(made);
    return SQLITE_NOMEM;
  }
  kv_watcher **last = &watchers->first;
  while (*last != NULL) last = &(*last)->next;
  *last = made;
  return SQLITE_OK;
}

static struct place *place_at(kv_watcher *watcher, int index) {
  return &watcher->ring[(watcher->first + index) % watcher->size];
}

static void free_watcher(kv_watcher *watcher) {
  for (int i = 0; i < watcher->used; i++) kv_event_release(place_at(watcher, i)->event);
  kv_filter_clear(&watcher->filter);
  sqlite3_free(watcher);
}

int kv_watchers_remove(kv_watchers *watchers, sqlite3_int64 id, const char *scope, int is_hidden) {
  for (kv_watcher **at = &watchers->first; *at != NULL; at = &(*at)->next) {
    kv_watcher *watcher = *at;
    if (watcher->id != id || watcher->is_hidden != is_hidden || !is_visible(watcher, scope)) {
      continue;
    }
    *at = watcher->next;
    free_watcher(watcher);
    return 1;
  }
  return 0;
}

int kv_watchers_has(const kv_watchers *watchers, sqlite3_int64 id, const char *scope) {
  const kv_watcher *watcher = watchers->first;
  while (watcher != NULL && watcher->id != id) watcher = watcher->next;
  return watcher != NULL && !watcher->is_hidden && is_visible(watcher, scope);
}

void kv_watchers_clear(kv_watchers *watchers) {
  while (watchers->first != NULL) {
    kv_watcher *watcher = watchers->first;
    watchers->first = watcher->next;
    free_watcher(watcher);
  }
  kv_event_release(watchers->resync);
  watchers->resync = NULL;
}

/* ---- what is in the ledger ------------------------------------------------------------------- */

static int concerns(const kv_watcher *watcher, kv_text group, kv_text key, kv_order order) {
  return order > watcher->since && kv_filter_matches(&watcher->filter, group, key);
}

kv_interest kv_watchers_interest(const kv_watchers *watchers, kv_text group, kv_text key,
                                 kv_order order) {
  kv_interest interest = KV_NOBODY;
  for (const kv_watcher *w = watchers->first; w != NULL; w = w->next) {
    if (!concerns(w, group, key, order)) continue;
    if (w->events + w->expected < w->capacity) return KV_WANTS;
    interest = KV_COUNTS;
  }
  return interest;
}

void kv_watchers_expect(kv_watchers *watchers, const kv_event *event, kv_order order, int count) {
  for (kv_watcher *w = watchers->first; w != NULL; w = w->next) {
    if (concerns(w, event->group, event->key, order)) w->expected += count;
  }
}

void kv_watchers_expect_nothing(kv_watchers *watchers) {
  for (kv_watcher *w = watchers->first; w != NULL; w = w->next) w->expected = 0;
}

void kv_watchers_each(const kv_watchers *watchers, kv_text group, kv_text key, kv_order order,
                      void (*each)(void *context, sqlite3_int64 id), void *context) {
  for (const kv_watcher *w = watchers->first; w != NULL; w = w->next) {
    if (concerns(w, group, key, order)) each(context, w->id);
  }
}

/* ---- delivery -------------------------------------------------------------------------------- */

static void append(kv_watcher *watcher, kv_event *event, sqlite3_int64 seq, sqlite3_int64 lost) {
  *place_at(watcher, watcher->used) = (struct place){kv_event_retain(event), seq, lost};
  watcher->used++;
  if (lost == 0) watcher->events++;
}

static void drop(kv_watchers *watchers, kv_watcher *watcher, sqlite3_int64 count) {
  struct place *last = watcher->used > 0 ? place_at(watcher, watcher->used - 1) : NULL;
  watcher->dropped += count;
  if (last != NULL && last->lost > 0) {
    last->lost += count;
  } else {
    append(watcher, watchers->resync, watchers->last_seq, count);
  }
}

void kv_watchers_deliver(kv_watchers *watchers, kv_event *event, kv_order order) {
  sqlite3_int64 seq = ++watchers->last_seq;
  for (kv_watcher *watcher = watchers->first; watcher != NULL; watcher = watcher->next) {
    if (!concerns(watcher, event->group, event->key, order)) continue;
    if (watcher->events < watcher->capacity) {
      append(watcher, event, seq, 0);
    } else {
      drop(watchers, watcher, 1);
    }
  }
}

void kv_watchers_deliver_loss(kv_watchers *watchers, sqlite3_int64 id, sqlite3_int64 count) {
  watchers->last_seq += count;
  for (kv_watcher *watcher = watchers->first; watcher != NULL; watcher = watcher->next) {
    if (watcher->id == id) drop(watchers, watcher, count);
  }
}

static void take(kv_watcher *watcher, kv_delivery *taken) {
  const struct place *place = place_at(watcher, 0);
  *taken = (kv_delivery){.watcher = watcher->id,
                         .seq = place->seq,
                         .event = place->event,
                         .lost = place->lost,
                         .hidden = (int)strlen(watcher->filter.scope)};
  if (place->lost == 0) watcher->events--;
  watcher->first = (watcher->first + 1) % watcher->size;
  watcher->used--;
}

int kv_watchers_take(kv_watchers *watchers, sqlite3_int64 id, sqlite3_int64 last_seq,
                     const char *scope, sqlite3_int64 *next_id, kv_delivery *taken) {
  for (kv_watcher *watcher = watchers->first; watcher != NULL; watcher = watcher->next) {
    if (id != 0 ? watcher->id != id : watcher->id < *next_id || watcher->is_hidden) continue;
    if (!is_visible(watcher, scope) || watcher->used == 0) continue;
    if (place_at(watcher, 0)->seq > last_seq) continue;
    *next_id = watcher->id;
    take(watcher, taken);
    return 1;
  }
  return 0;
}

int kv_watchers_status(const kv_watchers *watchers, sqlite3_int64 id, const char *scope,
                       kv_watcher_status *status) {
  for (const kv_watcher *watcher = watchers->first; watcher != NULL; watcher = watcher->next) {
    if (watcher->id < id || watcher->is_hidden || !is_visible(watcher, scope)) continue;
    *status = (kv_watcher_status){watcher->id, &watcher->filter, watcher->capacity, watcher->used,
                                  watcher->dropped};
    return 1;
  }
  return 0;
}
