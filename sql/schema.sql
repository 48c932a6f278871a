-- The table behind the store: what it looks like, how it comes into being, how an older one is brought up.
--
-- Every file here is a list of named blocks, embedded at build time (sql/embed.awk). The text is plain SQL
-- that the shell can run: `main.` stands for the schema that kv_config('schema') names, and is put in,
-- quoted, when a statement is prepared.

-- name: table_kind
-- What is called "kv" in the schema. Anything but an ordinary table is nobody's store.
SELECT type = 'table' AND rootpage > 0, type
  FROM main.sqlite_schema
 WHERE name = 'kv' COLLATE NOCASE AND type IN ('table', 'view');

-- name: table_columns
-- Whether the columns of "kv" are the store's, whatever their order, and whether expires_at is among them.
SELECT sum("notnull" AND hidden = 0
           AND (   (name = 'grp' COLLATE NOCASE AND pk = 1 AND type = 'TEXT' COLLATE NOCASE)
                OR (name = 'key' COLLATE NOCASE AND pk = 2 AND type = 'TEXT' COLLATE NOCASE)
                OR (name = 'value' COLLATE NOCASE AND pk = 0
                    AND type COLLATE NOCASE IN ('', 'TEXT', 'BLOB')))) = 3
       AND count(*) = 3 + sum(name = 'expires_at' COLLATE NOCASE AND type = 'INTEGER' COLLATE NOCASE
                              AND hidden = 0 AND NOT "notnull"),
       count(*) = 4
  FROM pragma_table_xinfo('kv', ?1);

-- name: table_keys
-- Whether the primary key's index is (grp, key) in byte order, ascending, and ends with the rowid: a
-- WITHOUT ROWID table's does not.
SELECT count(*) = 3
       AND sum((x.seqno = 0 AND x.name = 'grp' COLLATE NOCASE)
               OR (x.seqno = 1 AND x.name = 'key' COLLATE NOCASE)
               OR (x.seqno = 2 AND x.cid = -1)) = 3
       AND sum(x.coll = 'BINARY' COLLATE NOCASE AND NOT x."desc") = 3
  FROM pragma_index_list('kv', ?1) AS l, pragma_index_xinfo(l.name, ?1) AS x
 WHERE l.origin = 'pk';

-- name: has_expiry_index
-- Under whatever name: a table "kv" that was renamed keeps its index, and the name of that.
SELECT 1
  FROM pragma_index_list('kv', ?1) AS l, main.sqlite_schema AS s
 WHERE s.name = l.name AND s.type = 'index' AND l.name GLOB '[kK][vV]_[eE][xX][pP][iI][rR][yY]*'
   AND l.partial AND NOT l."unique"
   AND (SELECT group_concat(name) FROM (SELECT lower(name) AS name FROM pragma_index_info(l.name, ?1) ORDER BY seqno))
       = 'expires_at,grp';

-- name: is_name_taken
SELECT 1 FROM main.sqlite_schema WHERE name = ?1 COLLATE NOCASE;

-- name: has_host_triggers
-- Has the host triggers of its own on "kv", that may tell an INSERT from an UPDATE?
SELECT 1 FROM main.sqlite_schema
 WHERE type = 'trigger' AND tbl_name = 'kv' COLLATE NOCASE AND name NOT GLOB 'kv_log_*' AND name NOT GLOB 'kv_quota_*'
UNION ALL
SELECT 1 FROM sqlite_temp_master
 WHERE type = 'trigger' AND tbl_name = 'kv' COLLATE NOCASE AND name NOT GLOB 'kv_witness_*'
 LIMIT 1;

-- name: has_failing_triggers
-- May one of the host's triggers say RAISE(FAIL)? (One on another table, which one on "kv" sets off, may too.)
SELECT 1 FROM main.sqlite_schema WHERE type = 'trigger' AND sql LIKE '%fail%'
UNION ALL
SELECT 1 FROM sqlite_temp_master WHERE type = 'trigger' AND sql LIKE '%fail%'
 LIMIT 1;

-- name: encoding
PRAGMA main.encoding;

-- name: create_table
CREATE TABLE IF NOT EXISTS main.kv(
  grp TEXT NOT NULL,
  key TEXT NOT NULL,
  value NOT NULL,
  expires_at INTEGER,
  PRIMARY KEY(grp, key)
);

-- name: add_expiry_column
ALTER TABLE main.kv ADD COLUMN expires_at INTEGER;

-- name: create_expiry_index
CREATE INDEX main."name" ON kv(expires_at, grp) WHERE expires_at IS NOT NULL;

-- name: legacy_table
-- What a reader sees in place of the table of a file from before TTL.
(SELECT rowid, grp, key, value, NULL AS expires_at FROM main.kv);

-- name: look_at_schema
SELECT 1 FROM main.kv LIMIT 1;

-- name: look_at_temp
SELECT 1 FROM temp.sqlite_schema LIMIT 1;

-- name: anchor
-- Connects the virtual table that owns the statement cache (see statements.c).
SELECT 1 FROM kv_groups;

-- name: is_loaded
-- Compiles on a connection that has the extension.
SELECT kv_version();
