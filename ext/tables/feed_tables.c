/*
** kv_changes [after] and kv_consumers. See feed_tables.h.
**
** A scan of kv_changes goes on from `after`, or from a constraint on seq, whichever is later. What is
** asked for after a change that the log has not had yet (the file was put back from a backup) is answered
** with a resync, as what was trimmed is.
*/
#include "tables/feed_tables.h"
#include "arguments/arguments.h"
#include "events/feed.h"

enum { SEQ, AT, TYPE, GRP, KEY, VALUE, EXPIRES_AT, CHANGES_COLUMNS };
enum { NAME, READER_SEQ, LAG, READER_AT, CONSUMERS_COLUMNS };
/* The plan of kv_changes: bits of idxNum. */
enum { HAS_AFTER = 1, HAS_LOWER = 1 << KV_PLAN_BITS, LOWER_IS_INCLUSIVE = 2 << KV_PLAN_BITS };

struct scan {
  char *scope; /* as it was when the scan began */
  kv_range seen;
  sqlite3_int64 rewound; /* > 0: the only row, a resync with this seq */
};

static void free_scan(void *pointer) {
  struct scan *scan = pointer;
  if (scan == NULL) return;
  kv_range_free(&scan->seen);
  sqlite3_free(scan->scope);
  sqlite3_free(scan);
}

static struct scan *new_scan(kv_cursor *cursor) {
  struct scan *scan = sqlite3_malloc64(sizeof *scan);
  cursor->state = scan;
  if (scan == NULL) return NULL;
  *scan = (struct scan){.scope = sqlite3_mprintf("%s", kv_connection_scope(cursor->connection))};
  if (scan->scope == NULL) return NULL;
  return kv_range_all(&scan->seen, cursor->connection) == SQLITE_OK ? scan : NULL;
}

/* Answers with a stored name as the scan's scope sees it. */
static int answer_name(kv_cursor *cursor, sqlite3_context *context, int column) {
  const struct scan *scan = cursor->state;
  if (sqlite3_column_type(cursor->query.statement, column) == SQLITE_NULL) return SQLITE_OK;
  kv_text stored = kv_query_text(&cursor->query, column);
  if (stored.bytes == NULL) return SQLITE_NOMEM;
  kv_text name = kv_name_without(stored, scan->scope);
  sqlite3_result_text(context, name.bytes, name.length, SQLITE_TRANSIENT);
  return SQLITE_OK;
}

/* ---- kv_changes ------------------------------------------------------------------------------ */

static int plan_changes(kv_connection *connection, sqlite3_index_info *info, int *next_argument) {
  (void)connection;
  for (int i = 0; i < info->nConstraint && !(info->idxNum & HAS_LOWER); i++) {
    const struct sqlite3_index_constraint *c = &info->aConstraint[i];
    int is_inclusive = c->op == SQLITE_INDEX_CONSTRAINT_GE || c->op == SQLITE_INDEX_CONSTRAINT_EQ;
    if (!c->usable || c->iColumn != SEQ) continue;
    if (!is_inclusive && c->op != SQLITE_INDEX_CONSTRAINT_GT) continue;
    info->aConstraintUsage[i].argvIndex = ++*next_argument;
    info->idxNum |= HAS_LOWER | (is_inclusive ? LOWER_IS_INCLUSIVE : 0);
  }
  info->estimatedCost = info->idxNum ? 100.0 : 1e6;
  info->orderByConsumed =
      info->nOrderBy == 1 && info->aOrderBy[0].iColumn == SEQ && !info->aOrderBy[0].desc;
  return SQLITE_OK;
}

/* A bound on seq that is no integer narrows nothing: SQLite looks at each row itself. */
static void raise_lower(sqlite3_int64 *after, sqlite3_value *bound, int is_inclusive) {
  if (sqlite3_value_type(bound) != SQLITE_INTEGER) return;
  sqlite3_int64 seq = sqlite3_value_int64(bound);
  if (is_inclusive && seq > 0) seq--;
  if (seq > *after) *after = seq;
}

static int filter_changes(kv_cursor *cursor, int plan, int argc, sqlite3_value **argv) {
  static const sqlite3_int64 most = 0x7fffffffffffffff;
  kv_connection *connection = cursor->connection;
  sqlite3_int64 after = 0, given = 0, head;
  (void)argc;
  int code = kv_feed_head(connection, &head);
  if (code == SQLITE_OK && plan & HAS_AFTER) {
    code = kv_argument_integer(connection, *argv++, "after", 0, most, &given);
  }
  if (code != SQLITE_OK) return code;
  struct scan *scan = new_scan(cursor);
  if (scan == NULL) return SQLITE_NOMEM;
  after = given;
  if (plan & HAS_LOWER) raise_lower(&after, *argv, plan & LOWER_IS_INCLUSIVE);
  if (given > head) {
    scan->rewound = head;
    return SQLITE_OK;
  }
  return kv_feed_changes(&cursor->query, connection, after, &scan->seen);
}

static int next_change(kv_cursor *cursor) {
  struct scan *scan = cursor->state;
  if (scan->rewound > 0) {
    cursor->is_end = cursor->rowid > 1; /* it counts the rows */
    return SQLITE_OK;
  }
  cursor->is_end = !kv_query_row(&cursor->query);
  if (!cursor->is_end) cursor->rowid = kv_query_integer(&cursor->query, SEQ);
  return cursor->query.code;
}

static int changes_column(kv_cursor *cursor, sqlite3_context *context, int column) {
  const struct scan *scan = cursor->state;
  if (scan->rewound == 0) {
    if (column == GRP) return answer_name(cursor, context, column);
    sqlite3_result_value(context, kv_query_value(&cursor->query, column));
  } else if (column == SEQ) {
    sqlite3_result_int64(context, scan->rewound);
  } else if (column == AT) {
    sqlite3_result_int64(context, cursor->now);
  } else if (column == TYPE) {
    sqlite3_result_text(context, "resync", -1, SQLITE_STATIC);
  }
  return SQLITE_OK;
}

const kv_table kv_changes_table = {
    .name = "kv_changes",
    .declaration = "CREATE TABLE x(seq INTEGER, at INTEGER, type TEXT, grp TEXT, key TEXT, value, "
                   "expires_at INTEGER, after HIDDEN)",
    .columns = CHANGES_COLUMNS,
    .arguments = 1,
    .plan = plan_changes,
    .filter = filter_changes,
    .next = next_change,
    .column = changes_column,
    .free_state = free_scan,
};

/* ---- kv_consumers ---------------------------------------------------------------------------- */

static int filter_consumers(kv_cursor *cursor, int plan, int argc, sqlite3_value **argv) {
  (void)plan, (void)argc, (void)argv;
  struct scan *scan = new_scan(cursor);
  if (scan == NULL) return SQLITE_NOMEM;
  return kv_feed_readers(&cursor->query, cursor->connection, &scan->seen);
}

static int consumers_column(kv_cursor *cursor, sqlite3_context *context, int column) {
  if (column == NAME) return answer_name(cursor, context, column);
  sqlite3_result_value(context, kv_query_value(&cursor->query, column));
  return SQLITE_OK;
}

const kv_table kv_consumers_table = {
    .name = "kv_consumers",
    .declaration = "CREATE TABLE x(name TEXT, seq INTEGER, lag INTEGER, at INTEGER)",
    .columns = CONSUMERS_COLUMNS,
    .filter = filter_consumers,
    .column = consumers_column,
    .free_state = free_scan,
};
