/*
** Many rows in one statement. See batch.h.
*/
#include "store/batch.h"
#include "store/purge.h"
#include "store/quota.h"
#include "store/write.h"

#include <assert.h>
#include <string.h>

const char kv_batch_pointer[] = "kv_batch";

/* The bytes of a row stand in the batch's one piece of memory: group, key, value. */
struct row {
  sqlite3_int64 at;
  int group_length, key_length, length;
  int type;
  union {
    sqlite3_int64 integer;
    double real;
  } number;
  int has_expiry;
  sqlite3_int64 expires_at;
};

struct kv_batch {
  struct row *rows;
  int count, capacity;
  char *bytes;
  sqlite3_int64 used, size;
  int from, to; /* what kv__rows shows */
};

kv_batch *kv_batch_new(void) {
  kv_batch *batch = sqlite3_malloc64(sizeof *batch);
  if (batch != NULL) *batch = (kv_batch){.count = 0};
  return batch;
}

void kv_batch_free(kv_batch *batch) {
  if (batch == NULL) return;
  sqlite3_free(batch->rows);
  sqlite3_free(batch->bytes);
  sqlite3_free(batch);
}

void kv_batch_clear(kv_batch *batch) {
  batch->count = 0;
  batch->used = 0;
}

int kv_batch_count(const kv_batch *batch) {
  return batch->count;
}

sqlite3_int64 kv_batch_size(const kv_batch *batch) {
  return batch->used;
}

void kv_batch_range(const kv_batch *batch, int *from, int *to) {
  *from = batch->from;
  *to = batch->to;
}

kv_batch_row kv_batch_at(const kv_batch *batch, int index) {
  assert(index >= 0 && index < batch->count);
  const struct row *row = &batch->rows[index];
  const char *bytes = batch->bytes + row->at;
  return (kv_batch_row){.group = {bytes, row->group_length},
                        .key = {bytes + row->group_length, row->key_length},
                        .type = row->type,
                        .integer = row->type == SQLITE_INTEGER ? row->number.integer : 0,
                        .real = row->type == SQLITE_FLOAT ? row->number.real : 0.0,
                        .bytes = bytes + row->group_length + row->key_length,
                        .length = row->length,
                        .has_expiry = row->has_expiry,
                        .expires_at = row->expires_at};
}

/* ---- gathering ------------------------------------------------------------------------------- */

static int reserve_row(kv_batch *batch) {
  if (batch->count < batch->capacity) return SQLITE_OK;
  int capacity = batch->capacity * 2 + 16;
  struct row *rows = sqlite3_realloc64(batch->rows, (sqlite3_uint64)capacity * sizeof *rows);
  if (rows == NULL) return SQLITE_NOMEM;
  batch->rows = rows;
  batch->capacity = capacity;
  return SQLITE_OK;
}

static int reserve_bytes(kv_batch *batch, sqlite3_int64 more) {
  if (batch->used + more <= batch->size && batch->bytes != NULL) return SQLITE_OK;
  sqlite3_int64 size = (batch->used + more) * 2 + 256;
  char *bytes = sqlite3_realloc64(batch->bytes, (sqlite3_uint64)size);
  if (bytes == NULL) return SQLITE_NOMEM;
  batch->bytes = bytes;
  batch->size = size;
  return SQLITE_OK;
}

static void put(kv_batch *batch, const void *bytes, int length) {
  if (length > 0) memcpy(batch->bytes + batch->used, bytes, (size_t)length);
  batch->used += length;
}

/* What the row is to say of the value, and its bytes, if it has some. */
static int read_value(struct row *row, sqlite3_value *value, const void **bytes) {
  *bytes = NULL;
  row->length = 0;
  row->type = sqlite3_value_type(value);
  if (row->type == SQLITE_INTEGER) {
    row->number.integer = sqlite3_value_int64(value);
  } else if (row->type == SQLITE_FLOAT) {
    row->number.real = sqlite3_value_double(value);
  } else if (row->type == SQLITE_TEXT) {
    *bytes = sqlite3_value_text(value);
    row->length = sqlite3_value_bytes(value);
    if (*bytes == NULL) return SQLITE_NOMEM;
  } else {
    *bytes = sqlite3_value_blob(value);
    row->length = sqlite3_value_bytes(value);
    if (*bytes == NULL && row->length > 0) return SQLITE_NOMEM;
  }
  return SQLITE_OK;
}

