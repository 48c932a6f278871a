-- The rows of the store. Wherever ?now stands, a row is live while "expires_at IS NULL OR expires_at > ?now".
-- A row whose group or key is a BLOB is no part of it; BLOBs sort after all text, so text is what is < x''.

-- name: get
SELECT value, expires_at, rowid FROM main.kv WHERE grp = ?1 AND key = ?2 AND (expires_at IS NULL OR expires_at > ?3);

-- name: get_hinted
-- The same by a rowid that was this key's some time ago (ext/store/hints.c).
SELECT value, expires_at FROM main.kv
 WHERE rowid = ?4 AND grp = ?1 AND key = ?2 AND (expires_at IS NULL OR expires_at > ?3);

-- name: run
-- A row for each key that is asked for, one after another (ext/store/run.c).
SELECT v.value
  FROM kv_asked(?1) AS a
  LEFT JOIN main.kv AS v
    ON v.grp = a.grp AND v.key = a.key AND (v.expires_at IS NULL OR v.expires_at > a.now);

-- name: snapshot
-- While it stands on its first row, the read transaction that it has begun goes on, and all other statements
-- read what it would.
SELECT rowid FROM main.kv UNION ALL SELECT 0;

-- name: write_all
-- The driver (ext/store/driver.c): writes nothing itself. kv__body() runs the statements of a call, which are kept or
-- undone as one with it. More than one row and a function that may fail: SQLite opens its statement journal.
INSERT INTO main.kv(grp, key, value) SELECT ?1, ?1, ?1 WHERE NOT kv__body(?2);

-- Where there is something to be purged, what stores a ttl drives itself: kv__body() removes a few expired rows, and
-- answers 1.

-- fragment: overwrite
ON CONFLICT(grp, key) DO UPDATE SET value = excluded.value, expires_at = excluded.expires_at

-- name: set
-- Without an expiry: most writes have none, and need not bind it.
INSERT INTO main.kv(grp, key, value) VALUES (?1, ?2, ?3)
ON CONFLICT(grp, key) DO UPDATE SET value = excluded.value, expires_at = NULL;

-- name: overwrite
-- Where the key is there already and does not expire: no other index is touched.
UPDATE main.kv SET value = ?3 WHERE grp = ?1 AND key = ?2 AND expires_at IS NULL;

-- name: overwrite_expiring
UPDATE main.kv SET value = ?3, expires_at = ?4 WHERE grp = ?1 AND key = ?2;

-- name: set_purging
INSERT INTO main.kv(grp, key, value, expires_at) SELECT ?1, ?2, ?3, ?4 WHERE kv__body(?6)
$overwrite;

-- name: set_expiring
INSERT INTO main.kv(grp, key, value, expires_at) VALUES (?1, ?2, ?3, ?4)
$overwrite;

-- name: setnx
INSERT INTO main.kv(grp, key, value, expires_at) VALUES (?1, ?2, ?3, ?4)
$overwrite WHERE kv.expires_at <= ?5;

-- name: setnx_purging
-- Nothing is removed where nothing is stored: CASE looks in this order.
INSERT INTO main.kv(grp, key, value, expires_at)
SELECT ?1, ?2, ?3, ?4
 WHERE CASE WHEN EXISTS (SELECT 1 FROM main.kv
                          WHERE grp = ?1 AND key = ?2 AND (expires_at IS NULL OR expires_at > ?5))
            THEN 0 ELSE kv__body(?6) END
$overwrite WHERE kv.expires_at <= ?5;

-- name: cas
UPDATE main.kv SET value = ?3, expires_at = ?4
 WHERE grp = ?1 AND key = ?2 AND (expires_at IS NULL OR expires_at > ?5) AND value IS ?7;

-- name: cas_purging
-- kv__body() for a row that was found, and before the UPDATE stands on it.
UPDATE main.kv SET value = ?3, expires_at = ?4
 WHERE rowid IN (
  SELECT CASE WHEN kv__body(?6) THEN rowid END FROM main.kv
   WHERE grp = ?1 AND key = ?2 AND (expires_at IS NULL OR expires_at > ?5) AND value IS ?7);

-- name: number
-- Makes a number into an SQLite value.
SELECT ?1;

-- name: read_number
-- The number that a text is, by SQLite's own rules; NULL if the whole of it is none. As sum() reads it, so that "1.0"
-- stays a real.
SELECT sum(?1) WHERE ?1 = CAST(?1 AS NUMERIC);

-- name: replace
-- The second half of a read-compute-write, in a driver: the key keeps its expiry. If it has expired, or is new, the
-- first half read nothing, and setnx is the one to be used.
UPDATE main.kv SET value = ?3
 WHERE grp = ?1 AND key = ?2 AND (expires_at IS NULL OR expires_at > ?5);

-- name: expire
UPDATE main.kv SET expires_at = ?4
 WHERE grp = ?1 AND key = ?2 AND (expires_at IS NULL OR expires_at > ?5);

-- name: expire_purging
UPDATE main.kv SET expires_at = ?4
 WHERE rowid IN (
  SELECT CASE WHEN kv__body(?6) THEN rowid END FROM main.kv
   WHERE grp = ?1 AND key = ?2 AND (expires_at IS NULL OR expires_at > ?5));

