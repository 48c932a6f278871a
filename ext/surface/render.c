/*
** Between the store and the template library. See render.h.
**
** Text is itself, numbers are SQLite's own text of them, a BLOB is its bytes.
*/
#include "surface/render.h"
#include "arguments/arguments.h"
#include "store/store.h"
#include "template/template.h"

#include <string.h>

struct source {
  kv_connection *connection;
  kv_text group;
  sqlite3_int64 now;
  sqlite3_value *held; /* what the last get() handed out */
  int is_reading;
  kv_query snapshot; /* of which a render reads everything */
};

static int read_option(kv_connection *connection, sqlite3_value *value,
                       kv_template_missing *missing) {
  static const struct {
    const char *text;
    kv_template_missing missing;
  } options[] = {{"missingkey=default", KV_MISSING_DEFAULT},
                 {"missingkey=invalid", KV_MISSING_DEFAULT},
                 {"missingkey=zero", KV_MISSING_ZERO},
                 {"missingkey=error", KV_MISSING_ERROR}};
  kv_text text;
  int code = kv_argument_text(connection, value, "option", &text);
  if (code != SQLITE_OK) return code;
  for (size_t i = 0; i < sizeof options / sizeof options[0]; i++) {
    if (strcmp(text.bytes, options[i].text) != 0) continue;
    *missing = options[i].missing;
    return SQLITE_OK;
  }
  return kv_fail(connection, SQLITE_ERROR, "unknown option \"%s\"", text.bytes);
}

/* The bytes of a value as a template sees it. 0: out of memory. */
static int value_bytes(sqlite3_value *value, const char **bytes, size_t *length) {
  int is_blob = sqlite3_value_type(value) == SQLITE_BLOB;
  *bytes = is_blob ? sqlite3_value_blob(value) : (const char *)sqlite3_value_text(value);
  *length = (size_t)sqlite3_value_bytes(value);
  if (*bytes == NULL && *length == 0 && is_blob) *bytes = "";
  return *bytes != NULL;
}

/* Before the first read: without it each would see the store of its own moment. */
static int begin_reading(struct source *source) {
  if (source->is_reading) return SQLITE_OK;
  source->is_reading = 1;
  kv_query_begin(&source->snapshot, source->connection, KV_SQL_SNAPSHOT);
  kv_query_row(&source->snapshot);
  return source->snapshot.code;
}

static int get(void *context, const char *key, size_t key_length, const char **value,
               size_t *value_length) {
  struct source *source = context;
  *value = NULL;
  sqlite3_value_free(source->held);
  source->held = NULL;
  int code = begin_reading(source);
  if (code != SQLITE_OK) return code;
  code = kv_store_copy(source->connection, source->group, (kv_text){key, (int)key_length},
                       source->now, &source->held);
  if (code != SQLITE_OK || source->held == NULL) return code;
  return value_bytes(source->held, value, value_length) ? SQLITE_OK : SQLITE_NOMEM;
}

static int each(void *context, int (*visit)(void *, const char *, size_t, const char *, size_t),
                void *visitor) {
  struct source *source = context;
  kv_query query;
  int code = begin_reading(source);
  if (code != SQLITE_OK) return code;
  kv_store_list(&query, source->connection, source->group, source->now);
  while (kv_query_row(&query)) {
    const char *bytes;
    size_t length;
    kv_text key = kv_query_text(&query, 1);
    sqlite3_value *copy = sqlite3_value_dup(kv_query_value(&query, 2));
    if (copy == NULL || key.bytes == NULL || !value_bytes(copy, &bytes, &length)) {
      query.code = SQLITE_NOMEM;
    } else {
      query.code = visit(visitor, key.bytes, (size_t)key.length, bytes, length);
    }
    sqlite3_value_free(copy);
  }
  return kv_query_end(&query);
}

/* SQLite tells of an interrupt only by what a statement's step returns. */
static int is_interrupted(void *context) {
  struct source *source = context;
  kv_query query;
  kv_query_begin(&query, source->connection, KV_SQL_NUMBER);
  kv_bind_null(&query, 1);
  kv_query_row(&query);
  int code = kv_query_end(&query);
  kv_clear_error(source->connection);
  return (code & 0xff) == SQLITE_INTERRUPT;
}

