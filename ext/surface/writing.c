/*
** Functions that write keys. See call.h.
*/
#include "store/counter.h"
#include "store/exchange.h"
#include "store/load.h"
#include "store/schema.h"
#include "surface/call.h"
#include "transfer/import.h"

/* The entry of a call with these arguments: the value's index, and the ttl's. */
static int read_entry(kv_call *call, int value, int ttl, kv_entry *entry) {
  *entry = (kv_entry){.group = call->group, .key = call->key, .value = call->arguments[value]};
  int code = kv_argument_value(call->connection, entry->value);
  if (code != SQLITE_OK) return code;
  return kv_argument_ttl(call->connection, kv_call_argument(call, ttl), kv_call_now(call), entry);
}

static int set(kv_call *call) {
  kv_entry entry;
  int code = read_entry(call, 2, 3, &entry);
  if (code != SQLITE_OK) return code;
  sqlite3_result_value(call->context, entry.value); /* before it is bound: see kv_name_of() */
  return kv_store_set(call->connection, &entry, kv_call_now(call));
}

static int setnx(kv_call *call) {
  kv_entry entry;
  int is_stored = 0;
  int code = read_entry(call, 2, 3, &entry);
  if (code == SQLITE_OK)
    code = kv_store_setnx(call->connection, &entry, kv_call_now(call), &is_stored);
  sqlite3_result_int(call->context, is_stored);
  return code;
}

/* No new value: what is as expected goes. */
static int delete_expected(kv_call *call) {
  int is_deleted = 0, code = SQLITE_OK;
  if (kv_call_argument(call, 4) != NULL) {
    return kv_fail(call->connection, SQLITE_ERROR,
                   "value is NULL: nothing is stored that could have a ttl");
  }
  if (!kv_store_is_absent(call->connection, &code) && code == SQLITE_OK) {
    code = kv_store_delete_if(call->connection, call->group, call->key, call->arguments[2],
                              kv_call_now(call), &is_deleted);
  }
  sqlite3_result_int(call->context, is_deleted);
  return code;
}

/* To delete what is not there is an error, as it is to store nothing. */
static int cas(kv_call *call) {
  int is_deletion = sqlite3_value_type(call->arguments[3]) == SQLITE_NULL &&
                    sqlite3_value_type(call->arguments[2]) != SQLITE_NULL;
  if (is_deletion) return delete_expected(call);
  kv_entry entry;
  int is_stored = 0;
  int code = read_entry(call, 3, 4, &entry);
  if (code != SQLITE_OK) return code;
  if (sqlite3_value_type(call->arguments[2]) == SQLITE_NULL) {
    code = kv_store_setnx(call->connection, &entry, kv_call_now(call), &is_stored);
  } else if (!kv_store_is_absent(call->connection, &code) && code == SQLITE_OK) {
    code =
        kv_store_cas(call->connection, &entry, call->arguments[2], kv_call_now(call), &is_stored);
  }
  sqlite3_result_int(call->context, is_stored);
  return code;
}

static int incr(kv_call *call) {
  sqlite3_value *sum;
  int code = kv_counter_add(call->connection, call->group, call->key, kv_call_argument(call, 2),
                            kv_call_now(call), &sum);
  if (code == SQLITE_OK) sqlite3_result_value(call->context, sum);
  sqlite3_value_free(sum);
  return code;
}

static int set_expiry(kv_call *call, const kv_entry *entry) {
  int code = SQLITE_OK, is_found = 0;
  if (!kv_store_is_absent(call->connection, &code) && code == SQLITE_OK) {
    code = kv_store_expire(call->connection, entry, kv_call_now(call), &is_found);
  }
  sqlite3_result_int(call->context, is_found);
  return code;
}

static int expire(kv_call *call) {
  kv_entry entry = {.group = call->group, .key = call->key};
  int code = kv_argument_ttl(call->connection, call->arguments[2], kv_call_now(call), &entry);
  if (code != SQLITE_OK) return code;
  if (!entry.has_expiry) {
    return kv_fail(call->connection, SQLITE_ERROR, "ttl is NULL (kv_persist removes a ttl)");
  }
  return set_expiry(call, &entry);
}

static int touch(kv_call *call) {
  kv_entry entry = {.group = call->group, .key = call->key};
  sqlite3_value *value = NULL;
  int code = kv_argument_ttl(call->connection, call->arguments[2], kv_call_now(call), &entry);
  if (code == SQLITE_OK && !entry.has_expiry) {
    code = kv_fail(call->connection, SQLITE_ERROR, "ttl is NULL (kv_persist removes a ttl)");
  }
  if (code == SQLITE_OK && !kv_store_is_absent(call->connection, &code) && code == SQLITE_OK) {
    code = kv_store_touch(call->connection, &entry, kv_call_now(call), &value);
  }
  if (value != NULL) sqlite3_result_value(call->context, value);
  sqlite3_value_free(value);
  return code;
}

