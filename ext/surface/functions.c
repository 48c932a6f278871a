/*
** The SQL functions: each decodes its arguments, makes one call to the store, and sets one result.
**
** The table at the end is the public surface. What the functions have in common is done once, in
** call_function(): the group and key are decoded, the scope put in front of the group,
** and an error becomes "name: message" with its own result code.
*/
#include "surface/functions.h"
#include "arguments/arguments.h"
#include "events/events.h"
#include "store/counter.h"
#include "store/load.h"
#include "store/purger.h"
#include "store/schema.h"
#include "surface/interface.h"
#include "surface/render.h"
#include "surface/scope.h"
#include "surface/settings.h"
#include "transfer/export.h"
#include "transfer/import.h"

#include <string.h>

/* How a function's first arguments, group and key, are taken. */
typedef enum name_rule {
  NO_NAMES,
  READS, /* NULL or a BLOB names nothing: the answer is NULL */
  NEEDS  /* NULL or a BLOB is an error */
} name_rule;

struct call;

struct function {
  const char *name;
  int least, most; /* arguments */
  name_rule rule;
  int names; /* how many of the first arguments are names: group, key */
  int flags;
  int (*run)(struct call *call);
};

/* A function as registered on one connection. */
struct binding {
  const struct function *function;
  kv_connection *connection;
};

struct call {
  kv_connection *connection;
  sqlite3_context *context;
  int count;
  sqlite3_value **arguments;
  kv_text group; /* as stored */
  kv_text key;
  int is_now_read;
  sqlite3_int64 instant;
};

/* The argument, or NULL if the call has fewer. */
static sqlite3_value *argument(const struct call *call, int index) {
  return index < call->count ? call->arguments[index] : NULL;
}

/* One instant for all of a call; the clock is read when it is first needed. */
static sqlite3_int64 now(struct call *call) {
  if (!call->is_now_read) call->instant = kv_connection_now(call->connection);
  call->is_now_read = 1;
  return call->instant;
}

/* ---- reading --------------------------------------------------------------------------------- */

/* Begins the query for the live row of the call's group and key: 1 if there is one. */
static int find(struct call *call, kv_query *query) {
  sqlite3_int64 expires_at;
  *query = (kv_query){.connection = call->connection};
  if (kv_store_is_absent(call->connection, &query->code) || query->code != SQLITE_OK) return 0;
  if (!kv_store_find(query, call->connection, call->group, call->key)) return 0;
  return !kv_store_expires(query, &expires_at) || expires_at > now(call);
}

static int get(struct call *call) {
  kv_query query;
  int is_found = find(call, &query);
  if (is_found) sqlite3_result_value(call->context, kv_query_value(&query, 0));
  int code = kv_query_end(&query);
  if (code == SQLITE_OK && !is_found && call->count > 2) {
    sqlite3_result_value(call->context, call->arguments[2]);
  }
  return code;
}

static int require(struct call *call) {
  kv_query query;
  int is_found = find(call, &query);
  if (is_found) sqlite3_result_value(call->context, kv_query_value(&query, 0));
  int code = kv_query_end(&query);
  if (code != SQLITE_OK || is_found) return code;
  return kv_fail(call->connection, SQLITE_NOTFOUND, "not found: group \"%s\", key \"%.*s\"",
                 sqlite3_value_text(call->arguments[0]), call->key.length, call->key.bytes);
}

static int exists(struct call *call) {
  kv_query query;
  sqlite3_result_int(call->context, find(call, &query));
  return kv_query_end(&query);
}

static int ttl(struct call *call) {
  kv_query query;
  sqlite3_int64 expires_at;
  if (find(call, &query) && kv_store_expires(&query, &expires_at)) {
    sqlite3_result_double(call->context, (double)(expires_at - now(call)) / 1000.0);
  }
  return kv_query_end(&query);
}

/* ---- over ranges of groups ------------------------------------------------------------------- */

typedef int range_operation(kv_connection *connection, const kv_range *range, sqlite3_int64 now,
                            sqlite3_int64 *count);

/* Runs the operation over the range, which it frees, and answers with the count. No store: 0. */
static int over_range(struct call *call, int code, kv_range *range, range_operation *run) {
  sqlite3_int64 count = 0;
  if (code == SQLITE_OK && !kv_store_is_absent(call->connection, &code) && code == SQLITE_OK) {
    code = run(call->connection, range, now(call), &count);
  }
  kv_range_free(range);
  sqlite3_result_int64(call->context, count);
  return code;
}

