/*
** The witness put in place, and looked after. See witness.h.
*/
#include "events/witness.h"
#include "base/statements.h"
#include "events/hook.h"
#include "events/witness_table.h"
#include "store/schema.h"

#include <string.h>

static const char no_table[] = "there is no table kv yet";

/* ---- what there is --------------------------------------------------------------------------- */

static int read_integer(kv_connection *connection, kv_sql sql, sqlite3_int64 *value) {
  kv_query query;
  *value = 0;
  kv_query_begin(&query, connection, sql);
  if (kv_query_row(&query)) *value = kv_query_integer(&query, 0);
  return kv_query_end(&query);
}

/* 0 while "temp" is not open, as after PRAGMA temp_store: SQLite would crash. */
static int read_temp_schema_version(kv_connection *connection, sqlite3_int64 *version) {
  unsigned ignored;
  *version = 0;
  if (sqlite3_file_control(connection->db, "temp", SQLITE_FCNTL_DATA_VERSION, &ignored) !=
      SQLITE_OK) {
    return SQLITE_OK;
  }
  return read_integer(connection, KV_SQL_TEMP_SCHEMA_VERSION, version);
}

/* How many of the triggers there are: on this schema's table, or at all. */
static int count_triggers(kv_connection *connection, int *here, int *all) {
  kv_query query;
  char *on = sqlite3_mprintf(" ON \"%w\".\"kv\" ", kv_connection_schema(connection));
  if (on == NULL) return SQLITE_NOMEM;
  *here = *all = 0;
  kv_query_begin(&query, connection, KV_SQL_WITNESS_TRIGGERS);
  kv_bind_text(&query, 1, (kv_text){on, (int)strlen(on)});
  if (kv_query_row(&query)) {
    *here = (int)kv_query_integer(&query, 0);
    *all = (int)kv_query_integer(&query, 1);
  }
  int code = kv_query_end(&query);
  sqlite3_free(on);
  return code;
}

/*
** Would a statement on kv write into our table? That the triggers are written down is not enough: those
** of a database that was detached, or replaced by sqlite3_deserialize(), are there and are not fired.
** So a statement is compiled, and never run: its triggers are compiled with it, and SQLite asks our
** table how it is to be read.
*/
static int find_alive_in(kv_connection *connection, kv_sql sql, int *is_alive) {
  const kv_witness *witness = &connection->events->witness;
  unsigned before = witness->questions;
  kv_query query;
  kv_query_begin(&query, connection, sql);
  *is_alive = witness->questions != before;
  sqlite3_finalize(query.statement); /* not for the cache: there it would not be compiled again */
  query.statement = NULL;
  return kv_query_end(&query);
}

/* A trigger of the host's may keep one kind of statement from being compiled. */
static int find_alive(kv_connection *connection, int *is_alive) {
  int code = find_alive_in(connection, KV_SQL_COMPILE_MOVE, is_alive);
  return (code & 0xff) == SQLITE_ERROR ? find_alive_in(connection, KV_SQL_COMPILE_INSERT, is_alive)
                                       : code;
}

static int find_in_place(kv_connection *connection, int *is_in_place) {
  int here = 0, all = 0;
  *is_in_place = 0;
  int code = count_triggers(connection, &here, &all);
  if (code == SQLITE_OK && here == KV_WITNESS_TRIGGERS) {
    code = find_alive(connection, is_in_place);
    if ((code & 0xff) == SQLITE_ERROR) code = SQLITE_OK; /* its table is gone, or it is no table */
  }
  kv_clear_error(connection);
  return code;
}

/* ---- made and taken away --------------------------------------------------------------------- */

static int run_steps(kv_connection *connection, const kv_sql *steps, int count) {
  int code = SQLITE_OK;
  for (int i = 0; i < count && code == SQLITE_OK; i++) code = kv_execute(connection, steps[i]);
  return code;
}

/* Does a statement write just now? */
static int is_writer_running(sqlite3 *db) {
  sqlite3_stmt *statement = sqlite3_next_stmt(db, NULL);
  while (statement != NULL && (!sqlite3_stmt_busy(statement) || sqlite3_stmt_readonly(statement))) {
    statement = sqlite3_next_stmt(db, statement);
  }
  return statement != NULL;
}

