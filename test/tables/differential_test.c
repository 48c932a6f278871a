/*
** kv_entries and kv_groups answer as plain tables of the same rows would:
**
**     differential_test [DATABASES [SEED]]
**
** Each random database has a store, with rows that have expired and rows whose names are BLOBs, and
** beside it the plain tables `p` (grp, key, value, expires_at, ttl) and `g` (name, keys) with what
** is live and text. Random statements run on both, with the same bound values; `$` stands for the
** table. All that they answer, whether they fail, and what is stored after them must be the same.
** `p` is WITHOUT ROWID, so that an UPDATE that runs into keys visits its rows in the same order.
*/
#include "host.h"

#include <stdarg.h>

enum { NOW = 1000000, STATEMENTS = 24, MOST_VALUES = 64, MOST_DIFFERENCES = 5 };

/* ---- chance -------------------------------------------------------------------------------- */

static unsigned long long seed;

static unsigned chance(unsigned n) {
  seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
  return (unsigned)(seed >> 33) % n;
}

static const char *one_of(const char *const *list, size_t count) {
  return list[chance((unsigned)count)];
}

#define ONE_OF(list) one_of(list, sizeof(list) / sizeof *(list))

/* ---- SQL being made ------------------------------------------------------------------------- */

/* Expressions that values come from: those of names, and others. */
static const char *const names[] = {"'5'",
                                    "'05'",
                                    "'10'",
                                    "'100'",
                                    "'7'",
                                    "'2'",
                                    "'5.0'",
                                    "' 5'",
                                    "'5 '",
                                    "'+5'",
                                    "'1e1'",
                                    "'-3'",
                                    "''",
                                    "'a'",
                                    "'A'",
                                    "'ab'",
                                    "'b'",
                                    "'B'",
                                    "'abc'",
                                    "'x:y'",
                                    "':'",
                                    "'/'",
                                    "'+'",
                                    "'9'",
                                    "'2024-01-01'",
                                    "'Inf'",
                                    "char(1)",
                                    "char(0)",
                                    "char(53,0)",
                                    "char(233)",
                                    "char(0x430)",
                                    "char(0x65e5)",
                                    "char(0x1f600)",
                                    "char(0x10ffff)",
                                    "char(0xffff)",
                                    "char(0x930)",
                                    "'0x10'",
                                    "'.5'",
                                    "'9223372036854775807'"};
static const char *const others[] = {"5",
                                     "7",
                                     "10",
                                     "2",
                                     "100",
                                     "-3",
                                     "0",
                                     "5.0",
                                     "2.5",
                                     "1e1",
                                     "9223372036854775807",
                                     "1e18",
                                     "0.5",
                                     "x''",
                                     "x'35'",
                                     "x'61'",
                                     "NULL",
                                     "9e999",
                                     "-1e999",
                                     "1000001",
                                     "1005000",
                                     "60",
                                     "5.5"};
static const char *const columns[] = {"i", "n", "r", "s", "b", "x"};
static const char *const compares[] = {"=",  "<",  "<=", ">", ">=",     "=",       "IS",
                                       "<>", "==", ">=", "<", "IS NOT", "BETWEEN", "IN"};

typedef struct sql {
  char text[8192];
  int length;
  const char *values[MOST_VALUES]; /* of its parameters: expressions */
  int count;
  int has_equality, has_numbers; /* of a column; to compare with */
} sql;

static void put(sql *out, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  out->length +=
      vsnprintf(out->text + out->length, sizeof out->text - (size_t)out->length, format, arguments);
  va_end(arguments);
  host_require(out->length < (int)sizeof out->text, "room for a statement");
}

static const char *a_value(void) {
  return chance(3) > 0 ? ONE_OF(names) : ONE_OF(others);
}

