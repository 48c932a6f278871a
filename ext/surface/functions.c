/*
** The SQL functions: each decodes its arguments, makes one call to a room below, and sets one result.
**
** The lists at the end of the files that are named here are the public surface. What the functions
** have in common is done once, in call_function(): the group and key are decoded, the scope put in
** front of the group, and an error becomes "name: message" with its own result code.
**
** group, key: TEXT, a number as its text. ttl, interval: seconds, or a Go duration as TEXT. All
** errors that are about an argument are SQLITE_ERROR; SQLite's own keep their codes. go-store is
** the model throughout; incr, setnx, cas, getdel, expire, persist and ttl are those of Redis, but a
** duration is seconds here.
*/
#include "surface/functions.h"
#include "store/schema.h"
#include "surface/bulk_put.h"
#include "surface/call.h"

static const kv_function *const lists[] = {
    kv_reading_functions, kv_writing_functions, kv_groups_functions,   kv_listening_functions,
    kv_setup_functions,   kv_feeding_functions, kv_migrating_functions};

enum { LISTS = sizeof lists / sizeof lists[0] };

/* A function as registered on one connection. */
struct binding {
  const kv_function *function;
  kv_connection *connection;
};

/* Runs the function with its names decoded. */
static int run_call(const kv_function *function, kv_call *call) {
  char *memory = NULL;
  int code = SQLITE_OK;
  if (function->rule == KV_READS) {
    for (int i = 0; i < function->names; i++) {
      if (!kv_argument_is_name(call->arguments[i])) return SQLITE_OK;
    }
  }
  if (function->names > 1) {
    code = kv_argument_name(call->connection, call->arguments[1], "key", &call->key);
  }
  if (code == SQLITE_OK && function->names > 0) {
    code = kv_argument_name(call->connection, call->arguments[0], "group", &call->group);
    if (code == SQLITE_OK) {
      code = kv_argument_scoped(call->connection, call->group, &call->group, &memory);
    }
  }
  if (code == SQLITE_OK) code = function->run(call);
  sqlite3_free(memory);
  return code;
}

static void call_function(sqlite3_context *context, int count, sqlite3_value **arguments) {
  const struct binding *binding = sqlite3_user_data(context);
  kv_connection *connection = binding->connection;
  kv_call call = {
      .connection = connection, .context = context, .count = count, .arguments = arguments};
  int attempts = 0;
  int code = kv_connection_enter(connection);
  if (code == SQLITE_OK) {
    do code = run_call(binding->function, &call);
    while (kv_again(connection, &code, &attempts));
    kv_connection_leave(connection);
  }
  if (code != SQLITE_OK) kv_call_report(context, connection, binding->function->name, code);
}

static void free_binding(void *pointer) {
  struct binding *binding = pointer;
  kv_connection_release(binding->connection);
  sqlite3_free(binding);
}

static int register_function(kv_connection *connection, const kv_function *function, int count) {
  struct binding *made = sqlite3_malloc64(sizeof *made);
  if (made == NULL) return SQLITE_NOMEM;
  *made = (struct binding){function, kv_connection_retain(connection)};
  return sqlite3_create_function_v2(connection->db, function->name, count,
                                    SQLITE_UTF8 | function->flags, made, call_function, NULL, NULL,
                                    free_binding);
}

/* Registers, or with no connection takes away, every function for each number of its arguments. */
static int for_each(sqlite3 *db, kv_connection *connection) {
  int code = SQLITE_OK;
  for (int list = 0; list < LISTS; list++) {
    for (const kv_function *f = lists[list]; f->name != NULL; f++) {
      for (int n = f->least; n <= f->most && code == SQLITE_OK; n++) {
        code = connection != NULL ? register_function(connection, f, n)
                                  : sqlite3_create_function_v2(db, f->name, n, SQLITE_UTF8, NULL,
                                                               NULL, NULL, NULL, NULL);
      }
    }
  }
  return code;
}

int kv_functions_register(kv_connection *connection) {
  int code = for_each(connection->db, connection);
  return code == SQLITE_OK ? kv_bulk_put_register(connection) : code;
}

void kv_functions_unregister(sqlite3 *db) {
  (void)for_each(db, NULL);
  kv_bulk_put_unregister(db);
}
