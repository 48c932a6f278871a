-- sqlite3 app.db -cmd '.load build/kv' < mail.sql
-- The shell has no functions to call back; a watcher keeps the changes until they are asked for.
.mode list
.output /dev/null
SELECT kv_watch('mail');
SELECT kv_set('mail', 'host', 'smtp.example.com');
SELECT kv_set('mail', 'port', 587);
.output
SELECT type || ' ' || grp || '/' || key FROM kv_events;
SELECT kv_get('mail', 'host');
SELECT key || '=' || value FROM kv_entries('mail');
SELECT kv_render('{{ .host }}:{{ .port }}', 'mail');
SELECT kv_require('mail', 'user');
