/*
** The background purge. See purger.h.
**
** It is meant to be noticed by nobody. A pass first looks, as a reader, whether anything has
** expired; then it deletes in transactions of a few rows, and rests after each as long as it took,
** so that other writers get in. Where it finds the file locked it gives up and comes again at the
** next pass.
**
** What must stay true: the thread touches nothing of the host's connection. It shares with it only
** this struct, under its monitor, and sqlite3_close() waits for it (through the anchor table, see
** statements.c).
*/
#include "store/purger.h"
#include "base/threads.h"
#include "store/schema.h"
#include "store/store.h"

enum { ROWS_PER_TRANSACTION = 256, LONGEST_WAIT_FOR_LOCK_MS = 500, WAIT_STEP_MS = 5 };

struct kv_purger {
  char *file;
  char *vfs;
  kv_thread thread;
  kv_thread_start thread_start;
  kv_monitor monitor; /* over the three below */
  int is_stopping;
  int has_changed; /* the interval, while the thread slept */
  sqlite3_int64 interval_ms;
  int is_running;     /* the host's side only */
  kv_connection *own; /* the thread's side only, while it runs */
};

/* ---- the thread ------------------------------------------------------------------------------ */

static int is_stopping(kv_purger *purger) {
  kv_monitor_enter(&purger->monitor);
  int answer = purger->is_stopping;
  kv_monitor_leave(&purger->monitor);
  return answer;
}

/* SQLite's busy handler: waits a little for a lock, but never holds up a close. */
static int wait_for_lock(void *pointer, int count) {
  kv_purger *purger = pointer;
  if (count * WAIT_STEP_MS >= LONGEST_WAIT_FOR_LOCK_MS || is_stopping(purger)) return 0;
  sqlite3_sleep(WAIT_STEP_MS);
  return 1;
}

static int has_expired(kv_connection *own, sqlite3_int64 now) {
  kv_query query;
  kv_query_begin(&query, own, KV_SQL_ANY_EXPIRED);
  kv_bind_integer(&query, 1, now);
  int is_any = kv_query_row(&query);
  return kv_query_end(&query) == SQLITE_OK && is_any;
}

/* Removes some expired rows: how many. 0 too when locked, or when there is no store. */
static sqlite3_int64 purge_some(kv_connection *own) {
  kv_range all = {{0}, {0}};
  sqlite3_int64 removed = 0, now = kv_connection_now(own);
  own->is_store_fresh = 0;
  int code = kv_schema_look(own);
  int is_store = own->store == KV_STORE_READY || own->store == KV_STORE_INCOMPLETE;
  if (code == SQLITE_OK && is_store && has_expired(own, now)) {
    code = kv_range_all(&all, own);
    if (code == SQLITE_OK) code = kv_store_purge(own, &all, now, ROWS_PER_TRANSACTION, &removed);
  }
  kv_range_free(&all);
  kv_clear_error(own);
  return code == SQLITE_OK ? removed : 0;
}

static void make_pass(kv_purger *purger) {
  sqlite3_int64 removed;
  do {
    sqlite3_int64 begun = kv_connection_now(purger->own);
    removed = purge_some(purger->own);
    sqlite3_int64 took = kv_connection_now(purger->own) - begun;
    if (removed > 0) sqlite3_sleep(took < 1 ? 1 : took > 100 ? 100 : (int)took);
  } while (removed == ROWS_PER_TRANSACTION && !is_stopping(purger));
}

/* Sleeps for the interval, or less if it is changed meanwhile: 0 when it is time to stop. */
static int sleep_interval(kv_purger *purger) {
  static const long long longest = 1000000000; /* the thread just sleeps again */
  kv_monitor_enter(&purger->monitor);
  purger->has_changed = 0;
  long long left = purger->interval_ms < longest ? purger->interval_ms : longest;
  long long deadline = kv_steady_clock() + left;
  while (left > 0 && !purger->is_stopping && !purger->has_changed) {
    kv_monitor_wait(&purger->monitor, (int)left);
    left = deadline - kv_steady_clock();
  }
  int goes_on = !purger->is_stopping;
  kv_monitor_leave(&purger->monitor);
  return goes_on;
}

static void run(void *pointer) {
  kv_purger *purger = pointer;
  while (sleep_interval(purger)) make_pass(purger);
}

static const kv_room *const rooms_of_thread[] = {&kv_statements_room, &kv_schema_room, NULL};

/* ---- the host's side ------------------------------------------------------------------------- */

static void close_own(kv_purger *purger) {
  if (purger->own == NULL) return;
  sqlite3 *db = purger->own->db;
  kv_connection_release(purger->own);
  purger->own = NULL;
  sqlite3_close(db);
}

