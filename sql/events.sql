-- Around events: knowing when a change is committed, and that something changed which no call announced.

-- name: enlist
-- Changes nothing, but makes SQLite tell the virtual table of the end of the transaction, whichever it is.
DELETE FROM kv_entries WHERE 0;

-- name: data_version
-- Changes with every commit by another connection, and only then.
PRAGMA main.data_version;

-- name: max_rowid
SELECT coalesce(max(rowid), 0) FROM main.kv;

-- name: callback
-- "callback" stands for the name of the host's function, and is put in, quoted, when it is registered.
SELECT "callback"(?1, ?2, ?3, ?4, ?5);

-- name: next_expired
-- The longest-expired row of the range: a purge that is to report each row takes them one by one.
SELECT rowid, grp, key, value FROM main.kv
 WHERE expires_at <= ?3 AND +grp >= ?1 AND +grp < ?2
 ORDER BY expires_at LIMIT 1;

-- name: entry_by_rowid
SELECT grp, key, value FROM main.kv WHERE rowid = ?1;

-- name: members
-- What a kv_load stored.
SELECT key, value, max(id) FROM json_each(?1) GROUP BY key;
