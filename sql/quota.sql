-- Quotas: a row for each namespace that has one, or for the whole store, with figures that triggers on "kv"
-- keep true for every writer, whether it knows of this extension or not. None of it exists before the first
-- quota.
--
-- What holds after every statement on "kv", for each row q of kv_quota and kv_quota_bytes, with R(q) the rows
-- of "kv" whose "grp" is text that begins with q.prefix ('ns:'), or all rows where q.prefix is '::':
--
--     q.keys   = count(*)                                                          over R(q)
--     q.groups = count(DISTINCT grp)                                               over R(q)
--     q.bytes  = sum(length(CAST(key AS BLOB)) + length(CAST(value AS BLOB)))      over R(q)
--     q.figure <= q.max_figure, unless max_figure is 0 or was set below the figure
--
-- A row that has expired is counted until it is removed. A write that needs room removes rows in the order in
-- which they expire, as few as it needs: expired ones, and with the policy 'evict' others that will expire.
-- Never the row that is being written (q.writing, its rowid).
--
-- A namespace is what stands before a group's first colon, and its prefix is that and the colon, which is what
-- substr(grp, 1, instr(grp, ':')) gives: '' without a colon, a BLOB of a BLOB, and where U+0000 stands before
-- the colon, text without one. So it is a stored prefix exactly where R(q) has the row, and never '::'.
--
-- REPLACE removes rows that no trigger is told of (but with recursive_triggers). So BEFORE triggers note what
-- stands in the way of a new row, by its name and by its rowid; and before the row that came is counted, what
-- was noted is settled. A note that came to nothing (an upsert, OR IGNORE) stays, and does no harm: what it
-- says of a row is taken back when that row goes or moves, and a name without a row has nothing in its way.
--
-- SQLite makes room for all registers of a trigger before it looks at the WHEN, and for a table where it reads
-- IN (…) or INSERT … SELECT. So what seldom runs stands in triggers of views and of the notes, which the others
-- set off; and what runs often has a statement for each prefix.

-- fragment: quota_now
-- What time it is for the triggers: that of the writing connection, if its clock is pinned.
coalesce((SELECT now FROM kv_quota_clock ORDER BY rowid DESC LIMIT 1), CAST(round((julianday('now') - 2440587.5) * 86400000.0) AS INTEGER))

-- fragment: quota_of_new
substr(NEW.grp, 1, instr(NEW.grp, ':'))

-- fragment: quota_of_old
substr(OLD.grp, 1, instr(OLD.grp, ':'))

-- fragment: quota_of_k
substr(k.grp, 1, instr(k.grp, ':'))

-- fragment: quota_bytes_of_new
length(CAST(NEW.key AS BLOB)) + length(CAST(NEW.value AS BLOB))

-- fragment: quota_bytes_of_old
length(CAST(OLD.key AS BLOB)) + length(CAST(OLD.value AS BLOB))

-- fragment: quota_bytes_of_k
length(CAST(k.key AS BLOB)) + length(CAST(k.value AS BLOB))

-- ---- tables ----

-- name: quota_tables
-- Which of the tables are there, and is kv_quota that of 0.1.0?
SELECT (SELECT count(*) FROM main.sqlite_schema
         WHERE type = 'table' AND name COLLATE NOCASE IN ('kv_quota', 'kv_quota_bytes', 'kv_quota_note', 'kv_quota_clock')),
       EXISTS (SELECT 1 FROM main.sqlite_schema WHERE type = 'table' AND name = 'kv_quota' COLLATE NOCASE),
       EXISTS (SELECT 1 FROM pragma_table_info('kv_quota', ?1) WHERE name = 'beyond'),
       EXISTS (SELECT 1 FROM main.sqlite_schema WHERE type = 'table' AND name = 'kv' COLLATE NOCASE);

-- name: quota_parts
-- The triggers, views and indexes that bear a name like ours, on whatever table they are by now.
SELECT name, tbl_name = 'kv' COLLATE NOCASE, sql
  FROM main.sqlite_schema
 WHERE type IN ('trigger', 'view', 'index') AND name GLOB 'kv_quota_*' AND sql IS NOT NULL;

