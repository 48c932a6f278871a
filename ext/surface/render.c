/*
** Between the store and the template library. See render.h.
**
** Text is itself, numbers are SQLite's own text of them, a BLOB is its bytes.
*/
#include "surface/render.h"
#include "arguments/arguments.h"
#include "store/store.h"
#include "template/template.h"

#include <assert.h>
#include <string.h>

struct source {
  kv_connection *connection;
  kv_text group;
  sqlite3_int64 now_ms;
  sqlite3_value *held[KV_TEMPLATE_MAX_ASKED]; /* what get() handed out */
  int held_count;
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
    if (strlen(options[i].text) != (size_t)text.length) continue;
    if (memcmp(text.bytes, options[i].text, (size_t)text.length) != 0) continue;
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
  if (is_blob && *length == 0) *bytes = "";
  return *bytes != NULL;
}

/* The same of a row's value, without a copy. */
static int row_bytes(sqlite3_stmt *row, const char **bytes, size_t *length) {
  int is_blob = sqlite3_column_type(row, 2) == SQLITE_BLOB;
  *bytes = is_blob ? sqlite3_column_blob(row, 2) : (const char *)sqlite3_column_text(row, 2);
  *length = (size_t)sqlite3_column_bytes(row, 2);
  if (is_blob && *length == 0) *bytes = "";
  return *bytes != NULL;
}

/*
** Before the first of several reads: without it each would see the store of its own moment. Where a
** transaction is open already (that of the statement which calls, say), its moment is that of all.
*/
static int begin_reading(struct source *source) {
  kv_connection *connection = source->connection;
  if (source->is_reading) return SQLITE_OK;
  int state = sqlite3_txn_state(connection->db, kv_connection_schema(connection));
  if (state != SQLITE_TXN_NONE) return SQLITE_OK;
  source->is_reading = 1;
  kv_query_begin(&source->snapshot, source->connection, KV_SQL_SNAPSHOT);
  kv_query_row(&source->snapshot);
  return source->snapshot.code;
}

static int get(void *context, const char *key, size_t key_length, const char **value,
               size_t *value_length) {
  struct source *source = context;
  sqlite3_value *held = NULL;
  *value = NULL;
  assert(source->held_count < KV_TEMPLATE_MAX_ASKED);
  int code = begin_reading(source);
  if (code != SQLITE_OK) return code;
  code = kv_store_copy(source->connection, source->group, (kv_text){key, (int)key_length},
                       source->now_ms, &held);
  if (code != SQLITE_OK || held == NULL) return code;
  source->held[source->held_count++] = held;
  return value_bytes(held, value, value_length) ? SQLITE_OK : SQLITE_NOMEM;
}

/* After the whole group nothing else is read: this is one read, or the last. */
static int each(void *context, int (*visit)(void *, const char *, size_t, const char *, size_t),
                void *visitor) {
  struct source *source = context;
  kv_query query;
  kv_store_list(&query, source->connection, source->group, source->now_ms);
  while (kv_query_row(&query)) {
    const char *bytes;
    size_t length;
    kv_text key = kv_query_text(&query, 1);
    if (key.bytes == NULL || !row_bytes(query.statement, &bytes, &length)) {
      query.code = SQLITE_NOMEM;
    } else {
      query.code = visit(visitor, key.bytes, (size_t)key.length, bytes, length);
    }
  }
  return kv_query_end(&query);
}

