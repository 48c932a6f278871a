# Steps by those who do not ask kv, or not on this connection: plain SQL on the table, and a second connection.

# ---- plain SQL: heard of like any call's; groups of namespaces are left alone, because quotas go by the real clock ----

step plain_insert {group key value} {
  if {[string match *:* $group]} return
  statement "" "INSERT OR REPLACE INTO kv(grp, key, value) VALUES ([text $group], [text $key], $value)" {
    dict unset model::rows [list $group $key]
    dict set model::rows [list $group $key] [list $value ""]
    model::announce set $group $key $value
  }
}

step plain_delete {group} {
  if {[string match *:* $group]} return
  statement "" "DELETE FROM kv WHERE grp = [text $group]" {
    set names [lsearch -all -inline -exact -index 0 [dict keys $model::rows] $group]
    foreach name $names {model::remove_row $name}
  }
}

step plain_get {group key} {
  query "SELECT quote(value), expires_at FROM kv WHERE grp = [text $group] AND key = [text $key]" {
    set name [list $group $key]
    expr {[dict exists $model::rows $name] ? [dict get $model::rows $name] : {}}
  }
}

# ---- a second connection: no scope, no watchers ----

# Takes the step as the other connection would: it sees what is committed. Returns what the step does, and whether
# it changed rows.
proc on_other {script} {
  set own [list [model::save] $model::scope $model::watchers]
  set model::scope ""
  set model::watchers {}
  if {[model::in_transaction]} {model::restore [lindex $model::stack 0 1]}
  set before $model::rows
  set asked [uplevel 2 $script]
  set after [model::save]
  lassign $own state model::scope model::watchers
  model::restore $state
  set is_changed [expr {[lindex $after 0] ne $before}]
  if {$is_changed} {
    share_state $after
    if {$model::watchers ne ""} {set model::is_foreign 1}
  }
  if {$asked eq ""} return
  return [list {*}$asked $is_changed]
}

# A transaction that has not looked at the file yet sees what the other commits.
proc share_state {state} {
  model::restore $state
  set stack {}
  foreach each $model::stack {lappend stack [list [lindex $each 0] $state]}
  set model::stack $stack
}

# A write finds the file locked while this connection has a transaction that has looked at it.
proc other_write {who script} {
  if {$model::is_touched < 0} return
  set own [list [model::save] $model::stack $model::is_foreign]
  lassign [on_other $script] connection sql expected is_changed
  if {$sql eq ""} return
  if {!$model::is_touched} {return [list other $sql $expected]}
  lassign $own state model::stack model::is_foreign
  model::restore $state
  if {$is_changed} {return [list other $sql [list error 5 "${who}database is locked"]]}
}

proc other_read {script} {return [lreplace [on_other $script] 0 0 other]}

step other_set {group key value ttl} {other_write "kv_set: " {step_set $group $key $value $ttl}}
step other_incr {group key by} {other_write "kv_incr: " {step_incr $group $key $by}}
step other_delete {group key} {other_write "kv_delete: " {step_delete $group $key}}
step other_insert {conflict group key value ttl group2 key2 value2} {
  other_write "" {step_insert $conflict $group $key $value $ttl $group2 $key2 $value2}
}
step other_get {group key} {other_read {step_get $group $key}}
step other_entries {group} {other_read {step_entries $group}}