-- name: quota_kinds
-- What the quotas there are ask of the triggers: a bit for namespaces, the whole store, bytes, and a limit that
-- is below its figure.
SELECT coalesce(max(prefix <> '::'), 0) + 2 * coalesce(max(prefix = '::'), 0)
     + 4 * EXISTS (SELECT 1 FROM main.kv_quota_bytes WHERE max_bytes > 0)
     + 8 * coalesce(max((max_keys > 0 AND keys > max_keys) OR (max_groups > 0 AND groups > max_groups)), 0)
  FROM main.kv_quota;

-- name: create_quota_table
-- What is due is of rows that gave way to the one that is being written.
CREATE TABLE IF NOT EXISTS main.kv_quota(
  prefix TEXT NOT NULL PRIMARY KEY,
  policy TEXT NOT NULL,
  max_keys INTEGER NOT NULL,
  max_groups INTEGER NOT NULL,
  keys INTEGER,
  groups INTEGER,
  writing INTEGER,
  due_keys INTEGER,
  due_groups INTEGER
) WITHOUT ROWID;

-- name: create_quota_bytes
-- Rows for all quotas while one of them limits bytes, else none.
CREATE TABLE IF NOT EXISTS main.kv_quota_bytes(
  prefix TEXT NOT NULL PRIMARY KEY,
  max_bytes INTEGER NOT NULL,
  bytes INTEGER,
  writing INTEGER,
  due_bytes INTEGER
) WITHOUT ROWID;

-- name: create_quota_note
-- What the row named (grp, key) finds in its way: "named" is 1 if one of its name, "bytes" long; "other" is
-- the rowid of one of another name. "came" is set to the rowid with which it came, and "home" to the
-- group where it was before, if it was.
CREATE TABLE IF NOT EXISTS main.kv_quota_note(
  grp NOT NULL, key NOT NULL,
  id INTEGER,
  named INTEGER, named_id INTEGER, bytes INTEGER,
  other INTEGER, other_grp, other_key, other_prefix, other_bytes INTEGER,
  came INTEGER, home,
  PRIMARY KEY(grp, key)
) WITHOUT ROWID;

-- name: create_quota_clock
-- Empty, but for the span of a write by a connection whose clock is pinned; the last row counts.
CREATE TABLE IF NOT EXISTS main.kv_quota_clock(now INTEGER NOT NULL);

-- name: create_quota_index
-- What goes first, of a namespace.
CREATE INDEX main.kv_quota_expiry ON kv(substr(grp, 1, instr(grp, ':')), expires_at) WHERE expires_at IS NOT NULL;

-- name: create_spare_quota_index
-- Where a table "kv" was renamed, it keeps the index and its name.
CREATE INDEX IF NOT EXISTS main.kv_quota_expiry_2 ON kv(substr(grp, 1, instr(grp, ':')), expires_at) WHERE expires_at IS NOT NULL;

-- name: drop_quota_table
DROP TABLE IF EXISTS main.kv_quota;

-- name: drop_quota_bytes
DROP TABLE IF EXISTS main.kv_quota_bytes;

-- name: drop_quota_note
DROP TABLE IF EXISTS main.kv_quota_note;

-- name: drop_quota_clock
DROP TABLE IF EXISTS main.kv_quota_clock;

-- name: drop_quota_trigger
DROP TRIGGER IF EXISTS main."name";

-- name: drop_quota_view
DROP VIEW IF EXISTS main."name";

-- ---- notes ----

-- name: create_quota_way
-- A row named (grp, key) and perhaps of this rowid is about to come; "own" is the rowid that it has now, if any.
CREATE VIEW main.kv_quota_way(grp, key, id, own) AS SELECT 1, 2, 3, 4;

-- fragment: quota_noted_bytes
CASE WHEN EXISTS (SELECT 1 FROM kv_quota_bytes) THEN $quota_bytes_of_k END

