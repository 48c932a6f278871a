-- The bytes of quotas: counted, and held, as keys and groups are (quota.sql). These triggers are there while some
-- quota limits bytes.

-- fragment: quota_bytes_new
bytes = bytes + $quota_bytes_of_new - due_bytes, writing = NEW.rowid, due_bytes = 0

-- name: create_quota_bytes_insert
CREATE TRIGGER main.kv_quota_bytes_insert AFTER INSERT ON kv
BEGIN
  $quota_settle_insert;
  UPDATE kv_quota SET $quota_count_new WHERE prefix = $quota_of_new;
  UPDATE kv_quota SET $quota_count_new WHERE prefix = '::';
  UPDATE kv_quota_bytes SET $quota_bytes_new WHERE prefix = $quota_of_new;
  UPDATE kv_quota_bytes SET $quota_bytes_new WHERE prefix = '::';
END;

-- name: create_quota_bytes_delete
CREATE TRIGGER main.kv_quota_bytes_delete AFTER DELETE ON kv
BEGIN
  UPDATE kv_quota_bytes SET bytes = bytes - ($quota_bytes_of_old) WHERE prefix = $quota_of_old;
  UPDATE kv_quota_bytes SET bytes = bytes - ($quota_bytes_of_old) WHERE prefix = '::';
END;

-- fragment: quota_bytes_grown
bytes = bytes + length(CAST(NEW.value AS BLOB)) - length(CAST(OLD.value AS BLOB)), writing = NEW.rowid

-- name: create_quota_bytes_value
-- What an overwrite does. Most leave the length as it is.
CREATE TRIGGER main.kv_quota_bytes_value AFTER UPDATE OF value ON kv
WHEN length(CAST(NEW.value AS BLOB)) <> length(CAST(OLD.value AS BLOB))
 AND NEW.grp IS OLD.grp AND NEW.key IS OLD.key AND NEW.rowid = OLD.rowid
BEGIN
  UPDATE kv_quota_bytes SET $quota_bytes_grown WHERE prefix = $quota_of_new;
  UPDATE kv_quota_bytes SET $quota_bytes_grown WHERE prefix = '::';
END;

-- name: create_quota_bytes_noted
-- A row that was noted is not as long any more.
CREATE TRIGGER main.kv_quota_bytes_noted AFTER UPDATE OF value ON kv
WHEN EXISTS (SELECT 1 FROM kv_quota_note)
BEGIN
  UPDATE kv_quota_note SET bytes = $quota_bytes_of_new WHERE grp = NEW.grp AND key = NEW.key AND named;
  UPDATE kv_quota_note SET other_bytes = $quota_bytes_of_new WHERE other = NEW.rowid;
END;

-- name: create_quota_bytes_update
CREATE TRIGGER main.kv_quota_bytes_update AFTER UPDATE OF grp, key, rowid, oid, _rowid_ ON kv
WHEN NEW.grp IS NOT OLD.grp OR NEW.key IS NOT OLD.key OR NEW.rowid <> OLD.rowid
BEGIN
  $quota_settle_update;
  $quota_count_moved;
  UPDATE kv_quota_bytes
     SET bytes = bytes + ($quota_is_new) * ($quota_bytes_of_new) - ($quota_is_old) * ($quota_bytes_of_old) - due_bytes,
         writing = NEW.rowid, due_bytes = 0
   WHERE prefix IN ('::', $quota_of_new, $quota_of_old);
END;

-- name: create_quota_bytes_over
CREATE VIEW main.kv_quota_bytes_over(prefix, writing, until, bytes, max_bytes) AS SELECT 1, 2, 3, 4, 5;

-- name: create_quota_bytes_full
CREATE TRIGGER main.kv_quota_bytes_full AFTER UPDATE OF bytes ON kv_quota_bytes
WHEN NEW.max_bytes > 0 AND NEW.bytes > NEW.max_bytes AND NEW.bytes > OLD.bytes
BEGIN
  INSERT INTO kv_quota_bytes_over
  VALUES (NEW.prefix, NEW.writing, $quota_until, NEW.bytes - NEW.max_bytes, NEW.max_bytes);
END;

-- fragment: quota_first_victim
k.rowid AS id, k.expires_at AS at, k.grp AS grp, CASE k.rowid WHEN NEW.writing THEN 0 ELSE $quota_bytes_of_k END AS freed