/* A value: a literal, a parameter, in a CAST, or, in a join, a column of t. */
static void put_value(sql *out, int has_t) {
  static const char *const types[] = {"INTEGER", "TEXT", "REAL", "NUMERIC", "BLOB"};
  const char *value = a_value();
  unsigned kind = chance(has_t ? 10 : 6);
  if (kind < 2 || kind >= 6) out->has_numbers = 1;
  /* SQLite before 3.38 takes a column that equals the literal 60 for that number elsewhere too. */
  if (kind >= 4 && kind < 6 && sqlite3_libversion_number() < 3038000) kind = 3;
  if (kind == 0) {
    put(out, "CAST(%s AS %s)", value, ONE_OF(types));
  } else if (kind == 1) {
    put(out, "(SELECT %s FROM t WHERE id = %u)", ONE_OF(columns), chance(8));
  } else if (kind < 4 && out->count < MOST_VALUES) {
    put(out, "?%d", out->count + 1);
    out->values[out->count++] = value;
  } else if (kind < 6) {
    put(out, "%s", value);
  } else {
    put(out, "t.%s", ONE_OF(columns));
  }
}

static void put_condition(sql *out, const char *const *visible, unsigned count, int has_t,
                          int depth) {
  unsigned kind = depth > 2 ? 0 : chance(12);
  const char *column = visible[chance(count)];
  if (kind == 1 || kind == 2) {
    put(out, "(");
    put_condition(out, visible, count, has_t, depth + 1);
    put(out, kind == 1 ? " OR " : " AND ");
    put_condition(out, visible, count, has_t, depth + 1);
    put(out, ")");
  } else if (kind == 3) {
    put(out, "NOT (");
    put_condition(out, visible, count, has_t, depth + 1);
    put(out, ")");
  } else if (kind == 4) {
    static const char *const patterns[] = {"LIKE 'a%'", "LIKE '5%'",   "GLOB 'a*'", "GLOB '[0-9]*'",
                                           "IS NULL",   "IS NOT NULL", "LIKE 'A_'"};
    put(out, "$.%s %s", column, ONE_OF(patterns));
  } else if (kind == 5) {
    /* SQLite up to 3.37 looks for each of them as a text. */
    const char *list = sqlite3_libversion_number() < 3038000 ? "s" : ONE_OF(columns);
    put(out, "$.%s IN (SELECT %s FROM t)", column, list);
  } else {
    const char *compare = ONE_OF(compares);
    if (compare[0] == '=' || strcmp(compare, "IS") == 0) out->has_equality = 1;
    static const char *const collations[] = {"", "", "", "", " COLLATE NOCASE", " COLLATE RTRIM"};
    int is_turned = chance(5) == 0 && compare[0] != 'I' && compare[0] != 'B';
    if (is_turned) {
      put_value(out, has_t);
      put(out, " %s $.%s", compare,
          column); /* with COLLATE, SQLite 3.40 loses rows of a plain table */
      return;
    }
    put(out, "$.%s%s %s ", column, ONE_OF(collations), compare);
    if (strcmp(compare, "IN") == 0) put(out, "(");
    put_value(out, has_t);
    if (strcmp(compare, "BETWEEN") == 0) put(out, " AND ");
    if (strcmp(compare, "IN") == 0) put(out, ", ");
    if (strcmp(compare, "BETWEEN") == 0 || strcmp(compare, "IN") == 0) put_value(out, has_t);
    if (strcmp(compare, "IN") == 0) put(out, ")");
  }
}

static const char *const entry_columns[] = {"grp", "key",   "grp",        "key",
                                            "key", "value", "expires_at", "ttl"};
static const char *const group_columns[] = {"name", "name", "keys"};

static void put_where(sql *out, int is_groups, int has_t) {
  put(out, " WHERE ");
  for (unsigned more = chance(3);; more--) {
    if (is_groups) {
      put_condition(out, group_columns, 3, has_t, 0);
    } else {
      put_condition(out, entry_columns, 8, has_t, 0);
    }
    if (more == 0) return;
    put(out, " AND ");
  }
}

