/*
** Guards sql/quota.sql: the figures of quotas are those of a recount after every statement that SQLite
** allows on "kv", by programs with the extension and without it, and no limit is passed. Random
** statements: every conflict clause, recursive_triggers on and off, rowids given, renames of groups,
** BLOBs, upserts, transactions, a host's own triggers, and limits that change on the way.
**
**   KV_STEPS   how many statements (30000)
**   KV_SEED    where the random numbers begin (1); a failure names the seed that shows it again
*/
#include "host.h"

enum { RUN_LENGTH = 4000 }; /* statements of one database */

static unsigned long long random_state;

static unsigned below(unsigned limit) {
  random_state = random_state * 6364136223846793005u + 1442695040888963407u;
  return (unsigned)(random_state >> 33) % limit;
}

#define PICK(list) list[below(sizeof list / sizeof list[0])]

/* The literals of the statement that is being made: its parameters, so that one text serves many. */
enum { MAX_LITERALS = 32, MAX_KEPT = 400 };
static const char *literals[MAX_LITERALS];
static int literal_count;

static const char *parameter(const char *literal) {
  static char names[MAX_LITERALS][16];
  host_require(literal_count < MAX_LITERALS, "too many parameters");
  literals[literal_count] = literal;
  snprintf(names[literal_count], sizeof names[0], "?%d", literal_count + 1);
  return names[literal_count++];
}

static const char *group(void) {
  static const char *const groups[] = {"'t:a'",
                                       "'t:b'",
                                       "'t:c'",
                                       "'t:d'",
                                       "'t:'",
                                       "'u:a'",
                                       "'u:b'",
                                       "'free'",
                                       "'t'",
                                       "x'743a61'",
                                       "'t'||char(0)||':a'",
                                       "':'",
                                       "'t:a:b'"};
  return parameter(PICK(groups));
}

static const char *key(void) {
  static const char *const keys[] = {"'1'", "'2'", "'3'", "'4'", "'a longer one'", "x'31'", "''"};
  return parameter(PICK(keys));
}

static const char *value(void) {
  static const char *const values[] = {
      "1",           "'text'",        "1.5",    "x''", "zeroblob(40)", "''",          "'b'",
      "zeroblob(7)", "'longer text'", "-12345", "'é'", "x'00ff'",      "zeroblob(90)"};
  return parameter(PICK(values));
}

/* Expired, soon, later, much later, never. */
static const char *expiry(void) {
  static const char *const times[] = {"NULL",
                                      "NULL",
                                      "5",
                                      "7",
                                      "9000000000001",
                                      "9000000000002",
                                      "9000000000003",
                                      "9000000000003",
                                      "9000000000009",
                                      "NULL"};
  return parameter(PICK(times));
}

static const char *rowid(void) {
  static const char *const rowids[] = {"1", "2", "3", "4", "5", "-1", "-7", "100", "NULL"};
  return parameter(PICK(rowids));
}

static const char *conflict(void) {
  static const char *const clauses[] = {"",           "",         " OR REPLACE", " OR REPLACE",
                                        " OR IGNORE", " OR FAIL", " OR ABORT",   " OR ROLLBACK"};
  return PICK(clauses);
}

static const char *where(void) {
  static char text[4][96];
  static int next;
  char *out = text[next++ % 4];
  switch (below(6)) {
  case 0:
    return "1";
  case 1:
    snprintf(out, sizeof text[0], "key = %s", key());
    break;
  case 2:
    snprintf(out, sizeof text[0], "rowid = %s", rowid());
    break;
  case 3:
    snprintf(out, sizeof text[0], "grp = %s AND key = %s", group(), key());
    break;
  default:
    snprintf(out, sizeof text[0], "grp = %s", group());
  }
  return out;
}

