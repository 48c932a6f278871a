-- Files of the Go library go-store since its v0.2.1: a table "entries" in place of "kv".

-- name: go_store_table
-- Is there a table "entries" of go-store's shape?
SELECT 1
 WHERE 4 = (SELECT sum(   (name = 'group_name' AND pk = 1 AND type = 'TEXT' AND "notnull")
                       OR (name = 'entry_key' AND pk = 2 AND type = 'TEXT' AND "notnull")
                       OR (name = 'entry_value' AND pk = 0 AND type = 'TEXT' AND "notnull")
                       OR (name = 'expires_at' AND pk = 0 AND type = 'INTEGER' AND NOT "notnull"))
              FROM pragma_table_xinfo('entries', ?1))
   AND 4 = (SELECT count(*) FROM pragma_table_xinfo('entries', ?1));

-- name: go_store_row
SELECT 1 FROM main.entries WHERE typeof(group_name) = 'text' AND typeof(entry_key) = 'text' LIMIT 1;

-- name: go_store_conflict
-- A live key that both tables have, with another value or end.
SELECT e.group_name, e.entry_key
  FROM main.entries AS e CROSS JOIN main.kv AS k ON k.grp = e.group_name AND k.key = e.entry_key
 WHERE (k.expires_at IS NULL OR k.expires_at > ?1) AND (e.expires_at IS NULL OR e.expires_at > ?1)
   AND (k.value IS NOT e.entry_value OR k.expires_at IS NOT e.expires_at)
 LIMIT 1;

-- name: go_store_copy
INSERT INTO main.kv(grp, key, value, expires_at)
SELECT group_name, entry_key, entry_value, expires_at FROM main.entries
 WHERE (expires_at IS NULL OR expires_at > ?1) AND typeof(group_name) = 'text' AND typeof(entry_key) = 'text'
ON CONFLICT(grp, key) DO UPDATE SET value = excluded.value, expires_at = excluded.expires_at;

-- name: go_store_empty
DELETE FROM main.entries WHERE typeof(group_name) = 'text' AND typeof(entry_key) = 'text';
