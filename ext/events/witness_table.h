/*
** The virtual table that the witness's triggers write into. It keeps nothing: each row is a change of
** the store, and goes into the ledger, and to callbacks; each turn of the transaction is one of the
** ledger's.
*/
#ifndef KV_WITNESS_TABLE_H
#define KV_WITNESS_TABLE_H

#include "events/state.h"

#define KV_WITNESS_NAME "kv_witness"

enum { KV_WITNESS_TRIGGERS = 5 };

/* Registers the table's module on the connection, or takes it away again. */
int kv_witness_register(kv_connection *connection);
void kv_witness_unregister(sqlite3 *db);

/* The versions alone, which move with commits; and the file, which is another when the database is.
** Run no SQL. */
void kv_witness_read_versions(const kv_connection *connection, kv_versions *versions);
const void *kv_witness_file(const kv_connection *connection);

#endif
