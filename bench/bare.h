/*
** The floor: what any extension pays for being called. A function that does nothing but run one
** prepared statement on its arguments, and a virtual table that does so for each row inserted.
*/
#ifndef BARE_H
#define BARE_H

#include <sqlite3.h>

/* Registers bare(…), which binds its arguments to the parameters of `sql` (?1, ?2, ?3, ?5; ?4 is
** now, if there is one) and answers with the first column of its first row. Another call replaces
** it; sql NULL removes it, as must be done before the database is closed. */
void register_bare_function(sqlite3 *db, const char *sql);

/* Registers the table bare_rows(grp, key, value); INSERT runs `sql` with them as ?1, ?2, ?3. */
void register_bare_table(sqlite3 *db, const char *sql);
void remove_bare_table(sqlite3 *db);

#endif