/*
** Each is a statement of its own, with a commit of its own where there is no transaction: one around them
** could not be undone when memory is out, since SQLite prepares no ROLLBACK then. What is made of a part
** is no witness, and is made anew. Not while a statement writes (SQLITE_LOCKED): if that fails, SQLite
** undoes them and does not notice.
*/
static int run_all(kv_connection *connection, const kv_sql *steps, int count) {
  kv_witness *witness = &connection->events->witness;
  int is_new =
      witness->why_not == no_table && witness->is_doubted; /* the call itself made the table */
  if (!is_new && is_writer_running(connection->db)) return SQLITE_LOCKED;
  int code = run_steps(connection, steps, count);
  if (code != SQLITE_OK) witness->is_unsettled = 1;
  /* All statements were made for the schema as it was; those that made it are of no more use. */
  kv_statements_close(connection);
  connection->generation++;
  return code;
}

/* By the back door, which the host may have locked (SQLITE_DBCONFIG_DEFENSIVE). */
static int delete_orphans(kv_connection *connection) {
  int is_writable = 0;
  sqlite3_db_config(connection->db, SQLITE_DBCONFIG_WRITABLE_SCHEMA, -1, &is_writable);
  if (!is_writable) sqlite3_db_config(connection->db, SQLITE_DBCONFIG_WRITABLE_SCHEMA, 1, NULL);
  int code = run_steps(connection, &(kv_sql){KV_SQL_DELETE_WITNESS_ORPHANS}, 1);
  if (!is_writable) sqlite3_db_config(connection->db, SQLITE_DBCONFIG_WRITABLE_SCHEMA, 0, NULL);
  kv_statements_close(connection);
  connection->generation++;
  return code;
}

static int take_away(kv_connection *connection) {
  static const kv_sql steps[] = {KV_SQL_DROP_WITNESS_INSERT, KV_SQL_DROP_WITNESS_UPDATE,
                                 KV_SQL_DROP_WITNESS_DELETE, KV_SQL_DROP_WITNESS_REPLACE,
                                 KV_SQL_DROP_WITNESS_MOVE};
  int here = 0, all = 0;
  int code = run_all(connection, steps, (int)(sizeof steps / sizeof steps[0]));
  if (code == SQLITE_OK) code = count_triggers(connection, &here, &all);
  return code == SQLITE_OK && all > 0 ? delete_orphans(connection) : code;
}

/*
** Triggers that are there and dead belong, for SQLite, to a table whose database is closed and whose
** memory is free, and DROP TRIGGER would look into it: so the schema is read again first. Not while a
** statement writes, which holds on to it: SQLITE_LOCKED.
*/
static int reread_schema(kv_connection *connection) {
  static const kv_sql step = KV_SQL_REREAD_SCHEMA;
  int is_writable = 0; /* what the host said, which this pragma turns off */
  if (is_writer_running(connection->db)) return SQLITE_LOCKED;
  sqlite3_db_config(connection->db, SQLITE_DBCONFIG_WRITABLE_SCHEMA, -1, &is_writable);
  int code = run_steps(connection, &step, 1);
  kv_statements_close(connection);
  connection->generation++;
  if (is_writable) {
    sqlite3_db_config(connection->db, SQLITE_DBCONFIG_WRITABLE_SCHEMA, 1, &is_writable);
  }
  return code;
}

static int make(kv_connection *connection) {
  static const kv_sql steps[] = {KV_SQL_CREATE_WITNESS,         KV_SQL_CREATE_WITNESS_INSERT,
                                 KV_SQL_CREATE_WITNESS_UPDATE,  KV_SQL_CREATE_WITNESS_DELETE,
                                 KV_SQL_CREATE_WITNESS_REPLACE, KV_SQL_CREATE_WITNESS_MOVE};
  return run_all(connection, steps, (int)(sizeof steps / sizeof steps[0]));
}

/* An error that only says that there will be no witness: the change that it would have told of is a
** resync then. All others are the call's: the transaction may be gone with them. */
static int is_mere_refusal(int code) {
  int primary = code & 0xff;
  return primary == SQLITE_ERROR || primary == SQLITE_AUTH || primary == SQLITE_READONLY ||
         primary == SQLITE_LOCKED || primary == SQLITE_CONSTRAINT || /* by a commit hook */
         primary == SQLITE_BUSY || primary == SQLITE_SCHEMA;
}

