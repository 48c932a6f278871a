/*
** Reads and writes of one key that nobody comes between: the value is read and written in one driver
** (write.h), which has the write lock before it reads.
**
** A row that the statement should have written, and did not, was kept by a trigger of the host's that says
** RAISE(IGNORE): the error is SQLITE_CONSTRAINT_TRIGGER, and nothing is changed.
*/
#ifndef KV_EXCHANGE_H
#define KV_EXCHANGE_H

#include "store/store.h"

/* Makes the new value of a key out of the live one (NULL: there is none): *made is to be freed by
** kv_store_exchange(). A result code. */
typedef int kv_compute(void *data, sqlite3_value *old, sqlite3_value **made);

/* Replaces the live value by the computed one, and keeps its expiry; a new key never expires. *made is
** the new value (sqlite3_value_free it), or NULL after an error. */
int kv_store_exchange(kv_connection *connection, kv_text group, kv_text key, sqlite3_int64 now_ms,
                      kv_compute *compute, void *data, sqlite3_value **made);

/* Deletes a live key; *taken was its value (sqlite3_value_free it), or NULL. */
int kv_store_take(kv_connection *connection, kv_text group, kv_text key, sqlite3_int64 now_ms,
                  sqlite3_value **taken);

/* Gives a live key another expiry, that of `entry`; *value is its value (sqlite3_value_free it), or NULL. A
** few expired rows go on the way. */
int kv_store_touch(kv_connection *connection, const kv_entry *entry, sqlite3_int64 now_ms,
                   sqlite3_value **value);

#endif