-- name: create_quota_way_insert
CREATE TRIGGER main.kv_quota_way_insert INSTEAD OF INSERT ON kv_quota_way
BEGIN
  DELETE FROM kv_quota_note WHERE grp = NEW.grp AND key = NEW.key;
  INSERT INTO kv_quota_note(grp, key, id, named, named_id, bytes, other, other_grp, other_key, other_prefix, other_bytes)
  SELECT NEW.grp, NEW.key, (SELECT coalesce(max(id), 0) + 1 FROM kv_quota_note),
         n.rowid IS NOT NULL, n.rowid,
         (SELECT $quota_noted_bytes FROM kv AS k WHERE k.rowid = n.rowid),
         k.rowid, k.grp, k.key, $quota_of_k, $quota_noted_bytes
    FROM (SELECT 1)
    LEFT JOIN kv AS n ON n.grp = NEW.grp AND n.key = NEW.key AND n.rowid IS NOT NEW.own
    LEFT JOIN kv AS k ON k.rowid = NEW.id AND k.rowid IS NOT NEW.own
                     AND (k.grp IS NOT NEW.grp OR k.key IS NOT NEW.key);
  DELETE FROM kv_quota_note WHERE id <= (SELECT max(id) FROM kv_quota_note) - 16;
END;

-- name: create_quota_note_insert
-- The number is KV_QUOTA_UPSERT (quota.h): the writer says, by the only thing that a trigger can ask its
-- connection, that it will not REPLACE, and saves the look for a row of that name.
CREATE TRIGGER main.kv_quota_note_insert BEFORE INSERT ON kv
WHEN last_insert_rowid() <> -6148914691236517205
 AND (EXISTS (SELECT 1 FROM kv WHERE grp = NEW.grp AND key = NEW.key)
      OR EXISTS (SELECT 1 FROM kv WHERE rowid = NEW.rowid))
BEGIN
  INSERT INTO kv_quota_way VALUES (NEW.grp, NEW.key, NEW.rowid, NULL);
END;

-- name: create_quota_note_update
CREATE TRIGGER main.kv_quota_note_update BEFORE UPDATE OF grp, key, rowid, oid, _rowid_ ON kv
WHEN EXISTS (SELECT 1 FROM kv WHERE grp = NEW.grp AND key = NEW.key AND rowid <> OLD.rowid)
  OR (NEW.rowid <> OLD.rowid AND EXISTS (SELECT 1 FROM kv WHERE rowid = NEW.rowid))
  OR EXISTS (SELECT 1 FROM kv_quota_note WHERE grp = NEW.grp AND key = NEW.key)
BEGIN
  INSERT INTO kv_quota_way VALUES (NEW.grp, NEW.key, NEW.rowid, OLD.rowid);
END;

-- name: create_quota_note_gone
-- Only of the very row that was noted: what a host's trigger takes away may be the one that came in its place.
CREATE TRIGGER main.kv_quota_note_gone AFTER DELETE ON kv
WHEN EXISTS (SELECT 1 FROM kv_quota_note)
BEGIN
  UPDATE kv_quota_note SET named = 0 WHERE grp = OLD.grp AND key = OLD.key AND named_id = OLD.rowid;
  UPDATE kv_quota_note SET other = NULL WHERE other = OLD.rowid AND other_grp IS OLD.grp AND other_key IS OLD.key;
END;

-- name: create_quota_note_moved
CREATE TRIGGER main.kv_quota_note_moved AFTER UPDATE OF grp, key, rowid, oid, _rowid_ ON kv
WHEN EXISTS (SELECT 1 FROM kv_quota_note)
BEGIN
  UPDATE kv_quota_note
     SET named = NEW.grp IS OLD.grp AND NEW.key IS OLD.key AND named, named_id = NEW.rowid
   WHERE grp = OLD.grp AND key = OLD.key AND named_id = OLD.rowid;
  UPDATE kv_quota_note
     SET other = CASE NEW.rowid WHEN OLD.rowid THEN other END,
         other_grp = NEW.grp, other_key = NEW.key, other_prefix = $quota_of_new,
         other_bytes = $quota_bytes_of_new
   WHERE other = OLD.rowid AND other_grp IS OLD.grp AND other_key IS OLD.key;
END;

-- fragment: quota_gave_rowid
NEW.other IS NEW.came AND prefix IN ('::', NEW.other_prefix)

