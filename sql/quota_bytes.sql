-- The bytes of quotas: counted, and held, as keys and groups are (quota.sql). These triggers are there while some
-- quota limits bytes.

-- fragment: quota_bytes_new
writing = NEW.rowid,
bytes = bytes + $quota_bytes_of_new - coalesce((
  SELECT n.bytes + CASE WHEN n.other IS NEW.rowid AND prefix IN ('::', n.other_prefix) THEN n.other_bytes ELSE 0 END
    FROM kv_quota_note AS n WHERE n.grp = NEW.grp AND n.key = NEW.key), 0)

-- name: create_quota_bytes_insert
CREATE TRIGGER main.kv_quota_bytes_insert AFTER INSERT ON kv
BEGIN
  UPDATE kv_quota_bytes SET $quota_bytes_new WHERE prefix = $quota_of_new;
  UPDATE kv_quota_bytes SET $quota_bytes_new WHERE prefix = '::';
END;

-- name: create_quota_bytes_other
CREATE TRIGGER main.kv_quota_bytes_other AFTER INSERT ON kv
WHEN EXISTS (SELECT 1 FROM kv_quota_note WHERE grp = NEW.grp AND key = NEW.key AND other = NEW.rowid)
BEGIN
  UPDATE kv_quota_bytes
     SET bytes = bytes - (SELECT other_bytes FROM kv_quota_note WHERE grp = NEW.grp AND key = NEW.key)
   WHERE prefix <> $quota_of_new AND prefix <> '::'
     AND prefix = (SELECT other_prefix FROM kv_quota_note WHERE grp = NEW.grp AND key = NEW.key);
END;

-- name: create_quota_bytes_delete
CREATE TRIGGER main.kv_quota_bytes_delete AFTER DELETE ON kv
BEGIN
  UPDATE kv_quota_bytes SET bytes = bytes - ($quota_bytes_of_old) WHERE prefix = $quota_of_old;
  UPDATE kv_quota_bytes SET bytes = bytes - ($quota_bytes_of_old) WHERE prefix = '::';
END;

-- fragment: quota_bytes_grown
writing = NEW.rowid, bytes = bytes + length(CAST(NEW.value AS BLOB)) - length(CAST(OLD.value AS BLOB))

-- name: create_quota_bytes_value
-- What an overwrite does. Most leave the length as it is.
CREATE TRIGGER main.kv_quota_bytes_value AFTER UPDATE OF value ON kv
WHEN length(CAST(NEW.value AS BLOB)) <> length(CAST(OLD.value AS BLOB))
 AND NEW.grp IS OLD.grp AND NEW.key IS OLD.key AND NEW.rowid = OLD.rowid
BEGIN
  UPDATE kv_quota_bytes SET $quota_bytes_grown WHERE prefix = $quota_of_new;
  UPDATE kv_quota_bytes SET $quota_bytes_grown WHERE prefix = '::';
  UPDATE kv_quota_note SET bytes = $quota_bytes_of_new WHERE grp = NEW.grp AND key = NEW.key AND named;
  UPDATE kv_quota_note SET other_bytes = $quota_bytes_of_new WHERE other = NEW.rowid;
END;

-- name: create_quota_bytes_name
CREATE TRIGGER main.kv_quota_bytes_name AFTER UPDATE OF grp, key, rowid, oid, _rowid_ ON kv
WHEN NEW.grp IS NOT OLD.grp OR NEW.key IS NOT OLD.key OR NEW.rowid <> OLD.rowid
BEGIN
  UPDATE kv_quota_bytes
     SET writing = NEW.rowid,
         bytes = bytes + (prefix IN ('::', $quota_of_new)) * ($quota_bytes_of_new)
               - (prefix IN ('::', $quota_of_old)) * ($quota_bytes_of_old)
               - coalesce((
                   SELECT n.bytes * (prefix IN ('::', $quota_of_new))
                        + CASE WHEN n.other IS NEW.rowid AND prefix IN ('::', n.other_prefix) THEN n.other_bytes ELSE 0 END
                     FROM kv_quota_note AS n WHERE n.grp = NEW.grp AND n.key = NEW.key), 0)
   WHERE prefix IN ('::', $quota_of_new, $quota_of_old,
                    (SELECT other_prefix FROM kv_quota_note WHERE grp = NEW.grp AND key = NEW.key));
END;

-- fragment: quota_victim
k.rowid, k.expires_at, k.grp, CASE k.rowid WHEN NEW.writing THEN 0 ELSE $quota_bytes_of_k END

