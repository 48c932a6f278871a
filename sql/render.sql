-- What a render runs besides the store's own statements.

-- name: progress
-- Hears of an interrupt, and lets a progress handler have its turn: takes some ninety of the steps that it counts.
SELECT count(*) FROM (VALUES (0), (0), (0), (0), (0), (0), (0), (0), (0), (0), (0), (0), (0), (0), (0), (0));
