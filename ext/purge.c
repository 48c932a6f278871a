/*
** Removing expired rows. See store.h.
**
** One statement removes many. Where somebody listens, the rows are taken one by one, each with its
** event: a row that is read is deleted only if it is still expired, because both happen in one
** transaction.
*/
#include "events.h"
#include "store.h"

static int purge_at_once(kv_connection *connection, const kv_range *range, sqlite3_int64 now,
                         int limit, sqlite3_int64 *removed) {
  kv_query query;
  kv_query_begin(&query, connection, KV_SQL_PURGE);
  kv_range_bind(&query, 1, range);
  kv_bind_integer(&query, 3, now);
  kv_bind_integer(&query, 4, limit);
  return kv_query_write(&query, removed);
}

/* Reads the longest-expired row of the range; *rowid 0: there is none. */
static int find_next(kv_connection *connection, const kv_range *range, sqlite3_int64 now,
                     sqlite3_int64 *rowid, kv_event **event) {
  kv_query query;
  *event = NULL;
  kv_query_begin(&query, connection, KV_SQL_NEXT_EXPIRED);
  kv_range_bind(&query, 1, range);
  kv_bind_integer(&query, 3, now);
  if (kv_query_row(&query)) {
    *rowid = kv_query_integer(&query, 0);
    kv_text group = kv_query_text(&query, 1), key = kv_query_text(&query, 2);
    *event = kv_event_new(KV_EVENT_EXPIRE, group, key, kv_query_value(&query, 3), now);
    if (*event == NULL) query.code = SQLITE_NOMEM;
  }
  return kv_query_end(&query);
}

static int remove_row(kv_connection *connection, sqlite3_int64 rowid, const kv_event *event) {
  kv_query query;
  sqlite3_int64 changes;
  kv_query_begin(&query, connection, KV_SQL_ENTRY_DELETE);
  kv_bind_integer(&query, 1, rowid);
  int code = kv_query_write(&query, &changes);
  if (code != SQLITE_OK) return code;
  return kv_events_announce(connection, event->type, event->group, event->key, event->value,
                            event->at);
}

int kv_write_purge(kv_connection *connection, const kv_range *range, sqlite3_int64 now, int limit,
                   sqlite3_int64 *removed) {
  int code = SQLITE_OK;
  *removed = 0;
  if (!kv_events_are_on(connection)) {
    return purge_at_once(connection, range, now, limit, removed);
  }
  while (code == SQLITE_OK && (limit < 0 || *removed < limit)) {
    sqlite3_int64 rowid = 0;
    kv_event *event;
    code = find_next(connection, range, now, &rowid, &event);
    if (event == NULL) break;
    if (code == SQLITE_OK) code = remove_row(connection, rowid, event);
    kv_event_release(event);
    ++*removed;
  }
  return code;
}

int kv_store_purge(kv_connection *connection, const kv_range *range, sqlite3_int64 now, int limit,
                   sqlite3_int64 *removed) {
  kv_write write;
  *removed = 0;
  int code = kv_events_are_on(connection) ? kv_write_begin_compound(&write, connection)
                                          : kv_write_begin(&write, connection, KV_NO_PURGE);
  if (code == SQLITE_OK) code = kv_write_purge(connection, range, now, limit, removed);
  return kv_write_end(&write, code);
}
