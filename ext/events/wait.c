/*
** Waiting for the feed. See wait.h.
**
** It is level-triggered: the log is looked at before the first wait, so nothing is lost between a read
** and a wait. The system wakes it when the -wal or the journal is written, which is before the commit can
** be seen: so it looks again after 30 microseconds, and then ever later. Where nobody can tell, it looks from
** time to time. The look is PRAGMA data_version, and the log itself only where that has moved.
**
** After it was woken it rests for a millisecond before it can be woken again: else eight readers of a
** writer at full speed would wake for each commit, and cut its speed by half.
**
** Every wait is cut short after LONGEST_US, for a statement to be stepped: that is how an interrupt is heard of.
*/
#include "events/wait.h"
#include "base/file_watch.h"
#include "base/threads.h"
#include "events/feed.h"
#include "store/schema.h"

#include <string.h>

enum {
  FIRST_US = 30,    /* after a sign of life */
  LIVELY_US = 1000, /* the longest pause in the LIVELY_FOR_US after it */
  LIVELY_FOR_US = 20000,
  LONGEST_US = 50000,  /* of a watched file */
  UNWATCHED_US = 5000, /* of a file that nobody tells of */
  REST_US = 1000
};

struct kv_waiter {
  char *path; /* of the file that is watched */
  kv_file_watch *watch;
  long long woke_us;
};

/* One wait. */
struct wait {
  kv_connection *connection;
  kv_file_watch *watch; /* NULL: nobody tells */
  sqlite3_int64 after;
  sqlite3_int64 version; /* of the data, when the log was last looked at; -1: never */
  long long pause_us;
  long long sign_us; /* when there was the last sign of life */
};

static void close_watch(kv_connection *connection) {
  struct kv_waiter *waiter = connection->waiter;
  if (waiter == NULL) return;
  kv_file_watch_close(waiter->watch);
  sqlite3_free(waiter->path);
  sqlite3_free(waiter);
  connection->waiter = NULL;
}

/* The watch of the store's file is kept from call to call. No memory for it is no error: see above. */
static struct kv_waiter *open_watch(kv_connection *connection) {
  const char *path = sqlite3_db_filename(connection->db, kv_connection_schema(connection));
  struct kv_waiter *waiter = connection->waiter;
  if (path == NULL || *path == 0) return NULL;
  if (waiter != NULL && strcmp(waiter->path, path) == 0) return waiter;
  close_watch(connection);
  waiter = sqlite3_malloc64(sizeof *waiter);
  if (waiter == NULL) return NULL;
  *waiter = (struct kv_waiter){.path = sqlite3_mprintf("%s", path)};
  connection->waiter = waiter;
  if (waiter->path == NULL) {
    close_watch(connection);
    return NULL;
  }
  waiter->watch = kv_file_watch_open(path);
  return waiter;
}

static int read_version(kv_connection *connection, sqlite3_int64 *version) {
  kv_query query;
  kv_query_begin(&query, connection, KV_SQL_DATA_VERSION);
  if (kv_query_row(&query)) *version = kv_query_integer(&query, 0);
  return kv_query_end(&query);
}

static int look_once(struct wait *wait, sqlite3_int64 *seq) {
  sqlite3_int64 version = 0, head;
  wait->connection->is_store_fresh = 0; /* others change it meanwhile */
  int code = read_version(wait->connection, &version);
  if (code != SQLITE_OK || version == wait->version) return code;
  code = kv_feed_head(wait->connection, &head);
  if (code != SQLITE_OK) return code;
  wait->version = version;
  if (head != wait->after) *seq = head;
  return SQLITE_OK;
}

/* A file that is locked just now is looked at again. */
static int look(struct wait *wait, sqlite3_int64 *seq) {
  int code, attempts = 0;
  do code = look_once(wait, seq);
  while (kv_again(wait->connection, &code, &attempts));
  if ((code & 0xff) != SQLITE_BUSY) return code;
  wait->version = -1;
  kv_clear_error(wait->connection);
  return SQLITE_OK;
}

static void pause_for(struct wait *wait, long long left_us) {
  long long pause_us = wait->pause_us < left_us ? wait->pause_us : left_us;
  if (wait->watch == NULL) {
    kv_nap(pause_us);
    wait->pause_us += wait->pause_us / 4;
    if (wait->pause_us > UNWATCHED_US) wait->pause_us = UNWATCHED_US;
  } else if (kv_file_watch_wait(wait->watch, pause_us)) {
    wait->sign_us = kv_steady_us();
    wait->pause_us = FIRST_US;
  } else {
    int is_lively = kv_steady_us() - wait->sign_us < LIVELY_FOR_US;
    if (pause_us == LONGEST_US) kv_file_watch_arm(wait->watch);
    long long most_us = is_lively ? LIVELY_US : LONGEST_US;
    wait->pause_us = wait->pause_us * 2 < most_us ? wait->pause_us * 2 : most_us;
  }
}

static int refuse_if_blind(kv_connection *connection) {
  const char *schema = kv_connection_schema(connection);
  if (sqlite3_get_autocommit(connection->db) &&
      sqlite3_txn_state(connection->db, schema) == SQLITE_TXN_NONE) {
    return SQLITE_OK;
  }
  return kv_fail(connection, SQLITE_ERROR,
                 "inside a transaction, or beside an open read, nothing new can be seen");
}

int kv_wait(kv_connection *connection, sqlite3_int64 after, sqlite3_int64 timeout_ms,
            sqlite3_int64 *seq) {
  long long begun_us = kv_steady_us();
  *seq = 0;
  int code = refuse_if_blind(connection);
  if (code != SQLITE_OK) return code;
  struct kv_waiter *waiter = open_watch(connection);
  struct wait wait = {.connection = connection,
                      .watch = waiter != NULL ? waiter->watch : NULL,
                      .after = after,
                      .version = -1,
                      .sign_us = begun_us - LIVELY_FOR_US};
  wait.pause_us = wait.watch != NULL ? LONGEST_US : FIRST_US;
  if (waiter != NULL && begun_us - waiter->woke_us < REST_US) {
    kv_nap(REST_US - (begun_us - waiter->woke_us));
  }
  int is_armed = wait.watch == NULL, has_waited = 0;
  for (;;) { /* ends with the time */
    code = look(&wait, seq);
    long long left_ms = timeout_ms - (kv_steady_us() - begun_us) / 1000;
    if (code != SQLITE_OK || *seq != 0 || left_ms <= 0) break;
    if (is_armed) {
      pause_for(&wait, left_ms < 1000 ? left_ms * 1000 : 1000000);
      has_waited = 1;
    } else {
      kv_file_watch_arm(wait.watch); /* after the first look, which may bring a -wal into being */
      is_armed = 1;
    }
  }
  if (waiter != NULL && has_waited) waiter->woke_us = kv_steady_us();
  return code;
}

const kv_room kv_wait_room = {.pause = close_watch, .free = close_watch};
