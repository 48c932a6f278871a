SELECT kv_load('mail', '{"host":"smtp.example.com","port":"587","user":"ann"}') AS keys;
CREATE TEMP TABLE begun AS SELECT julianday('now') AS at;
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10000)
SELECT count(kv_render('{{range $k, $v := .}}{{$k}}={{printf "%8s" $v}};{{end}}{{.host}}:{{.port}}', CASE WHEN i THEN 'mail' END)) AS renders FROM n;
SELECT printf('kv: %d ns for one render', (julianday('now') - at) * 86400e9 / 10000) AS result FROM begun;
