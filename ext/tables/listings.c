/*
** The listings: kv_groups(prefix) and the reading side of kv_entries(group). (Its writes:
** entries.c.)
**
** Both turn constraints on their text columns into ranges [lower, upper) of stored names, so that
** SQLite reads just those rows of the primary key, in the order that the host asked for.
** Constraints are never "omitted": SQLite checks each row again, so a range may be a little too
** wide, but never too narrow.
*/
#include "arguments/arguments.h"
#include "store/schema.h"
#include "tables/entries.h"
#include "tables/tables.h"

#include <string.h>

enum { NAME_COLUMN, KEYS_COLUMN };                                            /* kv_groups */
enum { GRP_COLUMN, KEY_COLUMN, VALUE_COLUMN, EXPIRES_AT_COLUMN, TTL_COLUMN }; /* kv_entries */

/* What a plan says of one text column, in bits of idxNum from a shift on. */
enum { IS_EQUAL = 1, HAS_LOWER = 2, LOWER_IS_AFTER = 4, HAS_UPPER = 8, UPPER_IS_INCLUSIVE = 16 };
enum {
  FIRST_COLUMN_SHIFT = KV_PLAN_BITS, /* kv_groups' name, kv_entries' grp */
  KEY_SHIFT = FIRST_COLUMN_SHIFT + 5,
  IS_DESCENDING = 1 << (KEY_SHIFT + 5),
  IS_EXPENSIVE_COLUMN_USED = IS_DESCENDING << 1, /* kv_groups' keys, kv_entries' value */
  HAS_ARGUMENT = 1                               /* the table's only one: prefix, group */
};

/* A scan's ranges; they live as long as its query. */
struct listing {
  kv_range visible; /* kv_groups: what the prefix and the scope allow */
  kv_range groups;
  kv_range keys;
};

static void free_listing(void *pointer) {
  struct listing *listing = pointer;
  if (listing == NULL) return;
  kv_range_free(&listing->visible);
  kv_range_free(&listing->groups);
  kv_range_free(&listing->keys);
  sqlite3_free(listing);
}

/* ---- planning -------------------------------------------------------------------------------- */

static int find_constraint(sqlite3_index_info *info, int column, int op, int or_op) {
  for (int i = 0; i < info->nConstraint; i++) {
    int found = info->aConstraint[i].op;
    if ((found == op || found == or_op) && kv_plan_uses(info, i, column)) return i;
  }
  return -1;
}

/* Takes an equality, or else at most one lower and one upper bound, of the column. Returns the
** bits. */
static int plan_column(sqlite3_index_info *info, int column, int *next_argument) {
  int at = find_constraint(info, column, SQLITE_INDEX_CONSTRAINT_EQ, SQLITE_INDEX_CONSTRAINT_EQ);
  if (at >= 0) {
    info->aConstraintUsage[at].argvIndex = ++*next_argument;
    return IS_EQUAL;
  }
  int bits = 0;
  at = find_constraint(info, column, SQLITE_INDEX_CONSTRAINT_GT, SQLITE_INDEX_CONSTRAINT_GE);
  if (at >= 0) {
    info->aConstraintUsage[at].argvIndex = ++*next_argument;
    bits |= HAS_LOWER;
    if (info->aConstraint[at].op == SQLITE_INDEX_CONSTRAINT_GT) bits |= LOWER_IS_AFTER;
  }
  at = find_constraint(info, column, SQLITE_INDEX_CONSTRAINT_LT, SQLITE_INDEX_CONSTRAINT_LE);
  if (at >= 0) {
    info->aConstraintUsage[at].argvIndex = ++*next_argument;
    bits |= HAS_UPPER;
    if (info->aConstraint[at].op == SQLITE_INDEX_CONSTRAINT_LE) bits |= UPPER_IS_INCLUSIVE;
  }
  return bits;
}