/*
** SQLite tells of an interrupt, and asks a progress handler, only in a statement's step. This one takes
** some of the steps that a progress handler counts.
*/
static int may_go_on(void *context) {
  struct source *source = context;
  kv_query query;
  kv_query_begin(&query, source->connection, KV_SQL_PROGRESS);
  kv_query_row(&query);
  return kv_query_end(&query);
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

/* ---- parsed templates ------------------------------------------------------------------------ */

/* SQLite's own memory for a function's argument lasts for one execution of a statement: these last. */
enum { MAX_KEPT = 8, MAX_KEPT_BYTES = 256 * 1024 };

/* The last that were used, the newest first. One in use is not among them. */
struct kv_templates {
  int count;
  size_t bytes;
  kv_template *parsed[MAX_KEPT];
};

static kv_template *take_kept(struct kv_templates *kept, kv_text text) {
  for (int i = 0; kept != NULL && i < kept->count; i++) {
    kv_template *parsed = kept->parsed[i];
    if (!kv_template_is_of(parsed, text.bytes, (size_t)text.length)) continue;
    kept->count--;
    kept->bytes -= kv_template_size(parsed);
    memmove(&kept->parsed[i], &kept->parsed[i + 1],
            (size_t)(kept->count - i) * sizeof kept->parsed[0]);
    return parsed;
  }
  return NULL;
}

static void drop_oldest(struct kv_templates *kept) {
  kv_template *parsed = kept->parsed[--kept->count];
  kept->bytes -= kv_template_size(parsed);
  kv_template_free(parsed);
}

/* Where there is no room for it, it is freed. */
static void keep(kv_connection *connection, kv_template *parsed) {
  if (connection->templates == NULL) {
    connection->templates = sqlite3_malloc64(sizeof *connection->templates);
    if (connection->templates != NULL) *connection->templates = (struct kv_templates){0};
  }
  struct kv_templates *kept = connection->templates;
  size_t size = kv_template_size(parsed);
  if (kept == NULL || size > MAX_KEPT_BYTES) {
    kv_template_free(parsed);
    return;
  }
  while (kept->count == MAX_KEPT || kept->bytes > MAX_KEPT_BYTES - size) drop_oldest(kept);
  memmove(&kept->parsed[1], &kept->parsed[0], (size_t)kept->count * sizeof kept->parsed[0]);
  kept->parsed[0] = parsed;
  kept->bytes += size;
  kept->count++;
}

static void free_templates(kv_connection *connection) {
  struct kv_templates *kept = connection->templates;
  while (kept != NULL && kept->count > 0) drop_oldest(kept);
  sqlite3_free(kept);
  connection->templates = NULL;
}

const kv_room kv_render_room = {.free = free_templates};

/* ---- the call -------------------------------------------------------------------------------- */

struct render {
  struct source source;
  kv_template_host host;
  kv_template_missing missing;
  kv_template *parsed;
  char *output;
  size_t length;
};

/* The library's own error goes to the host as it is. */
static int told(kv_connection *connection, int code, char *error) {
  if (error != NULL) code = kv_fail(connection, code, "%s", error);
  sqlite3_free(error);
  return code;
}

static int parse(struct render *render, sqlite3_value *value) {
  kv_connection *connection = render->source.connection;
  kv_text text = {NULL, 0};
  char *error = NULL;
  int code = kv_argument_text(connection, value, "template", &text);
  if (code != SQLITE_OK) return code;
  render->parsed = take_kept(connection->templates, text);
  if (render->parsed != NULL) return SQLITE_OK;
  code = kv_template_parse(text.bytes, (size_t)text.length, &render->host, &render->parsed, &error);
  return told(connection, code, error);
}

static int run(struct render *render) {
  kv_connection *connection = render->source.connection;
  kv_template_source source = {&render->source, get, each};
  size_t max_output = (size_t)sqlite3_limit(connection->db, SQLITE_LIMIT_LENGTH, -1);
  char *error = NULL;
  int code;
  if (kv_store_is_absent(connection, &code)) {
    source.get = get_nothing;
    source.each = visit_nothing;
  }
  if (code != SQLITE_OK) return code;
  code = kv_template_render(render->parsed, &render->host, &source, render->missing, max_output,
                            &render->output, &render->length, &error);
  return told(connection, code, error);
}

static void end(struct render *render) {
  struct source *source = &render->source;
  while (source->held_count > 0) sqlite3_value_free(source->held[--source->held_count]);
  if (source->is_reading) (void)kv_query_end(&source->snapshot); /* its error was that of a read */
  if (render->parsed != NULL) keep(source->connection, render->parsed);
}

int kv_render_call(kv_connection *connection, sqlite3_context *context, sqlite3_value **arguments,
                   int count, sqlite3_int64 now_ms) {
  struct render render = {.source = {.connection = connection, .now_ms = now_ms}};
  char *memory = NULL;
  render.host = (kv_template_host){&render.source, may_go_on};
  int code = count > 2 ? read_option(connection, arguments[2], &render.missing) : SQLITE_OK;
  if (code == SQLITE_OK) code = parse(&render, arguments[0]);
  if (code == SQLITE_OK) {
    code = kv_argument_text(connection, arguments[1], "group", &render.source.group);
  }
  if (code == SQLITE_OK) {
    code = kv_argument_scoped(connection, render.source.group, &render.source.group, &memory);
  }
  if (code == SQLITE_OK) code = run(&render);
  end(&render);
  sqlite3_free(memory);
  if (code == SQLITE_OK) {
    sqlite3_result_text64(context, render.output, render.length, sqlite3_free, SQLITE_UTF8);
  }
  return code;
}
