/*
** What the SQL functions have in common: how a call's arguments are handed over, and the lists of
** functions, a file each.
*/
#ifndef KV_CALL_H
#define KV_CALL_H

#include "arguments/arguments.h"

/* How a function's first arguments, group and key, are taken. */
typedef enum kv_name_rule {
  KV_NO_NAMES,
  KV_READS, /* NULL or a BLOB names nothing: the answer is NULL */
  KV_NEEDS  /* NULL or a BLOB is an error */
} kv_name_rule;

typedef struct kv_call {
  kv_connection *connection;
  sqlite3_context *context; /* for the result: NULL, unless it is set */
  int count;
  sqlite3_value **arguments;
  kv_text group; /* as stored */
  kv_text key;
  int is_now_read;
  sqlite3_int64 instant; /* Unix milliseconds: see kv_call_now() */
} kv_call;

typedef struct kv_function {
  const char *name;
  int least, most; /* arguments */
  kv_name_rule rule;
  int names; /* how many of the first arguments are names: group, key */
  int flags; /* SQLITE_DIRECTONLY, or 0 */
  /* Decodes the other arguments, makes one call to a room below, sets one result. An error has its
  ** message with the connection. */
  int (*run)(kv_call *call);
} kv_function;

/* The argument, or NULL if the call has fewer. */
sqlite3_value *kv_call_argument(const kv_call *call, int index);
/* One instant for all of a call; the clock is read when it is first needed. */
sqlite3_int64 kv_call_now(kv_call *call);
/* Begins the query for the live row of the call's group and key: 1 if there is one, with its value as
** column 0 and its expires_at as column 1. End the query whatever it returned. */
int kv_call_find(kv_call *call, kv_query *query);

/* Makes the error, whose message is with the connection, the result: "name: message", and its code. */
void kv_call_report(sqlite3_context *context, kv_connection *connection, const char *name,
                    int code);

/* Each ends with a row of zeros. */
extern const kv_function kv_reading_functions[];
extern const kv_function kv_writing_functions[];
extern const kv_function kv_groups_functions[];
extern const kv_function kv_listening_functions[];
extern const kv_function kv_setup_functions[];
extern const kv_function kv_feeding_functions[];
extern const kv_function kv_migrating_functions[];

#endif
