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
** statements.c). Its own connection shares no cache with the host's, whose mutex the host holds
** while it waits. A child of fork() has the struct and no thread: it waits for nothing, and frees
** nothing that the thread may have held.
**
** A store in memory has no file for a second connection. There the next write after each interval
** removes what has expired (write.c).
*/
#include "store/purger.h"
#include "base/threads.h"
#include "store/schema.h"
#include "store/store.h"

#include <string.h>

enum { ROWS_PER_TRANSACTION = 256, LONGEST_WAIT_FOR_LOCK_MS = 500, WAIT_STEP_MS = 5 };

struct kv_purger {
  char *file;
  char *vfs;
  kv_thread thread;
  kv_thread_start thread_start;
  kv_monitor monitor; /* over the four below */
  int is_stopping;
  int has_changed; /* the interval, while the thread slept */
  sqlite3_int64 interval_ms;
  char *error;        /* what the last pass met; NULL: nothing */
  int is_running;     /* the host's side only, as all below */
  long process_id;    /* where the thread is */
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
  kv_fork_gate_leave();
  sqlite3_sleep(WAIT_STEP_MS);
  kv_fork_gate_enter();
  return 1;
}

/* Keeps the outcome of a pass for the host. A file that others write just now is no failure. */
static void note_outcome(kv_purger *purger, int code) {
  char *error = NULL;
  int is_failure = code != SQLITE_OK && (code & 0xff) != SQLITE_BUSY;
  if (is_failure) {
    const char *reason = purger->own->error;
    error = sqlite3_mprintf("%s", reason != NULL ? reason : sqlite3_errstr(code));
  }
  kv_monitor_enter(&purger->monitor);
  sqlite3_free(purger->error);
  purger->error = error;
  kv_monitor_leave(&purger->monitor);
  kv_clear_error(purger->own);
}

static int find_expired(kv_connection *own, sqlite3_int64 now_ms, int *is_any) {
  kv_query query;
  kv_query_begin(&query, own, KV_SQL_ANY_EXPIRED);
  kv_bind_integer(&query, 1, now_ms);
  *is_any = kv_query_row(&query);
  return kv_query_end(&query);
}

/* Removes some of what has expired by now, if there is a store. */
static int try_to_purge(kv_connection *own, sqlite3_int64 *removed) {
  sqlite3_int64 now_ms = kv_connection_now(own);
  int is_any = 0;
  own->is_store_fresh = 0;
  *removed = 0;
  int code = kv_schema_look(own);
  int is_store = own->store == KV_STORE_READY || own->store == KV_STORE_INCOMPLETE;
  if (code == SQLITE_OK && is_store) code = find_expired(own, now_ms, &is_any);
  if (code != SQLITE_OK || !is_any) return code;
  kv_range all;
  code = kv_range_all(&all, own);
  if (code == SQLITE_OK) code = kv_store_purge(own, &all, now_ms, ROWS_PER_TRANSACTION, removed);
  kv_range_free(&all);
  return code;
}

static sqlite3_int64 purge_some(kv_purger *purger) {
  sqlite3_int64 removed;
  int code, attempts = 0;
  kv_fork_gate_enter();
  do code = try_to_purge(purger->own, &removed);
  while (kv_again(purger->own, &code, &attempts));
  note_outcome(purger, code);
  kv_fork_gate_leave();
  return code == SQLITE_OK ? removed : 0;
}