static int refuse(kv_connection *connection, int code) {
  kv_witness *witness = &connection->events->witness;
  int primary = code & 0xff;
  if (!is_mere_refusal(code)) return code;
  kv_witness_read_versions(connection, &witness->versions);
  witness->why_not = primary == SQLITE_AUTH       ? "the authorizer forbids its triggers"
                     : primary == SQLITE_READONLY ? "query_only is on"
                                                  : "its triggers cannot be made";
  kv_clear_error(connection);
  return SQLITE_OK;
}

static int find_leak(kv_connection *connection) {
  kv_witness *witness = &connection->events->witness;
  const char *schema = kv_connection_schema(connection);
  int was_leaky = witness->is_leaky;
  kv_query query;
  kv_query_begin(&query, connection, KV_SQL_WITNESS_MAY_REPLACE);
  kv_bind_text(&query, 1, (kv_text){schema, (int)strlen(schema)});
  witness->is_leaky = kv_query_row(&query);
  if (witness->is_leaky && !was_leaky) kv_events_owe_resync(connection);
  return kv_query_end(&query);
}

static int note_state(kv_connection *connection) {
  kv_witness *witness = &connection->events->witness;
  int code = find_leak(connection);
  if (code == SQLITE_OK)
    code = read_integer(connection, KV_SQL_SCHEMA_VERSION, &witness->schema_version);
  if (code == SQLITE_OK) {
    code = read_temp_schema_version(connection, &witness->temp_schema_version);
  }
  kv_witness_read_versions(connection, &witness->versions);
  witness->file = kv_witness_file(connection);
  witness->seen_connects = witness->connects;
  witness->is_unsettled = code != SQLITE_OK;
  witness->is_doubted = 0;
  return code;
}

/* Nobody looked for a while. Rows that are there may be news, and so are those that are gone, if there
** was a table to hold them. */
static int owe_what_is_there(kv_connection *connection) {
  kv_query query;
  if (connection->events->witness.why_not != no_table) kv_events_owe_resync(connection);
  kv_query_begin(&query, connection, KV_SQL_WITNESS_ANY_ROW);
  if (kv_query_row(&query)) kv_events_owe_resync(connection);
  return kv_query_end(&query);
}

static int install(kv_connection *connection) {
  kv_witness *witness = &connection->events->witness;
  int is_in_place = 0, here = 0, all = 0;
  witness->is_partly_undone = 0;
  int code = read_temp_schema_version(connection, &witness->unmade_temp_schema_version);
  if (code == SQLITE_OK) code = count_triggers(connection, &here, &all);
  if (code == SQLITE_OK && all > 0) code = reread_schema(connection);
  if (code == SQLITE_OK && all > 0) code = take_away(connection);
  if (code == SQLITE_OK) code = make(connection);
  if (code != SQLITE_OK) return refuse(connection, code);
  code = find_in_place(connection, &is_in_place);
  if (code != SQLITE_OK) return refuse(connection, code);
  witness->is_in_place = is_in_place;
  witness->why_not = is_in_place ? NULL : "temp." KV_WITNESS_NAME " is not kv's own";
  if (!is_in_place) return take_away(connection);
  if (sqlite3_get_autocommit(connection->db)) witness->unmade_temp_schema_version = -1;
  return note_state(connection);
}

/* ---- looking --------------------------------------------------------------------------------- */

/* It is in place. If the transaction is over, or was undone to before it was made last, then that it was
** made explains nothing any more. */
static void forget_making(kv_connection *connection) {
  kv_witness *witness = &connection->events->witness;
  if (sqlite3_get_autocommit(connection->db) ||
      witness->temp_schema_version <= witness->unmade_temp_schema_version) {
    witness->unmade_temp_schema_version = -1;
  }
}

/* Has nothing moved since the last look? Runs no SQL. */
static int is_settled(const kv_connection *connection) {
  const kv_events *events = connection->events;
  const kv_witness *witness = &events->witness;
  kv_versions now;
  if (witness->is_unsettled || witness->is_doubted || events->ledger.open > 0) return 0;
  kv_witness_read_versions(connection, &now);
  return now.own == witness->versions.own && now.temp == witness->versions.temp;
}

