/*
** The witness: TEMP triggers on the store's table that write each change of a row into a virtual table
** of ours in "temp". So SQLite itself says what changed, whoever changed it on this connection, and how
** the transaction ends, savepoint by savepoint. It is there while somebody listens.
**
** Things that are true of SQLite, and that this stands on:
**
**   - the table is enlisted in the transaction by the very statement that changes a row, before it does;
**   - a statement that fires these triggers sets a savepoint wherever it may have to be undone alone;
**   - a trigger whose table is gone fails every write: so the triggers go first, and the table stays
**     until the close.
*/
#ifndef KV_WITNESS_H
#define KV_WITNESS_H

#include "events/state.h"

/*
** Sees to it that the witness is in place while somebody listens, and gone when nobody does. What was
** missed meanwhile is a resync. Costs nothing where nothing moved. That it cannot be put in place (no
** table yet, an authorizer, query_only) is no error: see kv_witness_why_not().
*/
int kv_witness_look(kv_connection *connection);
/* Before events are read: looks for what moves nothing. */
int kv_witness_probe(kv_connection *connection);
/* The witness may not be what it was, whatever the schema's version says. */
void kv_witness_doubt(kv_connection *connection);
/* The store is another one from here on. */
int kv_witness_move(kv_connection *connection);
/* NULL: it is in place. */
const char *kv_witness_why_not(const kv_connection *connection);

#endif
