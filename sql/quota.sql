-- Quotas: a row for each namespace that has one, with running figures that triggers on "kv" keep true for every
-- writer, whether it knows of this extension or not. None of it exists before the first quota.
--
-- A group belongs to the namespace before its first colon. The second condition, wherever that namespace is
-- looked up, is for names with U+0000 in front of the colon, at which substr() stops. "beyond" is the first
-- text after all groups of the namespace, in the order of the database's encoding (ext/range.c).
--
-- The figures count rows. A row that has expired is counted until it is removed, and removed before anything
-- is refused. Nor does a plain INSERT OR REPLACE, which hides from triggers the row it removes, make a figure
-- too low: at worst it is too high, until the count before a refusal puts it right.

-- fragment: quota_now
-- What time it is for the triggers: that of the writing connection, if its clock is pinned.
coalesce((SELECT now FROM kv_quota_clock), CAST(round((julianday('now') - 2440587.5) * 86400000.0) AS INTEGER))

-- fragment: quota_recount
-- The figures of a namespace, counted.
keys = (SELECT count(*) FROM kv WHERE grp >= namespace || ':' AND grp < beyond),
groups = (SELECT count(DISTINCT grp) FROM kv WHERE grp >= namespace || ':' AND grp < beyond)

-- name: has_quotas
SELECT 1 FROM main.sqlite_schema WHERE type = 'table' AND name = 'kv_quota' COLLATE NOCASE;

-- name: create_quota_table
CREATE TABLE IF NOT EXISTS main.kv_quota(
  namespace TEXT NOT NULL PRIMARY KEY,
  beyond TEXT NOT NULL,
  max_keys INTEGER NOT NULL,
  max_groups INTEGER NOT NULL,
  keys INTEGER NOT NULL,
  groups INTEGER NOT NULL
) WITHOUT ROWID;

-- name: create_quota_clock
-- Empty, but for the span of one write by a connection whose clock is pinned.
CREATE TABLE IF NOT EXISTS main.kv_quota_clock(now INTEGER NOT NULL);

-- name: create_quota_refuse_insert
-- The WHEN is exact, so that only what may be refused pays for the purge and the count: a row that is new (to
-- overwrite a live key uses no quota) where a limit is reached.
CREATE TRIGGER IF NOT EXISTS main.kv_quota_refuse_insert BEFORE INSERT ON kv
WHEN EXISTS (
    SELECT 1 FROM kv_quota
     WHERE namespace = substr(NEW.grp, 1, instr(NEW.grp, ':') - 1)
       AND instr(NEW.grp, namespace || ':') = 1
       AND (   (max_keys > 0 AND keys >= max_keys)
            OR (max_groups > 0 AND groups >= max_groups
                AND NOT EXISTS (
                  SELECT 1 FROM kv
                   WHERE grp = NEW.grp
                     AND (expires_at IS NULL OR expires_at > $quota_now)))))
  AND NOT EXISTS (
    SELECT 1 FROM kv
     WHERE grp = NEW.grp AND key = NEW.key
       AND (expires_at IS NULL OR expires_at > $quota_now))
BEGIN
  DELETE FROM kv WHERE rowid IN (
    SELECT k.rowid FROM kv_quota AS q, kv AS k
     WHERE q.namespace = substr(NEW.grp, 1, instr(NEW.grp, ':') - 1)
       AND k.expires_at <= $quota_now
       AND +k.grp >= q.namespace || ':' AND +k.grp < q.beyond);
  UPDATE kv_quota
     SET $quota_recount
   WHERE namespace = substr(NEW.grp, 1, instr(NEW.grp, ':') - 1);
  SELECT RAISE(ABORT, 'quota exceeded: the namespace holds as many keys as it may')
    FROM kv_quota
   WHERE namespace = substr(NEW.grp, 1, instr(NEW.grp, ':') - 1)
     AND max_keys > 0 AND keys >= max_keys;
  SELECT RAISE(ABORT, 'quota exceeded: the namespace holds as many groups as it may')
    FROM kv_quota
   WHERE namespace = substr(NEW.grp, 1, instr(NEW.grp, ':') - 1)
     AND max_groups > 0 AND groups >= max_groups
     AND NOT EXISTS (SELECT 1 FROM kv WHERE grp = NEW.grp);
END;

-- name: create_quota_refuse_update
-- The same for a row that moves to another group. A move inside a namespace adds no key, and no group if the
-- old group goes with it.
CREATE TRIGGER IF NOT EXISTS main.kv_quota_refuse_update BEFORE UPDATE OF grp ON kv
WHEN NEW.grp IS NOT OLD.grp AND EXISTS (
    SELECT 1 FROM kv_quota
     WHERE namespace = substr(NEW.grp, 1, instr(NEW.grp, ':') - 1)
       AND instr(NEW.grp, namespace || ':') = 1
       AND (   (max_keys > 0 AND keys >= max_keys AND instr(OLD.grp, namespace || ':') <> 1)
            OR (max_groups > 0 AND groups >= max_groups
                AND NOT EXISTS (
                  SELECT 1 FROM kv
                   WHERE grp = NEW.grp
                     AND (expires_at IS NULL OR expires_at > $quota_now))
                AND (instr(OLD.grp, namespace || ':') <> 1
                     OR EXISTS (SELECT 1 FROM kv WHERE grp = OLD.grp AND rowid <> OLD.rowid)))))
