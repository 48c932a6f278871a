-- What an operator asks (kv_stats). ?1 and ?2 are the range of groups that are seen, ?3 is now, ?4 and ?5 are the
-- purge's interval in seconds and its last error.

-- fragment: stats_of_store
SELECT 'keys' AS name,
       (SELECT count(*) FROM main.kv WHERE grp >= ?1 AND grp < ?2 AND key < x'')
     - (SELECT count(*) FROM main.kv WHERE expires_at <= ?3 AND +grp >= ?1 AND +grp < ?2 AND key < x'') AS value
UNION ALL
SELECT 'groups', count(*)
  FROM (WITH RECURSIVE every(name) AS (
          SELECT (SELECT min(grp) FROM main.kv WHERE grp >= ?1 AND grp < ?2)
          UNION ALL
          SELECT (SELECT min(grp) FROM main.kv WHERE grp > name AND grp < ?2) FROM every WHERE name IS NOT NULL)
        SELECT name FROM every
         WHERE EXISTS (SELECT 1 FROM main.kv
                        WHERE grp = name AND key < x'' AND (expires_at IS NULL OR expires_at > ?3)))
UNION ALL
SELECT 'bytes', coalesce(sum(length(CAST(key AS BLOB)) + length(CAST(value AS BLOB))), 0)
  FROM main.kv WHERE grp >= ?1 AND grp < ?2
UNION ALL
SELECT 'expired', count(*) FROM main.kv WHERE expires_at <= ?3 AND +grp >= ?1 AND +grp < ?2
UNION ALL
SELECT 'purge_every', ?4
UNION ALL
SELECT 'purge_error', ?5

-- name: stats
$stats_of_store;

-- name: stats_with_feed
$stats_of_store
UNION ALL
SELECT 'feed_first', min(seq) FROM main.kv_log
UNION ALL
SELECT 'feed_last', max(seq) FROM main.kv_log
UNION ALL
SELECT 'feed_lag', (SELECT max(seq) FROM main.kv_log) - min(seq) FROM main.kv_log_readers
UNION ALL
SELECT 'feed_slowest', (SELECT name FROM main.kv_log_readers ORDER BY seq, name LIMIT 1);
