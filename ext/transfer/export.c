/*
** kv_export: one pass over the rows, in the order of the primary key. See export.h.
*/
#include "transfer/export.h"
#include "transfer/json.h"

#include <string.h>

enum { GRP_COLUMN, KEY_COLUMN, VALUE_COLUMN, EXPIRES_AT_COLUMN };

static void append_blob(sqlite3_str *out, const unsigned char *bytes, int length) {
  static const char digits[] = "0123456789ABCDEF";
  char chunk[512];
  int used = 0;
  sqlite3_str_appendchar(out, 1, '"');
  for (int i = 0; i < length; i++) {
    chunk[used++] = digits[bytes[i] >> 4];
    chunk[used++] = digits[bytes[i] & 15];
    if (used == sizeof chunk || i + 1 == length) {
      sqlite3_str_append(out, chunk, used);
      used = 0;
    }
  }
  sqlite3_str_appendchar(out, 1, '"');
}

static void append_value(sqlite3_str *out, kv_query *query) {
  sqlite3_stmt *row = query->statement;
  int type = sqlite3_column_type(row, VALUE_COLUMN);
  if (type == SQLITE_INTEGER) {
    sqlite3_str_appendf(out, "%lld", sqlite3_column_int64(row, VALUE_COLUMN));
  } else if (type == SQLITE_FLOAT) {
    kv_json_append_real(out, sqlite3_column_double(row, VALUE_COLUMN));
  } else if (type == SQLITE_BLOB) {
    const unsigned char *bytes = sqlite3_column_blob(row, VALUE_COLUMN);
    int length = sqlite3_column_bytes(row, VALUE_COLUMN);
    if (bytes == NULL && length > 0) query->code = SQLITE_NOMEM;
    if (query->code == SQLITE_OK) append_blob(out, bytes, length);
  } else {
    kv_text text = kv_query_text(query, VALUE_COLUMN);
    if (query->code == SQLITE_OK) kv_json_append_string(out, text);
  }
}

/* Plain SQL may have put anything into expires_at: what is no number is later than every "now". */
static int has_expiry(sqlite3_stmt *row) {
  int type = sqlite3_column_type(row, EXPIRES_AT_COLUMN);
  return type == SQLITE_INTEGER || type == SQLITE_FLOAT;
}

static void append_member(sqlite3_str *out, kv_query *query, kv_text key) {
  sqlite3_stmt *row = query->statement;
  int is_blob = sqlite3_column_type(row, VALUE_COLUMN) == SQLITE_BLOB, expires = has_expiry(row);
  kv_json_append_string(out, key);
  sqlite3_str_appendchar(out, 1, ':');
  if (is_blob || expires) sqlite3_str_appendall(out, is_blob ? "{\"blob\":" : "{\"value\":");
  append_value(out, query);
  if (expires) {
    sqlite3_str_appendf(out, ",\"expires_at\":%lld", kv_query_integer(query, EXPIRES_AT_COLUMN));
  }
  if (is_blob || expires) sqlite3_str_appendchar(out, 1, '}');
}

/* Writes what stands before the row's member. *last is the group of the row before it, NULL for the
** first, and then this row's. */
static void append_separator(sqlite3_str *out, kv_query *query, int hidden, sqlite3_value **last) {
  kv_text group = kv_query_text(query, GRP_COLUMN);
  if (query->code != SQLITE_OK) return;
  if (*last != NULL) {
    kv_text before = {(const char *)sqlite3_value_text(*last), sqlite3_value_bytes(*last)};
    if (before.bytes == NULL) query->code = SQLITE_NOMEM;
    if (before.bytes == NULL) return;
    sqlite3_str_appendall(out, kv_text_equals(before, group) ? "," : "},");
    if (kv_text_equals(before, group)) return;
    sqlite3_value_free(*last);
  }
  *last = sqlite3_value_dup(kv_query_value(query, GRP_COLUMN));
  if (*last == NULL) query->code = SQLITE_NOMEM;
  kv_json_append_string(out, (kv_text){group.bytes + hidden, group.length - hidden});
  sqlite3_str_appendall(out, ":{");
}

static void append_row(sqlite3_str *out, kv_query *query, int hidden, sqlite3_value **last) {
  append_separator(out, query, hidden, last);
  if (query->code != SQLITE_OK) return;
  kv_text key = kv_query_text(query, KEY_COLUMN);
  if (query->code == SQLITE_OK) append_member(out, query, key);
  if (query->code == SQLITE_OK) query->code = sqlite3_str_errcode(out);
}

static int append_rows(sqlite3_str *out, kv_connection *connection, const kv_range *range,
                       sqlite3_int64 now_ms) {
  int hidden = (int)strlen(kv_connection_scope(connection));
  sqlite3_value *last = NULL;
  kv_query query;
  kv_query_begin(&query, connection, KV_SQL_ENTRIES);
  kv_range_bind(&query, 1, range);
  kv_bind_text(&query, 3, (kv_text){"", 0});
  kv_bind_beyond_text(&query, 4);
  kv_bind_integer(&query, 5, 1);
  kv_bind_integer(&query, 6, now_ms);
  while (kv_query_row(&query)) append_row(out, &query, hidden, &last);
  if (last != NULL) sqlite3_str_appendchar(out, 1, '}');
  sqlite3_value_free(last);
  return kv_query_end(&query);
}

int kv_export_row(kv_query *query, const char *scope, char **json, sqlite3_uint64 *length) {
  int is_blob = sqlite3_column_type(query->statement, VALUE_COLUMN) == SQLITE_BLOB;
  sqlite3_str *out = sqlite3_str_new(query->connection->db);
  kv_text group = kv_query_text(query, GRP_COLUMN), key = kv_query_text(query, KEY_COLUMN);
  if (query->code == SQLITE_OK) {
    sqlite3_str_appendall(out, "{\"group\":");
    kv_json_append_string(out, kv_name_without(group, scope));
    sqlite3_str_appendall(out, ",\"key\":");
    kv_json_append_string(out, key);
    sqlite3_str_appendall(out, is_blob ? ",\"blob\":" : ",\"value\":");
    append_value(out, query);
  }
  if (query->code == SQLITE_OK && has_expiry(query->statement)) {
    sqlite3_str_appendf(out, ",\"expires_at\":%lld", kv_query_integer(query, EXPIRES_AT_COLUMN));
  }
  sqlite3_str_appendchar(out, 1, '}');
  if (query->code == SQLITE_OK) query->code = sqlite3_str_errcode(out);
  *length = (sqlite3_uint64)sqlite3_str_length(out);
  *json = sqlite3_str_finish(out);
  if (query->code == SQLITE_OK) return SQLITE_OK;
  sqlite3_free(*json);
  *json = NULL;
  return query->code;
}

int kv_export_range(kv_connection *connection, const kv_range *range, sqlite3_int64 now_ms,
                    char **json, sqlite3_uint64 *length) {
  sqlite3_str *out = sqlite3_str_new(connection->db);
  int code = SQLITE_OK;
  sqlite3_str_appendall(out, "{\"kv\":1,\"groups\":{");
  if (!kv_store_is_absent(connection, &code) && code == SQLITE_OK) {
    code = append_rows(out, connection, range, now_ms);
  }
  sqlite3_str_appendall(out, "}}");
  if (code == SQLITE_OK) code = sqlite3_str_errcode(out);
  *length = (sqlite3_uint64)sqlite3_str_length(out);
  *json = sqlite3_str_finish(out);
  if (code == SQLITE_OK) return SQLITE_OK;
  sqlite3_free(*json);
  *json = NULL;
  return code;
}
