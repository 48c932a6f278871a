# The steps of a random run. Each is a list, {name arguments...}, that means something in any state, so that a
# sequence still runs when some of its steps are left out. A step's procedure changes the model and returns
# {connection sql expected}, or nothing where there is nothing to do; expected is {ok row} or {error code message}.
#
# An argument's name says what random values it takes: see `choices` below. `group` is as the scope sees it.

# step NAME {ARGUMENT...} BODY
proc step {name arguments body} {
  dict set ::step_arguments $name $arguments
  proc step_$name $arguments $body
}

# ---- SQL ----

proc text {name} {
  if {[string is integer -strict $name]} {return $name} ;# a number is taken as its text
  return '[string map {' ''} $name]'
}

# A ttl as an argument after others: seconds, or a Go duration. A persistent value has none.
proc ttl_value {ttl} {
  if {$ttl eq ""} {return NULL}
  return [expr {$ttl % 2 ? "'${ttl}ms'" : $ttl / 1000.0}]
}

proc more_ttl {ttl} {
  return [expr {$ttl eq "" ? "" : ", [ttl_value $ttl]"}]
}

# ---- what is asked, and what is to be answered ----

# The statement on the connection, and what the script, in the caller's scope, says that it answers: a row. What is
# refused changes nothing. `who` begins its error message.
proc ask {connection who sql script} {
  set before [model::save]
  if {[catch {uplevel 2 $script} result options]} {
    set error [dict get $options -errorcode]
    if {[lindex $error 0] ne "KV"} {return -options $options $result}
    model::restore $before
    set expected [list error [lindex $error 1] [expr {$who eq "" ? $result : "$who: $result"}]]
  } else {
    set expected [list ok $result]
  }
  return [list $connection $sql $expected]
}

# A call whose answer is one value; its type is seen through quote().
proc call {expression script} {
  regexp {^\w+} $expression function
  return [ask db $function "SELECT quote($expression)" [list list_of $script]]
}
proc list_of {script} {return [list [uplevel 1 $script]]}

proc statement {who sql script} {return [ask db $who $sql "$script; list"]}

# A write to kv_entries. What a quota refuses there is no SQLITE_CONSTRAINT: OR IGNORE would pass over it.
proc write_entries {sql script} {
  return [ask db kv_entries $sql "refuse_as_error {$script}; list"]
}
proc refuse_as_error {script} {
  if {[catch {uplevel 1 $script} message options] == 1} {
    if {[string match "quota exceeded*" $message]} {dict set options -errorcode {KV 1}}
    return -options [dict merge $options {-level 1}] $message
  }
}
proc query {sql script} {return [ask db "" $sql $script]}
proc query_of {table sql script} {return [ask db $table $sql $script]}

# ---- reading ----

step get {group key} {
  call "kv_get([text $group], [text $key], 'none')" {
    set name [list [model::stored $group] $key]
    expr {[model::has $name] ? [model::value $name] : "'none'"}
  }
}

step require {group key} {
  call "kv_require([text $group], [text $key])" {
    set name [list [model::stored $group] $key]
    if {![model::has $name]} {model::refuse 12 "not found: group \"$group\", key \"$key\""}
    model::value $name
  }
}

step exists {group key} {
  call "kv_exists([text $group], [text $key])" {model::has [list [model::stored $group] $key]}
}

step ttl {group key} {
  call "kv_ttl([text $group], [text $key])" {
    set name [list [model::stored $group] $key]
    if {![model::has $name] || [model::expiry $name] eq ""} {
      set answer NULL
    } else {
      set answer [expr {([model::expiry $name] - $model::now) / 1000.0}]
    }
  }
}

step count {group} {
  call "kv_count([text $group])" {llength [model::names_in [model::stored $group]]}
}

step count_all {prefix} {
  call "kv_count_all([text $prefix])" {llength [model::live_names [model::stored $prefix]]}
}

step groups {prefix} {
  query "SELECT name, keys FROM kv_groups([text $prefix])" {
    set answer {}
    dict for {group count} [model::counts [model::stored $prefix]] {lappend answer [model::visible $group] $count}
    set answer
  }
}

# Rows of kv_entries: grp, key, value, expires_at.
proc entries {names} {
  set answer {}
  foreach name $names {
    lassign $name group key
    lappend answer [model::visible $group] $key [model::value $name] [model::expiry $name]
  }
  return $answer
}

