-- What the extension asks of quotas, and does to them; no triggers (quota.sql).

-- name: has_quotas
SELECT 1 FROM main.sqlite_schema WHERE type = 'table' AND name = 'kv_quota' COLLATE NOCASE;

-- name: quota_bytes_of
SELECT length(CAST(?1 AS BLOB)) + length(CAST(?2 AS BLOB)) FROM main.kv_quota LIMIT 1;

-- name: set_quota
INSERT OR REPLACE INTO main.kv_quota(prefix, policy, max_keys, max_groups, keys, groups, writing, due_keys, due_groups)
SELECT ?1, ?2, ?3, ?4, count(*), count(DISTINCT grp), 0, 0, 0 FROM main.kv WHERE grp >= ?5 AND grp < ?6;

-- name: set_store_quota
INSERT OR REPLACE INTO main.kv_quota(prefix, policy, max_keys, max_groups, keys, groups, writing, due_keys, due_groups)
SELECT ?1, ?2, ?3, ?4, count(*), count(DISTINCT grp), 0, 0, 0 FROM main.kv;

-- name: set_quota_bytes
INSERT OR REPLACE INTO main.kv_quota_bytes(prefix, max_bytes, bytes, writing, due_bytes)
SELECT ?1, ?2, coalesce(sum($quota_bytes_of_k), 0), 0, 0 FROM main.kv AS k WHERE grp >= ?5 AND grp < ?6;

-- name: set_store_quota_bytes
INSERT OR REPLACE INTO main.kv_quota_bytes(prefix, max_bytes, bytes, writing, due_bytes)
SELECT ?1, ?2, coalesce(sum($quota_bytes_of_k), 0), 0, 0 FROM main.kv AS k;

-- name: delete_quota
DELETE FROM main.kv_quota WHERE prefix = ?1;

-- name: delete_quota_bytes
DELETE FROM main.kv_quota_bytes WHERE prefix = ?1;

-- name: clear_quota_bytes
DELETE FROM main.kv_quota_bytes;

-- name: clear_quota_note
DELETE FROM main.kv_quota_note;

-- name: next_quota
-- The limits there are, one after the other: the first behind ?1.
SELECT q.prefix, q.policy, q.max_keys, q.max_groups, coalesce(b.max_bytes, 0)
  FROM main.kv_quota AS q LEFT JOIN main.kv_quota_bytes AS b USING (prefix)
 WHERE q.prefix > ?1 ORDER BY q.prefix LIMIT 1;

-- name: rename_old_quota
-- What 0.1.0 made.
ALTER TABLE main.kv_quota RENAME TO kv_quota_0_1;

-- name: copy_old_quota
INSERT INTO main.kv_quota(prefix, policy, max_keys, max_groups)
SELECT namespace || ':', 'refuse', max_keys, max_groups FROM main.kv_quota_0_1;

-- name: drop_old_quota
DROP TABLE IF EXISTS main.kv_quota_0_1;

-- fragment: quota_dead
-- Rows of the quota that have expired, and are still there. (The + takes the affinity, which the index has not.)
FROM main.kv AS k WHERE k.expires_at <= ?2 AND $quota_of_k = +q.prefix

-- fragment: quota_dead_of_store
FROM main.kv AS k WHERE k.expires_at <= ?2

-- fragment: quota_is_group_dead
WHERE NOT EXISTS (SELECT 1 FROM main.kv WHERE grp = name AND (expires_at IS NULL OR expires_at > ?2))

-- name: quotas
-- Live figures: the running ones less what has expired and is still there. ?1 is the one prefix to be seen, or
-- NULL.
SELECT substr(q.prefix, 1, instr(q.prefix, ':') - 1), q.max_keys, q.max_groups,
       q.keys - CASE q.prefix WHEN '::' THEN (SELECT count(*) $quota_dead_of_store) ELSE (SELECT count(*) $quota_dead) END,
       q.groups - CASE q.prefix
         WHEN '::' THEN (SELECT count(*) FROM (SELECT DISTINCT +k.grp AS name $quota_dead_of_store) $quota_is_group_dead)
         ELSE (SELECT count(*) FROM (SELECT DISTINCT +k.grp AS name $quota_dead) $quota_is_group_dead) END,
       coalesce(b.max_bytes, 0),
       b.bytes - CASE q.prefix
         WHEN '::' THEN (SELECT coalesce(sum($quota_bytes_of_k), 0) $quota_dead_of_store)
         ELSE (SELECT coalesce(sum($quota_bytes_of_k), 0) $quota_dead) END,
       q.policy
  FROM main.kv_quota AS q LEFT JOIN main.kv_quota_bytes AS b USING (prefix)
 WHERE ?1 IS NULL OR q.prefix = ?1
 ORDER BY 1;

-- name: pin_quota_clock
INSERT INTO main.kv_quota_clock(now) VALUES (?1);

-- name: unpin_quota_clock
-- The pin of a write inside a write goes, that of the outer one stays.
DELETE FROM main.kv_quota_clock WHERE rowid = (SELECT max(rowid) FROM main.kv_quota_clock);