/* Reads: the columns, a join, ORDER BY. All in a definite order. */
static void put_select(sql *out, int is_groups) {
  static const char *const joins[] = {", t", " JOIN t", " CROSS JOIN t"};
  static const char *const orders[] = {"", " ASC", " DESC"};
  int has_t = chance(3) == 0, is_counted = chance(8) == 0;
  unsigned turn = chance(8);
  const char *const *visible = is_groups ? group_columns : entry_columns;
  const char *table = is_groups ? "$" : "$";
  put(out, is_counted  ? "SELECT count(*)"
           : is_groups ? "SELECT $.name, $.keys"
                       : "SELECT $.grp, $.key");
  if (!is_groups && !is_counted && chance(2) == 0) put(out, ", $.value, $.expires_at, $.ttl");
  if (has_t && !is_counted) put(out, ", t.id");
  if (has_t && turn == 0) {
    put(out, " FROM t CROSS JOIN %s", table);
  } else {
    put(out, " FROM %s%s", table, has_t ? ONE_OF(joins) : "");
  }
  if (chance(8) > 0) put_where(out, is_groups, has_t);
  if (is_counted) return;
  /* A column that equals a number is no constant, but SQLite takes it for one in ORDER BY: the + keeps it
  ** from that. */
  const char *plus = out->has_equality && out->has_numbers ? "+" : "";
  put(out, " ORDER BY ");
  for (unsigned more = chance(3); more > 0; more--) {
    put(out, "%s$.%s%s, ", plus, visible[chance(is_groups ? 3 : 8)], ONE_OF(orders));
  }
  if (is_groups) {
    put(out, "%s$.name%s", plus, ONE_OF(orders));
  } else {
    put(out, "%s$.grp%s, %s$.key%s", plus, ONE_OF(orders), plus, ONE_OF(orders));
  }
  if (has_t) put(out, ", t.id");
  if (chance(6) == 0) put(out, " LIMIT %u", chance(5));
}

static const char *const conflicts[] = {"",           "",         "",         " OR REPLACE",
                                        " OR IGNORE", " OR FAIL", " OR ABORT"};

static void put_insert(sql *out) {
  static const char *const stored[] = {"1", "2.5", "'v'", "x'00ff'", "5", "''"};
  static const char *const expiries[] = {"NULL", "1060000", "NULL", "1000001"};
  put(out, "INSERT%s INTO $(grp, key, value, expires_at) ", ONE_OF(conflicts));
  if (chance(4) == 0) {
    const char *column = chance(2) == 0 ? "i" : "s";
    put(out,
        "SELECT iif(typeof(s) = 'text', s, 'none'), iif(typeof(%s) = 'blob', 'blob',"
        " coalesce(%s, 'none')), id, NULL FROM t ORDER BY id",
        column, column);
    return;
  }
  put(out, "VALUES ");
  for (unsigned more = chance(4);; more--) {
    put(out, "(%s, %s, %s, %s)", ONE_OF(names), ONE_OF(names), ONE_OF(stored), ONE_OF(expiries));
    if (more == 0) return;
    put(out, ", ");
  }
}

static void put_update(sql *out) {
  static const char *const assignments[] = {"value = 'new'",
                                            "value = value || 'x'",
                                            "key = '5'",
                                            "grp = 'a'",
                                            "expires_at = NULL",
                                            "expires_at = 1060000",
                                            "expires_at = expires_at + 1000"};
  /* These run into rows that are yet to be visited. OR REPLACE removes those, and a table WITHOUT ROWID
  ** then takes what is there for them. */
  static const char *const chains[] = {
      "key = key || '1'", "grp = grp || key",
      "key = CASE key WHEN 'a' THEN 'b' WHEN 'b' THEN 'B' ELSE key END",
      "grp = CASE grp WHEN 'a' THEN 'b' WHEN 'b' THEN 'a' ELSE grp END"};
  static const char *const keeping[] = {"", " OR IGNORE", " OR FAIL", " OR ABORT"};
  if (chance(3) > 0) {
    put(out, "UPDATE%s $ SET %s", ONE_OF(conflicts), ONE_OF(assignments));
  } else {
    put(out, "UPDATE%s $ SET %s", ONE_OF(keeping), ONE_OF(chains));
  }
  if (chance(2) == 0 && strstr(out->text, "value") == NULL) put(out, ", value = 7");
  put_where(out, 0, 0);
}