step entries {group} {
  query "SELECT grp, key, quote(value), expires_at FROM kv_entries([text $group])" {
    entries [model::names_in [model::stored $group]]
  }
}

step range {group key} {
  query "SELECT grp, key, quote(value), expires_at FROM kv_entries\
      WHERE grp = [text $group] AND key >= [text $key] ORDER BY key DESC" {
    entries [lreverse [model::names_in [model::stored $group] $key]]
  }
}

step quotas {} {
  query "SELECT * FROM kv_quotas" {quota_rows}
}

proc quota_rows {} {
  set answer {}
  foreach namespace [lsort [dict keys $model::quotas]] {
    if {$model::scope eq "" || $namespace eq [model::namespace_name]} {
      lappend answer $namespace {*}[dict get $model::quotas $namespace] {*}[model::held $namespace 1] 0 {} refuse
    }
  }
  return $answer
}

# A value as text. The bytes of a BLOB are taken to be in an encoding: that of the database, as by CAST, unless given.
proc plain_text {value {encoding ""}} {
  if {$encoding eq ""} {set encoding $model::encoding}
  if {[regexp {^X'(.*)'$} $value -> digits]} {
    set bytes [binary decode hex $digits]
    if {$encoding eq "unicode"} {set bytes [string range $bytes 0 end-[expr {[string length $bytes] % 2}]]}
    return [encoding convertfrom $encoding $bytes]
  }
  if {[string index $value 0] eq "'"} {return [string map {'' '} [string range $value 1 end-1]]}
  return $value
}

step split {group key separator} {
  query "SELECT part FROM kv_split([text $group], [text $key], '$separator')" {
    set name [list [model::stored $group] $key]
    set value [expr {[model::has $name] ? [plain_text [model::value $name]] : ""}]
    expr {[model::has $name] && $value eq "" && $separator ne "" ? [list {}] : [split $value $separator]}
  }
}

step fields {group key} {
  query "SELECT part FROM kv_fields([text $group], [text $key])" {
    set name [list [model::stored $group] $key]
    expr {[model::has $name] ? [regexp -all -inline {\S+} [plain_text [model::value $name]]] : {}}
  }
}

step render {group} {
  call "kv_render('{{ .k }}{{ range \$k, \$v := . }} {{ \$k }}={{ \$v }}{{ end }}', [text $group])" {
    set stored [model::stored $group]
    set text [expr {[model::has [list $stored k]] ? [plain_text [model::value [list $stored k]] utf-8] : "<no value>"}]
    foreach name [lsort -command by_utf8 [model::names_in $stored]] {
      append text " [lindex $name 1]=[plain_text [model::value $name] utf-8]"
    }
    set text '[string map {' ''} $text]'
  }
}

# Go's order of keys, whatever the encoding of the database.
proc by_utf8 {a b} {return [string compare [encoding convertto utf-8 [lindex $a 1]] [encoding convertto utf-8 [lindex $b 1]]]}

# ---- writing ----

step set {group key value ttl} {
  call "kv_set([text $group], [text $key], $value[more_ttl $ttl])" {
    model::set_value [list [model::stored $group] $key] $value $ttl
    set value
  }
}

step setnx {group key value ttl} {
  call "kv_setnx([text $group], [text $key], $value[more_ttl $ttl])" {
    set name [list [model::stored $group] $key]
    model::set_if [expr {![model::has $name]}] $name $value $ttl
  }
}

# Numbers are compared as numbers; all else with its type.
proc is_same {a b} {
  if {[string is double -strict $a] && [string is double -strict $b]} {return [expr {$a == $b}]}
  return [expr {$a eq $b}]
}

step cas {group key expected value ttl} {
  set name [list [model::stored $group] $key]
  set old [expr {[model::has $name] ? [model::value $name] : "NULL"}]
  if {$expected eq "current"} {set expected $old}
  call "kv_cas([text $group], [text $key], $expected, $value[more_ttl $ttl])" {
    model::set_if [is_same $old $expected] $name $value $ttl
  }
}

step incr {group key by} {
  set name [list [model::stored $group] $key]
  set old [expr {[model::has $name] ? [string trim [model::value $name] '] : 0}]
  set is_number [string is double -strict $old]
  # How quote() writes the digits of a great REAL differs between versions of SQLite.
  set is_real [expr {![string is entier $old] || ![string is entier $by]}]
  if {$is_number && $is_real && abs($old + $by) > 1e12} return
  call "kv_incr([text $group], [text $key], $by)" {
    if {!$is_number} {model::refuse 1 "value of group \"$group\", key \"$key\" is no number"}
    set sum [expr {$old + $by}]
    if {![string is double -strict $sum] || $sum > 0x7fffffffffffffff || $sum < -0x7fffffffffffffff - 1} {
      model::refuse 1 "integer overflow on group \"$group\", key \"$key\""
    }
    model::write_row $name $sum [expr {[model::has $name] ? [model::expiry $name] : ""}]
    set sum
  }
}

# No new value: what is as expected goes.
step cas_delete {group key expected} {
  set name [list [model::stored $group] $key]
  set old [expr {[model::has $name] ? [model::value $name] : "NULL"}]
  if {$expected eq "current"} {set expected $old}
  call "kv_cas([text $group], [text $key], $expected, NULL)" {
    if {$expected eq "NULL"} {model::refuse 1 "value is NULL"}
    expr {[is_same $old $expected] ? [model::remove $name] : 0}
  }
}

step touch {group key some_ttl} {
  call "kv_touch([text $group], [text $key], [ttl_value $some_ttl])" {
    set name [list [model::stored $group] $key]
    set answer [expr {[model::has $name] ? [model::value $name] : "NULL"}]
    model::expire $name $some_ttl
    set answer
  }
}

step expire {group key some_ttl} {
  call "kv_expire([text $group], [text $key], [ttl_value $some_ttl])" {
    model::expire [list [model::stored $group] $key] $some_ttl
  }
}

step persist {group key} {
  call "kv_persist([text $group], [text $key])" {model::persist [list [model::stored $group] $key]}
}

step load {group members ttl} {
  lassign $members json pairs
  call "kv_load([text $group], '$json'[more_ttl $ttl])" {
    model::load [model::stored $group] $pairs $ttl
  }
}

step delete {group key} {
  call "kv_delete([text $group], [text $key])" {model::remove [list [model::stored $group] $key]}
}

step getdel {group key} {
  call "kv_getdel([text $group], [text $key])" {
    set name [list [model::stored $group] $key]
    set answer [expr {[model::has $name] ? [model::value $name] : "NULL"}]
    model::remove $name
    set answer
  }
}

step delete_group {group} {
  call "kv_delete_group([text $group])" {model::remove_groups [model::names_in [model::stored $group]]}
}

step delete_prefix {prefix} {
  call "kv_delete_prefix([text $prefix])" {model::remove_groups [model::live_names [model::stored $prefix]]}
}

step purge {prefix} {
  call "kv_purge([text $prefix])" {model::purge [model::stored $prefix] -1}
}

# ---- kv_entries ----

proc refuse_taken {group key} {
  model::refuse 19 "key \"$key\" of group \"$group\" exists already"
}

# OR IGNORE passes over keys that are there, and over nothing that a quota refuses.
proc or_ignore {conflict script} {
  if {$conflict ne "OR IGNORE"} {return [uplevel 1 $script]}
  if {[catch {uplevel 1 $script} message options] && ![string match "* exists already" $message]} {
    return -options $options $message
  }
}

proc insert_row {conflict group key value ttl} {
  set name [list [model::stored $group] $key]
  if {$conflict eq "OR REPLACE"} {
    model::set_value $name $value $ttl
  } elseif {![model::set_if [expr {![model::has $name]}] $name $value $ttl]} {
    refuse_taken $group $key
  }
}

step insert {conflict group key value ttl group2 key2 value2} {
  write_entries "INSERT $conflict INTO kv_entries(grp, key, value, ttl) VALUES\
      ([text $group], [text $key], $value, [ttl_value $ttl]), ([text $group2], [text $key2], $value2, NULL)" {
    or_ignore $conflict {insert_row $conflict $group $key $value $ttl}
    or_ignore $conflict {insert_row $conflict $group2 $key2 $value2 ""}
  }
}

step update {group key value} {
  write_entries "UPDATE kv_entries SET value = $value WHERE grp = [text $group] AND key >= [text $key]" {
    foreach name [model::names_in [model::stored $group] $key] {
      model::write_row $name $value [model::expiry $name]
    }
  }
}

step update_ttl {group key ttl} {
  write_entries "UPDATE kv_entries SET ttl = [ttl_value $ttl] WHERE grp = [text $group] AND key = [text $key]" {
    set name [list [model::stored $group] $key]
    if {[model::has $name]} {
      model::purge_on_write $ttl
      model::set_expiry $name [model::expires_at $ttl]
    }
  }
}

step move {conflict group key group2 key2} {
  write_entries "UPDATE $conflict kv_entries SET grp = [text $group2], key = [text $key2]\
      WHERE grp = [text $group] AND key = [text $key]" {
    set old [list [model::stored $group] $key]
    set new [list [model::stored $group2] $key2]
    or_ignore $conflict {
      if {[model::has $old] && ![model::move $old $new [expr {$conflict eq "OR REPLACE"}]]} {refuse_taken $group2 $key2}
    }
  }
}

step delete_entries {group key} {
  write_entries "DELETE FROM kv_entries WHERE grp = [text $group] AND key >= [text $key]" {
    # SQLite collects what is to be deleted of a virtual table in the order of rowids.
    set names [model::names_in [model::stored $group] $key]
    foreach name [dict keys $model::rows] {
      if {$name in $names} {model::remove $name}
    }
  }
}

# ---- what is refused whatever the state ----

step wrong {mistake} {
  lassign $mistake expression message
  call $expression {model::refuse 1 $message}
}

step nothing {no_name} {
  call $no_name {set answer NULL}
}

# ---- settings ----

step tick {milliseconds} {
  incr model::now $milliseconds
  return [list clock "SELECT kv_config('now', $model::now)" [list ok $model::now]]
}

step scope {namespace} {
  call [expr {$namespace eq "" ? "kv_unscope()" : "kv_scope('$namespace')"}] {
    set model::scope [expr {$namespace eq "" ? "" : "$namespace:"}]
    set answer '$namespace'
  }
}

step quota {some_namespace max_keys max_groups} {
  call "kv_quota('$some_namespace', $max_keys, $max_groups)" {
    if {$model::scope ne "" && $some_namespace ne [model::namespace_name]} {
      model::refuse 1 "namespace \"$some_namespace\" is outside of the scope \"[model::namespace_name]\""
    }
    dict set model::quotas $some_namespace [list $max_keys $max_groups]
    set answer '$some_namespace'
  }
}

# ---- transactions ----

step begin {} {statement "" BEGIN {model::begin}}
step commit {} {statement "" COMMIT {model::commit}}
step rollback {} {statement "" ROLLBACK {model::rollback}}
step savepoint {name} {statement "" "SAVEPOINT $name" {model::savepoint $name}}
step release {name} {statement "" "RELEASE $name" {model::release $name}}
step rollback_to {name} {statement "" "ROLLBACK TO $name" {model::rollback_to $name}}

step reopen {} {
  if {[model::in_transaction]} {model::rollback}
  model::connect
  return [list reopen "-- the connection is closed, and opened again" {ok {}}]
}

# ---- events ----

# In the middle of a transaction there is none: what is heard of its earlier changes is not promised. The look before
# it is so that the new watcher does not hear of what others did before.
step watch {filter_group filter_key capacity} {
  if {[model::in_transaction] || [llength $model::watchers] > 6} return
  model::read_events {}
  query "SELECT kv_watch('$filter_group', '$filter_key', $capacity) FROM (SELECT count(*) FROM kv_events WHERE watcher = 0)" {
    model::watch $filter_group $filter_key $capacity
  }
}

step watch_all {filter_group filter_key} {step_watch $filter_group $filter_key 100000}

step unwatch {id} {
  if {[model::in_transaction]} return
  call "kv_unwatch($id)" {model::unwatch $id}
}

set event_columns "watcher, type, grp, key, quote(value), CASE WHEN type <> 'resync' THEN at END"

step events {} {
  query "SELECT $::event_columns FROM kv_events" {model::read_events [model::visible_watchers]}
}

step events_of {id} {
  query "SELECT $::event_columns FROM kv_events WHERE watcher = $id" {
    model::read_events [lsearch -all -inline -exact [model::visible_watchers] $id]
  }
}

step watchers {} {
  query "SELECT id, grp, key, capacity, pending, dropped FROM kv_watchers" {
    set answer {}
    foreach id [model::visible_watchers] {
      lassign [dict get $model::watchers $id] scope group key capacity places dropped
      if {$model::scope eq ""} {set group $scope$group}
      lappend answer $id $group $key $capacity [llength $places] $dropped
    }
    set answer
  }
}
