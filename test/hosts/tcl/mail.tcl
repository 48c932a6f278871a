# tclsh mail.tcl app.db build/kv
package require sqlite3

lassign $argv file extension
sqlite3 db $file
db enable_load_extension 1
db eval {SELECT load_extension($extension)}

proc changed {type grp key value at} { puts "$type $grp/$key" }
db function changed changed
db eval {SELECT kv_on_change('changed')}

set host smtp.example.com
db eval {SELECT kv_set('mail', 'host', $host)}
db eval {SELECT kv_set('mail', 'port', 587)}
puts [db onecolumn {SELECT kv_get('mail', 'host')}]
db eval {SELECT key, value FROM kv_entries('mail')} { puts "$key=$value" }
puts [db onecolumn {SELECT kv_render('{{ .host }}:{{ .port }}', 'mail')}]
if {[catch {db eval {SELECT kv_require('mail', 'user')}} message]} { puts $message }
db close
