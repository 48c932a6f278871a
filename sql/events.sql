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