static int over_group(struct call *call, range_operation *run) {
  kv_range range;
  int code = kv_range_group(&range, call->group);
  return over_range(call, code, &range, run);
}

/* The groups with the prefix, the first argument; without one, all. The encoding of the database
** must be known before the range is made, hence the look at the schema. */
static int prefix_range(struct call *call, kv_range *range) {
  sqlite3_value *prefix = argument(call, 0);
  *range = (kv_range){{0}, {0}};
  int code = kv_schema_look(call->connection);
  if (code != SQLITE_OK) return code;
  return prefix != NULL ? kv_range_prefix(range, call->connection, prefix)
                        : kv_range_all(range, call->connection);
}

static int over_prefix(struct call *call, range_operation *run) {
  kv_range range;
  int code = prefix_range(call, &range);
  return over_range(call, code, &range, run);
}

/* A prefix that a write is given must be one. */
static int over_written_prefix(struct call *call, range_operation *run) {
  kv_text prefix;
  int code = SQLITE_OK;
  if (call->count > 0) {
    code = kv_argument_text(call->connection, call->arguments[0], "prefix", &prefix);
  }
  return code == SQLITE_OK ? over_prefix(call, run) : code;
}

static int purge_all(kv_connection *connection, const kv_range *range, sqlite3_int64 now,
                     sqlite3_int64 *count) {
  return kv_store_purge(connection, range, now, -1, count);
}

static int count(struct call *call) {
  return over_group(call, kv_store_count);
}

static int count_all(struct call *call) {
  if (call->count > 0 && !kv_argument_is_name(call->arguments[0])) return SQLITE_OK;
  return over_prefix(call, kv_store_count);
}

static int export(struct call *call) {
  char *json;
  sqlite3_uint64 length;
  kv_range range;
  if (call->count > 0 && !kv_argument_is_name(call->arguments[0])) return SQLITE_OK;
  int code = prefix_range(call, &range);
  if (code == SQLITE_OK) {
    code = kv_export_range(call->connection, &range, now(call), &json, &length);
  }
  kv_range_free(&range);
  if (code == SQLITE_OK) {
    sqlite3_result_text64(call->context, json, length, sqlite3_free, SQLITE_UTF8);
  }
  return code;
}

static int delete_range(struct call *call, const kv_range *range, int is_prefix) {
  const kv_bound *name = &range->lower;
  sqlite3_int64 deleted = 0;
  int code;
  if (!kv_store_is_absent(call->connection, &code) && code == SQLITE_OK) {
    code =
        kv_store_delete_groups(call->connection, range, (kv_text){name->bytes, (int)name->length},
                               is_prefix, now(call), &deleted);
  }
  sqlite3_result_int64(call->context, deleted);
  return code;
}

static int delete_group(struct call *call) {
  kv_range range;
  int code = kv_range_group(&range, call->group);
  if (code == SQLITE_OK) code = delete_range(call, &range, 0);
  kv_range_free(&range);
  return code;
}

static int delete_prefix(struct call *call) {
  kv_range range;
  kv_text prefix;
  int code = kv_argument_text(call->connection, call->arguments[0], "prefix", &prefix);
  if (code != SQLITE_OK) return code;
  code = prefix_range(call, &range);
  if (code == SQLITE_OK) code = delete_range(call, &range, 1);
  kv_range_free(&range);
  return code;
}

static int purge(struct call *call) {
  int is_given;
  sqlite3_int64 instant;
  int code = kv_argument_instant(call->connection, argument(call, 1), &is_given, &instant);
  if (code != SQLITE_OK) return code;
  if (is_given) {
    call->instant = instant;
    call->is_now_read = 1;
  }
  return over_written_prefix(call, purge_all);
}

/* ---- writing --------------------------------------------------------------------------------- */

/* The entry of a call with these arguments: the value's index, and the ttl's. */
static int read_entry(struct call *call, int value, int ttl, kv_entry *entry) {
  *entry = (kv_entry){.group = call->group, .key = call->key, .value = call->arguments[value]};
  int code = kv_argument_value(call->connection, entry->value);
  if (code != SQLITE_OK) return code;
  return kv_argument_ttl(call->connection, argument(call, ttl), now(call), entry);
}

static int set(struct call *call) {
  kv_entry entry;
  int code = read_entry(call, 2, 3, &entry);
  if (code == SQLITE_OK) code = kv_store_set(call->connection, &entry, now(call));
  if (code == SQLITE_OK) sqlite3_result_value(call->context, entry.value);
  return code;
}

