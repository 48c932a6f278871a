-- Around events: what witnesses the changes of the store, and that others have committed.
--
-- "kv" in quotation marks: these statements are about the schema, not about the rows, and may meet a table of
-- any shape.

-- name: create_witness
CREATE VIRTUAL TABLE IF NOT EXISTS temp.kv_witness USING kv_witness;

-- name: create_witness_insert
-- The operations are those of the update hook: 18 is INSERT, 23 UPDATE, 9 DELETE; 0 says only that something changed.
CREATE TEMP TRIGGER kv_witness_insert AFTER INSERT ON main."kv" BEGIN
  INSERT INTO kv_witness(operation, id, grp, key, value) VALUES (18, NEW.rowid, NEW.grp, NEW.key, NEW.value);
END;

-- name: create_witness_update
CREATE TEMP TRIGGER kv_witness_update AFTER UPDATE ON main."kv" BEGIN
  INSERT INTO kv_witness(operation, id, grp, key, value, was_grp, was_key)
  VALUES (23, NEW.rowid, NEW.grp, NEW.key, NEW.value, OLD.grp, OLD.key);
END;

-- name: create_witness_delete
CREATE TEMP TRIGGER kv_witness_delete AFTER DELETE ON main."kv" BEGIN
  INSERT INTO kv_witness(operation, id, grp, key, value, expires_at)
  VALUES (9, OLD.rowid, OLD.grp, OLD.key, OLD.value, OLD.expires_at);
END;

-- name: create_witness_replace
-- OR REPLACE with a rowid that is another key's removes that key, and no trigger is told. Where no rowid is given it is
-- -1 here. (The table is empty. It is
-- read so that it hears, when a statement is compiled that fires this trigger: see find_alive().)
CREATE TEMP TRIGGER kv_witness_replace BEFORE INSERT ON main."kv"
WHEN NEW.rowid <> -1
 AND EXISTS (SELECT 1 FROM main."kv" WHERE rowid = NEW.rowid AND (grp, key) IS NOT (NEW.grp, NEW.key)) BEGIN
  INSERT INTO kv_witness(operation) SELECT 0 WHERE NOT EXISTS (SELECT 1 FROM kv_witness);
END;

-- name: create_witness_move
-- So does an UPDATE of the rowid.
CREATE TEMP TRIGGER kv_witness_move BEFORE UPDATE OF rowid, oid, _rowid_ ON main."kv"
WHEN NEW.rowid <> OLD.rowid AND EXISTS (SELECT 1 FROM main."kv" WHERE rowid = NEW.rowid) BEGIN
  INSERT INTO kv_witness(operation) SELECT 0 WHERE NOT EXISTS (SELECT 1 FROM kv_witness);
END;

-- name: drop_witness_insert
DROP TRIGGER IF EXISTS temp.kv_witness_insert;

-- name: drop_witness_update
DROP TRIGGER IF EXISTS temp.kv_witness_update;

-- name: drop_witness_delete
DROP TRIGGER IF EXISTS temp.kv_witness_delete;

-- name: drop_witness_replace
DROP TRIGGER IF EXISTS temp.kv_witness_replace;

-- name: drop_witness_move
DROP TRIGGER IF EXISTS temp.kv_witness_move;

-- name: reread_schema
-- Makes SQLite forget what it knows of the schema, and read it again.
PRAGMA writable_schema = RESET;

-- name: delete_witness_orphans
-- Triggers whose table is gone, which SQLite does not know any more, and so cannot drop.
DELETE FROM sqlite_temp_master WHERE type = 'trigger' AND name GLOB 'kv_witness_*';

-- name: witness_triggers
-- Those on this store, and all.
SELECT count(CASE WHEN instr(sql, ?1) THEN 1 END), count(*)
  FROM sqlite_temp_master
 WHERE type = 'trigger'
   AND name IN ('kv_witness_insert', 'kv_witness_update', 'kv_witness_delete', 'kv_witness_replace', 'kv_witness_move');

-- name: witness_may_skip
-- May a trigger of the host keep a row that a statement means to delete?
SELECT 1 FROM main.sqlite_schema
 WHERE type = 'trigger' AND tbl_name = 'kv' COLLATE NOCASE AND instr(upper(sql), 'IGNORE')
UNION ALL
SELECT 1 FROM sqlite_temp_master
 WHERE type = 'trigger' AND tbl_name = 'kv' COLLATE NOCASE AND instr(upper(sql), 'IGNORE');

-- name: witness_may_replace
-- An index of the host's, by which OR REPLACE removes rows of other names, unseen.
SELECT 1 FROM pragma_index_list('kv', ?1) WHERE "unique" AND origin <> 'pk';

-- name: compile_move
-- Never run: that it is compiled is enough to see whether the triggers are.
UPDATE main."kv" SET rowid = rowid WHERE 0;

-- name: compile_insert
INSERT INTO main."kv" DEFAULT VALUES;

-- name: witness_any_row
SELECT 1 FROM main."kv" LIMIT 1;

-- name: schema_probe
-- Fails to be stepped once the schema has changed.
SELECT 1 FROM main.kv LIMIT 0;

-- name: schema_version
PRAGMA main.schema_version;

-- name: temp_schema_version
PRAGMA temp.schema_version;

-- name: data_version
-- Changes with every commit by another connection, and only then.
PRAGMA main.data_version;

-- name: undo_transaction
-- That a callback began.
ROLLBACK;

-- name: callback
-- "callback" stands for the name of the host's function, and is put in, quoted, when it is registered.
SELECT "callback"(?1, ?2, ?3, ?4, ?5);