/* Rough numbers: all that counts is that the planner prefers the narrower of two scans. */
static double rows_of(int bits, double all) {
  if (bits & IS_EQUAL) return 1.0;
  if (bits & HAS_LOWER) all /= 4;
  if (bits & HAS_UPPER) all /= 4;
  return all;
}

static void set_cost(sqlite3_index_info *info, double rows) {
  info->estimatedRows = (sqlite3_int64)rows + 1;
  info->estimatedCost = rows + 10.0;
}

static int plan_groups(kv_connection *connection, sqlite3_index_info *info, int *next_argument) {
  (void)connection;
  int bits = plan_column(info, NAME_COLUMN, next_argument);
  info->idxNum |= bits << FIRST_COLUMN_SHIFT;
  if (info->colUsed & 1 << KEYS_COLUMN) info->idxNum |= IS_EXPENSIVE_COLUMN_USED;
  info->orderByConsumed =
      info->nOrderBy == 1 && info->aOrderBy[0].iColumn == NAME_COLUMN && !info->aOrderBy[0].desc;
  set_cost(info, rows_of(bits, info->idxNum & HAS_ARGUMENT ? 100.0 : 10000.0));
  return SQLITE_OK;
}

/* Do rows come in the order asked for, forwards or backwards? Where the group is fixed, it has no
** say. */
static int is_in_order(const sqlite3_index_info *info, int is_fixed, int *is_descending) {
  int expected = is_fixed ? KEY_COLUMN : GRP_COLUMN;
  int has_direction = 0;
  for (int i = 0; i < info->nOrderBy; i++) {
    int column = info->aOrderBy[i].iColumn, desc = info->aOrderBy[i].desc;
    if (is_fixed && column == GRP_COLUMN) continue;
    if (expected > KEY_COLUMN) return 1; /* (grp, key) is unique: what follows changes nothing */
    if (column != expected || (has_direction && desc != *is_descending)) return 0;
    *is_descending = desc;
    has_direction = 1;
    expected++;
  }
  return 1;
}

static int plan_entries(kv_connection *connection, sqlite3_index_info *info, int *next_argument) {
  (void)connection;
  int groups =
      info->idxNum & HAS_ARGUMENT ? IS_EQUAL : plan_column(info, GRP_COLUMN, next_argument);
  int is_fixed = groups & IS_EQUAL, is_descending = 0;
  int keys = is_fixed ? plan_column(info, KEY_COLUMN, next_argument) : 0;
  info->idxNum |= groups << FIRST_COLUMN_SHIFT | keys << KEY_SHIFT;
  if (info->colUsed & 1 << VALUE_COLUMN) info->idxNum |= IS_EXPENSIVE_COLUMN_USED;
  info->orderByConsumed = is_in_order(info, is_fixed, &is_descending);
  if (info->orderByConsumed && is_descending) info->idxNum |= IS_DESCENDING;
  set_cost(info, is_fixed ? rows_of(keys, 1000.0) : rows_of(groups, 1000000.0));
  return SQLITE_OK;
}

/* ---- scanning -------------------------------------------------------------------------------- */

/* Reads the constraint's value. *is_nothing: no text compares so to it. *is_all: every text does.
*/
static int read_bound(kv_bound *bound, const char *scope, sqlite3_value *value, int is_after,
                      int is_upper, int *is_nothing) {
  int type = sqlite3_value_type(value);
  if (type == SQLITE_NULL || (type == SQLITE_BLOB && !is_upper)) {
    *is_nothing = 1;
    return SQLITE_OK;
  }
  if (type == SQLITE_BLOB) return SQLITE_OK; /* beyond every text */
  kv_text text = {(const char *)sqlite3_value_text(value), sqlite3_value_bytes(value)};
  if (text.bytes == NULL) return SQLITE_NOMEM;
  return kv_bound_set(bound, scope, text, is_after);
}

