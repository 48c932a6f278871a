/*
** Durations as Go writes them: "300ms", "-1.5h", "2h45m", and "d" for days of 24 hours.
*/
#ifndef KV_DURATION_H
#define KV_DURATION_H

#include "base/sqlite.h"

typedef enum kv_duration_result {
  KV_DURATION_OK,
  KV_DURATION_MALFORMED,
  KV_DURATION_NO_UNIT, /* a number that no unit follows */
  KV_DURATION_UNKNOWN_UNIT,
  KV_DURATION_TOO_LONG /* more milliseconds than 64 bits hold */
} kv_duration_result;

/*
** Reads text[0..length). A fraction of a millisecond counts as a whole one, away from zero: what is
** not zero does not become zero. The grammar is that of Go's time.ParseDuration.
*/
kv_duration_result kv_duration_parse(const char *text, int length, sqlite3_int64 *milliseconds);

/* The same for a number of seconds. NaN and what does not fit is KV_DURATION_TOO_LONG. */
kv_duration_result kv_duration_of_seconds(double seconds, sqlite3_int64 *milliseconds);

#endif
