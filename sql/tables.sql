-- The rows behind the virtual tables.

-- name: groups
-- A skip-scan: from one group straight to the first key of the next, so that the cost is that of the
-- groups, not of their keys. ?5 says whether the keys are wanted. A group's rowid is that of its first key:
-- SQLite knows rows by it when it joins the scans of an OR.
WITH RECURSIVE every(name) AS (
  SELECT (SELECT min(grp) FROM main.kv WHERE grp >= max(?1, ?3) AND grp < min(?2, ?4))
  UNION ALL
  SELECT (SELECT min(grp) FROM main.kv WHERE grp > name AND grp < min(?2, ?4))
    FROM every WHERE name IS NOT NULL)
SELECT name,
       CASE WHEN ?5 THEN (SELECT count(*) FROM main.kv WHERE grp = name)
                       - (SELECT count(*) FROM main.kv WHERE expires_at <= ?6 AND +grp = name) END,
       (SELECT rowid FROM main.kv WHERE grp = name ORDER BY key LIMIT 1)
  FROM every
 WHERE name IS NOT NULL
   AND EXISTS (SELECT 1 FROM main.kv WHERE grp = name AND (expires_at IS NULL OR expires_at > ?6));

-- name: entries
-- ?5 says whether the value is wanted: a listing of keys does not read values.
SELECT grp, key, CASE WHEN ?5 THEN value END, expires_at, rowid FROM main.kv
 WHERE grp >= ?1 AND grp < ?2 AND (expires_at IS NULL OR expires_at > ?6)
 ORDER BY grp, key;

-- name: entries_descending
SELECT grp, key, CASE WHEN ?5 THEN value END, expires_at, rowid FROM main.kv
 WHERE grp >= ?1 AND grp < ?2 AND (expires_at IS NULL OR expires_at > ?6)
 ORDER BY grp DESC, key DESC;

-- name: group_entries
SELECT grp, key, CASE WHEN ?5 THEN value END, expires_at, rowid FROM main.kv
 WHERE grp = ?1 AND key >= ?3 AND key < ?4 AND (expires_at IS NULL OR expires_at > ?6)
 ORDER BY key;

-- name: group_entries_descending
SELECT grp, key, CASE WHEN ?5 THEN value END, expires_at, rowid FROM main.kv
 WHERE grp = ?1 AND key >= ?3 AND key < ?4 AND (expires_at IS NULL OR expires_at > ?6)
 ORDER BY key DESC;
