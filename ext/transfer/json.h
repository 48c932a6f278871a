/*
** JSON (RFC 8259), read piece by piece and written piece by piece: what SQLite's own JSON functions
** do not keep in every version is kept here, U+0000 and each bit of a REAL included.
**
** Bytes that are no UTF-8 are written as lone surrogates, \udc80 to \udcff, one for each byte, and
** read back from them: what Python knows as "surrogateescape". So any text survives.
*/
#ifndef KV_JSON_H
#define KV_JSON_H

#include "base/statements.h"

/* ---- writing --------------------------------------------------------------------------------- */

void kv_json_append_string(sqlite3_str *out, kv_text text);
/* As few digits as give the same number again, and a point or an exponent. Infinity: 9e999. */
void kv_json_append_real(sqlite3_str *out, double real);

/* ---- reading --------------------------------------------------------------------------------- */

typedef struct kv_json {
  const char *start, *at, *end;
} kv_json;

/* A string that was read. The memory is used again for the next (sqlite3_free the bytes). */
typedef struct kv_json_string {
  char *bytes;
  int length;
  int kept; /* so many bytes in front are the caller's, and stay */
  sqlite3_uint64 capacity;
} kv_json_string;

typedef struct kv_json_number {
  int is_real; /* has a point or an exponent, or is too large for an integer */
  sqlite3_int64 integer;
  double real;
} kv_json_number;

/* The next byte that is no white space; 0 at the end. */
char kv_json_peek(kv_json *json);
/* Takes the word, or the sign, if it is next: 1; else 0. */
int kv_json_take(kv_json *json, const char *word);
/* These return SQLITE_ERROR for what is malformed, where json->at stands then, or SQLITE_NOMEM. */
int kv_json_read_string(kv_json *json, kv_json_string *string);
int kv_json_read_number(kv_json *json, kv_json_number *number);

/* Makes room for so many bytes: SQLITE_OK or SQLITE_NOMEM. */
int kv_json_reserve(kv_json_string *string, sqlite3_uint64 size);

#endif