/* Opens the thread's connection here, so that the host hears of it when the file cannot be opened.
*/
static int open_own(kv_purger *purger) {
  sqlite3 *db = NULL;
  int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX;
  int code = sqlite3_open_v2(purger->file, &db, flags, purger->vfs);
  if (code == SQLITE_OK) {
    sqlite3_busy_handler(db, wait_for_lock, purger);
    purger->own = kv_connection_new(db, rooms_of_thread);
    if (purger->own == NULL) code = SQLITE_NOMEM;
  }
  if (code != SQLITE_OK) sqlite3_close(db);
  return code;
}

static int start(kv_purger *purger) {
  int code = open_own(purger);
  if (code != SQLITE_OK) return code;
  purger->is_stopping = 0;
  purger->thread_start = (kv_thread_start){run, purger};
  if (!kv_thread_create(&purger->thread, &purger->thread_start)) {
    close_own(purger);
    return SQLITE_NOMEM;
  }
  purger->is_running = 1;
  return SQLITE_OK;
}

static void signal_change(kv_purger *purger, int is_stopping, sqlite3_int64 interval_ms) {
  kv_monitor_enter(&purger->monitor);
  purger->is_stopping = is_stopping;
  purger->interval_ms = interval_ms;
  purger->has_changed = 1;
  kv_monitor_signal(&purger->monitor);
  kv_monitor_leave(&purger->monitor);
}

static void pause_thread(kv_purger *purger) {
  if (purger == NULL || !purger->is_running) return;
  signal_change(purger, 1, purger->interval_ms);
  kv_thread_join(purger->thread);
  purger->is_running = 0;
  close_own(purger);
}

static void free_purger(kv_purger *purger) {
  if (purger == NULL) return;
  pause_thread(purger);
  kv_monitor_destroy(&purger->monitor);
  sqlite3_free(purger->file);
  sqlite3_free(purger->vfs);
  sqlite3_free(purger);
}

static int new_purger(kv_connection *connection, const char *file, kv_purger **made) {
  kv_purger *purger = sqlite3_malloc64(sizeof *purger);
  *made = NULL;
  if (purger == NULL) return SQLITE_NOMEM;
  *purger = (kv_purger){.file = sqlite3_mprintf("%s", file),
                        .vfs = sqlite3_mprintf("%s", connection->vfs->zName)};
  if (purger->file == NULL || purger->vfs == NULL || !kv_monitor_init(&purger->monitor)) {
    sqlite3_free(purger->file);
    sqlite3_free(purger->vfs);
    sqlite3_free(purger);
    return SQLITE_NOMEM;
  }
  *made = purger;
  return SQLITE_OK;
}

/* The file behind the store, or an error where a background purge makes no sense. */
static int find_file(kv_connection *connection, const char **file) {
  const char *schema = kv_connection_schema(connection);
  *file = sqlite3_db_filename(connection->db, schema);
  if (*file == NULL || **file == 0) {
    return kv_fail(connection, SQLITE_ERROR,
                   "schema \"%s\" is in memory: there is no file for a second connection", schema);
  }
  if (sqlite3_db_readonly(connection->db, schema) == 1) {
    return kv_fail(connection, SQLITE_READONLY, "schema \"%s\" is read-only", schema);
  }
  if (!sqlite3_threadsafe()) {
    return kv_fail(connection, SQLITE_ERROR, "this SQLite was built without threads");
  }
  return SQLITE_OK;
}

int kv_purger_set(kv_connection *connection, sqlite3_int64 interval_ms) {
  if (interval_ms == 0) {
    free_purger(connection->purger);
    connection->purger = NULL;
    return SQLITE_OK;
  }
  const char *file;
  int code = find_file(connection, &file);
  if (code != SQLITE_OK) return code;
  code = kv_statements_connect(connection); /* so as to hear of a close */
  if (code != SQLITE_OK) return code;
  if (connection->purger != NULL) {
    signal_change(connection->purger, 0, interval_ms);
    return SQLITE_OK;
  }
  kv_purger *purger;
  code = new_purger(connection, file, &purger);
  if (code != SQLITE_OK) return code;
  purger->interval_ms = interval_ms;
  code = start(purger);
  if (code != SQLITE_OK) {
    free_purger(purger);
    return kv_fail(connection, code, "cannot start on \"%s\": %s", file, sqlite3_errstr(code));
  }
  connection->purger = purger;
  return SQLITE_OK;
}

/* ---- the room -------------------------------------------------------------------------------- */

static void pause_room(kv_connection *connection) {
  pause_thread(connection->purger);
}

/* Failing is no error: the next call tries again. */
static int resume_room(kv_connection *connection) {
  kv_purger *purger = connection->purger;
  if (purger != NULL && !purger->is_running) (void)start(purger);
  return SQLITE_OK;
}

static void free_room(kv_connection *connection) {
  free_purger(connection->purger);
  connection->purger = NULL;
}

const kv_room kv_purger_room = {.pause = pause_room, .resume = resume_room, .free = free_room};