/* One statement. Bits of `kinds`: 1, plain SQL; 2, calls of the extension too. */
static char *statement(int with_calls) {
  unsigned kind = below(with_calls ? 38 : 28);
  int compiles_all_anew = kind == 24 || kind >= 35;
  if (compiles_all_anew && below(8) > 0) kind = 0;
  switch (kind) {
  case 0:
  case 1:
  case 2:
    return sqlite3_mprintf("INSERT%s INTO kv VALUES (%s, %s, %s, %s)", conflict(), group(), key(),
                           value(), expiry());
  case 3:
    return sqlite3_mprintf(
        "INSERT%s INTO kv VALUES (%s, %s, %s, %s), (%s, %s, %s, %s), (%s, %s, %s, %s)", conflict(),
        group(), key(), value(), expiry(), group(), key(), value(), expiry(), group(), key(),
        value(), expiry());
  case 4:
  case 5:
    return sqlite3_mprintf(
        "INSERT%s INTO kv(rowid, grp, key, value, expires_at) VALUES (%s, %s, %s, %s, %s)",
        conflict(), rowid(), group(), key(), value(), expiry());
  case 6:
    return sqlite3_mprintf(
        "INSERT INTO kv VALUES (%s, %s, %s, %s) ON CONFLICT(grp, key) DO UPDATE SET "
        "value = excluded.value, expires_at = excluded.expires_at",
        group(), key(), value(), expiry());
  case 7:
    return sqlite3_mprintf(
        "INSERT INTO kv(rowid, grp, key, value) VALUES (%s, %s, %s, %s) ON CONFLICT DO NOTHING",
        rowid(), group(), key(), value());
  case 8:
    return sqlite3_mprintf(
        "INSERT INTO kv VALUES (%s, %s, %s, %s) ON CONFLICT(grp, key) DO UPDATE SET "
        "grp = %s, key = %s, value = %s",
        group(), key(), value(), expiry(), group(), key(), value());
  case 9:
    return sqlite3_mprintf("INSERT%s INTO kv SELECT %s, key, value, expires_at FROM kv WHERE %s",
                           conflict(), group(), where());
  case 10:
    return sqlite3_mprintf(
        "INSERT%s INTO kv(rowid, grp, key, value) SELECT rowid %% 3, %s, rowid, value FROM kv",
        conflict(), group());
  case 11:
  case 12:
    return sqlite3_mprintf("UPDATE%s kv SET grp = %s WHERE %s", conflict(), group(), where());
  case 13:
    return sqlite3_mprintf("UPDATE%s kv SET key = %s WHERE %s", conflict(), key(), where());
  case 14:
    return sqlite3_mprintf(
        "UPDATE%s kv SET grp = %s, key = %s, value = %s, expires_at = %s WHERE %s", conflict(),
        group(), key(), value(), expiry(), where());
  case 15:
    return sqlite3_mprintf("UPDATE%s kv SET rowid = %s WHERE %s", conflict(), rowid(), where());
  case 16:
    return sqlite3_mprintf("UPDATE%s kv SET oid = oid + 1, grp = %s WHERE %s", conflict(), group(),
                           where());
  case 17:
    return sqlite3_mprintf("UPDATE%s kv SET value = %s WHERE %s", conflict(), value(), where());
  case 18:
    return sqlite3_mprintf("UPDATE kv SET expires_at = %s WHERE %s", expiry(), where());
  case 19:
    return sqlite3_mprintf("UPDATE%s kv SET grp = CAST(grp AS BLOB) WHERE %s", conflict(), where());
  case 20:
    return sqlite3_mprintf("UPDATE%s kv SET grp = CAST(grp AS TEXT)", conflict());
  case 21:
    return sqlite3_mprintf("UPDATE kv SET key = key, grp = grp WHERE %s", where());
  case 22:
  case 23:
    return sqlite3_mprintf("DELETE FROM kv WHERE %s", where());
  case 24:
    return sqlite3_mprintf("PRAGMA recursive_triggers = %d", below(2));
  case 25:
    return sqlite3_mprintf(below(2) ? "BEGIN" : "COMMIT");
  case 26:
    return sqlite3_mprintf(below(2) ? "SAVEPOINT s" : "ROLLBACK TO s");
  case 27:
    return sqlite3_mprintf(below(4) ? "RELEASE s" : "ROLLBACK");
  case 28:
    return sqlite3_mprintf("SELECT kv_set(CAST(%s AS TEXT), CAST(%s AS TEXT), %s)", group(), key(),
                           value());
  case 29:
    return sqlite3_mprintf("SELECT kv_set(CAST(%s AS TEXT), CAST(%s AS TEXT), %s, %d)", group(),
                           key(), value(), 1000 + below(3));
  case 30:
    return sqlite3_mprintf("SELECT kv_load(CAST(%s AS TEXT), '{\"1\":\"abc\",\"8\":3}')", group());
  case 31:
    return sqlite3_mprintf("SELECT kv_incr(CAST(%s AS TEXT), '2', 99)", group());
  case 32:
    return sqlite3_mprintf(
        "INSERT%s INTO kv_entries(grp, key, value) VALUES (CAST(%s AS TEXT), '1', %s)", conflict(),
        group(), value());
  case 33:
    return sqlite3_mprintf(
        "UPDATE%s kv_entries SET grp = CAST(%s AS TEXT), value = %s WHERE key = '1'", conflict(),
        group(), value());
  case 34:
    return sqlite3_mprintf("SELECT kv_delete_group(CAST(%s AS TEXT)), kv_purge()", group());
  case 35:
    return sqlite3_mprintf("SELECT kv_quota('%s', %d, %d, %d, '%s')", below(3) ? "t" : "",
                           2 + below(9), below(5), below(2) * (60 + below(200)),
                           below(2) ? "evict" : "refuse");
  case 36:
    return sqlite3_mprintf("SELECT kv_quota('u', %d, %d)", 1 + below(4), below(3));
  default:
    return sqlite3_mprintf("SELECT kv_quota('%s', NULL, NULL)", below(2) ? "" : "u");
  }
}

