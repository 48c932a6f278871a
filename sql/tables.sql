-- The rows behind the virtual tables: those whose group and key are TEXT, a BLOB sorts after each (key < x'').

-- name: groups
-- A skip-scan: from one group straight to the first key of the next, so that the cost is that of the
-- groups, not of their keys. ?5 says whether the keys are wanted. A group's rowid is that of its first key:
-- SQLite knows rows by it when it joins the scans of an OR. A group that came after the scan began has only
-- rows that are newer than all there were: `newest` is read once, before the first row.
WITH RECURSIVE every(name) AS (
  SELECT (SELECT min(grp) FROM main.kv WHERE grp >= max(?1, ?3) AND grp < min(?2, ?4))
  UNION ALL
  SELECT (SELECT min(grp) FROM main.kv WHERE grp > name AND grp < min(?2, ?4))
    FROM every WHERE name IS NOT NULL)
SELECT name,
       CASE WHEN ?5 THEN (SELECT count(*) FROM main.kv WHERE grp = name AND key < x'')
                       - (SELECT count(*) FROM main.kv WHERE expires_at <= ?6 AND +grp = name AND key < x'') END,
       (SELECT rowid FROM main.kv WHERE grp = name ORDER BY key LIMIT 1),
       (SELECT max(rowid) FROM main.kv)
  FROM every
 WHERE name IS NOT NULL
   AND EXISTS (SELECT 1 FROM main.kv
                WHERE grp = name AND key < x'' AND (expires_at IS NULL OR expires_at > ?6)
                  AND rowid <= (SELECT max(rowid) FROM main.kv));

-- name: newest
-- Rows that are written from now on have a larger rowid.
SELECT max(rowid) FROM main.kv;

-- name: entries
-- ?5 says whether the value is wanted: a listing of keys does not read values.
SELECT grp, key, CASE WHEN ?5 THEN value END, expires_at, rowid FROM main.kv
 WHERE grp >= ?1 AND grp < ?2 AND key >= ?3 AND key < ?4 AND (expires_at IS NULL OR expires_at > ?6)
 ORDER BY grp, key;

-- name: entries_descending
SELECT grp, key, CASE WHEN ?5 THEN value END, expires_at, rowid FROM main.kv
 WHERE grp >= ?1 AND grp < ?2 AND key >= ?3 AND key < ?4 AND (expires_at IS NULL OR expires_at > ?6)
 ORDER BY grp DESC, key DESC;

-- name: entries_by_key
-- For a group that equals a number, as several may.
SELECT grp, key, CASE WHEN ?5 THEN value END, expires_at, rowid FROM main.kv
 WHERE grp >= ?1 AND grp < ?2 AND key >= ?3 AND key < ?4 AND (expires_at IS NULL OR expires_at > ?6)
 ORDER BY key, grp;

-- name: entries_by_key_descending
SELECT grp, key, CASE WHEN ?5 THEN value END, expires_at, rowid FROM main.kv
 WHERE grp >= ?1 AND grp < ?2 AND key >= ?3 AND key < ?4 AND (expires_at IS NULL OR expires_at > ?6)
 ORDER BY key DESC, grp DESC;

-- name: group_entries
SELECT ?1, key, CASE WHEN ?5 THEN value END, expires_at, rowid FROM main.kv
 WHERE grp = ?1 AND key >= ?3 AND key < ?4 AND (expires_at IS NULL OR expires_at > ?6)
 ORDER BY key;

-- name: group_entries_descending
SELECT ?1, key, CASE WHEN ?5 THEN value END, expires_at, rowid FROM main.kv
 WHERE grp = ?1 AND key >= ?3 AND key < ?4 AND (expires_at IS NULL OR expires_at > ?6)
 ORDER BY key DESC;

-- name: create_twin
-- A table of ours in "temp": a statement that names it takes no lock on main, as the eponymous one would.
CREATE VIRTUAL TABLE IF NOT EXISTS temp."name" USING "name";

-- name: drop_twin
DROP TABLE temp."name";

-- name: has_twins
SELECT 1 FROM temp.sqlite_schema WHERE name = 'kv_groups' AND sql LIKE 'CREATE VIRTUAL TABLE %';

-- name: schemas
SELECT name FROM pragma_database_list;

-- name: entries_trigger
SELECT 1 FROM "name".sqlite_schema WHERE type = 'trigger' AND sql LIKE '%kv@_entries%' ESCAPE '@' LIMIT 1;

-- name: batch_plan
-- The steps of the statement that writes a batch, those of all triggers included.
EXPLAIN INSERT INTO main.kv(grp, key, value, expires_at) SELECT grp, key, value, expires_at FROM kv__rows(NULL) WHERE true
$overwrite;

-- A function of ours with so many arguments (ext/tables/call_table.c).

-- name: call_0
SELECT "name"();

-- name: call_1
SELECT "name"(?1);

-- name: call_2
SELECT "name"(?1, ?2);

-- name: call_3
SELECT "name"(?1, ?2, ?3);

-- name: call_4
SELECT "name"(?1, ?2, ?3, ?4);

-- name: call_5
SELECT "name"(?1, ?2, ?3, ?4, ?5);
