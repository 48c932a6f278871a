-- The feed: a log of all changes of "kv", in the same file, kept by triggers for every writer, whether it knows of this
-- extension or not. None of it exists before the first kv_feed().
--
-- What holds after every statement:
--   - the log is never empty, and its first row is a "resync": it stands for all that was there before, or was
--     trimmed, up to its seq. So WHERE seq > ? tells a reader everything: one that is behind what is kept gets
--     that row first;
--   - its last row has the largest seq ever given, so no number is given twice: nobody may delete it. (A log that is
--     begun anew begins beyond, see log_begin);
--   - there are at most at_most + 257 rows.
--
-- No constraint on kv_log's columns: in INSERT OR IGNORE INTO kv the IGNORE holds for the statements of triggers too,
-- and what violates a constraint there is lost without a word.

-- fragment: log_clock
-- What time it is for the triggers: that of the writing connection, if its clock is pinned.
coalesce((SELECT now FROM kv_log_settings), CAST(round((julianday('now') - 2440587.5) * 86400000.0) AS INTEGER))

-- name: create_log
CREATE TABLE IF NOT EXISTS main.kv_log(
  seq INTEGER PRIMARY KEY,
  at INTEGER,
  type TEXT,
  grp TEXT,
  key TEXT,
  value,
  expires_at INTEGER
);

-- name: create_log_settings
-- "head" is the newest seq when the log was last trimmed; "now" is NULL, but for the span of one write by a
-- connection whose clock is pinned.
CREATE TABLE IF NOT EXISTS main.kv_log_settings(
  keep INTEGER NOT NULL,
  at_most INTEGER NOT NULL,
  head INTEGER NOT NULL,
  now INTEGER
);

-- name: create_log_readers
CREATE TABLE IF NOT EXISTS main.kv_log_readers(
  name TEXT NOT NULL PRIMARY KEY,
  seq INTEGER NOT NULL,
  at INTEGER NOT NULL
) WITHOUT ROWID;

-- name: create_log_insert
-- Triggers of the host's may run before this one, and change or delete the row again: then that is in the log
-- already, and what NEW says is no longer so. A row that was given the rowid -1 may have replaced another
-- one that had it (see create_log_replace).
CREATE TRIGGER main.kv_log_insert AFTER INSERT ON kv
WHEN EXISTS (SELECT 1 FROM kv
              WHERE rowid = NEW.rowid AND value IS NEW.value AND expires_at IS NEW.expires_at
                AND grp = NEW.grp AND key = NEW.key)
BEGIN
  INSERT INTO kv_log(at, type, grp, key, value, expires_at)
  VALUES ($log_clock, CASE NEW.rowid WHEN -1 THEN 'resync' ELSE 'set' END, NEW.grp, NEW.key, NEW.value, NEW.expires_at);
END;

-- name: create_log_update
CREATE TRIGGER main.kv_log_update AFTER UPDATE ON kv
WHEN EXISTS (SELECT 1 FROM kv
              WHERE rowid = NEW.rowid AND value IS NEW.value AND expires_at IS NEW.expires_at
                AND grp = NEW.grp AND key = NEW.key)
BEGIN
  INSERT INTO kv_log(at, type, grp, key, value, expires_at)
  VALUES ($log_clock, 'set', NEW.grp, NEW.key, NEW.value, NEW.expires_at);
END;

-- name: create_log_delete
-- Expired or deleted: the row itself says which, whoever removes it. (An INSERT from a SELECT would be shorter, and
-- would make a temporary table each time, because kv_log has a trigger.)
CREATE TRIGGER main.kv_log_delete AFTER DELETE ON kv
WHEN NOT EXISTS (SELECT 1 FROM kv WHERE grp = OLD.grp AND key = OLD.key)
BEGIN
  INSERT INTO kv_log(at, type, grp, key, value, expires_at)
  VALUES ($log_clock,
          CASE WHEN OLD.expires_at IS NOT NULL AND OLD.expires_at <= $log_clock THEN 'expire' ELSE 'delete' END,
          OLD.grp, OLD.key,
          CASE WHEN OLD.expires_at IS NOT NULL AND OLD.expires_at <= $log_clock THEN OLD.value END,
          CASE WHEN OLD.expires_at IS NOT NULL AND OLD.expires_at <= $log_clock THEN OLD.expires_at END);
