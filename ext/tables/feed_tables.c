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
/* The plan of kv_changes: bits of idxNum. An equality is both bounds. */
enum {
  HAS_AFTER = 1,
  HAS_LOWER = 1 << KV_PLAN_BITS,
  HAS_UPPER = 2 << KV_PLAN_BITS,
  HAS_SEQ = HAS_LOWER | HAS_UPPER,
  IS_ONE = 4 << KV_PLAN_BITS /* both are one equality, with one place in argv */
};

static const sqlite3_int64 most = 0x7fffffffffffffff;

struct scan {
  kv_range seen;
  sqlite3_int64 rewound; /* > 0: the only row, a resync with this seq */
  int is_resync;         /* the row: it has no names, whatever the log has */
};

static void free_scan(void *pointer) {
  struct scan *scan = pointer;
  if (scan == NULL) return;
  kv_range_free(&scan->seen);
  sqlite3_free(scan);
}

static int new_scan(kv_cursor *cursor, struct scan **out) {
  struct scan *scan = *out = sqlite3_malloc64(sizeof *scan);
  cursor->state = scan;
  if (scan == NULL) return SQLITE_NOMEM;
  *scan = (struct scan){.rewound = 0};
  return kv_range_scope(&scan->seen, cursor->connection, cursor->scope);
}

/* Answers with a stored name as the cursor's scope sees it. A BLOB, which plain SQL can put there, stays one. */
static int answer_name(kv_cursor *cursor, sqlite3_context *context, int column) {
  if (sqlite3_column_type(cursor->query.statement, column) != SQLITE_TEXT) {
    sqlite3_result_value(context, kv_query_value(&cursor->query, column));
    return SQLITE_OK;
  }
  kv_text stored = kv_query_text(&cursor->query, column);
  if (stored.bytes == NULL) return SQLITE_NOMEM;
  kv_cursor_answer_group(cursor, context, stored);
  return SQLITE_OK;
}

/* ---- kv_changes ------------------------------------------------------------------------------ */

static int bounds_of(int operator) {
  switch (operator) {
  case SQLITE_INDEX_CONSTRAINT_EQ:
    return HAS_SEQ;
  case SQLITE_INDEX_CONSTRAINT_GT:
  case SQLITE_INDEX_CONSTRAINT_GE:
    return HAS_LOWER;
  case SQLITE_INDEX_CONSTRAINT_LT:
  case SQLITE_INDEX_CONSTRAINT_LE:
    return HAS_UPPER;
  default:
    return 0;
  }
}

/* One equality, or one bound of each kind: SQLite looks at each row itself, so a bound that is taken for
** one that has the number, too, is wide enough. */
static int plan_changes(kv_connection *connection, sqlite3_index_info *info, int *next_argument) {
  int places[2] = {-1, -1}; /* of the constraints in info */
  (void)connection;
  for (int i = 0; i < info->nConstraint; i++) {
    const struct sqlite3_index_constraint *c = &info->aConstraint[i];
    int bounds = c->usable && c->iColumn == SEQ ? bounds_of(c->op) : 0;
    if (bounds & HAS_LOWER && (places[0] < 0 || bounds == HAS_SEQ)) places[0] = i;
    if (bounds & HAS_UPPER && (places[1] < 0 || bounds == HAS_SEQ)) places[1] = i;
  }
  for (int i = 0; i < 2; i++) {
    if (places[i] < 0) continue;
    info->idxNum |= i == 0 ? HAS_LOWER : HAS_UPPER;
    if (i == 1 && places[0] == places[1]) break;
    info->aConstraintUsage[places[i]].argvIndex = ++*next_argument;
  }
  int is_one = places[0] >= 0 && places[0] == places[1];
  if (is_one) info->idxNum |= IS_ONE;
  info->estimatedCost = is_one ? 10.0 : info->idxNum ? 1000.0 : 1e6;
  info->estimatedRows = is_one ? 1 : info->idxNum ? 100 : 100000;
  info->orderByConsumed =
      info->nOrderBy == 1 && info->aOrderBy[0].iColumn == SEQ && !info->aOrderBy[0].desc;
  return SQLITE_OK;
}

/* A bound that is no integer narrows nothing. */
static void narrow(sqlite3_int64 *after, sqlite3_int64 *until, int plan, sqlite3_value **argv) {
  if (plan & HAS_LOWER && sqlite3_value_type(*argv) == SQLITE_INTEGER) {
    sqlite3_int64 seq = sqlite3_value_int64(*argv);
    if (seq - 1 > *after && seq > 0) *after = seq - 1;
  }
  if (plan & HAS_LOWER && !(plan & IS_ONE)) argv++;
  if (plan & HAS_UPPER && sqlite3_value_type(*argv) == SQLITE_INTEGER) {
    *until = sqlite3_value_int64(*argv);
  }
}

static int filter_changes(kv_cursor *cursor, int plan, int argc, sqlite3_value **argv) {
  kv_connection *connection = cursor->connection;
  sqlite3_int64 after = 0, until = most, head;
  struct scan *scan;
  (void)argc;
  int code = kv_feed_head(connection, &head);
  if (code == SQLITE_OK && plan & HAS_AFTER) {
    code = kv_argument_integer(connection, *argv++, "after", 0, most, &after);
  }
  if (code == SQLITE_OK) code = new_scan(cursor, &scan);
  if (code != SQLITE_OK) return code;
  if (after > head) {
    scan->rewound = head;
    return SQLITE_OK;
  }
  narrow(&after, &until, plan, argv);
  return kv_feed_changes(&cursor->query, connection, after, until, &scan->seen);
}

static int next_change(kv_cursor *cursor) {
  struct scan *scan = cursor->state;
  if (scan->rewound > 0) {
    cursor->is_end = cursor->rowid > 1; /* it counts the rows */
    return SQLITE_OK;
  }
  cursor->is_end = !kv_query_row(&cursor->query);
  if (cursor->is_end) return cursor->query.code;
  cursor->rowid = kv_query_integer(&cursor->query, SEQ);
  scan->is_resync = kv_query_integer(&cursor->query, CHANGES_COLUMNS) != 0;
  return SQLITE_OK;
}

static int changes_column(kv_cursor *cursor, sqlite3_context *context, int column) {
  const struct scan *scan = cursor->state;
  if (scan->rewound == 0) {
    if (scan->is_resync && column >= GRP) return SQLITE_OK;
    if (column == GRP) return answer_name(cursor, context, column);
    sqlite3_result_value(context, kv_query_value(&cursor->query, column));
  } else if (column == SEQ) {
    sqlite3_result_int64(context, scan->rewound);
  } else if (column == AT) {
    sqlite3_result_int64(context, cursor->now_ms);
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
  struct scan *scan;
  int code = new_scan(cursor, &scan);
  if (code != SQLITE_OK) return code;
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