-- name: touch
UPDATE main.kv SET expires_at = ?4
 WHERE grp = ?1 AND key = ?2 AND (expires_at IS NULL OR expires_at > ?3);

-- name: delete
DELETE FROM main.kv WHERE grp = ?1 AND key = ?2 AND (expires_at IS NULL OR expires_at > ?3);

-- name: delete_if
DELETE FROM main.kv
 WHERE grp = ?1 AND key = ?2 AND (expires_at IS NULL OR expires_at > ?3) AND value IS ?4;

-- name: delete_groups
DELETE FROM main.kv
 WHERE grp >= ?1 AND grp < ?2 AND typeof(key) = 'text' AND (expires_at IS NULL OR expires_at > ?3);

-- name: count
-- All rows, from the primary key's index alone, less the expired ones, from theirs. A row that would be
-- counted by the second and not by the first cannot be: one statement reads one snapshot. The + keeps
-- the planner from looking for the expired ones among all keys of the groups.
SELECT (SELECT count(*) FROM main.kv WHERE grp >= ?1 AND grp < ?2 AND key < x'')
     - (SELECT count(*) FROM main.kv WHERE expires_at <= ?3 AND +grp >= ?1 AND +grp < ?2 AND key < x'');

-- name: purge
-- The longest-expired first, ?4 at most.
DELETE FROM main.kv WHERE rowid IN (
  SELECT rowid FROM main.kv
   WHERE expires_at <= ?3 AND +grp >= ?1 AND +grp < ?2 AND typeof(key) = 'text'
   ORDER BY expires_at LIMIT ?4);

-- name: any_expired
SELECT 1 FROM main.kv WHERE expires_at <= ?1 AND typeof(grp) = 'text' AND typeof(key) = 'text' LIMIT 1;

-- fragment: members
-- max(id) picks the last of several members of one name, as a JSON reader does.
SELECT ?1, m.key, m.value, ?4
FROM (SELECT key, value, max(id) FROM json_each(?3) WHERE json_type(?3) = 'object' GROUP BY key) AS m

-- name: load
INSERT INTO main.kv(grp, key, value, expires_at)
$members WHERE true
$overwrite;

-- name: load_purging
INSERT INTO main.kv(grp, key, value, expires_at)
$members WHERE kv__body(?6)
$overwrite;

-- name: json_type
SELECT json_type(?1);

-- name: json_null_member
SELECT key FROM json_each(?1) WHERE type = 'null' LIMIT 1;

-- name: open_statement_journal
-- Writes nothing. An INSERT of several rows that may fail makes SQLite mark where this schema's file stands,
-- for the statements around it too: see kv_entries_update().
INSERT INTO main.kv(grp, key, value) SELECT ?1, ?1, ?1 WHERE 0;

-- name: entry_update
-- ?4 and ?6 say whether ?5 and ?7 are to be stored: an UPDATE that leaves a column alone never reads it.
UPDATE main.kv
   SET grp = ?2, key = ?3,
       value = CASE WHEN ?4 THEN ?5 ELSE value END,
       expires_at = CASE WHEN ?6 THEN ?7 ELSE expires_at END
 WHERE rowid = ?1;

-- name: entry_row
SELECT grp, key, expires_at FROM main.kv WHERE rowid = ?1;

-- name: entry_rewrite
-- The same of a row that keeps its name.
UPDATE main.kv
   SET value = CASE WHEN ?2 THEN ?3 ELSE value END,
       expires_at = CASE WHEN ?4 THEN ?5 ELSE expires_at END
 WHERE rowid = ?1;

-- name: entry_rewrite_purging
UPDATE main.kv SET value = CASE WHEN ?2 THEN ?3 ELSE value END, expires_at = CASE WHEN ?4 THEN ?5 END
 WHERE rowid IN (SELECT CASE WHEN kv__body(?6) THEN rowid END FROM main.kv WHERE rowid = ?1);

-- name: entry_delete
DELETE FROM main.kv WHERE rowid = ?1;

-- name: entry_clear
-- Makes room for an entry that takes this name: ?4 says whether a live one gives way too.
DELETE FROM main.kv WHERE grp = ?1 AND key = ?2 AND (?4 OR expires_at <= ?3) AND rowid IS NOT ?5;

-- name: entry_exists
SELECT 1 FROM main.kv WHERE grp = ?1 AND key = ?2 AND rowid IS NOT ?3;

-- name: batch_insert
-- Many rows at once (ext/store/batch.c).
INSERT INTO main.kv(grp, key, value, expires_at) SELECT grp, key, value, expires_at FROM kv__rows(?1);

-- name: batch_replace
INSERT INTO main.kv(grp, key, value, expires_at) SELECT grp, key, value, expires_at FROM kv__rows(?1) WHERE true
$overwrite;

-- name: batch_setnx
INSERT INTO main.kv(grp, key, value, expires_at) SELECT grp, key, value, expires_at FROM kv__rows(?1) WHERE true
$overwrite WHERE kv.expires_at <= ?2;