-- fragment: quota_next_victim
k.rowid, k.expires_at, k.grp, v.freed + CASE k.rowid WHEN NEW.writing THEN 0 ELSE $quota_bytes_of_k END

-- name: create_quota_bytes_over_insert
-- A DELETE of a trigger has no LIMIT, so a query walks the index from one row to the next until enough is freed.
-- (SQLite 3.34 renames no table in a WITH of a trigger: ALTER TABLE kv RENAME is an error there.)
CREATE TRIGGER main.kv_quota_bytes_over_insert INSTEAD OF INSERT ON kv_quota_bytes_over WHEN NEW.prefix <> '::'
BEGIN
  SELECT RAISE(ABORT, 'quota exceeded: the key and value are larger than all bytes that the namespace may hold')
    FROM kv AS k WHERE k.rowid = NEW.writing AND $quota_bytes_of_k > NEW.max_bytes;
  DELETE FROM kv WHERE rowid IN (
    WITH RECURSIVE victim(id, at, grp, freed) AS (
      SELECT id, at, grp, freed FROM (
        SELECT $quota_first_victim FROM kv AS k
         WHERE $quota_of_k = NEW.prefix AND k.expires_at <= NEW.until
         ORDER BY k.expires_at, k.rowid LIMIT 1)
      UNION ALL
      SELECT $quota_next_victim FROM victim AS v CROSS JOIN kv AS k
       WHERE v.freed < NEW.bytes
         AND k.rowid = coalesce(
               (SELECT k.rowid FROM kv AS k
                 WHERE $quota_of_k = NEW.prefix AND k.expires_at = v.at AND k.rowid > v.id
                 ORDER BY k.rowid LIMIT 1),
               (SELECT k.rowid FROM kv AS k
                 WHERE $quota_of_k = NEW.prefix AND k.expires_at > v.at AND k.expires_at <= NEW.until
                 ORDER BY k.expires_at, k.rowid LIMIT 1)))
    SELECT id FROM victim WHERE id <> NEW.writing);
  SELECT RAISE(ABORT, 'quota exceeded: the namespace holds as many bytes as it may')
    FROM kv_quota_bytes WHERE prefix = NEW.prefix AND bytes > max_bytes;
END;

-- name: create_quota_bytes_store_over
-- The same along kv_expiry, which is in the order of expires_at, grp, rowid.
CREATE TRIGGER main.kv_quota_bytes_store_over INSTEAD OF INSERT ON kv_quota_bytes_over WHEN NEW.prefix = '::'
BEGIN
  SELECT RAISE(ABORT, 'quota exceeded: the key and value are larger than all bytes that the store may hold')
    FROM kv AS k WHERE k.rowid = NEW.writing AND $quota_bytes_of_k > NEW.max_bytes;
  DELETE FROM kv WHERE rowid IN (
    WITH RECURSIVE victim(id, at, grp, freed) AS (
      SELECT id, at, grp, freed FROM (
        SELECT $quota_first_victim FROM kv AS k
         WHERE k.expires_at <= NEW.until
         ORDER BY k.expires_at, k.grp, k.rowid LIMIT 1)
      UNION ALL
      SELECT $quota_next_victim FROM victim AS v CROSS JOIN kv AS k
       WHERE v.freed < NEW.bytes
         AND k.rowid = coalesce(
               (SELECT k.rowid FROM kv AS k
                 WHERE k.expires_at = v.at AND k.grp = v.grp AND k.rowid > v.id ORDER BY k.rowid LIMIT 1),
               (SELECT k.rowid FROM kv AS k
                 WHERE k.expires_at = v.at AND k.grp > v.grp ORDER BY k.grp, k.rowid LIMIT 1),
               (SELECT k.rowid FROM kv AS k
                 WHERE k.expires_at > v.at AND k.expires_at <= NEW.until
                 ORDER BY k.expires_at, k.grp, k.rowid LIMIT 1)))
    SELECT id FROM victim WHERE id <> NEW.writing);
  SELECT RAISE(ABORT, 'quota exceeded: the store holds as many bytes as it may')
    FROM kv_quota_bytes WHERE prefix = NEW.prefix AND bytes > max_bytes;
END;
