/*
** The listings: kv_groups(prefix) and the reading side of kv_entries(group). (Its writes:
** entries.c.)
**
** Both turn constraints on their text columns into ranges [lower, upper) of stored names
** (bounds.h), so that SQLite reads just those rows of the primary key, in the order that the host
** asked for. SQLite tests each row again, but where a text is compared to one for certain.
*/
#include "tables/listings.h"
#include "arguments/arguments.h"
#include "store/schema.h"
#include "tables/bounds.h"
#include "tables/entries.h"
#include "transfer/export.h"

#include <string.h>

enum { NAME_COLUMN, KEYS_COLUMN };                                            /* kv_groups */
enum { GRP_COLUMN, KEY_COLUMN, VALUE_COLUMN, EXPIRES_AT_COLUMN, TTL_COLUMN }; /* kv_entries */
enum { ROWID_COLUMN = TTL_COLUMN }; /* of its statements */

enum {
  FIRST_COLUMN_SHIFT = KV_PLAN_BITS, /* kv_groups' name, kv_entries' grp */
  KEY_SHIFT = FIRST_COLUMN_SHIFT + KV_BOUNDS_BITS,
  IS_DESCENDING = 1 << (KEY_SHIFT + KV_BOUNDS_BITS),
  IS_BY_KEY = IS_DESCENDING << 1,            /* kv_entries: the key comes first in the order */
  IS_EXPENSIVE_COLUMN_USED = IS_BY_KEY << 1, /* kv_groups' keys, kv_entries' value */
  HAS_ARGUMENT = 1                           /* the table's only one: prefix, group */
};

