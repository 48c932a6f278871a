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

/* The entry's expires_at, or NULL. */
void kv_bind_expiry(kv_query *query, int parameter, const kv_entry *entry);

/* 1 if there is no store to read or delete from, and no error. Look before every read. */
int kv_store_is_absent(kv_connection *connection, int *code);

/* Begins a query and steps it: 1 if the key is live, with its value as column 0, and its expires_at. */
int kv_store_find(kv_query *query, kv_connection *connection, kv_text group, kv_text key,
                  sqlite3_int64 now_ms);
/* The seconds that are left of what expires then; 0: it never does (NULL; and text, which plain SQL
** may have put there, is later than every number). */
int kv_store_ttl(sqlite3_value *expires_at, sqlite3_int64 now_ms, double *ttl);
/* A copy of the live value (sqlite3_value_free it), or NULL. */
int kv_store_copy(kv_connection *connection, kv_text group, kv_text key, sqlite3_int64 now_ms,
                  sqlite3_value **value);
/* Begins a query for the live rows of a group by key: column 1 is the key, 2 the value. */
int kv_store_list(kv_query *query, kv_connection *connection, kv_text group, sqlite3_int64 now_ms);
/* Live rows in the range. */
int kv_store_count(kv_connection *connection, const kv_range *range, sqlite3_int64 now_ms,
                   sqlite3_int64 *count);

int kv_store_set(kv_connection *connection, const kv_entry *entry, sqlite3_int64 now_ms);
/* Stores where no live key is. */
int kv_store_setnx(kv_connection *connection, const kv_entry *entry, sqlite3_int64 now_ms,
                   int *stored);
/* Stores where the live value IS `expected` (not NULL). */
int kv_store_cas(kv_connection *connection, const kv_entry *entry, sqlite3_value *expected,
                 sqlite3_int64 now_ms, int *stored);
/* Sets, or with `has_expiry` 0 removes, the expiry of a live key. The entry's value is not used. */
int kv_store_expire(kv_connection *connection, const kv_entry *entry, sqlite3_int64 now_ms,
                    int *found);

/* Begins a query for the row, live or not: group, key and expires_at are its columns. 1 if there is
** one. */
int kv_store_find_row(kv_query *query, kv_connection *connection, sqlite3_int64 rowid);
/* Rewrites the row's value and expiry, where told. */
int kv_store_rewrite(kv_connection *connection, sqlite3_int64 rowid, const kv_entry *entry,
                     int has_value, int has_expiry, sqlite3_int64 now_ms);
/*
** Rewrites the row: its name, and, where told, its value and expiry. A row that has the new name
** already goes if it has expired or `is_replacing`; else nothing is done and *is_taken is 1.
*/
int kv_store_move(kv_connection *connection, sqlite3_int64 rowid, const kv_entry *entry,
                  int has_value, int has_expiry, int is_replacing, sqlite3_int64 now_ms,
                  int *is_taken);
int kv_store_delete_row(kv_connection *connection, sqlite3_int64 rowid);

/* Deletes a live key whose value IS `expected` (not NULL). */
int kv_store_delete_if(kv_connection *connection, kv_text group, kv_text key,
                       sqlite3_value *expected, sqlite3_int64 now_ms, int *deleted);
/* Deletes a live key. */
int kv_store_delete(kv_connection *connection, kv_text group, kv_text key, sqlite3_int64 now_ms,
                    int *deleted);
/* Deletes the live rows of all groups in the range, which is that of the stored `name`, or, with
** `is_prefix`, of all that begin with it. */
int kv_store_delete_groups(kv_connection *connection, const kv_range *range, kv_text name,
                           int is_prefix, sqlite3_int64 now_ms, sqlite3_int64 *deleted);
/* Removes at most `limit` expired rows (-1: all) of the range, the longest-expired first. */
int kv_store_purge(kv_connection *connection, const kv_range *range, sqlite3_int64 now_ms,
                   int limit, sqlite3_int64 *removed);

#endif