-- name: create_quota_bytes_full
-- A DELETE of a trigger has no LIMIT, so a query walks the index from one row to the next until enough is freed.
CREATE TRIGGER main.kv_quota_bytes_full AFTER UPDATE OF bytes ON kv_quota_bytes
WHEN NEW.max_bytes > 0 AND NEW.bytes > NEW.max_bytes AND NEW.bytes > OLD.bytes AND NEW.prefix <> '::'
BEGIN
  SELECT RAISE(ABORT, 'quota exceeded: the key and value are larger than all that the namespace may hold, in bytes')
    FROM kv AS k WHERE k.rowid = NEW.writing AND $quota_bytes_of_k > NEW.max_bytes;
  DELETE FROM kv WHERE rowid IN (
    WITH RECURSIVE victim(id, at, grp, freed) AS (
      SELECT * FROM (
        SELECT $quota_victim FROM kv AS k
         WHERE $quota_of_k = NEW.prefix AND k.expires_at <= $quota_may_go
         ORDER BY k.expires_at, k.rowid LIMIT 1)
      UNION ALL
      SELECT k.rowid, k.expires_at, k.grp,
             v.freed + CASE k.rowid WHEN NEW.writing THEN 0 ELSE $quota_bytes_of_k END
        FROM victim AS v CROSS JOIN kv AS k
       WHERE v.freed < NEW.bytes - NEW.max_bytes
         AND k.rowid = coalesce(
               (SELECT k.rowid FROM kv AS k
                 WHERE $quota_of_k = NEW.prefix AND k.expires_at = v.at AND k.rowid > v.id
                 ORDER BY k.rowid LIMIT 1),
               (SELECT k.rowid FROM kv AS k
                 WHERE $quota_of_k = NEW.prefix AND k.expires_at > v.at AND k.expires_at <= $quota_may_go
                 ORDER BY k.expires_at, k.rowid LIMIT 1)))
    SELECT id FROM victim WHERE id <> NEW.writing);
  SELECT RAISE(ABORT, 'quota exceeded: the namespace holds as many bytes as it may')
    FROM kv_quota_bytes WHERE prefix = NEW.prefix AND bytes > max_bytes;
END;

-- name: create_quota_bytes_store_full
-- The same along kv_expiry, which is in the order of expires_at, grp, rowid.
CREATE TRIGGER main.kv_quota_bytes_store_full AFTER UPDATE OF bytes ON kv_quota_bytes
WHEN NEW.max_bytes > 0 AND NEW.bytes > NEW.max_bytes AND NEW.bytes > OLD.bytes AND NEW.prefix = '::'
BEGIN
  SELECT RAISE(ABORT, 'quota exceeded: the key and value are larger than all that the store may hold, in bytes')
    FROM kv AS k WHERE k.rowid = NEW.writing AND $quota_bytes_of_k > NEW.max_bytes;
  DELETE FROM kv WHERE rowid IN (
    WITH RECURSIVE victim(id, at, grp, freed) AS (
      SELECT * FROM (
        SELECT $quota_victim FROM kv AS k
         WHERE k.expires_at <= $quota_may_go
         ORDER BY k.expires_at, k.grp, k.rowid LIMIT 1)
      UNION ALL
      SELECT k.rowid, k.expires_at, k.grp,
             v.freed + CASE k.rowid WHEN NEW.writing THEN 0 ELSE $quota_bytes_of_k END
        FROM victim AS v CROSS JOIN kv AS k
       WHERE v.freed < NEW.bytes - NEW.max_bytes
         AND k.rowid = coalesce(
               (SELECT k.rowid FROM kv AS k
                 WHERE k.expires_at = v.at AND k.grp = v.grp AND k.rowid > v.id ORDER BY k.rowid LIMIT 1),
               (SELECT k.rowid FROM kv AS k
                 WHERE k.expires_at = v.at AND k.grp > v.grp ORDER BY k.grp, k.rowid LIMIT 1),
               (SELECT k.rowid FROM kv AS k
                 WHERE k.expires_at > v.at AND k.expires_at <= $quota_may_go
                 ORDER BY k.expires_at, k.grp, k.rowid LIMIT 1)))
    SELECT id FROM victim WHERE id <> NEW.writing);
  SELECT RAISE(ABORT, 'quota exceeded: the store holds as many bytes as it may')
    FROM kv_quota_bytes WHERE prefix = NEW.prefix AND bytes > max_bytes;
END;