static int setnx(struct call *call) {
  kv_entry entry;
  int is_stored = 0;
  int code = read_entry(call, 2, 3, &entry);
  if (code == SQLITE_OK) code = kv_store_setnx(call->connection, &entry, now(call), &is_stored);
  sqlite3_result_int(call->context, is_stored);
  return code;
}

static int cas(struct call *call) {
  kv_entry entry;
  int is_stored = 0;
  int code = read_entry(call, 3, 4, &entry);
  if (code != SQLITE_OK) return code;
  if (sqlite3_value_type(call->arguments[2]) == SQLITE_NULL) {
    code = kv_store_setnx(call->connection, &entry, now(call), &is_stored);
  } else if (!kv_store_is_absent(call->connection, &code) && code == SQLITE_OK) {
    code = kv_store_cas(call->connection, &entry, call->arguments[2], now(call), &is_stored);
  }
  sqlite3_result_int(call->context, is_stored);
  return code;
}

static int incr(struct call *call) {
  sqlite3_value *sum;
  int code =
      kv_counter_add(call->connection, call->group, call->key, argument(call, 2), now(call), &sum);
  if (code == SQLITE_OK) sqlite3_result_value(call->context, sum);
  sqlite3_value_free(sum);
  return code;
}

static int set_expiry(struct call *call, const kv_entry *entry) {
  int code = SQLITE_OK, is_found = 0;
  if (!kv_store_is_absent(call->connection, &code) && code == SQLITE_OK) {
    code = kv_store_expire(call->connection, entry, now(call), &is_found);
  }
  sqlite3_result_int(call->context, is_found);
  return code;
}

static int expire(struct call *call) {
  kv_entry entry = {.group = call->group, .key = call->key};
  int code = kv_argument_ttl(call->connection, call->arguments[2], now(call), &entry);
  if (code != SQLITE_OK) return code;
  if (!entry.has_expiry) {
    return kv_fail(call->connection, SQLITE_ERROR, "ttl is NULL (kv_persist removes a ttl)");
  }
  return set_expiry(call, &entry);
}

/* A key that never expires is left as it is: nothing changes, so nothing is written. */
static int persist(struct call *call) {
  kv_entry entry = {.group = call->group, .key = call->key};
  kv_query query;
  int is_found = find(call, &query);
  int has_expiry = is_found && sqlite3_column_type(query.statement, 1) != SQLITE_NULL;
  int code = kv_query_end(&query);
  sqlite3_result_int(call->context, is_found);
  return code == SQLITE_OK && has_expiry ? set_expiry(call, &entry) : code;
}

static int load(struct call *call) {
  kv_text json;
  kv_entry entry = {.group = call->group, .value = call->arguments[1]};
  sqlite3_int64 stored = 0;
  int code = kv_argument_text(call->connection, entry.value, "json", &json);
  if (code == SQLITE_OK) {
    code = kv_argument_ttl(call->connection, argument(call, 2), now(call), &entry);
  }
  if (code == SQLITE_OK) code = kv_load_object(call->connection, &entry, now(call), &stored);
  sqlite3_result_int64(call->context, stored);
  return code;
}

static int import(struct call *call) {
  sqlite3_int64 stored = 0;
  int code =
      kv_import_call(call->connection, call->arguments[0], argument(call, 1), now(call), &stored);
  sqlite3_result_int64(call->context, stored);
  return code;
}

static int delete_key(struct call *call) {
  int code = SQLITE_OK, is_deleted = 0;
  if (!kv_store_is_absent(call->connection, &code) && code == SQLITE_OK) {
    code = kv_store_delete(call->connection, call->group, call->key, NULL, now(call), &is_deleted);
  }
  sqlite3_result_int(call->context, is_deleted);
  return code;
}

/* Deletes what was read and nothing else: a value that another connection puts there in between is
** read in the next turn. */
static int getdel(struct call *call) {
  int code = SQLITE_OK, is_done = kv_store_is_absent(call->connection, &code);
  while (code == SQLITE_OK && !is_done) {
    sqlite3_value *value;
    code = kv_store_copy(call->connection, call->group, call->key, now(call), &value);
    if (code == SQLITE_OK && value == NULL) break;
    if (code == SQLITE_OK) {
      code = kv_store_delete(call->connection, call->group, call->key, value, now(call), &is_done);
    }
    if (code == SQLITE_OK && is_done) sqlite3_result_value(call->context, value);
    sqlite3_value_free(value);
  }
  return code;
}