/* Have the schemas moved? */
static int find_moved(kv_connection *connection, int *is_moved) {
  kv_witness *witness = &connection->events->witness;
  sqlite3_int64 schema_version, temp_schema_version = 0;
  int code = read_integer(connection, KV_SQL_SCHEMA_VERSION, &schema_version);
  if (code == SQLITE_OK) {
    code = read_temp_schema_version(connection, &temp_schema_version);
  }
  *is_moved = code != SQLITE_OK || schema_version != witness->schema_version ||
              temp_schema_version != witness->temp_schema_version;
  return code;
}

/* The store is gone: what is left of the witness would be in the way of the host's ALTER TABLE. */
static int note_absent(kv_connection *connection, const char *why_not, int is_suspect) {
  kv_witness *witness = &connection->events->witness;
  int here = 0, all = 0;
  witness->is_in_place = 0;
  witness->why_not = why_not;
  int code = count_triggers(connection, &here, &all);
  if (code == SQLITE_OK && all > 0 && is_suspect) code = reread_schema(connection);
  if (code == SQLITE_OK && all > 0) code = take_away(connection);
  int is_later = (code & 0xff) == SQLITE_LOCKED;
  if (code != SQLITE_OK && is_mere_refusal(code)) code = SQLITE_OK;
  kv_clear_error(connection);
  kv_witness_read_versions(connection, &witness->versions);
  witness->file = kv_witness_file(connection);
  witness->is_doubted = 0;
  witness->is_unsettled = is_later;
  return code;
}

/* Is there a store whose rows can be witnessed? An older one has no column to be looked at yet. */
static int find_store(kv_connection *connection, int *is_there) {
  int code = kv_schema_is_attached(connection) ? kv_schema_look_again(connection) : SQLITE_OK;
  *is_there = kv_schema_is_attached(connection) && code == SQLITE_OK &&
              (connection->store == KV_STORE_READY || connection->store == KV_STORE_INCOMPLETE);
  if (is_mere_refusal(code)) {
    kv_clear_error(connection);
    code = SQLITE_OK;
  }
  return code;
}

/* After sqlite3_deserialize(), SQLite's table-valued pragmas look into the memory of the database that
** was closed. Once they are forgotten, they are made anew. */
static void forget_pragmas(sqlite3 *db) {
  static const char *const names[] = {"pragma_table_xinfo", "pragma_index_list",
                                      "pragma_index_xinfo"};
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
    (void)sqlite3_create_module_v2(db, names[i], NULL, NULL, NULL);
  }
}

/* It was there, and is not. Is it that a transaction, or a part of one, was undone in which it was made?
** Then nothing has changed since that the ledger does not know. */
static int was_unmade(kv_connection *connection, const kv_versions *now) {
  const kv_witness *witness = &connection->events->witness;
  sqlite3_int64 temp_schema_version;
  if (witness->is_doubted || kv_witness_file(connection) != witness->file) return 0;
  if (!kv_events_is_writing(connection) && now->own == witness->versions.own) return 1;
  if (!witness->is_partly_undone || now->temp == 0) return 0; /* 0: "temp" is not open */
  int code = read_temp_schema_version(connection, &temp_schema_version);
  kv_clear_error(connection);
  return code == SQLITE_OK && temp_schema_version <= witness->unmade_temp_schema_version;
}