/* A key that never expires is left as it is: nothing changes, so nothing is written. */
static int persist(kv_call *call) {
  kv_entry entry = {.group = call->group, .key = call->key};
  kv_query query;
  int is_found = kv_call_find(call, &query);
  int has_expiry = is_found && sqlite3_column_type(query.statement, 1) != SQLITE_NULL;
  int code = kv_query_end(&query);
  sqlite3_result_int(call->context, is_found);
  return code == SQLITE_OK && has_expiry ? set_expiry(call, &entry) : code;
}

static int load(kv_call *call) {
  kv_text json;
  kv_entry entry = {.group = call->group, .value = call->arguments[1]};
  sqlite3_int64 stored = 0;
  int code = kv_argument_text(call->connection, entry.value, "json", &json);
  if (code == SQLITE_OK) {
    code = kv_argument_ttl(call->connection, kv_call_argument(call, 2), kv_call_now(call), &entry);
  }
  if (code == SQLITE_OK)
    code = kv_load_object(call->connection, &entry, kv_call_now(call), &stored);
  sqlite3_result_int64(call->context, stored);
  return code;
}

/* A BLOB is what the shell's readfile() gives. */
static int read_json(kv_call *call, sqlite3_value *value, kv_text *json) {
  if (sqlite3_value_type(value) != SQLITE_BLOB) {
    return kv_argument_text(call->connection, value, "json", json);
  }
  const char *bytes = sqlite3_value_blob(value);
  *json = (kv_text){bytes != NULL ? bytes : "", sqlite3_value_bytes(value)};
  return bytes != NULL || json->length == 0 ? SQLITE_OK : SQLITE_NOMEM;
}

static int import(kv_call *call) {
  kv_text json = {NULL, 0}, prefix = {"", 0};
  char *memory = NULL;
  sqlite3_int64 stored = 0;
  int code = read_json(call, call->arguments[0], &json);
  if (code == SQLITE_OK && call->count > 1) {
    code = kv_argument_text(call->connection, call->arguments[1], "prefix", &prefix);
  }
  if (code == SQLITE_OK) code = kv_argument_scoped(call->connection, prefix, &prefix, &memory);
  if (code == SQLITE_OK) {
    code = kv_import_json(call->connection, json, prefix, kv_call_now(call), &stored);
  }
  sqlite3_free(memory);
  sqlite3_result_int64(call->context, stored);
  return code;
}

static int delete_key(kv_call *call) {
  int code = SQLITE_OK, is_deleted = 0;
  if (!kv_store_is_absent(call->connection, &code) && code == SQLITE_OK) {
    code =
        kv_store_delete(call->connection, call->group, call->key, kv_call_now(call), &is_deleted);
  }
  sqlite3_result_int(call->context, is_deleted);
  return code;
}

static int getdel(kv_call *call) {
  sqlite3_value *value = NULL;
  int code = SQLITE_OK;
  if (!kv_store_is_absent(call->connection, &code) && code == SQLITE_OK) {
    code = kv_store_take(call->connection, call->group, call->key, kv_call_now(call), &value);
  }
  if (value != NULL) sqlite3_result_value(call->context, value);
  sqlite3_value_free(value);
  return code;
}

const kv_function kv_writing_functions[] = {
    /* (group, key, value [, ttl]) -> the value. No ttl (or NULL) clears an earlier one */
    {"kv_set", 3, 4, KV_NEEDS, 2, 0, set},
    /* (group, key, value [, ttl]) -> 1 if it was stored, 0 if a live key was there */
    {"kv_setnx", 3, 4, KV_NEEDS, 2, 0, setnx},
    /* (group, key, expected, value [, ttl]) -> 1 if stored; 0 if the live value IS NOT expected
    **       (NULL: none). A NULL value deletes what IS expected: 1 if it was there */
    {"kv_cas", 4, 5, KV_NEEDS, 2, 0, cas},
    /* (group, key, ttl) -> the value, NULL if there is none; its ttl is new */
    {"kv_touch", 3, 3, KV_NEEDS, 2, 0, touch},
    /* (group, key [, by = 1]) -> the new number, kept with the ttl it had. Errors: no number;
    **       overflow */
    {"kv_incr", 2, 3, KV_NEEDS, 2, 0, incr},
    /* (group, key, ttl) -> 1 if a live key was there, else 0 */
    {"kv_expire", 3, 3, KV_NEEDS, 2, 0, expire},
    /* (group, key) -> 1 if a live key was there, else 0; it expires no more */
    {"kv_persist", 2, 2, KV_NEEDS, 2, 0, persist},
    /* (group, key) -> the value, NULL if there is none; the key is gone */
    {"kv_getdel", 2, 2, KV_NEEDS, 2, 0, getdel},
    /* (group, json_object [, ttl]) -> keys stored, in one write. Errors: no JSON object; a null
    **       member */
    {"kv_load", 2, 3, KV_NEEDS, 1, 0, load},
    /* (json [, prefix]) -> keys stored, in one write: what kv_export gave, under the scope in force
    **       and with the prefix before each group. Errors: malformed; no export; another version */
    {"kv_import", 1, 2, KV_NO_NAMES, 0, 0, import},
    /* (group, key) -> live rows removed: 0 or 1 */
    {"kv_delete", 2, 2, KV_NEEDS, 2, 0, delete_key},
    {0},
};