/* One row of t for each row of the table at most: which of several, SQLite leaves open. */
static void put_update_from(sql *out) {
  static const char *const assignments[] = {"value = t.id", "key = $.key || t.id",
                                            "expires_at = 1000500 + t.id", "expires_at = NULL"};
  put(out, "UPDATE%s $ SET %s FROM t WHERE $.key = t.s AND t.id = %u", ONE_OF(conflicts),
      ONE_OF(assignments), chance(8));
}

static void put_delete(sql *out) {
  put(out, "DELETE FROM $");
  if (chance(10) > 0) {
    put_where(out, 0, 0);
  } else {
    put(out, " WHERE 1"); /* without, SQLite 3.34 does not count them */
  }
}

/* ---- running it ------------------------------------------------------------------------------ */

static void run(sqlite3 *db, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  char *text = sqlite3_vmprintf(format, arguments);
  va_end(arguments);
  int code = sqlite3_exec(db, text, NULL, NULL, NULL);
  if (code != SQLITE_OK) printf("%s\n  %s\n", text, sqlite3_errmsg(db));
  host_require(code == SQLITE_OK, "a statement of the test's own");
  sqlite3_free(text);
}

static void bind_values(sqlite3 *db, sqlite3_stmt *statement, const sql *in) {
  for (int i = 0; i < sqlite3_bind_parameter_count(statement); i++) {
    sqlite3_stmt *value = NULL;
    char *text = sqlite3_mprintf("SELECT %s", in->values[i]);
    sqlite3_prepare_v2(db, text, -1, &value, NULL);
    host_require(sqlite3_step(value) == SQLITE_ROW, "a value");
    sqlite3_bind_value(statement, i + 1, sqlite3_column_value(value, 0));
    sqlite3_finalize(value);
    sqlite3_free(text);
  }
}

static void add_value(sqlite3_str *out, sqlite3_stmt *row, int column) {
  int type = sqlite3_column_type(row, column);
  sqlite3_str_appendf(out, "|%d:", type);
  if (type == SQLITE_INTEGER) {
    sqlite3_str_appendf(out, "%lld", sqlite3_column_int64(row, column));
  } else if (type == SQLITE_FLOAT) {
    sqlite3_str_appendf(out, "%!.17g", sqlite3_column_double(row, column));
  } else if (type != SQLITE_NULL) {
    const unsigned char *bytes = sqlite3_column_blob(row, column);
    int length = sqlite3_column_bytes(row, column);
    for (int i = 0; i < length; i++) {
      sqlite3_str_appendf(out, bytes[i] > 32 && bytes[i] < 127 ? "%c" : "<%02x>", bytes[i]);
    }
  }
}

/* The rows, or that it failed, with `table` for every $. To be freed with sqlite3_free. */
static char *answer(sqlite3 *db, const sql *in, const char *table, char **text) {
  sqlite3_str *made = sqlite3_str_new(db), *out = sqlite3_str_new(db);
  sqlite3_stmt *statement = NULL;
  for (const char *at = in->text; *at != 0; at++) {
    if (*at == '$') {
      sqlite3_str_appendall(made, table);
    } else {
      sqlite3_str_appendchar(made, 1, *at);
    }
  }
  *text = sqlite3_str_finish(made);
  int code = sqlite3_prepare_v2(db, *text, -1, &statement, NULL);
  if (code == SQLITE_OK) {
    bind_values(db, statement, in);
    while ((code = sqlite3_step(statement)) == SQLITE_ROW) {
      for (int i = 0; i < sqlite3_column_count(statement); i++) add_value(out, statement, i);
      sqlite3_str_appendall(out, "\n");
    }
  }
  if (code == SQLITE_DONE) {
    sqlite3_str_appendf(out, "done, %d changed",
                        sqlite3_stmt_readonly(statement) ? 0 : sqlite3_changes(db));
  } else {
    sqlite3_str_reset(out);
    sqlite3_str_appendf(out, "failed (%d)", code & 0xff);
  }
  sqlite3_finalize(statement);
  return sqlite3_str_finish(out);
}