END;

-- name: create_log_move
-- A row that gets another name: under the old one it is gone. The two rows of the log are about different keys, so
-- their order does not matter. (An upsert names neither column, and pays nothing for this.)
CREATE TRIGGER main.kv_log_move AFTER UPDATE OF grp, key ON kv
WHEN (OLD.grp IS NOT NEW.grp OR OLD.key IS NOT NEW.key)
 AND NOT EXISTS (SELECT 1 FROM kv WHERE grp = OLD.grp AND key = OLD.key)
BEGIN
  INSERT INTO kv_log(at, type, grp, key) VALUES ($log_clock, 'delete', OLD.grp, OLD.key);
END;

-- name: create_log_replace
-- REPLACE by a rowid of another key removes that key, and no trigger is told. Whether it is REPLACE cannot be seen
-- here, so this says only that something may have happened. -1 stands for a rowid that SQLite chooses.
CREATE TRIGGER main.kv_log_replace BEFORE INSERT ON kv
WHEN NEW.rowid <> -1 AND EXISTS (SELECT 1 FROM kv WHERE rowid = NEW.rowid AND (grp IS NOT NEW.grp OR key IS NOT NEW.key))
BEGIN
  INSERT INTO kv_log(at, type) VALUES ($log_clock, 'resync');
END;

-- name: create_log_replace_update
CREATE TRIGGER main.kv_log_replace_update BEFORE UPDATE OF rowid, oid, _rowid_ ON kv
WHEN NEW.rowid <> OLD.rowid AND EXISTS (SELECT 1 FROM kv WHERE rowid = NEW.rowid)
BEGIN
  INSERT INTO kv_log(at, type) VALUES ($log_clock, 'resync');
END;

-- name: create_log_tick
-- Every so many changes, the log is trimmed. It is a trigger of its own because its WHEN is cheap where it says
-- no: an UPDATE of a table that has a trigger makes a temporary table before it knows.
CREATE TRIGGER main.kv_log_tick AFTER INSERT ON kv_log
WHEN NEW.seq % 256 = 0
BEGIN
  UPDATE kv_log_settings SET head = NEW.seq;
END;

-- name: create_log_trim
-- Trims the log: to what is kept, and what the slowest reader has not acknowledged, but never to more than at_most. The
-- row up to which all goes stays, as the resync that stands for it. kv_feed_compact() leaves gaps: that row is
-- the last one which is there.
CREATE TRIGGER main.kv_log_trim AFTER UPDATE OF head ON kv_log_settings
BEGIN
  UPDATE kv_log SET type = 'resync', grp = NULL, key = NULL, value = NULL, expires_at = NULL
   WHERE type <> 'resync'
     AND seq = (SELECT max(seq) FROM kv_log
                 WHERE seq <= max(min(NEW.head - NEW.keep,
                                      coalesce((SELECT min(seq) FROM kv_log_readers), NEW.head)),
                                  NEW.head - NEW.at_most));
  DELETE FROM kv_log
   WHERE seq < (SELECT max(seq) FROM kv_log
                 WHERE seq <= max(min(NEW.head - NEW.keep,
                                      coalesce((SELECT min(seq) FROM kv_log_readers), NEW.head)),
                                  NEW.head - NEW.at_most));
END;

-- name: log_trigger
-- The text of the trigger, if it is where it belongs.
SELECT sql FROM main.sqlite_schema WHERE type = 'trigger' AND name = ?1 AND tbl_name = ?2 COLLATE NOCASE;

-- name: has_log
-- A host's own table of that name is no feed; triggers whose table was dropped are one that is to be mended.
SELECT 1
 WHERE 7 = (SELECT count(*) FROM pragma_table_info('kv_log', ?1)
             WHERE name IN ('seq', 'at', 'type', 'grp', 'key', 'value', 'expires_at'))
    OR EXISTS (SELECT 1 FROM main.sqlite_schema
                WHERE type = 'trigger' AND name = 'kv_log_insert' AND tbl_name = 'kv' COLLATE NOCASE);

