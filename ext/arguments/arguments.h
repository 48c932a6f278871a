/*
** Arguments: from what SQL hands over to checked C values. All messages about arguments are made
** here.
*/
#ifndef KV_ARGUMENTS_H
#define KV_ARGUMENTS_H

#include "store/store.h"

/*
** A name for a write: text, or a number as its text. NULL and BLOBs are refused; `what` names the
** argument in the message. The bytes live as long as the value; no NUL stands after them.
*/
int kv_argument_name(kv_connection *connection, sqlite3_value *value, const char *what,
                     kv_text *name);

/* The same with a NUL after the text. */
int kv_argument_text(kv_connection *connection, sqlite3_value *value, const char *what,
                     kv_text *text);

/* Is this a name that a read can look up? NULL and BLOBs are not: they find nothing. */
int kv_argument_is_name(sqlite3_value *value);

/* An integer from least to most. */
int kv_argument_integer(kv_connection *connection, sqlite3_value *value, const char *what,
                        sqlite3_int64 least, sqlite3_int64 most, sqlite3_int64 *integer);

/* A value to be stored: refuses NULL. */
int kv_argument_value(kv_connection *connection, sqlite3_value *value);

/*
** A ttl or interval: a number of seconds or text in Go's grammar (duration.h), in milliseconds.
** BLOBs, what cannot be read, and what is negative or, unless `may_be_zero`, zero are refused. NULL
** is for the caller.
*/
int kv_argument_duration(kv_connection *connection, sqlite3_value *value, const char *what,
                         int may_be_zero, sqlite3_int64 *milliseconds);

/* An instant, "now" in messages, in Unix milliseconds. NULL, or no pointer, is none: not given. */
int kv_argument_instant(kv_connection *connection, sqlite3_value *value, int *is_given,
                        sqlite3_int64 *instant);

/* The entry's expiry: `value` (a ttl; NULL or no pointer: none) from `now_ms` on. */
int kv_argument_ttl(kv_connection *connection, sqlite3_value *value, sqlite3_int64 now_ms,
                    kv_entry *entry);

/* The group's stored name, with the scope in front; *memory is to be freed with sqlite3_free. */
int kv_argument_scoped(kv_connection *connection, kv_text name, kv_text *stored, char **memory);

#endif
