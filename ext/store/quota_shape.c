/*
** What quotas consist of. See quota_shape.h.
*/
#include "store/quota_shape.h"

#include <string.h>

/* What the quotas there are need (quota_kinds in sql/quota.sql). */
enum { FOR_NAMESPACES = 1, FOR_STORE = 2, FOR_BYTES = 4, FOR_LOWERED = 8 };

/* Views before their triggers. */
static const struct part {
  const char *name;
  kv_sql create, drop;
  int needs, forbids;
} parts[] = {
#define VIEW(name, NAME, needs)                                                                    \
  { name, KV_SQL_CREATE_QUOTA_##NAME, KV_SQL_DROP_QUOTA_VIEW, needs, 0 }
#define TRIGGER(name, NAME, needs)                                                                 \
  { name, KV_SQL_CREATE_QUOTA_##NAME, KV_SQL_DROP_QUOTA_TRIGGER, needs, 0 }
    VIEW("kv_quota_way", WAY, 0),
    VIEW("kv_quota_over", OVER, 0),
    VIEW("kv_quota_bytes_over", BYTES_OVER, FOR_BYTES),
    TRIGGER("kv_quota_way_insert", WAY_INSERT, 0),
    TRIGGER("kv_quota_note_insert", NOTE_INSERT, 0),
    TRIGGER("kv_quota_note_update", NOTE_UPDATE, 0),
    TRIGGER("kv_quota_note_gone", NOTE_GONE, 0),
    TRIGGER("kv_quota_note_moved", NOTE_MOVED, 0),
    TRIGGER("kv_quota_settle", SETTLE, 0),
    TRIGGER("kv_quota_count_delete", COUNT_DELETE, 0),
    TRIGGER("kv_quota_revive", REVIVE, FOR_LOWERED),
    TRIGGER("kv_quota_full", FULL, 0),
    TRIGGER("kv_quota_over_insert", OVER_INSERT, FOR_NAMESPACES),
    TRIGGER("kv_quota_store_over", STORE_OVER, FOR_STORE),
    TRIGGER("kv_quota_bytes_insert", BYTES_INSERT, FOR_BYTES),
    TRIGGER("kv_quota_bytes_delete", BYTES_DELETE, FOR_BYTES),
    TRIGGER("kv_quota_bytes_value", BYTES_VALUE, FOR_BYTES),
    TRIGGER("kv_quota_bytes_noted", BYTES_NOTED, FOR_BYTES),
    TRIGGER("kv_quota_bytes_update", BYTES_UPDATE, FOR_BYTES),
    TRIGGER("kv_quota_bytes_full", BYTES_FULL, FOR_BYTES),
    TRIGGER("kv_quota_bytes_over_insert", BYTES_OVER_INSERT, FOR_BYTES | FOR_NAMESPACES),
    TRIGGER("kv_quota_bytes_store_over", BYTES_STORE_OVER, FOR_BYTES | FOR_STORE),
    {"kv_quota_count_insert", KV_SQL_CREATE_QUOTA_COUNT_INSERT, KV_SQL_DROP_QUOTA_TRIGGER,
     FOR_NAMESPACES, FOR_STORE | FOR_BYTES},
    {"kv_quota_store_insert", KV_SQL_CREATE_QUOTA_STORE_INSERT, KV_SQL_DROP_QUOTA_TRIGGER,
     FOR_STORE, FOR_BYTES},
    {"kv_quota_count_update", KV_SQL_CREATE_QUOTA_COUNT_UPDATE, KV_SQL_DROP_QUOTA_TRIGGER, 0,
     FOR_BYTES},
#undef VIEW
#undef TRIGGER
};

/* Triggers of 0.1.0 whose names are not used any more. */
static const char *const old_parts[] = {"kv_quota_refuse_insert", "kv_quota_refuse_update"};

enum { PARTS = sizeof parts / sizeof parts[0], OLD_PARTS = sizeof old_parts / sizeof old_parts[0] };
enum { TABLES = 4 };
enum { IN_THE_WAY = 1, IN_PLACE = 2 }; /* of a part's name in the schema */

struct shape {
  int tables; /* how many of ours there are */
  int has_quota_table;
  int is_old; /* the table is that of 0.1.0 */
  int has_store;
  int kinds;        /* what the quotas need */
  int found[PARTS]; /* IN_THE_WAY or IN_PLACE; 0: there is none */
  int old[OLD_PARTS];
  int has_index; /* kv_quota_expiry, or one of that kind, on "kv" */
  int is_index_name_taken;
};

/* ---- looking --------------------------------------------------------------------------------- */

static int look_at_tables(kv_connection *connection, struct shape *shape) {
  const char *schema = kv_connection_schema(connection);
  kv_query query;
  kv_query_begin(&query, connection, KV_SQL_QUOTA_TABLES);
  kv_bind_text(&query, 1, (kv_text){schema, (int)strlen(schema)});
  if (kv_query_row(&query)) {
    shape->tables = (int)kv_query_integer(&query, 0);
    shape->has_quota_table = (int)kv_query_integer(&query, 1);
    shape->is_old = (int)kv_query_integer(&query, 2);
    shape->has_store = (int)kv_query_integer(&query, 3);
  }
  return kv_query_end(&query);
}

static void note_part(struct shape *shape, const char *name, int is_on_kv, const char *sql) {
  for (int i = 0; i < PARTS; i++) {
    if (strcmp(parts[i].name, name) == 0) {
      int is_ours = kv_statement_created(parts[i].create, sql);
      shape->found[i] = is_ours ? IN_PLACE : IN_THE_WAY;
    }
  }
  for (int i = 0; i < OLD_PARTS; i++) {
    if (strcmp(old_parts[i], name) == 0) shape->old[i] = IN_THE_WAY;
  }
  static const char index[] = "kv_quota_expiry";
  if (strcmp(name, index) == 0) shape->is_index_name_taken = 1;
  if (is_on_kv && strncmp(name, index, sizeof index - 1) == 0) shape->has_index = 1;
}

static int look_at_parts(kv_connection *connection, struct shape *shape) {
  kv_query query;
  kv_query_begin(&query, connection, KV_SQL_QUOTA_PARTS);
  while (kv_query_row(&query)) {
    kv_text name = kv_query_text(&query, 0), sql = kv_query_text(&query, 2);
    if (query.code != SQLITE_OK) break;
    note_part(shape, name.bytes, kv_query_integer(&query, 1) != 0, sql.bytes);
  }
  return kv_query_end(&query);
}

static int read_kinds(kv_connection *connection, int *kinds) {
  kv_query query;
  kv_query_begin(&query, connection, KV_SQL_QUOTA_KINDS);
  *kinds = kv_query_row(&query) ? (int)kv_query_integer(&query, 0) : 0;
  return kv_query_end(&query);
}

static int look(kv_connection *connection, struct shape *shape) {
  memset(shape, 0, sizeof *shape);
  int code = look_at_tables(connection, shape);
  if (code == SQLITE_OK) code = look_at_parts(connection, shape);
  if (code == SQLITE_OK && shape->tables == TABLES && !shape->is_old) {
    code = read_kinds(connection, &shape->kinds);
  }
  return code;
}

static int has_any_trigger(const struct shape *shape) {
  for (int i = 0; i < PARTS; i++) {
    if (shape->found[i] != 0) return 1;
  }
  return 0;
}

static int is_needed(const struct part *part, int kinds) {
  return kinds != 0 && (part->needs & kinds) == part->needs && (part->forbids & kinds) == 0;
}

/* A limit that was below its figure may have ceased to be: its trigger does no harm. Nor does a missing
** index: what it is for is found without it, only not so soon. */
static int is_whole(const struct shape *shape) {
  if (!shape->has_quota_table) return !has_any_trigger(shape);
  if (shape->is_old || shape->tables < TABLES) return 0;
  for (int i = 0; i < PARTS; i++) {
    int is_in_place = shape->found[i] == IN_PLACE;
    if (parts[i].needs & FOR_LOWERED ? shape->found[i] == IN_THE_WAY
                                     : is_in_place != is_needed(&parts[i], shape->kinds)) {
      return 0;
    }
  }
  return 1;
}

int kv_quota_look(kv_connection *connection, int *is_whole_now) {
  struct shape shape;
  int code = look(connection, &shape);
  *is_whole_now = code == SQLITE_OK && is_whole(&shape);
  return code;
}

int kv_quota_kinds(kv_connection *connection, int *is_any, int *with_bytes) {
  int kinds;
  kv_statements_close(connection);
  int code = read_kinds(connection, &kinds);
  *is_any = kinds != 0;
  *with_bytes = (kinds & FOR_BYTES) != 0;
  return code;
}

/* ---- making ---------------------------------------------------------------------------------- */

/* While the schema changes: what is kept was made for it as it was. */
static int look_anew(kv_connection *connection, struct shape *shape) {
  kv_statements_close(connection);
  return look(connection, shape);
}

static int run_all(kv_connection *connection, const kv_sql *steps, int count) {
  int code = SQLITE_OK;
  for (int i = 0; i < count && code == SQLITE_OK; i++) code = kv_execute(connection, steps[i]);
  return code;
}

/* Drops the triggers that bear our names, wherever they are; with `all` 0, only those that are not what
** they should be. */
static int drop_triggers(kv_connection *connection, struct shape *shape, int kinds, int all) {
  int code = SQLITE_OK;
  for (int i = 0; i < PARTS && code == SQLITE_OK; i++) {
    int stays = !all && shape->found[i] == IN_PLACE && is_needed(&parts[i], kinds);
    if (shape->found[i] == 0 || stays) continue;
    code = kv_execute_named(connection, parts[i].drop, parts[i].name);
    shape->found[i] = 0;
  }
  for (int i = 0; i < OLD_PARTS && code == SQLITE_OK; i++) {
    if (shape->old[i] != 0) {
      code = kv_execute_named(connection, KV_SQL_DROP_QUOTA_TRIGGER, old_parts[i]);
    }
    shape->old[i] = 0;
  }
  return code;
}

static int make_index(kv_connection *connection, const struct shape *shape) {
  if (shape->has_index) return SQLITE_OK;
  if (!shape->is_index_name_taken) return kv_execute(connection, KV_SQL_CREATE_QUOTA_INDEX);
  return kv_execute(connection, KV_SQL_CREATE_SPARE_QUOTA_INDEX);
}

int kv_quota_make_parts(kv_connection *connection) {
  struct shape shape;
  int code = look_anew(connection, &shape);
  if (code == SQLITE_OK) code = drop_triggers(connection, &shape, shape.kinds, 0);
  if (code == SQLITE_OK && shape.kinds & FOR_NAMESPACES) code = make_index(connection, &shape);
  for (int i = 0; i < PARTS && code == SQLITE_OK; i++) {
    if (shape.found[i] == 0 && is_needed(&parts[i], shape.kinds)) {
      code = kv_execute(connection, parts[i].create);
    }
  }
  return code;
}

static int create_tables(kv_connection *connection) {
  static const kv_sql steps[] = {KV_SQL_CREATE_QUOTA_TABLE, KV_SQL_CREATE_QUOTA_BYTES,
                                 KV_SQL_CREATE_QUOTA_NOTE, KV_SQL_CREATE_QUOTA_CLOCK};
  return run_all(connection, steps, TABLES);
}

/* The old table stays under another name, until kv_quota() is called: see limits.c. */
static int bring_up_old(kv_connection *connection) {
  int code = kv_execute(connection, KV_SQL_RENAME_OLD_QUOTA);
  if (code == SQLITE_OK) code = create_tables(connection);
  return code == SQLITE_OK ? kv_execute(connection, KV_SQL_COPY_OLD_QUOTA) : code;
}

int kv_quota_make_tables(kv_connection *connection) {
  struct shape shape;
  int code = look_anew(connection, &shape);
  if (code != SQLITE_OK || (shape.tables == TABLES && !shape.is_old)) return code;
  code = drop_triggers(connection, &shape, 0, 1);
  if (code != SQLITE_OK) return code;
  return shape.is_old ? bring_up_old(connection) : create_tables(connection);
}

int kv_quota_unblock(kv_connection *connection) {
  struct shape shape;
  int code = look_anew(connection, &shape);
  if (code != SQLITE_OK || shape.tables == TABLES || !has_any_trigger(&shape)) return code;
  if (!shape.has_quota_table && !connection->is_setting_quota) {
    return kv_fail(
        connection, SQLITE_ERROR,
        "the table \"kv_quota\" is gone, and its triggers are not: kv_quota() sets limits "
        "anew, and takes them away");
  }
  return drop_triggers(connection, &shape, 0, 1);
}

int kv_quota_restore(kv_connection *connection) {
  struct shape shape;
  int code = look_anew(connection, &shape);
  if (code != SQLITE_OK || !shape.has_quota_table || is_whole(&shape)) return code;
  code = kv_quota_make_tables(connection);
  if (code == SQLITE_OK) code = kv_quota_recount(connection);
  return code == SQLITE_OK ? kv_quota_make_parts(connection) : code;
}

/* ---- rows ------------------------------------------------------------------------------------ */

static void bind_string(kv_query *query, int parameter, const char *text) {
  kv_bind_text(query, parameter, (kv_text){text, (int)strlen(text)});
}

static int write_figures(kv_connection *connection, const kv_quota_limits *limits,
                         const kv_range *range) {
  kv_query query;
  kv_query_begin(&query, connection, range != NULL ? KV_SQL_SET_QUOTA : KV_SQL_SET_STORE_QUOTA);
  bind_string(&query, 1, limits->prefix);
  bind_string(&query, 2, limits->is_evicting ? "evict" : "refuse");
  kv_bind_integer(&query, 3, limits->max_keys);
  kv_bind_integer(&query, 4, limits->max_groups);
  if (range != NULL) kv_range_bind(&query, 5, range);
  kv_query_row(&query);
  return kv_query_end(&query);
}

static int write_bytes(kv_connection *connection, const kv_quota_limits *limits,
                       const kv_range *range) {
  kv_query query;
  kv_query_begin(&query, connection,
                 range != NULL ? KV_SQL_SET_QUOTA_BYTES : KV_SQL_SET_STORE_QUOTA_BYTES);
  bind_string(&query, 1, limits->prefix);
  kv_bind_integer(&query, 2, limits->max_bytes);
  if (range != NULL) kv_range_bind(&query, 5, range);
  kv_query_row(&query);
  return kv_query_end(&query);
}

int kv_quota_write(kv_connection *connection, const kv_quota_limits *limits, int with_bytes) {
  kv_range range = {{0}, {0}};
  int is_store = strcmp(limits->prefix, KV_QUOTA_STORE) == 0;
  int code = is_store ? SQLITE_OK : kv_range_scope(&range, connection, limits->prefix);
  if (code == SQLITE_OK) code = write_figures(connection, limits, is_store ? NULL : &range);
  if (code == SQLITE_OK && with_bytes) {
    code = write_bytes(connection, limits, is_store ? NULL : &range);
  }
  kv_range_free(&range);
  return code;
}

/* The quota after `prefix`, with its prefix in memory to be freed; limits->prefix NULL: there is none. */
static int next_quota(kv_connection *connection, const char *prefix, kv_quota_limits *limits) {
  kv_query query;
  *limits = (kv_quota_limits){.prefix = NULL};
  kv_query_begin(&query, connection, KV_SQL_NEXT_QUOTA);
  bind_string(&query, 1, prefix);
  if (kv_query_row(&query)) {
    limits->prefix = sqlite3_mprintf("%s", sqlite3_column_text(query.statement, 0));
    limits->is_evicting = sqlite3_stricmp(kv_query_text(&query, 1).bytes, "evict") == 0;
    limits->max_keys = kv_query_integer(&query, 2);
    limits->max_groups = kv_query_integer(&query, 3);
    limits->max_bytes = kv_query_integer(&query, 4);
    if (limits->prefix == NULL) query.code = SQLITE_NOMEM;
  }
  return kv_query_end(&query);
}

/* Each turn goes to a greater prefix, so it ends with the quotas. */
int kv_quota_recount(kv_connection *connection) {
  int is_any, with_bytes;
  char *last = NULL;
  int code = kv_quota_kinds(connection, &is_any, &with_bytes);
  if (code == SQLITE_OK) code = kv_execute(connection, KV_SQL_CLEAR_QUOTA_NOTE);
  while (code == SQLITE_OK) {
    kv_quota_limits limits;
    code = next_quota(connection, last != NULL ? last : "", &limits);
    sqlite3_free(last);
    last = (char *)limits.prefix;
    if (code != SQLITE_OK || last == NULL) break;
    code = kv_quota_write(connection, &limits, with_bytes);
  }
  sqlite3_free(last);
  if (code == SQLITE_OK && !with_bytes) code = kv_execute(connection, KV_SQL_CLEAR_QUOTA_BYTES);
  return code;
}
