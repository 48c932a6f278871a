/*
** A part of the store as one JSON text, which kv_import brings back (import.h).
**
**     {"kv":1,"groups":{"GROUP":{"KEY":VALUE, …}, …}}
**
** A VALUE is a string (TEXT), a number without point and exponent (INTEGER) or with one (REAL), or
** an object: {"value":VALUE,"expires_at":MILLISECONDS} for a key that expires, and {"blob":"HEX"},
** or {"blob":"HEX","expires_at":MILLISECONDS}, for a BLOB.
*/
#ifndef KV_EXPORT_H
#define KV_EXPORT_H

#include "store/store.h"

/* Writes the live rows of the range, by group and key, without the scope. *json is the caller's to
** sqlite3_free. */
int kv_export_range(kv_connection *connection, const kv_range *range, sqlite3_int64 now_ms,
                    char **json, sqlite3_uint64 *length);

/*
** One row as an object of its own, which kv_import brings back too:
**
**     {"group":"GROUP","key":"KEY","value":VALUE,"expires_at":MILLISECONDS}
**
** with "blob":"HEX" for a BLOB, and "expires_at" where the key expires. `query` stands on a row of
** "entries" (sql/tables.sql) whose group lies in `scope`.
*/
int kv_export_row(kv_query *query, const char *scope, char **json, sqlite3_uint64 *length);

#endif
