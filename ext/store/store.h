/*
** The store by intent: the rows of "kv", read and written. The only room that runs data SQL, so the
** rule of what is live stands here (in sql/store.sql) and nowhere else.
**
** "Now" is an argument: one instant for each call. Group names are stored names, scope included.
** All functions return a result code; the message of an error is with the connection.
*/
#ifndef KV_STORE_H
#define KV_STORE_H

#include "base/range.h"
#include "base/statements.h"

/* A key to be written. */
typedef struct kv_entry {
  kv_text group;
  kv_text key;
  sqlite3_value *value;
  int has_expiry;
  sqlite3_int64 expires_at; /* Unix milliseconds */
} kv_entry;

/*
** A write: brings the store into being, opens a savepoint where more than one statement writes,
** keeps last_insert_rowid() as it was, and removes a few expired rows on the way when `purge_at` (a
** time) is not KV_NO_PURGE. Between begin and end, and only there, rows are written. End it
** whatever begin returned.
*/
typedef struct kv_write {
  kv_query query;        /* for the caller's statement */
  kv_text group;         /* the caller says where it adds keys, for the message of a refusal, */
  const kv_entry *entry; /* and what, if it is one */
  kv_connection *connection;
  sqlite3_int64 last_rowid;
  int has_savepoint;
  int is_outermost;     /* the savepoint is the transaction */
  int has_pinned_clock; /* of the quotas' triggers */
} kv_write;

enum { KV_NO_PURGE = -1 };
/* How many rows a write that stores a ttl removes: more than it adds, so that rubbish cannot pile
** up. */
enum { KV_PURGE_ON_WRITE = 8 };

int kv_write_begin(kv_write *write, kv_connection *connection, sqlite3_int64 purge_at);
/* The same for a caller that writes more than once. */
int kv_write_begin_compound(kv_write *write, kv_connection *connection);
/* Ends the write that came to `code`: an error undoes all of it. Returns the code to report. */
int kv_write_end(kv_write *write, int code);

/* Removes expired rows as kv_store_purge() does, inside a write. */
int kv_write_purge(kv_connection *connection, const kv_range *range, sqlite3_int64 now, int limit,
                   sqlite3_int64 *removed);

/* The entry's expires_at, or NULL. */
void kv_bind_expiry(kv_query *query, int parameter, const kv_entry *entry);

/* 1 if there is no store to read or delete from, and no error. Look before every read. */
int kv_store_is_absent(kv_connection *connection, int *code);

/* Begins a query and steps it: 1 if there is a row, live or not, of the value and its expires_at. */
int kv_store_find(kv_query *query, kv_connection *connection, kv_text group, kv_text key);
/* Of a row found: when it expires. 0: never. */
int kv_store_expires(kv_query *query, sqlite3_int64 *at);
/* A copy of the live value (sqlite3_value_free it), or NULL. */
int kv_store_copy(kv_connection *connection, kv_text group, kv_text key, sqlite3_int64 now,
                  sqlite3_value **value);
/* Begins a query for the live rows of a group by key: column 1 is the key, 2 the value. */
int kv_store_list(kv_query *query, kv_connection *connection, kv_text group, sqlite3_int64 now);
/* Live rows in the range. */
int kv_store_count(kv_connection *connection, const kv_range *range, sqlite3_int64 now,
                   sqlite3_int64 *count);

int kv_store_set(kv_connection *connection, const kv_entry *entry, sqlite3_int64 now);
/* Stores where no live key is. */
int kv_store_setnx(kv_connection *connection, const kv_entry *entry, sqlite3_int64 now,
                   int *stored);
/* Stores where the live value IS `expected` (not NULL). */
int kv_store_cas(kv_connection *connection, const kv_entry *entry, sqlite3_value *expected,
                 sqlite3_int64 now, int *stored);
/* Replaces `old`, the live value as it was read, type included, and keeps the expiry. */
int kv_store_replace(kv_connection *connection, const kv_entry *entry, sqlite3_value *old,
                     sqlite3_int64 now, int *replaced);
/* Sets, or with `has_expiry` 0 removes, the expiry of a live key. The entry's value is not used. */
int kv_store_expire(kv_connection *connection, const kv_entry *entry, sqlite3_int64 now,
                    int *found);

/*
** Rewrites the row: its name, and, where told, its value and expiry. A row that has the new name
** already goes if it has expired or `is_replacing`; else nothing is done and *is_taken is 1.
*/
int kv_store_move(kv_connection *connection, sqlite3_int64 rowid, const kv_entry *entry,
                  int has_value, int has_expiry, int is_replacing, sqlite3_int64 now,
                  int *is_taken);
int kv_store_delete_row(kv_connection *connection, sqlite3_int64 rowid);

/* Deletes a live key; where `old` is given, only while its value is still that. */
int kv_store_delete(kv_connection *connection, kv_text group, kv_text key, sqlite3_value *old,
                    sqlite3_int64 now, int *deleted);
/* Deletes the live rows of all groups in the range, which is that of the stored `name`, or, with
** `is_prefix`, of all that begin with it. */
int kv_store_delete_groups(kv_connection *connection, const kv_range *range, kv_text name,
                           int is_prefix, sqlite3_int64 now, sqlite3_int64 *deleted);
/* Removes at most `limit` expired rows (-1: all) of the range, the longest-expired first. */
int kv_store_purge(kv_connection *connection, const kv_range *range, sqlite3_int64 now, int limit,
                   sqlite3_int64 *removed);

#endif