/* Narrows `range`, which holds the widest that may be, by what the plan has for the column. */
static int read_range(kv_range *range, const char *scope, int bits, sqlite3_value ***argv,
                      int *is_nothing) {
  int code = SQLITE_OK;
  if (bits & IS_EQUAL) {
    code = read_bound(&range->lower, scope, **argv, 0, 0, is_nothing);
    if (code == SQLITE_OK) code = read_bound(&range->upper, scope, **argv, 1, 0, is_nothing);
    ++*argv;
  }
  if (code == SQLITE_OK && bits & HAS_LOWER) {
    code = read_bound(&range->lower, scope, *(*argv)++, bits & LOWER_IS_AFTER, 0, is_nothing);
  }
  if (code == SQLITE_OK && bits & HAS_UPPER) {
    code = read_bound(&range->upper, scope, *(*argv)++, bits & UPPER_IS_INCLUSIVE, 1, is_nothing);
  }
  return code;
}

/* Sees whether there is a store, and gives the cursor its state. *made NULL: there are no rows. */
static int begin_listing(kv_cursor *cursor, struct listing **made) {
  int code;
  *made = NULL;
  if (kv_store_is_absent(cursor->connection, &code) || code != SQLITE_OK) return code;
  *made = cursor->state = sqlite3_malloc64(sizeof **made);
  if (*made == NULL) return SQLITE_NOMEM;
  **made = (struct listing){{{0}, {0}}, {{0}, {0}}, {{0}, {0}}};
  return kv_range_all(&(*made)->groups, cursor->connection);
}

static int filter_groups(kv_cursor *cursor, int plan, int argc, sqlite3_value **argv) {
  kv_connection *connection = cursor->connection;
  struct listing *listing;
  int is_nothing = 0;
  (void)argc;
  int code = begin_listing(cursor, &listing);
  if (code == SQLITE_OK && listing != NULL && plan & HAS_ARGUMENT) {
    is_nothing = !kv_argument_is_name(*argv);
    if (!is_nothing)
      code = kv_range_prefix(&listing->visible, connection, kv_cursor_argument(cursor, 0));
    argv++;
  } else if (code == SQLITE_OK && listing != NULL) {
    code = kv_range_all(&listing->visible, connection);
  }
  if (code == SQLITE_OK && listing != NULL) {
    code = read_range(&listing->groups, kv_connection_scope(connection), plan >> FIRST_COLUMN_SHIFT,
                      &argv, &is_nothing);
  }
  cursor->is_end = listing == NULL || is_nothing;
  if (code != SQLITE_OK || cursor->is_end) return code;
  kv_query_begin(&cursor->query, connection, KV_SQL_GROUPS);
  kv_range_bind(&cursor->query, 1, &listing->visible);
  kv_range_bind(&cursor->query, 3, &listing->groups);
  kv_bind_integer(&cursor->query, 5, (plan & IS_EXPENSIVE_COLUMN_USED) != 0);
  kv_bind_integer(&cursor->query, 6, cursor->now);
  return cursor->query.code;
}

/* Begins the statement for the plan, with its rows' bounds. */
static int begin_entries(kv_cursor *cursor, int plan, const struct listing *listing) {
  static const kv_sql statements[2][2] = {{KV_SQL_ENTRIES, KV_SQL_ENTRIES_DESCENDING},
                                          {KV_SQL_GROUP_ENTRIES, KV_SQL_GROUP_ENTRIES_DESCENDING}};
  int is_fixed = (plan >> FIRST_COLUMN_SHIFT & IS_EQUAL) != 0;
  kv_query *query = &cursor->query;
  kv_query_begin(query, cursor->connection, statements[is_fixed][(plan & IS_DESCENDING) != 0]);
  kv_range_bind(query, 1, &listing->groups);
  kv_range_bind(query, 3, &listing->keys);
  kv_bind_integer(query, 5, (plan & IS_EXPENSIVE_COLUMN_USED) != 0);
  kv_bind_integer(query, 6, cursor->now);
  return query->code;
}

