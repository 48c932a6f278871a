/*
** kv: a group-namespaced key-value store inside SQLite. The interface for hosts written in C.
**
** A host that loads the shared library needs nothing from here: sqlite3_load_extension(db, "kv", …)
*finds
** the entry point by its name.
*/
#ifndef KV_H
#define KV_H

#define KV_VERSION "0.1.0"

#endif
