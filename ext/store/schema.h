/*
** Is there a store in the schema, of which age, and how does it come into being?
*/
#ifndef KV_SCHEMA_H
#define KV_SCHEMA_H

#include "store/driver.h"

/*
** Finds out what there is, unless it is known: connection->store says it afterwards. A table "kv"
** that is no store of ours is an error.
*/
int kv_schema_look(kv_connection *connection);
/* The same though it is known: it may have changed since. */
int kv_schema_look_again(kv_connection *connection);

/*
** Creates the store, or brings an older one up, so that it is KV_STORE_READY. After an error
** there may be an empty table, for the next call to go on from, and nothing else. SQLITE_SCHEMA:
** another process did it meanwhile.
*/
int kv_schema_bring_up(kv_connection *connection);

/* Has the schema a table "entries" of go-store's shape, with rows in it? While it has, and "kv" is absent or
** empty, every look is an error, but for kv_migrate's own. */
int kv_schema_find_go_store(kv_connection *connection, int *is_there);

/* Is the schema that kv_config('schema') names still there? */
int kv_schema_is_attached(const kv_connection *connection);

/* Forgets what is known: the next call looks again. */
void kv_schema_forget(kv_connection *connection);

/* Sees to it that no statement is compiled for a table of another shape. */
extern const kv_room kv_schema_room;

/*
** An error of a call means that nothing was done; SQLITE_SCHEMA, or an error because the table is not
** what it was, that the call is to be made again. Wraps it up for the boundary to the host:
**
**     int attempts = 0;
**     do code = work(); while (kv_again(connection, &code, &attempts));
*/
int kv_again(kv_connection *connection, int *code, int *attempts);

/* One statement of a body (driver.h): made again where a trigger or callback before it changed the
** schema, so that all the body need not be. */
int kv_again_inside(kv_connection *connection, kv_body *statement, void *data);

#endif