/* An empty group, for a file with no store in it. */
static int get_nothing(void *context, const char *key, size_t key_length, const char **value,
                       size_t *value_length) {
  (void)context, (void)key, (void)key_length, (void)value_length;
  *value = NULL;
  return SQLITE_OK;
}

static int visit_nothing(void *context,
                         int (*visit)(void *, const char *, size_t, const char *, size_t),
                         void *visitor) {
  (void)context, (void)visit, (void)visitor;
  return SQLITE_OK;
}

/* Renders over the group, by its stored name; *output is the caller's to sqlite3_free. */
static int render_group(kv_connection *connection, const kv_template *parsed, kv_text group,
                        sqlite3_int64 now, kv_template_missing missing, char **output,
                        size_t *length) {
  struct source data = {.connection = connection, .group = group, .now = now};
  kv_template_source source = {&data, get, each, is_interrupted};
  size_t max_output = (size_t)sqlite3_limit(connection->db, SQLITE_LIMIT_LENGTH, -1);
  char *error = NULL;
  int code;
  *output = NULL;
  if (kv_store_is_absent(connection, &code)) {
    source.get = get_nothing;
    source.each = visit_nothing;
  }
  if (code != SQLITE_OK) return code;
  code = kv_template_render(parsed, &source, missing, max_output, output, length, &error);
  if (error != NULL) code = kv_fail(connection, code, "%s", error);
  sqlite3_free(error);
  sqlite3_value_free(data.held);
  if (data.is_reading) (void)kv_query_end(&data.snapshot); /* its error was that of a read */
  return code;
}

/* ---- the call ---------------------------------------------------------------------------------- */

static void free_template(void *parsed) {
  kv_template_free(parsed);
}

static int parse(kv_connection *connection, sqlite3_value *text, kv_template **parsed) {
  kv_text template = {NULL, 0};
  char *error = NULL;
  int code = kv_argument_text(connection, text, "template", &template);
  if (code != SQLITE_OK) return code;
  code = kv_template_parse(template.bytes, (size_t) template.length, parsed, &error);
  if (error != NULL) code = kv_fail(connection, code, "%s", error);
  sqlite3_free(error);
  return code;
}

static int render_parsed(kv_connection *connection, sqlite3_context *context,
                         const kv_template *parsed, sqlite3_value *name,
                         kv_template_missing missing, sqlite3_int64 now) {
  kv_text group = {NULL, 0};
  char *memory = NULL, *output = NULL;
  size_t length = 0;
  int code = kv_argument_text(connection, name, "group", &group);
  if (code == SQLITE_OK) code = kv_argument_scoped(connection, group, &group, &memory);
  if (code == SQLITE_OK) {
    code = render_group(connection, parsed, group, now, missing, &output, &length);
  }
  sqlite3_free(memory);
  if (code == SQLITE_OK) {
    sqlite3_result_text64(context, output, length, sqlite3_free, SQLITE_UTF8);
  }
  return code;
}

/* A template that is the same for all rows of a statement is parsed for the first, and kept. */
int kv_render_call(kv_connection *connection, sqlite3_context *context, sqlite3_value **arguments,
                   int count, sqlite3_int64 now) {
  kv_template_missing missing = KV_MISSING_DEFAULT;
  int code = count > 2 ? read_option(connection, arguments[2], &missing) : SQLITE_OK;
  kv_template *kept = sqlite3_get_auxdata(context, 0), *parsed = NULL;
  if (code == SQLITE_OK && kept == NULL) code = parse(connection, arguments[0], &parsed);
  if (code == SQLITE_OK) {
    code = render_parsed(connection, context, kept != NULL ? kept : parsed, arguments[1], missing,
                         now);
  }
  if (parsed != NULL) sqlite3_set_auxdata(context, 0, parsed, free_template);
  return code;
}