/* The statements of one database by their text, kept until there are too many. */
static struct {
  char *text;
  sqlite3_stmt *stmt;
} kept[MAX_KEPT];
static int kept_count;

static void drop_kept(void) {
  for (int i = 0; i < kept_count; i++) {
    sqlite3_finalize(kept[i].stmt);
    sqlite3_free(kept[i].text);
  }
  kept_count = 0;
}

/* Takes the text over. NULL: it cannot be compiled, now. */
static sqlite3_stmt *keep(sqlite3 *db, char *text) {
  for (int i = 0; i < kept_count; i++) {
    if (strcmp(kept[i].text, text) == 0) {
      sqlite3_free(text);
      return kept[i].stmt;
    }
  }
  if (kept_count == MAX_KEPT) drop_kept();
  sqlite3_stmt *stmt = NULL;
  if (sqlite3_prepare_v2(db, text, -1, &stmt, NULL) != SQLITE_OK) {
    sqlite3_free(text);
    return NULL;
  }
  kept[kept_count].text = text;
  kept[kept_count++].stmt = stmt;
  return stmt;
}

/* Literals are few: each is computed once. */
static void bind_literal(sqlite3 *db, sqlite3_stmt *stmt, int index, const char *literal) {
  static struct {
    const char *literal;
    sqlite3_value *value;
  } known[128];
  int i = 0;
  while (known[i].literal != NULL && known[i].literal != literal) i++;
  if (known[i].literal == NULL) {
    char *sql = sqlite3_mprintf("SELECT %s", literal);
    sqlite3_stmt *query = NULL;
    host_require(i < 127 && sqlite3_prepare_v2(db, sql, -1, &query, NULL) == SQLITE_OK,
                 "a literal");
    sqlite3_step(query);
    known[i].literal = literal;
    known[i].value = sqlite3_value_dup(sqlite3_column_value(query, 0));
    sqlite3_finalize(query);
    sqlite3_free(sql);
  }
  sqlite3_bind_value(stmt, index, known[i].value);
}

/* Runs the statement with its literals; returns it as plain SQL (sqlite3_free it). */
static char *run(sqlite3 *db, char *text) {
  sqlite3_stmt *stmt = keep(db, text);
  if (stmt == NULL) return sqlite3_mprintf("(it is not compiled: %s)", sqlite3_errmsg(db));
  for (int i = 0; i < literal_count; i++) bind_literal(db, stmt, i + 1, literals[i]);
  while (sqlite3_step(stmt) == SQLITE_ROW) continue;
  char *sql = sqlite3_expanded_sql(stmt);
  sqlite3_reset(stmt);
  return sql;
}

static sqlite3_stmt *prepare(sqlite3 *db, const char *sql) {
  sqlite3_stmt *stmt = NULL;
  host_require(sqlite3_prepare_v2(db, sql, -1, &stmt, NULL) == SQLITE_OK, sqlite3_errmsg(db));
  return stmt;
}

static sqlite3_int64 number(sqlite3_stmt *stmt) {
  sqlite3_int64 answer = sqlite3_step(stmt) == SQLITE_ROW ? sqlite3_column_int64(stmt, 0) : -1;
  sqlite3_reset(stmt);
  return answer;
}

#define HELD                                                                                       \
  "(q.prefix = '::' OR (typeof(grp) = 'text' AND substr(grp, 1, length(q.prefix)) = q.prefix))"
#define SIZE "length(CAST(key AS BLOB)) + length(CAST(value AS BLOB))"

/* Figures that are not those of a recount. */
static const char wrong_figures[] =
    "SELECT (SELECT count(*) FROM kv_quota AS q"
    "  WHERE keys <> (SELECT count(*) FROM kv WHERE " HELD ")"
    "     OR groups <> (SELECT count(DISTINCT grp) FROM kv WHERE " HELD ")"
    "     OR due_keys <> 0 OR due_groups <> 0)"
    " + (SELECT count(*) FROM kv_quota_bytes AS q"
    "  WHERE bytes <> (SELECT coalesce(sum(" SIZE "), 0) FROM kv WHERE " HELD
    ") OR due_bytes <> 0)";

