/*
** The bench: what its parts share. A part is a family of work (operations.c, listings.c, …); it
** gathers contenders, two or more ways to do the same, and hands them to measure().
**
** What is found goes to standard output, a line for each figure, fields separated by tabs:
**
**     figure   family work where x contender  median low high unit
**     ratio    family work where x a b        median low high
**     skipped  what why
**     about    name value
**
** report.tcl makes the results of it.
*/
#ifndef BENCH_H
#define BENCH_H

#include <sqlite3.h>
#include <stddef.h>

/* ---- options --------------------------------------------------------------------------------- */

struct options {
  int is_quick;    /* small stores, too */
  int is_counting; /* instructions instead of times: see measure() */
  int rounds;
  double turn; /* what one contender's turn is to last, in nanoseconds */
};
extern struct options options;

/* ---- measuring (measure.c) ------------------------------------------------------------------- */

enum { MAX_CONTENDERS = 16, MAX_ROUNDS = 51 };

struct contender {
  const char *name;
  void *self;
  void (*prepare)(void *self, long count); /* before each turn, not timed; may be NULL */
  void (*run)(void *self, long count);     /* so many operations, timed */
};

struct measurement {
  const char *family, *work, *where;
  long x;     /* the place on a plot's x axis, if it has one */
  long step;  /* operations in a turn are a multiple of this; 0: of 1 */
  long most;  /* and no more than this; 0: as many as fill the turn */
  int rounds; /* fewer than the options say; 0: so many */
  int span; /* a turn lasts so many times longer: 0 is 1. On a file, checkpoints fall into a turn */
  long counted; /* operations to count the instructions of; 0: 200 */
};

/* Times the contenders in turn, A B C A B C …: a figure for each, and the ratio of each to each that
** comes after it, taken round by round.
**
** Where instructions are counted, each contender has one turn, inside of counted_turn(). Callgrind
** (counts.sh) writes what that took into a file for each turn; told here, in the same order, are
** lines "count family work where x contender operations". */
void measure(const struct measurement *measurement, const struct contender *contenders, int count);

double now_ns(void);
/* Sorts the values; low and high leave out a tenth at each end. */
struct spread {
  double median, low, high;
};
struct spread spread_of(double *values, int count);

void tell_figure(const struct measurement *measurement, const char *contender, struct spread spread,
                 const char *unit);
void tell_single(const struct measurement *measurement, const char *contender, double value,
                 const char *unit);
void tell_ratio(const struct measurement *measurement, const char *a, const char *b,
                struct spread spread);
void tell_skipped(const char *what, const char *why);
void tell_about(const char *name, const char *value);
/* Whether the library has what this statement asks for; else what is told as skipped, "not built". */
int is_built(sqlite3 *db, const char *what, const char *sql);

/* ---- keys (keys.c) --------------------------------------------------------------------------- */

struct key {
  char text[24];
  int length;
};
/* "key-00000042" */
struct key key_of(long number);
/* "key-00000042.00000001": the first, second, … new key, anywhere among so many. */
struct key new_key(long number, long among);
/* Eight of them, over what is there. */
void write_digits(char *text, long number);

/* Which keys work comes upon: all alike; a thousand of them, anywhere among all; by Zipf's law (the
** second half as often as the first, the third a third as often, …), anywhere among all. */
enum draw { UNIFORM, HOT, ZIPF, DRAWS };
extern const char *const draw_names[DRAWS];
/* 0 to keys - 1, the same sequence in each run. */
long draw_key(enum draw draw, long keys);
long any_below(long below);
void begin_draws_anew(void);

/* ---- SQLite (database.c) --------------------------------------------------------------------- */

enum place { IN_MEMORY, WAL_NORMAL, WAL_FULL, PLACES };
extern const char *const place_names[PLACES];
/* The last of the places that work is measured in whose instructions are those of memory: counting
** them again says nothing. */
#define LAST_PLACE (options.is_counting ? IN_MEMORY : WAL_NORMAL)

/* Who makes the table: the extension; a hand, which makes the same; go-store, whose value is TEXT.
** */
enum flavour { WITH_KV, BY_HAND, GO_STORE };

/* Unix milliseconds, as one who writes SQL by hand must bind them. */
sqlite3_int64 clock_ms(void);

_Noreturn void fail(const char *what, const char *why);
/* A new database with an empty table; the name is that of its file. */
sqlite3 *open_database(enum place place, const char *name, enum flavour flavour);
/* Another connection to an old one. */
sqlite3 *open_again(enum place place, const char *name, enum flavour flavour);
void create_table(sqlite3 *db, enum flavour flavour);
/* Closes it and, unless the name is NULL, removes the file. */
void close_database(sqlite3 *db, const char *name);
void path_of(const char *name, char path[static 256]);
void remove_database(const char *name);
void run_sql(sqlite3 *db, const char *sql);
/* Runs SQL made by sqlite3_mprintf(), and frees it. */
void run_made(sqlite3 *db, char *sql);
sqlite3_int64 ask_integer(sqlite3 *db, const char *sql);
sqlite3_stmt *prepare(sqlite3 *db, const char *sql);
/* Steps to the end, looking at each column of each row. Resets. Returns the rows. */
long step_all(sqlite3 *db, sqlite3_stmt *statement);
/* Keys 0 to count - 1 of a group, with this value, into the plain table "kv". */
void fill(sqlite3 *db, const char *group, long count, const char *value, int length);

/* A contender that runs one SQL text over and over; ?1 is now. */
struct query {
  sqlite3 *db;
  const char *sql;
  int is_text; /* prepared anew each time */
  int has_clock;
  sqlite3_stmt *statement;
};
void run_query(void *query, long count);

/* A contender that runs one SQL text on one key after another: ?1 key, ?2 value, ?3 now. The value
** is another one each time: SQLite does not write a row that stays as it is. */
struct keyed {
  sqlite3 *db;
  const char *sql;
  long keys; /* there are so many */
  int is_new;
  enum draw draw;
  int is_refused; /* each must fail, as a set does that a quota refuses */
  long batch;     /* so many in a transaction; 0: each by itself */
  long added;     /* new keys so far */
};
void run_keyed(void *keyed, long count);
/* Removes the new keys, which are in group 't:g', and empties the log. */
void forget_new_keys(void *keyed, long count);

/* ---- the families ---------------------------------------------------------------------------- */

void bench_operations(void);
void bench_draws(void);
void bench_mixed(void);
void bench_listings(void);
void bench_rows(void);
void bench_bulk(void);
void bench_purges(void);
void bench_quotas(void);
void bench_events(void);
void bench_feed(void);
void bench_wait(void);
void bench_render(void);
void bench_values(void);
void bench_processes(void);
void bench_growth(void);
void bench_footprint(void);

#endif