/* ---- the rest -------------------------------------------------------------------------------- */

static int render(struct call *call) {
  if (!kv_argument_is_name(call->arguments[0]) || !kv_argument_is_name(call->arguments[1])) {
    return SQLITE_OK;
  }
  return kv_render_call(call->connection, call->context, call->arguments, call->count, now(call));
}

static int purge_every(struct call *call) {
  sqlite3_int64 milliseconds;
  int code =
      kv_argument_duration(call->connection, call->arguments[0], "interval", 1, &milliseconds);
  if (code == SQLITE_OK) code = kv_purger_set(call->connection, milliseconds);
  if (code == SQLITE_OK) sqlite3_result_double(call->context, (double)milliseconds / 1000.0);
  return code;
}

static int scope(struct call *call) {
  int code = call->count > 0 ? kv_scope_set(call->connection, call->arguments[0]) : SQLITE_OK;
  if (code != SQLITE_OK) return code;
  kv_text namespace = kv_connection_namespace(call->connection);
  sqlite3_result_text(call->context, namespace.bytes, namespace.length, SQLITE_TRANSIENT);
  return SQLITE_OK;
}

static int quota(struct call *call) {
  int code = kv_scope_set_quota(call->connection, call->arguments[0], call->arguments[1],
                                call->arguments[2]);
  if (code == SQLITE_OK) sqlite3_result_value(call->context, call->arguments[0]);
  return code;
}

/* ---- events ---------------------------------------------------------------------------------- */

static int watch(struct call *call) {
  kv_text group, key = {"*", 1};
  sqlite3_value *capacity = argument(call, 2);
  sqlite3_int64 id = 0, wanted = KV_DEFAULT_CAPACITY;
  int code = kv_argument_text(call->connection, call->arguments[0], "group", &group);
  if (code == SQLITE_OK && call->count > 1) {
    code = kv_argument_text(call->connection, call->arguments[1], "key", &key);
  }
  if (code == SQLITE_OK && capacity != NULL) {
    code = kv_argument_integer(call->connection, capacity, "capacity", 1, KV_MAX_CAPACITY, &wanted);
  }
  if (code == SQLITE_OK) code = kv_events_watch(call->connection, group, key, (int)wanted, &id);
  sqlite3_result_int64(call->context, id);
  return code;
}

static int unwatch(struct call *call) {
  sqlite3_int64 id;
  int code = kv_argument_integer(call->connection, call->arguments[0], "id", 0, KV_MAX_ID, &id);
  if (code == SQLITE_OK) sqlite3_result_int(call->context, kv_events_unwatch(call->connection, id));
  return code;
}

static int on_change(struct call *call) {
  kv_text name;
  sqlite3_int64 id = 0;
  int code = kv_argument_text(call->connection, call->arguments[0], "callback", &name);
  if (code == SQLITE_OK) code = kv_events_on_change_sql(call->connection, name, &id);
  sqlite3_result_int64(call->context, id);
  return code;
}

static int off_change(struct call *call) {
  sqlite3_int64 id;
  int code = kv_argument_integer(call->connection, call->arguments[0], "id", 0, KV_MAX_ID, &id);
  if (code == SQLITE_OK)
    sqlite3_result_int(call->context, kv_events_off_change(call->connection, id));
  return code;
}

/* Hands the C interface over; see kv_interface_of() in kv.h. */
static int interface(struct call *call) {
  const kv_interface **out = sqlite3_value_pointer(call->arguments[0], "kv_interface");
  if (out == NULL) return kv_fail(call->connection, SQLITE_ERROR, "is for C hosts: see kv.h");
  *out = kv_interface_for(call->connection);
  return *out != NULL ? SQLITE_OK : SQLITE_NOMEM;
}

static int config(struct call *call) {
  return kv_settings_call(call->connection, call->context, call->arguments[0], argument(call, 1));
}

static int version(struct call *call) {
  sqlite3_result_text(call->context, KV_VERSION, -1, SQLITE_STATIC);
  return SQLITE_OK;
}

/* ---- registration ---------------------------------------------------------------------------- */