static int look_closely(kv_connection *connection) {
  kv_events *events = connection->events;
  kv_witness *witness = &events->witness;
  int was_in_place = witness->is_in_place, is_in_place = 0, is_there = 0;
  const void *file = kv_witness_file(connection);
  kv_versions now;
  kv_witness_read_versions(connection, &now);
  int is_moved = now.own != witness->versions.own;
  if (was_in_place && file != witness->file) {
    forget_pragmas(connection->db);
    kv_events_owe_resync(connection);
  }
  connection->is_store_fresh = 0;
  int code = find_store(connection, &is_there);
  if (code != SQLITE_OK) return code;
  if (!is_there) {
    int was_there = was_in_place ? !was_unmade(connection, &now)
                                 : witness->why_not != no_table && !witness->is_beginning;
    if (was_there) kv_events_owe_resync(connection);
    return note_absent(connection, no_table, file != NULL && file != witness->file);
  }
  code = find_in_place(connection, &is_in_place);
  if (code != SQLITE_OK) return refuse(connection, code);
  if (is_in_place) {
    /* All schemas were read anew, and it was no rollback: another database may have been put here. */
    if (was_in_place && is_moved && witness->connects != witness->seen_connects) {
      kv_events_owe_resync(connection);
    }
    witness->is_in_place = 1;
    witness->why_not = NULL;
    code = note_state(connection);
    forget_making(connection);
    return code;
  }
  if (was_in_place && !was_unmade(connection, &now)) kv_events_owe_resync(connection);
  int is_news = !was_in_place && !witness->is_beginning &&
                (is_moved || kv_events_is_writing(connection) || witness->why_not == no_table);
  if (is_news) code = owe_what_is_there(connection);
  witness->is_in_place = 0;
  return code == SQLITE_OK ? install(connection) : code;
}

static int look(kv_connection *connection) {
  kv_witness *witness = &connection->events->witness;
  int is_moved = 1;
  if (!kv_events_are_on(connection)) {
    if (!witness->is_in_place && !witness->is_unsettled) return SQLITE_OK;
    int is_suspect = !witness->is_in_place || !is_settled(connection);
    return note_absent(connection, "nobody listens", is_suspect);
  }
  if (witness->is_in_place || witness->why_not == no_table) {
    if (is_settled(connection)) return SQLITE_OK;
  }
  if (witness->is_in_place && witness->table != NULL && !witness->is_doubted) {
    kv_versions now;
    kv_witness_read_versions(connection, &now);
    int code = find_moved(connection, &is_moved);
    if (code != SQLITE_OK && !is_mere_refusal(code)) return code;
    kv_clear_error(connection);
    is_moved = is_moved || kv_witness_file(connection) != witness->file ||
               connection->events->ledger.open > 0;
    if (!is_moved) {
      forget_making(connection);
      witness->versions = now;
      witness->is_unsettled = 0;
    }
  }
  return is_moved ? look_closely(connection) : SQLITE_OK;
}

int kv_witness_look(kv_connection *connection) {
  kv_witness *witness = &connection->events->witness;
  if (witness->is_busy || witness->running > 0) return SQLITE_OK;
  char *error = connection->error; /* on its way to the host already */
  connection->error = NULL;
  witness->is_busy = 1;
  int code = look(connection);
  witness->is_busy = 0;
  if (code == SQLITE_OK) {
    kv_clear_error(connection);
    connection->error = error;
  } else {
    sqlite3_free(error);
  }
  return code;
}

void kv_witness_doubt(kv_connection *connection) {
  connection->events->witness.is_doubted = 1;
}

/* A database that is detached, and another attached by its name, moves nothing that can be compared. But
** it ends every statement that was prepared before. */
int kv_witness_probe(kv_connection *connection) {
  kv_query query;
  if (kv_witness_file(connection) != connection->events->witness.file) kv_witness_doubt(connection);
  if (connection->schema == NULL) return SQLITE_OK;
  if (connection->statements[KV_SQL_SCHEMA_PROBE] == NULL) kv_witness_doubt(connection);
  kv_query_begin(&query, connection, KV_SQL_SCHEMA_PROBE);
  (void)kv_query_row(&query);
  int code = kv_query_end(&query);
  if (code != SQLITE_OK) kv_witness_doubt(connection);
  if (!is_mere_refusal(code)) return code;
  kv_clear_error(connection);
  return SQLITE_OK;
}

int kv_witness_move(kv_connection *connection) {
  kv_events *events = connection->events;
  kv_ledger_give_up_places(&events->ledger);
  (void)kv_ledger_forget(&events->ledger, &events->watchers);
  kv_events_owe_resync(connection);
  events->witness.is_in_place = 0;
  events->witness.is_unsettled = events->witness.is_doubted = 1;
  return kv_witness_look(connection);
}

const char *kv_witness_why_not(const kv_connection *connection) {
  const kv_events *events = connection->events;
  if (events == NULL || !kv_events_are_on(connection)) return "nobody listens";
  return events->witness.is_in_place       ? NULL
         : events->witness.why_not != NULL ? events->witness.why_not
                                           : "not looked at yet";
}