-- fragment: quota_gone_group
-- The groups that went with the rows.
(NEW.named OR (NEW.other IS NEW.came AND NEW.other_grp IS NEW.grp)) AND NEW.grp IS NOT NEW.home
AND NOT EXISTS (SELECT 1 FROM kv WHERE grp = NEW.grp AND rowid <> NEW.came)

-- fragment: quota_gone_other_group
$quota_gave_rowid AND NEW.other_grp IS NOT NEW.grp AND NEW.other_grp IS NOT NEW.home
AND NOT EXISTS (SELECT 1 FROM kv WHERE grp = NEW.other_grp)

-- name: create_quota_settle
-- What was noted is gone. In the quotas that the row counts in, that is due; in others it is taken off.
CREATE TRIGGER main.kv_quota_settle AFTER UPDATE OF came ON kv_quota_note
BEGIN
  UPDATE kv_quota
     SET due_keys = NEW.named + ($quota_gave_rowid),
         due_groups = ($quota_gone_group) + ($quota_gone_other_group)
   WHERE prefix IN ('::', $quota_of_new);
  UPDATE kv_quota
     SET keys = keys - 1, groups = groups - ($quota_gone_other_group)
   WHERE prefix NOT IN ('::', $quota_of_new) AND prefix = NEW.other_prefix AND NEW.other IS NEW.came;
  UPDATE kv_quota_bytes
     SET due_bytes = CASE WHEN NEW.named THEN NEW.bytes ELSE 0 END
                   + CASE WHEN $quota_gave_rowid THEN NEW.other_bytes ELSE 0 END
   WHERE prefix IN ('::', $quota_of_new);
  UPDATE kv_quota_bytes
     SET bytes = bytes - NEW.other_bytes
   WHERE prefix NOT IN ('::', $quota_of_new) AND prefix = NEW.other_prefix AND NEW.other IS NEW.came;
  DELETE FROM kv_quota_note WHERE grp = NEW.grp AND key = NEW.key;
  UPDATE kv_quota_note SET named = 0
   WHERE grp = NEW.other_grp AND key = NEW.other_key AND NEW.other IS NEW.came;
  UPDATE kv_quota_note SET other = NULL
   WHERE (NEW.named AND other = NEW.named_id) OR (NEW.other IS NEW.came AND other = NEW.came);
END;

-- fragment: quota_settle_insert
-- First thing in each trigger that counts a new row; the first of them settles for all.
UPDATE kv_quota_note SET came = NEW.rowid WHERE grp = NEW.grp AND key = NEW.key

-- fragment: quota_settle_update
UPDATE kv_quota_note SET came = NEW.rowid, home = OLD.grp WHERE grp = NEW.grp AND key = NEW.key

-- ---- counting keys and groups ----

-- fragment: quota_count_new
keys = keys + 1 - due_keys,
groups = groups - due_groups + (NOT EXISTS (SELECT 1 FROM kv WHERE grp = NEW.grp AND rowid <> NEW.rowid)),
writing = NEW.rowid, due_keys = 0, due_groups = 0

-- name: create_quota_count_insert
-- Where only namespaces have quotas.
CREATE TRIGGER main.kv_quota_count_insert AFTER INSERT ON kv
BEGIN
  $quota_settle_insert;
  UPDATE kv_quota SET $quota_count_new WHERE prefix = $quota_of_new;
END;

-- name: create_quota_store_insert
-- Where the whole store has one. All is counted in one trigger, since nobody knows in which order SQLite fires
-- two, and each may evict.
CREATE TRIGGER main.kv_quota_store_insert AFTER INSERT ON kv
BEGIN
  $quota_settle_insert;
  UPDATE kv_quota SET $quota_count_new WHERE prefix = $quota_of_new;
  UPDATE kv_quota SET $quota_count_new WHERE prefix = '::';
END;

-- fragment: quota_count_old
keys = keys - 1, groups = groups - (NOT EXISTS (SELECT 1 FROM kv WHERE grp = OLD.grp))

-- name: create_quota_count_delete
CREATE TRIGGER main.kv_quota_count_delete AFTER DELETE ON kv
BEGIN
  UPDATE kv_quota SET $quota_count_old WHERE prefix = $quota_of_old;
  UPDATE kv_quota SET $quota_count_old WHERE prefix = '::';