/*
** group, key: TEXT, a number as its text. ttl, interval: seconds, or a Go duration as TEXT. All
** errors that are about an argument are SQLITE_ERROR; SQLite's own keep their codes. go-store is
** the model throughout; incr, setnx, cas, getdel, expire, persist and ttl are those of Redis, but a
** duration is seconds here.
*/
static const struct function functions[] = {
    /* (group, key [, default]) -> the live value; else the default; else NULL */
    {"kv_get", 2, 3, READS, 2, 0, get},
    /* (group, key) -> the live value, or the error "not found" (SQLITE_NOTFOUND) */
    {"kv_require", 2, 2, NEEDS, 2, 0, require},
    /* (group, key) -> 0 or 1 */
    {"kv_exists", 2, 2, READS, 2, 0, exists},
    /* (group, key) -> seconds left as REAL; NULL where there is no ttl, or no such key */
    {"kv_ttl", 2, 2, READS, 2, 0, ttl},
    /* (template, group [, option]) -> text. Errors: Go's, with the line (render.h, template/) */
    {"kv_render", 2, 3, NO_NAMES, 0, 0, render},
    /* (group) -> live keys */
    {"kv_count", 1, 1, READS, 1, 0, count},
    /* ([prefix]) -> live keys of the groups that begin with prefix; of all */
    {"kv_count_all", 0, 1, NO_NAMES, 0, 0, count_all},
    /* ([prefix]) -> JSON text of the live keys of those groups (export.h). Errors: too big */
    {"kv_export", 0, 1, NO_NAMES, 0, 0, export},
    /* (group, key, value [, ttl]) -> the value. No ttl (or NULL) clears an earlier one */
    {"kv_set", 3, 4, NEEDS, 2, 0, set},
    /* (group, key, value [, ttl]) -> 1 if it was stored, 0 if a live key was there */
    {"kv_setnx", 3, 4, NEEDS, 2, 0, setnx},
    /* (group, key, expected, value [, ttl]) -> 1 if stored; 0 if the live value IS NOT expected
    **       (NULL: none) */
    {"kv_cas", 4, 5, NEEDS, 2, 0, cas},
    /* (group, key [, by = 1]) -> the new number, kept with the ttl it had. Errors: no number;
    **       overflow */
    {"kv_incr", 2, 3, NEEDS, 2, 0, incr},
    /* (group, key, ttl) -> 1 if a live key was there, else 0 */
    {"kv_expire", 3, 3, NEEDS, 2, 0, expire},
    /* (group, key) -> 1 if a live key was there, else 0; it expires no more */
    {"kv_persist", 2, 2, NEEDS, 2, 0, persist},
    /* (group, key) -> the value, NULL if there is none; the key is gone */
    {"kv_getdel", 2, 2, NEEDS, 2, 0, getdel},
    /* (group, json_object [, ttl]) -> keys stored, in one write. Errors: no JSON object; a null
    **       member */
    {"kv_load", 2, 3, NEEDS, 1, 0, load},
    /* (json [, prefix]) -> keys stored, in one write: what kv_export gave, under the scope in force
    **       and with the prefix before each group. Errors: malformed; no export; another version */
    {"kv_import", 1, 2, NO_NAMES, 0, 0, import},
    /* (group, key) -> live rows removed: 0 or 1 */
    {"kv_delete", 2, 2, NEEDS, 2, 0, delete_key},
    /* (group) -> live rows removed */
    {"kv_delete_group", 1, 1, NEEDS, 1, 0, delete_group},
    /* (prefix) -> live rows removed, over all groups that begin with it */
    {"kv_delete_prefix", 1, 1, NO_NAMES, 0, 0, delete_prefix},
    /* ([prefix [, now]]) -> rows removed that had expired by now: Unix milliseconds, or NULL for the
    **       clock */
    {"kv_purge", 0, 2, NO_NAMES, 0, 0, purge},
    /* () -> the namespace in force, '' for none. (namespace) sets it, '' leaves it. Errors: bad
    **       name */
    {"kv_scope", 0, 0, NO_NAMES, 0, 0, scope},
    {"kv_scope", 1, 1, NO_NAMES, 0, SQLITE_DIRECTONLY, scope},
    /* (namespace, max_keys, max_groups) -> the namespace; 0 is unlimited. Errors: bad name, bad
    **       limit */
    {"kv_quota", 3, 3, NO_NAMES, 0, SQLITE_DIRECTONLY, quota},
    /* (interval) -> the interval in seconds; 0 stops. Errors: no file (:memory:), read-only
    **       (purger.h) */
    {"kv_purge_every", 1, 1, NO_NAMES, 0, SQLITE_DIRECTONLY, purge_every},
    /* (group [, key = '*' [, capacity = 16]]) -> the watcher's id; '*' stands for any */
    {"kv_watch", 1, 3, NO_NAMES, 0, 0, watch},
    /* (id) -> 1 or 0 */
    {"kv_unwatch", 1, 1, NO_NAMES, 0, 0, unwatch},
    /* (name of an SQL function of 5 arguments) -> the callback's id. Errors: no such function */
    {"kv_on_change", 1, 1, NO_NAMES, 0, SQLITE_DIRECTONLY, on_change},
    /* (id) -> 1 or 0 */
    {"kv_off_change", 1, 1, NO_NAMES, 0, 0, off_change},
    /* (pointer) -> NULL; kv.h's way in */
    {"kv_interface", 1, 1, NO_NAMES, 0, SQLITE_DIRECTONLY, interface},
    /* (name [, value]) -> the setting (settings.h). Errors: unknown setting, bad value */
    {"kv_config", 1, 2, NO_NAMES, 0, SQLITE_DIRECTONLY, config},
    /* () -> the version, "major.minor.patch" */
    {"kv_version", 0, 0, NO_NAMES, 0, 0, version},
};