-- name: drop_log_insert
DROP TRIGGER IF EXISTS main.kv_log_insert;

-- name: drop_log_update
DROP TRIGGER IF EXISTS main.kv_log_update;

-- name: drop_log_delete
DROP TRIGGER IF EXISTS main.kv_log_delete;

-- name: drop_log_move
DROP TRIGGER IF EXISTS main.kv_log_move;

-- name: drop_log_replace
DROP TRIGGER IF EXISTS main.kv_log_replace;

-- name: drop_log_replace_update
DROP TRIGGER IF EXISTS main.kv_log_replace_update;

-- name: drop_log_tick
DROP TRIGGER IF EXISTS main.kv_log_tick;

-- name: drop_log_trim
DROP TRIGGER IF EXISTS main.kv_log_trim;

-- name: drop_log
DROP TABLE IF EXISTS main.kv_log;

-- name: drop_log_readers
DROP TABLE IF EXISTS main.kv_log_readers;

-- name: drop_log_settings
DROP TABLE IF EXISTS main.kv_log_settings;

-- name: log_resync
INSERT INTO main.kv_log(at, type) VALUES (?1, 'resync');

-- name: log_begin
-- The first row of an empty log. Its number is the time in microseconds, so that a log which is begun anew gives no
-- number that an earlier one gave, unless that had more than a million changes a second.
INSERT INTO main.kv_log(seq, at, type)
SELECT min(max(?1, 0), 9000000000000) * 1000 + 1, ?1, 'resync' WHERE NOT EXISTS (SELECT 1 FROM main.kv_log);

-- name: log_settings_begin
INSERT INTO main.kv_log_settings(keep, at_most, head)
SELECT ?1, ?2, 0 WHERE NOT EXISTS (SELECT 1 FROM main.kv_log_settings);

-- name: log_set
-- Sets what is kept, and trims.
UPDATE main.kv_log_settings SET keep = ?1, at_most = ?2, head = (SELECT max(seq) FROM main.kv_log);

-- name: log_trim
UPDATE main.kv_log_settings SET head = (SELECT max(seq) FROM main.kv_log);

-- name: log_settled
-- Right after the start nothing stands in the log but a resync: one is enough.
DELETE FROM main.kv_log
 WHERE seq < (SELECT max(seq) FROM main.kv_log)
   AND NOT EXISTS (SELECT 1 FROM main.kv_log WHERE type <> 'resync');

-- name: log_head
SELECT max(seq) FROM main.kv_log;

-- name: log_ack
INSERT INTO main.kv_log_readers(name, seq, at) VALUES (?1, ?2, ?3)
ON CONFLICT(name) DO UPDATE SET seq = excluded.seq, at = excluded.at;

-- name: log_forget
DELETE FROM main.kv_log_readers WHERE name = ?1;

-- name: log_compact
-- Keeps the last change of each key, the last resync, and the first row.
DELETE FROM main.kv_log
 WHERE seq NOT IN (SELECT max(seq) FROM main.kv_log GROUP BY type = 'resync', grp, key)
   AND seq > (SELECT min(seq) FROM main.kv_log);

-- name: log_pin
UPDATE main.kv_log_settings SET now = ?1;

-- name: log_unpin
UPDATE main.kv_log_settings SET now = NULL;

-- name: log_end_begin
SAVEPOINT kv_log_end;

-- name: log_end_undo
ROLLBACK TO kv_log_end;

-- name: log_end_keep
RELEASE kv_log_end;

-- name: log_changes
-- After ?1, up to ?4; ?2 to ?3 are the groups that are seen.
SELECT seq, at, type, grp, key, value, expires_at, type = 'resync' FROM main.kv_log
 WHERE seq > ?1 AND seq <= ?4 AND (type = 'resync' OR (grp >= ?2 AND grp < ?3))
 ORDER BY seq;

-- name: log_readers
-- ?1 to ?2 are the names that are seen.
SELECT name, seq, (SELECT max(seq) FROM main.kv_log) - seq, at FROM main.kv_log_readers
 WHERE name >= ?1 AND name < ?2 ORDER BY name;
