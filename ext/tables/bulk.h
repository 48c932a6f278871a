/*
** A bulk load: one INSERT of many rows INTO kv_entries, outside of a transaction. Its rows are held
** back, and written together (store/batch.h): some hundred at a time, the last before SQLite commits
** the statement, and all whenever a call of ours begins that may look. So the statement still fails
** with what it met, and is undone as a whole.
**
** Rows are held back only while nobody can miss them. In a transaction, and while another statement writes,
** the statement ends without a commit. A trigger that writes to kv_entries may read kv in its next step. A statement inside this
** one, by a host's function, ends before it.
*/
#ifndef KV_BULK_H
#define KV_BULK_H

#include "store/store.h"

/* The first row of a transaction, of which SQLite lets kv_entries know. */
void kv_bulk_begin(kv_connection *connection);

/* May the row be held back? `rows` is where SQLite hands it over: the same place for all rows of one
** statement. Counts the rows; writes what is held if this row is of another kind. */
int kv_bulk_takes(kv_connection *connection, const kv_entry *entry, int is_replacing,
                  const void *rows, int *is_taken);
/* Holds the row back, or writes it with all that are. */
int kv_bulk_add(kv_connection *connection, const kv_entry *entry);

/* Writes what is held. A result code; the message of an error is with the connection. */
int kv_bulk_flush(kv_connection *connection);
/* Forgets it: the statement is undone. */
void kv_bulk_drop(kv_connection *connection);
/* Another statement begins inside: nothing more is held back until the transaction ends. */
int kv_bulk_stop(kv_connection *connection);

/* OR IGNORE passes over every error of SQLITE_CONSTRAINT's kind: only a key that exists may be one. A
** refusal (a quota's, a callback's, a trigger's of the host's) fails the statement: returns the code
** of what the store said that does. */
int kv_bulk_refusal(int code);
/* The error that a live key of this (stored) name is there. */
int kv_bulk_fail_exists(kv_connection *connection, kv_text group, kv_text key);

extern const kv_room kv_bulk_room;

#endif