enum { FUNCTIONS = sizeof functions / sizeof functions[0] };

/* Runs the function with its names decoded. */
static int run_call(const struct function *function, struct call *call) {
  char *memory = NULL;
  int code = SQLITE_OK;
  if (function->rule == READS) {
    for (int i = 0; i < function->names; i++) {
      if (!kv_argument_is_name(call->arguments[i])) return SQLITE_OK;
    }
  }
  if (function->names > 1) {
    code = kv_argument_name(call->connection, call->arguments[1], "key", &call->key);
  }
  if (code == SQLITE_OK && function->names > 0) {
    code = kv_argument_name(call->connection, call->arguments[0], "group", &call->group);
    if (code == SQLITE_OK) {
      code = kv_argument_scoped(call->connection, call->group, &call->group, &memory);
    }
  }
  if (code == SQLITE_OK) code = function->run(call);
  sqlite3_free(memory);
  return code;
}

static void report(struct call *call, const char *name, int code) {
  char *message = kv_take_error(call->connection, name, code);
  if (message == NULL || (code & 0xff) == SQLITE_NOMEM) {
    sqlite3_result_error_nomem(call->context);
  } else {
    sqlite3_result_error(call->context, message, -1);
    sqlite3_result_error_code(call->context, code);
  }
  sqlite3_free(message);
}

static void call_function(sqlite3_context *context, int count, sqlite3_value **arguments) {
  const struct binding *binding = sqlite3_user_data(context);
  kv_connection *connection = binding->connection;
  struct call call = {
      .connection = connection, .context = context, .count = count, .arguments = arguments};
  int attempts = 0;
  int code = kv_connection_enter(connection);
  if (code == SQLITE_OK) {
    do code = run_call(binding->function, &call);
    while (kv_again(connection, &code, &attempts));
    kv_connection_leave(connection);
  }
  if (code != SQLITE_OK) report(&call, binding->function->name, code);
}

static void free_binding(void *pointer) {
  struct binding *binding = pointer;
  kv_connection_release(binding->connection);
  sqlite3_free(binding);
}

static int register_function(kv_connection *connection, const struct function *function,
                             int count) {
  struct binding *made = sqlite3_malloc64(sizeof *made);
  if (made == NULL) return SQLITE_NOMEM;
  *made = (struct binding){function, kv_connection_retain(connection)};
  return sqlite3_create_function_v2(connection->db, function->name, count,
                                    SQLITE_UTF8 | function->flags, made, call_function, NULL, NULL,
                                    free_binding);
}

int kv_functions_register(kv_connection *connection) {
  int code = SQLITE_OK;
  for (int i = 0; i < FUNCTIONS && code == SQLITE_OK; i++) {
    for (int n = functions[i].least; n <= functions[i].most && code == SQLITE_OK; n++) {
      code = register_function(connection, &functions[i], n);
    }
  }
  return code;
}

void kv_functions_unregister(sqlite3 *db) {
  for (int i = 0; i < FUNCTIONS; i++) {
    for (int n = functions[i].least; n <= functions[i].most; n++) {
      sqlite3_create_function_v2(db, functions[i].name, n, SQLITE_UTF8, NULL, NULL, NULL, NULL,
                                 NULL);
    }
  }
}
