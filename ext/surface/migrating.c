/*
** Functions that bring over what other libraries have written to the file. See call.h.
*/
#include "surface/call.h"
#include "transfer/migrate.h"

#include <string.h>

static int migrate(kv_call *call) {
  static const char go_store[] = "go-store";
  kv_connection *connection = call->connection;
  kv_text from;
  sqlite3_int64 moved;
  int code = kv_argument_text(connection, call->arguments[0], "from", &from);
  if (code != SQLITE_OK) return code;
  if (strcmp(from.bytes, go_store) != 0) {
    return kv_fail(connection, SQLITE_ERROR, "from is \"%s\": it may be \"%s\"", from.bytes,
                   go_store);
  }
  if (connection->scope != NULL) {
    return kv_fail(connection, SQLITE_ERROR, "is about the whole file: kv_unscope() first");
  }
  code = kv_migrate_go_store(connection, kv_call_now(call), &moved);
  if (code == SQLITE_OK) sqlite3_result_int64(call->context, moved);
  return code;
}

const kv_function kv_migrating_functions[] = {
    /* (from) -> how many keys were brought over; from is 'go-store' (migrate.h). Errors: another
    **       name, a namespace is in force, keys that differ */
    {"kv_migrate", 1, 1, KV_NO_NAMES, 0, SQLITE_DIRECTONLY, migrate},
    {0},
};