int kv_batch_add(kv_connection *connection, kv_batch *batch, const kv_entry *entry,
                 sqlite3_int64 most) {
  struct row row = {.at = batch->used,
                    .group_length = entry->group.length,
                    .key_length = entry->key.length,
                    .has_expiry = entry->has_expiry,
                    .expires_at = entry->expires_at};
  const void *bytes;
  int code = read_value(&row, entry->value, &bytes);
  if (code != SQLITE_OK) return code;
  sqlite3_int64 more = (sqlite3_int64)row.group_length + row.key_length + row.length;
  if (batch->used + more > most || batch->count == 0x7fffff00 / 2) {
    return kv_fail(connection, SQLITE_TOOBIG, "more than %lld bytes of rows", most);
  }
  code = reserve_row(batch);
  if (code == SQLITE_OK) code = reserve_bytes(batch, more);
  if (code != SQLITE_OK) return code;
  put(batch, entry->group.bytes, row.group_length);
  put(batch, entry->key.bytes, row.key_length);
  put(batch, bytes, row.length);
  batch->rows[batch->count++] = row;
  return SQLITE_OK;
}

/* ---- writing --------------------------------------------------------------------------------- */

struct writing {
  kv_connection *connection;
  kv_batch *batch;
  int is_replacing;
  sqlite3_int64 now_ms;
  int taken;
};

static int write_rows(const struct writing *writing, kv_sql sql, int from, int to,
                      sqlite3_int64 *changes) {
  kv_batch *batch = writing->batch;
  kv_query query;
  batch->from = from;
  batch->to = to;
  kv_query_begin(&query, writing->connection, sql);
  kv_bind_pointer(&query, 1, batch, kv_batch_pointer);
  if (sql == KV_SQL_BATCH_SETNX) kv_bind_integer(&query, 2, writing->now_ms);
  return kv_query_write(&query, changes);
}

/* As many expired rows go as each row alone would take along. */
static int purge(const struct writing *writing) {
  enum { MOST = 1 << 20 };
  const kv_batch *batch = writing->batch;
  int expiring = 0;
  for (int i = 0; i < batch->count; i++) expiring += batch->rows[i].has_expiry;
  if (expiring == 0) return SQLITE_OK;
  if (expiring > MOST) expiring = MOST;
  return kv_purge_some(writing->connection, writing->now_ms, expiring * KV_PURGE_ON_WRITE);
}

/* The body of a driver. A key that is there, which a trigger may pass over too, is an error of
** SQLITE_CONSTRAINT's kind. */
static int write_together(void *pointer) {
  const struct writing *writing = pointer;
  sqlite3_int64 changes;
  int count = writing->batch->count;
  int code = purge(writing);
  if (code != SQLITE_OK) return code;
  if (writing->is_replacing) {
    return write_rows(writing, KV_SQL_BATCH_REPLACE, 0, count, &changes);
  }
  code = write_rows(writing, KV_SQL_BATCH_INSERT, 0, count, &changes);
  return code == SQLITE_OK && changes != count ? SQLITE_CONSTRAINT : code;
}

/* The body where the other came upon something: row by row, so that it is known on which. */
static int write_each(void *pointer) {
  struct writing *writing = pointer;
  sqlite3_int64 changes;
  int code = purge(writing);
  for (int i = 0; i < writing->batch->count && code == SQLITE_OK; i++) {
    kv_sql sql = writing->is_replacing ? KV_SQL_BATCH_REPLACE : KV_SQL_BATCH_SETNX;
    code = write_rows(writing, sql, i, i + 1, &changes);
    if (code != SQLITE_OK) { /* a quota explains itself while the rows before are there */
      return kv_quota_explain(writing->connection, code, kv_batch_at(writing->batch, i).group,
                              (kv_text){NULL, 0}, NULL);
    }
    if (writing->is_replacing || changes == 1) continue;
    writing->taken = i;
    code = SQLITE_CONSTRAINT_UNIQUE;
  }
  return code;
}

int kv_batch_write(kv_connection *connection, kv_batch *batch, int is_replacing,
                   sqlite3_int64 now_ms, int *taken) {
  static const kv_text no_group = {"", 0};
  struct writing writing = {.connection = connection,
                            .batch = batch,
                            .is_replacing = is_replacing,
                            .now_ms = now_ms,
                            .taken = -1};
  *taken = -1;
  if (batch->count == 0) return SQLITE_OK;
  int code = kv_write_all(connection, &no_group, write_together, &writing);
  if ((code & 0xff) == SQLITE_CONSTRAINT) {
    kv_clear_error(connection);
    code = kv_write_all(connection, &no_group, write_each, &writing);
    *taken = writing.taken;
  }
  return code;
}