/* How far limits are passed in all. */
static const char passed[] =
    "SELECT (SELECT total(CASE WHEN max_keys > 0 THEN max(keys - max_keys, 0) ELSE 0 END"
    " + CASE WHEN max_groups > 0 THEN max(groups - max_groups, 0) ELSE 0 END) FROM kv_quota)"
    " + (SELECT total(CASE WHEN max_bytes > 0 THEN max(bytes - max_bytes, 0) ELSE 0 END) FROM "
    "kv_quota_bytes)";

static const char *const host_triggers[] = {
    "CREATE TRIGGER host BEFORE INSERT ON kv WHEN NEW.key = '3' BEGIN DELETE FROM kv WHERE grp = "
    "NEW.grp; END",
    "CREATE TRIGGER host AFTER INSERT ON kv WHEN NEW.grp = 't:a' BEGIN "
    "INSERT OR REPLACE INTO kv(grp, key, value) VALUES ('u:a', NEW.key, 'noted'); END",
    "CREATE TRIGGER host BEFORE INSERT ON kv WHEN NEW.grp = 't:b' BEGIN "
    "INSERT INTO kv VALUES ('u:b', '1', 1, 9000000000004) ON CONFLICT DO UPDATE SET value = value "
    "|| '1'; END",
    "CREATE TRIGGER host BEFORE UPDATE ON kv WHEN NEW.key = '2' BEGIN SELECT RAISE(IGNORE); END",
    "CREATE TRIGGER host BEFORE INSERT ON kv WHEN NEW.key = '1' BEGIN "
    "UPDATE kv SET value = 'changed ' || value WHERE grp = NEW.grp; END",
    "CREATE TEMP TRIGGER host AFTER INSERT ON kv WHEN NEW.key = '1' BEGIN "
    "DELETE FROM kv WHERE rowid = NEW.rowid; END",
    "CREATE TEMP TRIGGER host AFTER UPDATE ON kv WHEN NEW.key = '2' BEGIN "
    "DELETE FROM kv WHERE grp = 't:a'; END"};

static void begin_run(sqlite3 *db, int with_host_trigger) {
  char *sql = sqlite3_mprintf("SELECT kv_quota('t', %d, %d%s), kv_quota('u', 3, 0)", 6 + below(6),
                              2 + below(3), below(2) ? ", 200, 'evict'" : "");
  if (below(2)) host_run(db, "SELECT kv_quota('', 12, 0, 300, 'evict')");
  host_require(host_run(db, sql) == SQLITE_OK, "kv_quota");
  if (with_host_trigger) host_run(db, PICK(host_triggers));
  sqlite3_free(sql);
}

/* A run of its own seed: 1 if all was well. */
static int try_run(unsigned long long seed, int steps) {
  random_state = seed * 0x9e3779b97f4a7c15u;
  int with_calls = (int)below(2), is_well = 1;
  sqlite3 *db = host_open(":memory:");
  sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_QPSG, 1, NULL); /* or each bind compiles anew */
  begin_run(db, below(3) == 0);
  sqlite3_stmt *wrong_stmt = prepare(db, wrong_figures), *passed_stmt = prepare(db, passed);
  sqlite3_int64 over = 0;
  for (int i = 0; i < steps && is_well; i++) {
    literal_count = 0;
    char *sql = run(db, statement(with_calls));
    sqlite3_int64 wrong = number(wrong_stmt), now_over = number(passed_stmt);
    /* A limit may be set below its figure, and a rollback leads back to other limits. */
    int can_pass = strstr(sql, "kv_quota(") != NULL || strstr(sql, "ROLLBACK") != NULL;
    if (wrong != 0 || (now_over > over && !can_pass)) {
      printf("KV_SEED=%llu, statement %d: %s\n  %s; wrong figures: %lld, limits passed by %lld, "
             "before %lld\n",
             seed, i, sql, sqlite3_errmsg(db), (long long)wrong, (long long)now_over,
             (long long)over);
      is_well = 0;
    }
    over = now_over;
    sqlite3_free(sql);
  }
  drop_kept();
  sqlite3_finalize(wrong_stmt);
  sqlite3_finalize(passed_stmt);
  sqlite3_close(db);
  return is_well;
}

static unsigned long long setting(const char *name, unsigned long long otherwise) {
  const char *text = getenv(name);
  return text != NULL ? strtoull(text, NULL, 10) : otherwise;
}

int main(void) {
  unsigned long long steps = setting("KV_STEPS", getenv("KV_TEST_QUICK") != NULL ? 5000 : 30000);
  unsigned long long seed = setting("KV_SEED", 1);
  int is_well = 1;
  for (unsigned long long done = 0; done < steps && is_well; done += RUN_LENGTH, seed++) {
    is_well = try_run(seed, RUN_LENGTH);
  }
  CHECK("After every statement the figures are those of a recount, and no limit is passed",
        is_well);
  return host_end();
}