static void make_pass(kv_purger *purger) {
  sqlite3_int64 removed;
  do {
    long long begun_ms = kv_steady_clock();
    removed = purge_some(purger);
    long long took_ms = kv_steady_clock() - begun_ms;
    if (removed > 0) sqlite3_sleep(took_ms < 1 ? 1 : took_ms > 100 ? 100 : (int)took_ms);
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
  int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE;
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
  int code = kv_fork_gate_init() ? open_own(purger) : SQLITE_NOMEM;
  if (code != SQLITE_OK) return code;
  purger->is_stopping = 0;
  purger->thread_start = (kv_thread_start){run, purger};
  if (!kv_thread_create(&purger->thread, &purger->thread_start)) {
    close_own(purger);
    return SQLITE_NOMEM;
  }
  purger->is_running = 1;
  purger->process_id = kv_process_id();
  return SQLITE_OK;
}

/* Is the thread this process's, and not its parent's? */
static int is_ours(const kv_purger *purger) {
  return purger->process_id == kv_process_id();
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
  if (!purger->is_running || !is_ours(purger)) return;
  signal_change(purger, 1, purger->interval_ms);
  kv_thread_join(purger->thread);
  purger->is_running = 0;
  close_own(purger);
}

/* In a child of fork() all of it stays allocated: the thread may have held any part. */
static void free_purger(kv_purger *purger) {
  if (purger == NULL || (purger->is_running && !is_ours(purger))) return;
  pause_thread(purger);
  kv_monitor_destroy(&purger->monitor);
  sqlite3_free(purger->error);
  sqlite3_free(purger->file);
  sqlite3_free(purger->vfs);
  sqlite3_free(purger);
}

static int new_purger(const char *file, const char *vfs, kv_purger **made) {
  kv_purger *purger = sqlite3_malloc64(sizeof *purger);
  *made = NULL;
  if (purger == NULL) return SQLITE_NOMEM;
  *purger = (kv_purger){.file = sqlite3_mprintf("%s", file), .vfs = sqlite3_mprintf("%s", vfs)};
  if (purger->file == NULL || purger->vfs == NULL || !kv_monitor_init(&purger->monitor)) {
    sqlite3_free(purger->file);
    sqlite3_free(purger->vfs);
    sqlite3_free(purger);
    return SQLITE_NOMEM;
  }
  *made = purger;
  return SQLITE_OK;
}

/* The file behind the store; *file NULL: it is in memory. An error where no purge can be. */
static int find_file(kv_connection *connection, const char **file) {
  const char *schema = kv_connection_schema(connection);
  *file = sqlite3_db_filename(connection->db, schema);
  if (*file != NULL && **file == 0) *file = NULL;
  if (sqlite3_db_readonly(connection->db, schema) == 1) {
    return kv_fail(connection, SQLITE_READONLY, "schema \"%s\" is read-only", schema);
  }
  if (*file != NULL && !sqlite3_threadsafe()) {
    return kv_fail(connection, SQLITE_ERROR, "this SQLite was built without threads");
  }
  return SQLITE_OK;
}

/* The VFS that the schema's own file is opened with. */
static const char *vfs_name(kv_connection *connection) {
  sqlite3_vfs *vfs = NULL;
  int code = sqlite3_file_control(connection->db, kv_connection_schema(connection),
                                  SQLITE_FCNTL_VFS_POINTER, &vfs);
  return code == SQLITE_OK && vfs != NULL ? vfs->zName : connection->vfs->zName;
}

/* Starts a thread for the file. */
static int begin(kv_connection *connection, const char *file, sqlite3_int64 interval_ms) {
  kv_purger *purger;
  int code = kv_statements_connect(connection); /* so as to hear of a close */
  if (code == SQLITE_OK) code = new_purger(file, vfs_name(connection), &purger);
  if (code != SQLITE_OK) return code;
  purger->interval_ms = interval_ms;
  code = start(purger);
  if (code == SQLITE_OK) {
    connection->purger = purger;
    return SQLITE_OK;
  }
  free_purger(purger);
  return kv_fail(connection, code, "cannot start on \"%s\": %s", file, sqlite3_errstr(code));
}

static void end(kv_connection *connection) {
  free_purger(connection->purger);
  connection->purger = NULL;
  connection->sweep_every_ms = 0;
}

int kv_purger_set(kv_connection *connection, sqlite3_int64 interval_ms) {
  const char *file = NULL;
  int code = interval_ms > 0 ? find_file(connection, &file) : SQLITE_OK;
  if (code != SQLITE_OK) return code;
  kv_purger *running = connection->purger;
  if (file != NULL && running != NULL && strcmp(running->file, file) == 0 && is_ours(running)) {
    signal_change(running, 0, interval_ms);
    return SQLITE_OK;
  }
  end(connection);
  if (file != NULL) return begin(connection, file, interval_ms);
  connection->sweep_every_ms = interval_ms;
  connection->swept_at_ms = kv_steady_clock();
  return SQLITE_OK;
}

sqlite3_int64 kv_purger_interval(const kv_connection *connection) {
  return connection->purger != NULL ? connection->purger->interval_ms : connection->sweep_every_ms;
}

int kv_purger_error(const kv_connection *connection, char **error) {
  kv_purger *purger = connection->purger;
  int code = SQLITE_OK;
  *error = NULL;
  if (purger == NULL || !is_ours(purger)) return SQLITE_OK;
  kv_monitor_enter(&purger->monitor);
  if (purger->error != NULL) {
    *error = sqlite3_mprintf("%s", purger->error);
    if (*error == NULL) code = SQLITE_NOMEM;
  }
  kv_monitor_leave(&purger->monitor);
  return code;
}

/* ---- the room -------------------------------------------------------------------------------- */

static void pause_room(kv_connection *connection) {
  if (connection->purger != NULL) pause_thread(connection->purger);
}

/* A thread that cannot be had now is asked for again after the next pause, and its absence can be
** asked about (kv_purger_error); the host's call has nothing to do with it. */
static int resume_room(kv_connection *connection) {
  kv_purger *purger = connection->purger;
  if (purger == NULL || purger->is_running) return SQLITE_OK;
  int code = kv_statements_connect(connection);
  if (code != SQLITE_OK) return code;
  code = start(purger);
  sqlite3_free(purger->error); /* no thread runs that could see it */
  purger->error = code != SQLITE_OK ? sqlite3_mprintf("%s", sqlite3_errstr(code)) : NULL;
  return SQLITE_OK;
}

const kv_room kv_purger_room = {.pause = pause_room, .resume = resume_room, .free = end};