/* ---- a database ------------------------------------------------------------------------------ */

static const char live_rows[] =
    "SELECT replace(grp, '%s', ''), key, value, expires_at FROM kv"
    " WHERE typeof(grp) = 'text' AND typeof(key) = 'text' AND substr(grp, 1, %d) = '%s'"
    " AND (expires_at IS NULL OR expires_at > %d)";

static const char *scope; /* "" or "ns:" */

/* The plain tables anew, from the store. */
static void refresh(sqlite3 *db) {
  char *rows = sqlite3_mprintf(live_rows, scope, (int)strlen(scope), scope, NOW);
  run(db, "DELETE FROM p; INSERT INTO p(grp, key, value, expires_at) %s;", rows);
  run(db, "UPDATE p SET ttl = (expires_at - %d) / 1000.0 WHERE typeof(expires_at) <> 'text';", NOW);
  run(db, "DELETE FROM g; INSERT INTO g SELECT grp, count(*) FROM p GROUP BY grp ORDER BY grp");
  sqlite3_free(rows);
}

static sqlite3 *fresh_database(void) {
  static const char *const encodings[] = {"UTF-8", "UTF-16le", "UTF-16be"};
  static const char *const values[] = {"1", "5", "2.5", "'5'", "'a'", "'v'", "x'35'", "''"};
  static const char *const expiries[] = {"NULL",    "NULL",    "NULL",   "999999",
                                         "1000000", "1000001", "1060000"};
  sqlite3 *db = host_open(":memory:");
  run(db, "PRAGMA encoding = '%s'", ONE_OF(encodings));
  run(db, "SELECT kv_config('now', %d), kv_set('z', 'z', 1)", NOW);
  run(db,
      "CREATE TABLE p(grp TEXT, key TEXT, value NOT NULL, expires_at INTEGER, ttl,"
      " PRIMARY KEY(grp, key)) WITHOUT ROWID; CREATE TABLE g(name TEXT, keys INTEGER);"
      "CREATE TABLE t(id INTEGER PRIMARY KEY, i INTEGER, n NUMERIC, r REAL, s TEXT, b BLOB, x)");
  for (int i = 0; i < 8; i++) {
    run(db, "INSERT INTO t VALUES (%d, %s, %s, %s, %s, %s, %s)", i, a_value(), a_value(), a_value(),
        a_value(), a_value(), a_value());
  }
  scope = chance(3) == 0 ? "ns:" : "";
  for (unsigned i = 5 + chance(40); i > 0; i--) {
    const char *group = chance(2) > 0 ? "'a'" : ONE_OF(names);
    run(db, "INSERT OR IGNORE INTO kv VALUES (%s%s%s || %s, %s, %s, %s)", "'",
        chance(4) > 0 ? scope : "", "'", group, ONE_OF(names), ONE_OF(values), ONE_OF(expiries));
  }
  run(db, "INSERT INTO kv VALUES (x'61', 'a', 1, NULL), ('a', x'61', 1, NULL), ('a', x'', 1, 5),"
          " (x'6e733a61', x'00', 1, NULL)");
  if (*scope != 0) run(db, "INSERT INTO kv VALUES ('ns:a', x'61', 1, NULL); SELECT kv_scope('ns')");
  refresh(db);
  return db;
}

/* ---- the comparison -------------------------------------------------------------------------- */

static int differences;

static void report(int database, unsigned long long from, const char *what, const char *text,
                   const sql *in, const char *expected, const char *got) {
  if (++differences > MOST_DIFFERENCES) return;
  printf("database %d (SEED %llu): %s\n  %s\n", database, from, what, text);
  for (int i = 0; i < in->count; i++) printf("  ?%d = %s\n", i + 1, in->values[i]);
  while (*expected != 0 && *expected == *got) expected++, got++;
  printf("expected from here on: %.200s\ngot: %.200s\n", expected, got);
  fflush(stdout);
}