/*
** A scan's ranges, which live as long as its query, and its end: with the rows that were there when
** it began. Later ones have a rowid beyond the largest of that time. (One can be had again after
** the row with the largest has been deleted. So a row that had it is passed once; and there were no
** more rows than rowids.)
*/
struct listing {
  kv_range visible; /* kv_groups: what the prefix and the scope allow */
  kv_range groups;
  kv_range keys;
  int is_begun;
  sqlite3_int64 newest;     /* the largest rowid */
  sqlite3_int64 most, seen; /* rows */
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

/* Rough numbers: all that counts is that the planner prefers the narrower of two scans. */
static double rows_of(int bits, double all) {
  if (bits & KV_BOUNDS_EQUAL) return 1.0;
  if (bits & KV_BOUNDS_LOWER) all /= 4;
  if (bits & KV_BOUNDS_UPPER) all /= 4;
  return all;
}

static void set_cost(sqlite3_index_info *info, double rows) {
  info->estimatedRows = (sqlite3_int64)rows + 1;
  info->estimatedCost = rows + 10.0;
}

/* Each turn of an IN is in order, but not all of them. */
static int has_in(const sqlite3_index_info *info) {
  return info->idxNum >> KV_PLAN_IN_SHIFT != 0;
}

static int plan_groups(kv_connection *connection, sqlite3_index_info *info, int *next_argument) {
  (void)connection;
  int bits = kv_bounds_plan(info, NAME_COLUMN, next_argument);
  info->idxNum |= bits << FIRST_COLUMN_SHIFT;
  if (info->colUsed & 1 << KEYS_COLUMN) info->idxNum |= IS_EXPENSIVE_COLUMN_USED;
  info->orderByConsumed = !has_in(info) && info->nOrderBy == 1 &&
                          info->aOrderBy[0].iColumn == NAME_COLUMN && !info->aOrderBy[0].desc;
  set_cost(info, rows_of(bits, info->idxNum & HAS_ARGUMENT ? 100.0 : 10000.0));
  return SQLITE_OK;
}

/*
** Do rows come in the order asked for, and from which column on, in which direction? Where the
** argument says the group it has no say. Where it equals a value of the host's, that may be a
** number, which several groups equal: then they come by key and group, or by group and key.
*/
static int plan_order(const sqlite3_index_info *info, int groups, int *order) {
  int is_one = info->idxNum & HAS_ARGUMENT, expected = is_one ? KEY_COLUMN : GRP_COLUMN, seen = 0;
  *order = 0;
  for (int i = 0; i < info->nOrderBy && seen < 2; i++) {
    int column = info->aOrderBy[i].iColumn, desc = info->aOrderBy[i].desc ? IS_DESCENDING : 0;
    if (is_one && column == GRP_COLUMN) continue;
    if (is_one && seen == 1) break; /* keys are unique in a group */
    if (i == 0 && groups & KV_BOUNDS_EQUAL && column == KEY_COLUMN) {
      *order |= IS_BY_KEY;
      expected = KEY_COLUMN;
    }
    if (column != expected || (seen > 0 && desc != (*order & IS_DESCENDING))) return 0;
    *order |= desc;
    expected = expected == GRP_COLUMN ? KEY_COLUMN : GRP_COLUMN;
    seen++;
  }
  return 1;
}

static int plan_entries(kv_connection *connection, sqlite3_index_info *info, int *next_argument) {
  (void)connection;
  int order, has_argument = info->idxNum & HAS_ARGUMENT;
  int groups = has_argument ? 0 : kv_bounds_plan(info, GRP_COLUMN, next_argument);
  int is_fixed = has_argument || groups & KV_BOUNDS_EQUAL;
  int keys = is_fixed ? kv_bounds_plan(info, KEY_COLUMN, next_argument) : 0;
  info->idxNum |= groups << FIRST_COLUMN_SHIFT | keys << KEY_SHIFT;
  if (info->colUsed & 1 << VALUE_COLUMN) info->idxNum |= IS_EXPENSIVE_COLUMN_USED;
  info->orderByConsumed = !has_in(info) && plan_order(info, groups, &order);
  if (info->orderByConsumed) info->idxNum |= order;
  set_cost(info, is_fixed ? rows_of(keys, 1000.0) : rows_of(groups, 1000000.0));
  return SQLITE_OK;
}

/* ---- scanning -------------------------------------------------------------------------------- */

/* Sees whether there is a store, and gives the cursor its state: all that its scope lets it see.
** *made NULL: there are no rows. */
static int begin_listing(kv_cursor *cursor, struct listing **made) {
  int code;
  *made = NULL;
  if (kv_store_is_absent(cursor->connection, &code) || code != SQLITE_OK) return code;
  *made = cursor->state = sqlite3_malloc64(sizeof **made);
  if (*made == NULL) return SQLITE_NOMEM;
  **made = (struct listing){.is_begun = 0};
  return kv_range_scope(&(*made)->groups, cursor->connection, cursor->scope);
}

static int filter_groups(kv_cursor *cursor, int plan, int argc, sqlite3_value **argv) {
  kv_connection *connection = cursor->connection;
  struct listing *listing;
  int is_nothing = 0;
  (void)argc;
  int code = begin_listing(cursor, &listing);
  if (code == SQLITE_OK && listing != NULL && plan & HAS_ARGUMENT) {
    is_nothing = !kv_argument_is_name(*argv++);
    if (!is_nothing) {
      code = kv_range_prefix(&listing->visible, connection, cursor->scope,
                             kv_cursor_argument(cursor, 0));
    }
  } else if (code == SQLITE_OK && listing != NULL) {
    code = kv_range_scope(&listing->visible, connection, cursor->scope);
  }
  if (code == SQLITE_OK && listing != NULL) {
    code = kv_bounds_read(&listing->groups, connection, cursor->scope, plan >> FIRST_COLUMN_SHIFT,
                          &argv, &is_nothing);
  }
  cursor->is_end = listing == NULL || is_nothing;
  if (code != SQLITE_OK || cursor->is_end) return code;
  kv_query_begin(&cursor->query, connection, KV_SQL_GROUPS);
  kv_range_bind(&cursor->query, 1, &listing->visible);
  kv_range_bind(&cursor->query, 3, &listing->groups);
  kv_bind_integer(&cursor->query, 5, (plan & IS_EXPENSIVE_COLUMN_USED) != 0);
  kv_bind_integer(&cursor->query, 6, cursor->now_ms);
  return cursor->query.code;
}

/* The group that the scan is of, alone: the argument, or the text that grp equals. NULL: none. */
static sqlite3_value *only_group(const kv_cursor *cursor, int plan, sqlite3_value **argv) {
  if (plan & HAS_ARGUMENT) return argv[0];
  int is_equal = plan >> FIRST_COLUMN_SHIFT & KV_BOUNDS_EQUAL && argv[0] != NULL;
  if (!is_equal || sqlite3_value_type(argv[0]) != SQLITE_TEXT) return NULL;
  int is_whole =
      cursor->connection->encoding == SQLITE_UTF8 || sqlite3_value_bytes16(argv[0]) % 2 == 0;
  return is_whole ? argv[0] : NULL; /* half a character cannot be bound: see range.h */
}

/* Begins the statement for the plan, with its rows' bounds. */
static int begin_entries(kv_cursor *cursor, int plan, int is_of_group,
                         const struct listing *listing) {
  static const kv_sql statements[][2] = {{KV_SQL_ENTRIES, KV_SQL_ENTRIES_DESCENDING},
                                         {KV_SQL_ENTRIES_BY_KEY, KV_SQL_ENTRIES_BY_KEY_DESCENDING},
                                         {KV_SQL_GROUP_ENTRIES, KV_SQL_GROUP_ENTRIES_DESCENDING}};
  int kind = is_of_group ? 2 : (plan & IS_BY_KEY) != 0;
  kv_query *query = &cursor->query;
  kv_query_begin(query, cursor->connection, statements[kind][(plan & IS_DESCENDING) != 0]);
  kv_range_bind(query, 1, &listing->groups);
  kv_range_bind(query, 3, &listing->keys);
  kv_bind_integer(query, 5, (plan & IS_EXPENSIVE_COLUMN_USED) != 0);
  kv_bind_integer(query, 6, cursor->now_ms);
  return query->code;
}

static int filter_entries(kv_cursor *cursor, int plan, int argc, sqlite3_value **argv) {
  kv_connection *connection = cursor->connection;
  sqlite3_value *group = only_group(cursor, plan, argv);
  struct listing *listing;
  int is_nothing = 0;
  (void)argc;
  int code = begin_listing(cursor, &listing);
  if (code == SQLITE_OK && listing != NULL && plan & HAS_ARGUMENT) {
    is_nothing = !kv_argument_is_name(*argv++);
    if (!is_nothing) {
      code = kv_bound_set(&listing->groups.lower, connection, cursor->scope, group, 0, 0);
    }
  } else if (code == SQLITE_OK && listing != NULL) {
    code = kv_bounds_read(&listing->groups, connection, cursor->scope, plan >> FIRST_COLUMN_SHIFT,
                          &argv, &is_nothing);
  }
  if (code == SQLITE_OK && listing != NULL) {
    code = kv_bound_set_ascii(&listing->keys.lower, connection, "", "");
  }
  if (code == SQLITE_OK && listing != NULL) {
    code = kv_bounds_read(&listing->keys, connection, "", plan >> KEY_SHIFT, &argv, &is_nothing);
  }
  cursor->is_end = listing == NULL || is_nothing;
  if (code != SQLITE_OK || cursor->is_end) return code;
  return begin_entries(cursor, plan, group != NULL, listing);
}

static int read_newest(kv_cursor *cursor, struct listing *listing) {
  kv_query query;
  kv_query_begin(&query, cursor->connection, KV_SQL_NEWEST);
  if (kv_query_row(&query)) listing->newest = kv_query_integer(&query, 0);
  listing->most = listing->newest;
  listing->is_begun = 1;
  return kv_query_end(&query);
}

/* The row that the query stands on: is it one that was there when the scan began? */
static int is_in_listing(kv_cursor *cursor, struct listing *listing) {
  if (cursor->rowid > listing->newest) return 0;
  if (cursor->rowid == listing->newest) listing->newest--;
  if (cursor->rowid > 0) cursor->is_end = ++listing->seen > listing->most;
  return 1;
}

/* The snapshot that the first row was read from is that of the largest rowid too. */
static int next_entry(kv_cursor *cursor) {
  struct listing *listing = cursor->state;
  do {
    cursor->is_end = !kv_query_row(&cursor->query);
    if (cursor->is_end) return cursor->query.code;
    if (!listing->is_begun) {
      int code = read_newest(cursor, listing);
      if (code != SQLITE_OK) return code;
    }
    cursor->rowid = kv_query_integer(&cursor->query, ROWID_COLUMN);
  } while (!is_in_listing(cursor, listing));
  return SQLITE_OK;
}

/* New groups the statement itself leaves out. */
static int next_group(kv_cursor *cursor) {
  struct listing *listing = cursor->state;
  cursor->is_end = !kv_query_row(&cursor->query);
  if (cursor->is_end) return cursor->query.code;
  cursor->rowid = kv_query_integer(&cursor->query, 2);
  listing->newest = kv_query_integer(&cursor->query, 3);
  cursor->is_end = cursor->rowid > 0 && ++listing->seen > listing->newest;
  return SQLITE_OK;
}

static int answer_narrow_group(kv_cursor *cursor, sqlite3_context *context) {
  kv_text stored = kv_name_of(kv_query_value(&cursor->query, 0));
  if (stored.bytes == NULL) return SQLITE_NOMEM;
  kv_cursor_answer_group(cursor, context, stored);
  return SQLITE_OK;
}

/* The same from UTF-16, which UTF-8 cannot say all of (range.h). SQLite takes a byte order mark off
** what it is given in UTF-16: a name that begins as one is answered in UTF-8. */
static int answer_wide_group(kv_cursor *cursor, sqlite3_context *context) {
  sqlite3_stmt *row = cursor->query.statement;
  int hidden = (int)strlen(cursor->scope) * 2, length = sqlite3_column_bytes16(row, 0);
  const char *stored = sqlite3_column_text16(row, 0);
  if (stored == NULL) return SQLITE_NOMEM;
  unsigned short first = 0;
  if (length > hidden) memcpy(&first, stored + hidden, sizeof first);
  if (first == 0xfeff || first == 0xfffe) return answer_narrow_group(cursor, context);
  sqlite3_result_text16(context, stored + hidden, length - hidden, SQLITE_TRANSIENT);
  return SQLITE_OK;
}

/* The name of the row's group as the host sees it. */
static int answer_group(kv_cursor *cursor, sqlite3_context *context) {
  if (cursor->connection->encoding == SQLITE_UTF8) return answer_narrow_group(cursor, context);
  if (*cursor->scope != 0) return answer_wide_group(cursor, context);
  sqlite3_result_value(context, kv_query_value(&cursor->query, 0));
  return SQLITE_OK;
}

static int filter_dump(kv_cursor *cursor, int plan, int argc, sqlite3_value **argv) {
  struct listing *listing;
  int is_nothing = 0;
  (void)argc;
  int code = begin_listing(cursor, &listing);
  if (code == SQLITE_OK && listing != NULL && plan & HAS_ARGUMENT) {
    is_nothing = !kv_argument_is_name(*argv);
    if (!is_nothing) {
      kv_range_free(&listing->groups);
      code = kv_range_prefix(&listing->groups, cursor->connection, cursor->scope,
                             kv_cursor_argument(cursor, 0));
    }
  }
  if (code == SQLITE_OK && listing != NULL) {
    code = kv_bound_set_ascii(&listing->keys.lower, cursor->connection, "", "");
  }
  cursor->is_end = listing == NULL || is_nothing;
  if (code != SQLITE_OK || cursor->is_end) return code;
  return begin_entries(cursor, IS_EXPENSIVE_COLUMN_USED, 0, listing);
}

static int dump_column(kv_cursor *cursor, sqlite3_context *context, int column) {
  char *json;
  sqlite3_uint64 length;
  (void)column;
  int code = kv_export_row(&cursor->query, cursor->scope, &json, &length);
  if (code == SQLITE_OK) sqlite3_result_text64(context, json, length, sqlite3_free, SQLITE_UTF8);
  return code;
}

static int groups_column(kv_cursor *cursor, sqlite3_context *context, int column) {
  if (column == NAME_COLUMN) return answer_group(cursor, context);
  sqlite3_result_value(context, kv_query_value(&cursor->query, column));
  return SQLITE_OK;
}

static int entries_column(kv_cursor *cursor, sqlite3_context *context, int column) {
  if (sqlite3_vtab_nochange(context)) return SQLITE_OK;
  if (column == GRP_COLUMN) return answer_group(cursor, context);
  if (column != TTL_COLUMN) {
    sqlite3_result_value(context, kv_query_value(&cursor->query, column));
    return SQLITE_OK;
  }
  double ttl;
  if (kv_entries_ttl(kv_query_value(&cursor->query, EXPIRES_AT_COLUMN), cursor->now_ms, &ttl)) {
    sqlite3_result_double(context, ttl);
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

const kv_table kv_dump_table = {
    .name = "kv_dump",
    .declaration = "CREATE TABLE x(line TEXT, prefix HIDDEN)",
    .columns = 1,
    .arguments = 1,
    .filter = filter_dump,
    .next = next_entry,
    .column = dump_column,
    .free_state = free_listing,
};