END;

-- fragment: quota_is_new
prefix IN ('::', $quota_of_new)

-- fragment: quota_is_old
prefix IN ('::', $quota_of_old)

-- fragment: quota_moves
-- What a move takes and gives is one change: inside a namespace it adds no key. It is counted in all quotas before
-- any may evict, and what it adds is, till then, due the other way round.
due_keys = due_keys - ($quota_is_new) + ($quota_is_old),
due_groups = due_groups
  - ($quota_is_new AND NEW.grp IS NOT OLD.grp AND NOT EXISTS (SELECT 1 FROM kv WHERE grp = NEW.grp AND rowid <> NEW.rowid))
  + ($quota_is_old AND NEW.grp IS NOT OLD.grp AND NOT EXISTS (SELECT 1 FROM kv WHERE grp = OLD.grp))

-- fragment: quota_count_moved
UPDATE kv_quota SET $quota_moves WHERE prefix IN ('::', $quota_of_new, $quota_of_old);
UPDATE kv_quota SET keys = keys - due_keys, groups = groups - due_groups
 WHERE prefix IN ('::', $quota_of_new, $quota_of_old);
UPDATE kv_quota SET writing = NEW.rowid, due_keys = 0, due_groups = 0
 WHERE prefix IN ('::', $quota_of_new, $quota_of_old)

-- name: create_quota_count_update
CREATE TRIGGER main.kv_quota_count_update AFTER UPDATE OF grp, key, rowid, oid, _rowid_ ON kv
WHEN NEW.grp IS NOT OLD.grp OR NEW.key IS NOT OLD.key OR NEW.rowid <> OLD.rowid
BEGIN
  $quota_settle_update;
  $quota_count_moved;
END;

-- ---- making room, and refusing ----

-- fragment: quota_until
-- What expires until then may go.
CASE (SELECT policy FROM kv_quota WHERE prefix = NEW.prefix) WHEN 'evict' THEN 9223372036854775807 ELSE $quota_now END

-- fragment: quota_more_keys
CASE WHEN NEW.max_keys > 0 AND (NEW.keys > OLD.keys OR OLD.due_keys < 0) THEN max(NEW.keys - NEW.max_keys, 0) ELSE 0 END

-- fragment: quota_more_groups
CASE WHEN NEW.max_groups > 0 AND (NEW.groups > OLD.groups OR OLD.due_groups < 0) THEN max(NEW.groups - NEW.max_groups, 0) ELSE 0 END

-- name: create_quota_over
-- The quota holds so many keys and groups more than it may, and grew: by a row that is coming, and not yet counted
-- in the whole store's, or by one that lives again.
CREATE VIEW main.kv_quota_over(prefix, writing, until, keys, groups, is_coming) AS SELECT 1, 2, 3, 4, 5, 6;

-- name: create_quota_full
CREATE TRIGGER main.kv_quota_full AFTER UPDATE OF writing ON kv_quota
WHEN (NEW.max_keys > 0 AND NEW.keys > NEW.max_keys AND (NEW.keys > OLD.keys OR OLD.due_keys < 0))
  OR (NEW.max_groups > 0 AND NEW.groups > NEW.max_groups AND (NEW.groups > OLD.groups OR OLD.due_groups < 0))
BEGIN
  INSERT INTO kv_quota_over
  VALUES (NEW.prefix, NEW.writing, $quota_until, $quota_more_keys, $quota_more_groups,
          NEW.keys <> OLD.keys OR NEW.groups <> OLD.groups);
END;

-- fragment: quota_group_rest
-- A group goes as a whole, if nothing in it stays. (The + of the DISTINCT keeps SQLite from reading all groups in
-- their order, which it takes for cheaper.)
WHERE g.grp <> (SELECT grp FROM kv WHERE rowid = NEW.writing)
  AND NOT EXISTS (SELECT 1 FROM kv WHERE grp = g.grp AND (expires_at IS NULL OR expires_at > NEW.until))
LIMIT NEW.groups

-- fragment: quota_key_limit
-- Where groups went, keys went with them.
LIMIT (SELECT min(NEW.keys, max(keys - max_keys, 0)) FROM kv_quota WHERE prefix = NEW.prefix)

