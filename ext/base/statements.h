/*
** Statements: taken from the connection's cache by name, bound, stepped, given back.
**
**     kv_query query;
**     kv_query_begin(&query, connection, KV_SQL_GET);
**     kv_bind_text(&query, 1, group);
**     kv_bind_text(&query, 2, key);
**     kv_bind_integer(&query, 3, now_ms);
**     if (kv_query_row(&query)) use(kv_query_value(&query, 0));
**     return kv_query_end(&query);
**
** The handle's error is sticky: after a failure every step but the last does nothing, and
** kv_query_end() returns the code (the message is with the connection). What is bound must outlive
** the query: nothing is copied. SQLITE_SCHEMA says that the store changed under a cached statement
** and nothing was done: the call is to be made again, from the look at the schema on (see
** kv_again() in schema.h).
*/
#ifndef KV_STATEMENTS_H
#define KV_STATEMENTS_H

#include "base/connection.h"

typedef struct kv_query {
  kv_connection *connection;
  sqlite3_stmt *statement; /* NULL: not begun, or it failed to */
  kv_sql sql;
  unsigned generation; /* of the schema, which the statement was made for */
  int code;            /* the first error */
} kv_query;

/* Always leaves a query that kv_query_end() may be called on. */
int kv_query_begin(kv_query *query, kv_connection *connection, kv_sql sql);
void kv_bind_text(kv_query *query, int parameter, kv_text text);
void kv_bind_integer(kv_query *query, int parameter, sqlite3_int64 integer);
void kv_bind_real(kv_query *query, int parameter, double real);
void kv_bind_blob(kv_query *query, int parameter, const void *bytes, int length);
void kv_bind_null(kv_query *query, int parameter);
/* A value that SQLite sorts after every text: the empty BLOB. */
void kv_bind_beyond_text(kv_query *query, int parameter);
/* Any value but NULL, with its type, as the host gave it. */
void kv_bind_value(kv_query *query, int parameter, sqlite3_value *value);
/* A pointer that no SQL can make or read: see sqlite3_bind_pointer(). */
void kv_bind_pointer(kv_query *query, int parameter, void *pointer, const char *type);
/* Bytes in an encoding of their own (range.h): SQLITE_UTF8, SQLITE_UTF16LE or SQLITE_UTF16BE. */
void kv_bind_encoded(kv_query *query, int parameter, const void *bytes, sqlite3_uint64 length,
                     unsigned char encoding);

/* Steps: 1 when there is a row, 0 at the end and on errors. */
int kv_query_row(kv_query *query);
/* The row's column, valid until the next step. */
sqlite3_value *kv_query_value(kv_query *query, int column);
sqlite3_int64 kv_query_integer(kv_query *query, int column);
/* The row's column as text, valid until the next step. NULL bytes: out of memory. */
kv_text kv_query_text(kv_query *query, int column);
/* Resets and gives the statement back. */
int kv_query_end(kv_query *query);
/* The same, and the statement is not kept. */
int kv_query_end_for_good(kv_query *query);

/* A statement without parameters or rows that matter, from begin to end. */
int kv_execute(kv_connection *connection, kv_sql sql);
/* Prepares a statement, which the caller keeps and finalizes, with `name` where "name" stands. */
int kv_statement_prepare_named(kv_connection *connection, kv_sql sql, const char *name,
                               sqlite3_stmt **statement);
/* The same for one that is not kept, with `name` where "name" stands. */
int kv_execute_named(kv_connection *connection, kv_sql sql, const char *name);
/* The same: is there a row? */
int kv_find_named(kv_connection *connection, kv_sql sql, const char *name, int *is_found);
/* Steps a bound writing statement to its end, ends the query, and counts the rows that it wrote
** itself. */
int kv_query_write(kv_query *query, sqlite3_int64 *changes);

/* Would SQLite prepare this statement, as it is, now? */
int kv_statement_compiles(sqlite3 *db, kv_sql sql);

/* Is `text`, from sqlite_schema, what this statement, a CREATE, left there? */
int kv_statement_created(kv_sql sql, const char *text);

/* Prepares the call of a host's SQL function, which the caller keeps and finalizes. */
int kv_statement_prepare_callback(kv_connection *connection, const char *name,
                                  sqlite3_stmt **statement);

/* Sees to it that an anchor table is connected, if one can be (see statements.c). */
int kv_statements_connect(kv_connection *connection);
/* Finalizes an idle statement that is of no use for long. */
void kv_statement_drop(kv_connection *connection, kv_sql sql);
/* Finalizes every idle statement. */
void kv_statements_close(kv_connection *connection);

extern const kv_room kv_statements_room;

#endif