static void compare(sqlite3 *db, int database, unsigned long long from, const sql *in,
                    const char *plain, const char *ours, const char *what) {
  char *plain_text, *our_text;
  char *expected = answer(db, in, plain, &plain_text);
  char *got = answer(db, in, ours, &our_text);
  if (strcmp(expected, got) != 0) report(database, from, what, our_text, in, expected, got);
  sqlite3_free(plain_text);
  sqlite3_free(our_text);
  sqlite3_free(expected);
  sqlite3_free(got);
}

/* What is stored: in p, in kv, and what of kv is no part of the store. */
static void compare_rows(sqlite3 *db, int database, unsigned long long from, const sql *in) {
  sql rows = {.length = 0};
  char *text, *rest;
  put(&rows, "SELECT grp, key, value, expires_at FROM $ ORDER BY grp, key");
  char *live = sqlite3_mprintf(live_rows, scope, (int)strlen(scope), scope, NOW);
  char *expected = answer(db, &rows, "p", &text);
  sqlite3_free(text);
  sql stored = {.length = 0};
  put(&stored, "%s ORDER BY 1, 2", live);
  char *got = answer(db, &stored, "", &text);
  if (strcmp(expected, got) != 0)
    report(database, from, "what is stored after", in->text, in, expected, got);
  sqlite3_free(text);
  sqlite3_free(expected);
  sqlite3_free(got);
  sql blobs = {.length = 0};
  put(&blobs, "SELECT count(*) = %d FROM kv WHERE typeof(grp) = 'blob' OR typeof(key) = 'blob'",
      *scope != 0 ? 5 : 4);
  rest = answer(db, &blobs, "", &text);
  if (strncmp(rest, "|1:1", 4) != 0)
    report(database, from, "rows that are no part of the store", in->text, in, "", rest);
  sqlite3_free(text);
  sqlite3_free(rest);
  sqlite3_free(live);
}

static void write_both(sqlite3 *db, int database, unsigned long long from) {
  sql in = {.length = 0};
  unsigned kind = chance(4);
  if (kind == 0) put_insert(&in);
  if (kind == 1) put_update(&in);
  if (kind == 2) put_delete(&in);
  if (kind == 3) put_update_from(&in);
  /* SQLite has no RETURNING for the UPDATE and DELETE of a virtual table, and in an INSERT it returns
  ** what is about to be written: rows that OR IGNORE skips too. */
  if (kind == 0 && strstr(in.text, "IGNORE") == NULL && chance(4) == 0 &&
      sqlite3_libversion_number() >= 3035000) {
    put(&in, " RETURNING grp, key, value, expires_at");
  }
  compare(db, database, from, &in, "p", "kv_entries", "a write");
  run(db, "DELETE FROM p WHERE expires_at <= %d", NOW);
  compare_rows(db, database, from, &in);
  refresh(db);
}

static void try_database(int database) {
  unsigned long long from = seed;
  sqlite3 *db = fresh_database();
  for (int i = 0; i < STATEMENTS && differences < MOST_DIFFERENCES; i++) {
    sql in = {.length = 0};
    unsigned kind = chance(8);
    if (kind == 0) {
      write_both(db, database, from);
    } else if (kind <= 2) {
      put_select(&in, 1);
      compare(db, database, from, &in, "g", "kv_groups", "a read of kv_groups");
    } else {
      put_select(&in, 0);
      compare(db, database, from, &in, "p", "kv_entries", "a read of kv_entries");
    }
  }
  CHECK_CLOSES("The connection closes: no statement is left", db);
}

int main(int argc, char **argv) {
  int databases = argc > 1 ? atoi(argv[1]) : getenv("KV_TEST_QUICK") != NULL ? 400 : 2000;
  seed = argc > 2 && *argv[2] != 0 ? strtoull(argv[2], NULL, 10) : 1;
  int tried = 0;
  for (; tried < databases && differences < MOST_DIFFERENCES; tried++) try_database(tried);
  printf("%d databases, %d statements each\n", tried, STATEMENTS);
  CHECK_INTEGER("Random SQL answers on kv_entries and kv_groups as on plain tables", 0,
                differences);
  return host_end();
}