static int filter_entries(kv_cursor *cursor, int plan, int argc, sqlite3_value **argv) {
  const char *scope = kv_connection_scope(cursor->connection);
  struct listing *listing;
  int is_nothing = 0;
  (void)argc;
  int code = begin_listing(cursor, &listing);
  if (code == SQLITE_OK && listing != NULL) {
    code = kv_bound_set(&listing->keys.lower, "", (kv_text){"", 0}, 0);
  }
  if (code == SQLITE_OK && listing != NULL) {
    code = read_range(&listing->groups, scope, plan >> FIRST_COLUMN_SHIFT, &argv, &is_nothing);
  }
  if (code == SQLITE_OK && listing != NULL) {
    code = read_range(&listing->keys, "", plan >> KEY_SHIFT, &argv, &is_nothing);
  }
  cursor->is_end = listing == NULL || is_nothing;
  if (code != SQLITE_OK || cursor->is_end) return code;
  return begin_entries(cursor, plan, listing);
}

/* A stored group's name as the host sees it: without the scope. */
static int answer_group(kv_cursor *cursor, sqlite3_context *context) {
  int hidden = (int)strlen(kv_connection_scope(cursor->connection));
  sqlite3_value *stored = kv_query_value(&cursor->query, 0);
  if (hidden == 0) {
    sqlite3_result_value(context, stored);
    return SQLITE_OK;
  }
  const char *text = (const char *)sqlite3_column_text(cursor->query.statement, 0);
  int length = sqlite3_column_bytes(cursor->query.statement, 0);
  if (text == NULL) return SQLITE_NOMEM;
  sqlite3_result_text(context, text + hidden, length - hidden, SQLITE_TRANSIENT);
  return SQLITE_OK;
}

static int groups_column(kv_cursor *cursor, sqlite3_context *context, int column) {
  if (column == NAME_COLUMN) return answer_group(cursor, context);
  sqlite3_result_value(context, kv_query_value(&cursor->query, column));
  return SQLITE_OK;
}

static int next_group(kv_cursor *cursor) {
  cursor->is_end = !kv_query_row(&cursor->query);
  if (!cursor->is_end) cursor->rowid = kv_query_integer(&cursor->query, 2);
  return cursor->query.code;
}

static int next_entry(kv_cursor *cursor) {
  cursor->is_end = !kv_query_row(&cursor->query);
  if (!cursor->is_end) cursor->rowid = kv_query_integer(&cursor->query, 4);
  return cursor->query.code;
}

static int entries_column(kv_cursor *cursor, sqlite3_context *context, int column) {
  sqlite3_stmt *statement = cursor->query.statement;
  if (column == GRP_COLUMN) return answer_group(cursor, context);
  if (column >= VALUE_COLUMN && sqlite3_vtab_nochange(context)) return SQLITE_OK;
  if (column != TTL_COLUMN) {
    sqlite3_result_value(context, kv_query_value(&cursor->query, column));
  } else if (sqlite3_column_type(statement, EXPIRES_AT_COLUMN) != SQLITE_NULL) {
    sqlite3_int64 left = sqlite3_column_int64(statement, EXPIRES_AT_COLUMN) - cursor->now;
    sqlite3_result_double(context, (double)left / 1000.0);
  }
  return SQLITE_OK;
}

const kv_table kv_groups_table = {
    .name = "kv_groups",
    .declaration = "CREATE TABLE x(name TEXT, keys INTEGER, prefix HIDDEN)",
    .columns = 2,
    .arguments = 1,
    .is_anchor = 1,
    .plan = plan_groups,
    .filter = filter_groups,
    .next = next_group,
    .column = groups_column,
    .free_state = free_listing,
};

const kv_table kv_entries_table = {
    .name = "kv_entries",
    .declaration = "CREATE TABLE x(grp TEXT, key TEXT, value, expires_at INTEGER, ttl, "
                   "\"group\" HIDDEN)",
    .columns = 5,
    .arguments = 1,
    .plan = plan_entries,
    .filter = filter_entries,
    .next = next_entry,
    .column = entries_column,
    .free_state = free_listing,
    .update = kv_entries_update,
};