BEGIN
  DELETE FROM kv WHERE rowid IN (
    SELECT k.rowid FROM kv_quota AS q, kv AS k
     WHERE q.namespace = substr(NEW.grp, 1, instr(NEW.grp, ':') - 1)
       AND k.expires_at <= $quota_now
       AND +k.grp >= q.namespace || ':' AND +k.grp < q.beyond
       AND k.rowid <> OLD.rowid);
  UPDATE kv_quota
     SET $quota_recount
   WHERE namespace = substr(NEW.grp, 1, instr(NEW.grp, ':') - 1);
  SELECT RAISE(ABORT, 'quota exceeded: the namespace holds as many keys as it may')
    FROM kv_quota
   WHERE namespace = substr(NEW.grp, 1, instr(NEW.grp, ':') - 1)
     AND max_keys > 0 AND keys >= max_keys AND instr(OLD.grp, namespace || ':') <> 1;
  SELECT RAISE(ABORT, 'quota exceeded: the namespace holds as many groups as it may')
    FROM kv_quota
   WHERE namespace = substr(NEW.grp, 1, instr(NEW.grp, ':') - 1)
     AND max_groups > 0 AND groups >= max_groups
     AND NOT EXISTS (SELECT 1 FROM kv WHERE grp = NEW.grp)
     AND (instr(OLD.grp, namespace || ':') <> 1
          OR EXISTS (SELECT 1 FROM kv WHERE grp = OLD.grp AND rowid <> OLD.rowid));
END;

-- name: create_quota_count_insert
CREATE TRIGGER IF NOT EXISTS main.kv_quota_count_insert AFTER INSERT ON kv
BEGIN
  UPDATE kv_quota
     SET keys = keys + 1,
         groups = groups + NOT EXISTS (SELECT 1 FROM kv WHERE grp = NEW.grp AND rowid <> NEW.rowid)
   WHERE namespace = substr(NEW.grp, 1, instr(NEW.grp, ':') - 1)
     AND instr(NEW.grp, namespace || ':') = 1;
END;

-- name: create_quota_count_delete
CREATE TRIGGER IF NOT EXISTS main.kv_quota_count_delete AFTER DELETE ON kv
BEGIN
  UPDATE kv_quota
     SET keys = keys - 1,
         groups = groups - NOT EXISTS (SELECT 1 FROM kv WHERE grp = OLD.grp)
   WHERE namespace = substr(OLD.grp, 1, instr(OLD.grp, ':') - 1)
     AND instr(OLD.grp, namespace || ':') = 1;
END;

-- name: create_quota_count_update
CREATE TRIGGER IF NOT EXISTS main.kv_quota_count_update AFTER UPDATE OF grp ON kv
WHEN NEW.grp IS NOT OLD.grp
BEGIN
  UPDATE kv_quota
     SET keys = keys - 1,
         groups = groups - NOT EXISTS (SELECT 1 FROM kv WHERE grp = OLD.grp)
   WHERE namespace = substr(OLD.grp, 1, instr(OLD.grp, ':') - 1)
     AND instr(OLD.grp, namespace || ':') = 1;
  UPDATE kv_quota
     SET keys = keys + 1,
         groups = groups + NOT EXISTS (SELECT 1 FROM kv WHERE grp = NEW.grp AND rowid <> NEW.rowid)
   WHERE namespace = substr(NEW.grp, 1, instr(NEW.grp, ':') - 1)
     AND instr(NEW.grp, namespace || ':') = 1;
END;

-- name: recount_quotas
UPDATE main.kv_quota
   SET keys = (SELECT count(*) FROM main.kv WHERE grp >= namespace || ':' AND grp < beyond),
       groups = (SELECT count(DISTINCT grp) FROM main.kv WHERE grp >= namespace || ':' AND grp < beyond);

-- name: set_quota
INSERT INTO main.kv_quota(namespace, beyond, max_keys, max_groups, keys, groups)
VALUES (?1, ?2, ?3, ?4,
        (SELECT count(*) FROM main.kv WHERE grp >= ?1 || ':' AND grp < ?2),
        (SELECT count(DISTINCT grp) FROM main.kv WHERE grp >= ?1 || ':' AND grp < ?2))
ON CONFLICT(namespace) DO UPDATE
   SET beyond = excluded.beyond, max_keys = excluded.max_keys, max_groups = excluded.max_groups,
       keys = excluded.keys, groups = excluded.groups;

-- name: quotas
-- Live figures: the running ones less what has expired and is still there. ?1 is the one namespace to be
-- seen, or NULL.
SELECT namespace, max_keys, max_groups,
       keys - (SELECT count(*) FROM main.kv
                WHERE expires_at <= ?2 AND +grp >= namespace || ':' AND +grp < beyond),
       groups - (SELECT count(*)
                   FROM (SELECT DISTINCT grp AS name FROM main.kv
                          WHERE expires_at <= ?2 AND +grp >= q.namespace || ':' AND +grp < q.beyond)
                  WHERE NOT EXISTS (SELECT 1 FROM main.kv
                                     WHERE grp = name AND (expires_at IS NULL OR expires_at > ?2)))
  FROM main.kv_quota AS q
 WHERE ?1 IS NULL OR namespace = ?1
 ORDER BY namespace;

-- name: pin_quota_clock
INSERT INTO main.kv_quota_clock(now) VALUES (?1);

-- name: unpin_quota_clock
DELETE FROM main.kv_quota_clock;