-- fragment: quota_others
-- Has the group of the row that comes others? If they go before the whole store's quota counts it, it takes the
-- group for a new one, and the last of them leaves it to the row: so that is due.
EXISTS (SELECT 1 FROM kv WHERE grp = (SELECT grp FROM kv WHERE rowid = NEW.writing) AND rowid <> NEW.writing)

-- name: create_quota_over_insert
CREATE TRIGGER main.kv_quota_over_insert INSTEAD OF INSERT ON kv_quota_over WHEN NEW.prefix <> '::'
BEGIN
  UPDATE kv_quota SET due_groups = due_groups + $quota_others WHERE prefix = '::' AND NEW.is_coming;
  DELETE FROM kv WHERE NEW.groups > 0 AND grp IN (
    SELECT g.grp
      FROM (SELECT DISTINCT +k.grp AS grp FROM kv AS k
             WHERE $quota_of_k = NEW.prefix AND k.expires_at <= NEW.until) AS g
     $quota_group_rest);
  DELETE FROM kv WHERE NEW.keys > 0 AND rowid IN (
    SELECT k.rowid FROM kv AS k
     WHERE $quota_of_k = NEW.prefix AND k.expires_at <= NEW.until AND k.rowid <> NEW.writing
     ORDER BY k.expires_at $quota_key_limit);
  UPDATE kv_quota SET due_groups = due_groups - $quota_others WHERE prefix = '::' AND NEW.is_coming;
  SELECT RAISE(ABORT, 'quota exceeded: the namespace holds as many keys as it may')
    FROM kv_quota WHERE prefix = NEW.prefix AND keys > max_keys AND NEW.keys > 0;
  SELECT RAISE(ABORT, 'quota exceeded: the namespace holds as many groups as it may')
    FROM kv_quota WHERE prefix = NEW.prefix AND groups > max_groups AND NEW.groups > 0;
END;

-- name: create_quota_store_over
CREATE TRIGGER main.kv_quota_store_over INSTEAD OF INSERT ON kv_quota_over WHEN NEW.prefix = '::'
BEGIN
  DELETE FROM kv WHERE NEW.groups > 0 AND grp IN (
    SELECT g.grp
      FROM (SELECT DISTINCT +k.grp AS grp FROM kv AS k WHERE k.expires_at <= NEW.until) AS g
     $quota_group_rest);
  DELETE FROM kv WHERE NEW.keys > 0 AND rowid IN (
    SELECT k.rowid FROM kv AS k
     WHERE k.expires_at <= NEW.until AND k.rowid <> NEW.writing
     ORDER BY k.expires_at $quota_key_limit);
  SELECT RAISE(ABORT, 'quota exceeded: the store holds as many keys as it may')
    FROM kv_quota WHERE prefix = NEW.prefix AND keys > max_keys AND NEW.keys > 0;
  SELECT RAISE(ABORT, 'quota exceeded: the store holds as many groups as it may')
    FROM kv_quota WHERE prefix = NEW.prefix AND groups > max_groups AND NEW.groups > 0;
END;

-- name: create_quota_revive
-- An expired row that lives again is a new key. Only where a limit was set below its figure can there be no
-- room for it, so this trigger is there only then.
CREATE TRIGGER main.kv_quota_revive AFTER UPDATE OF expires_at ON kv
WHEN OLD.expires_at <= $quota_now AND (NEW.expires_at IS NULL OR NEW.expires_at > $quota_now)
BEGIN
  INSERT INTO kv_quota_over
  SELECT prefix, NEW.rowid, CASE policy WHEN 'evict' THEN 9223372036854775807 ELSE $quota_now END,
         CASE WHEN max_keys > 0 THEN max(keys - max_keys, 0) ELSE 0 END,
         CASE WHEN max_groups > 0 AND NOT EXISTS (
                SELECT 1 FROM kv WHERE grp = NEW.grp AND rowid <> NEW.rowid
                                   AND (expires_at IS NULL OR expires_at > $quota_now))
              THEN max(groups - max_groups, 0) ELSE 0 END,
         0
    FROM kv_quota WHERE prefix IN ('::', $quota_of_new);
END;
