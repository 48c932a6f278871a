/*
** Deleting whole groups. See store.h.
**
** One statement deletes them all. Where somebody listens, the groups are listed first: each gets
** one event, its keys none.
*/
#include "events.h"
#include "store.h"

struct list {
  kv_event **events;
  int count, size;
};

static int append(struct list *list, kv_event *event) {
  if (event == NULL) return SQLITE_NOMEM;
  if (list->count == list->size) {
    int size = list->size * 2 + 4;
    kv_event **grown = sqlite3_realloc64(list->events, (sqlite3_uint64)size * sizeof *list->events);
    if (grown == NULL) {
      kv_event_release(event);
      return SQLITE_NOMEM;
    }
    list->events = grown;
    list->size = size;
  }
  list->events[list->count++] = event;
  return SQLITE_OK;
}

/* The groups of the range that have live keys. */
static int list_groups(kv_connection *connection, const kv_range *range, sqlite3_int64 now,
                       struct list *list) {
  static const kv_text no_key = {NULL, 0};
  kv_query query;
  kv_query_begin(&query, connection, KV_SQL_GROUPS);
  kv_range_bind(&query, 1, range);
  kv_range_bind(&query, 3, range);
  kv_bind_integer(&query, 5, 0);
  kv_bind_integer(&query, 6, now);
  while (kv_query_row(&query)) {
    kv_text group = kv_query_text(&query, 0);
    query.code = append(list, kv_event_new(KV_EVENT_DELETE_GROUP, group, no_key, NULL, now));
  }
  return kv_query_end(&query);
}

static int announce_all(kv_connection *connection, const struct list *list) {
  int code = SQLITE_OK;
  for (int i = 0; i < list->count && code == SQLITE_OK; i++) {
    const kv_event *event = list->events[i];
    code = kv_events_announce(connection, event->type, event->group, event->key, NULL, event->at);
  }
  return code;
}

static void free_list(struct list *list) {
  for (int i = 0; i < list->count; i++) kv_event_release(list->events[i]);
  sqlite3_free(list->events);
}

int kv_store_delete_groups(kv_connection *connection, const kv_range *range, sqlite3_int64 now,
                           sqlite3_int64 *deleted) {
  kv_write write;
  struct list list = {NULL, 0, 0};
  *deleted = 0;
  int is_heard = kv_events_are_on(connection);
  int code = is_heard ? kv_write_begin_compound(&write, connection)
                      : kv_write_begin(&write, connection, KV_NO_PURGE);
  if (code == SQLITE_OK && is_heard) code = list_groups(connection, range, now, &list);
  if (code == SQLITE_OK) {
    kv_query_begin(&write.query, connection, KV_SQL_DELETE_GROUPS);
    kv_range_bind(&write.query, 1, range);
    kv_bind_integer(&write.query, 3, now);
    code = kv_query_write(&write.query, deleted);
  }
  if (code == SQLITE_OK) code = announce_all(connection, &list);
  free_list(&list);
  return kv_write_end(&write, code);
}
