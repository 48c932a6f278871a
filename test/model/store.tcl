# The model: what kv promises, over a dictionary. It knows no SQL; the steps (steps.tcl) put the questions.
#
# A value is an SQL literal as quote() prints it, so that its type counts. Times are milliseconds. A group is
# named as stored, with its namespace. A call that is refused throws {KV code} and the message; whoever makes
# the call saves the state before, and restores it then.

namespace eval model {
  variable PURGE_ON_WRITE 8 ;# how many expired rows a write with a ttl takes along (ext/store.h)
}

proc model::reset {name} {
  variable encoding $name ;# of the database: utf-8, or unicode (UTF-16LE)
  variable sort_keys {}
  variable rows {}      ;# {group key} -> {value expires_at}, in the order of rowids; expires_at "": never
  variable quotas {}    ;# namespace -> {max_keys max_groups}
  variable pending {}   ;# events that wait for the commit
  variable stack {}     ;# {name state} of BEGIN (name "") and each savepoint
  variable is_touched 0 ;# has the open transaction a lock on the file? -1: not known
  variable now 1000000
  connect
}

# A new connection has no scope and no watchers.
proc model::connect {} {
  variable scope ""
  variable watchers {} ;# id -> {scope group key capacity places dropped}
  variable last_id 0
  variable is_foreign 0 ;# has another connection committed since events were read?
}

# ---- the state that a rollback brings back ----

proc model::save {} {
  variable rows; variable quotas; variable pending
  return [list $rows $quotas $pending]
}

proc model::restore {state} {
  variable rows; variable quotas; variable pending
  lassign $state rows quotas pending
}

proc model::refuse {code message} {
  return -code error -errorcode [list KV $code] $message
}

# ---- names ----

proc model::stored {group} {
  variable scope
  return $scope$group
}

# A stored name as the scope sees it.
proc model::visible {group} {
  variable scope
  return [string range $group [string length $scope] end]
}

proc model::namespace_name {} {
  variable scope
  return [string trimright $scope :]
}

proc model::begins_with {text prefix} {
  return [expr {[string range $text 0 [string length $prefix]-1] eq $prefix}]
}

# Text sorts by its bytes in the encoding of the database.
proc model::bytes {text} {
  variable sort_keys
  variable encoding
  if {![dict exists $sort_keys $text]} {dict set sort_keys $text [encoding convertto $encoding $text]}
  return [dict get $sort_keys $text]
}

proc model::by_name {a b} {
  foreach one $a other $b {
    set order [string compare [bytes $one] [bytes $other]]
    if {$order != 0} {return $order}
  }
  return 0
}

# ---- rows ----

proc model::is_live {row} {
  variable now
  lassign $row value expires_at
  return [expr {$expires_at eq "" || $expires_at > $now}]
}

proc model::has {name} {
  variable rows
  return [expr {[dict exists $rows $name] && [is_live [dict get $rows $name]]}]
}

proc model::value {name} {
  variable rows
  return [lindex [dict get $rows $name] 0]
}

proc model::expiry {name} {
  variable rows
  return [lindex [dict get $rows $name] 1]
}

# The names of the live rows whose group begins with the prefix, in order.
proc model::live_names {prefix} {
  variable rows
  set names {}
  dict for {name row} $rows {
    if {[begins_with [lindex $name 0] $prefix] && [is_live $row]} {lappend names $name}
  }
  return [lsort -command model::by_name $names]
}

# The same of one group, with keys from a key on.
proc model::names_in {group {from ""}} {
  variable rows
  set names {}
  dict for {name row} $rows {
    lassign $name each key
    if {$each eq $group && [is_live $row] && [string compare [bytes $key] [bytes $from]] >= 0} {lappend names $name}
  }
  return [lsort -command model::by_name $names]
}

# {group count} of the live rows, in order.
proc model::counts {prefix} {
  set counts {}
  foreach name [live_names $prefix] {dict incr counts [lindex $name 0]}
  return $counts
}

proc model::expires_at {ttl} {
  variable now
  return [expr {$ttl eq "" ? "" : $now + $ttl}]
}

# The name of a row changes, but not its place.
proc model::rename_row {old new} {
  variable rows
  set renamed {}
  dict for {name row} $rows {dict set renamed [expr {$name eq $old ? $new : $name}] $row}
  set rows $renamed
}

# Removes the longest-expired rows of the groups with the prefix, `limit` at most (-1: all); returns how many.
proc model::purge {prefix limit} {
  set names [expired_names $prefix]
  if {$limit >= 0} {set names [lrange $names 0 $limit-1]}
  expire_rows $names
  return [llength $names]
}

# The names of the expired rows of the groups with the prefix, but for one, in the order in which they expired.
proc model::expired_names {prefix {spared ""}} {
  variable rows
  set expired {}
  dict for {name row} $rows {
    if {[begins_with [lindex $name 0] $prefix] && ![is_live $row] && $name ne $spared} {
      lappend expired [list $name [lindex $row 1]]
    }
  }
  return [lmap each [lsort -integer -index 1 $expired] {lindex $each 0}]
}

# In the order of rowids, as SQLite deletes them.
proc model::expire_rows {names} {
  variable rows
  dict for {name row} $rows {
    if {$name ni $names} continue
    dict unset rows $name
    announce expire {*}$name [lindex $row 0]
  }
}

proc model::purge_on_write {ttl} {
  variable PURGE_ON_WRITE
  if {$ttl ne ""} {purge "" $PURGE_ON_WRITE}
}

# ---- quotas ----

# The namespace of a group if there is a quota on it, else "".
proc model::namespace_of {group} {
  variable quotas
  set name [string range $group 0 [string first : $group]-1]
  return [expr {$name ne "" && [dict exists $quotas $name] ? $name : ""}]
}

# {keys groups} of a namespace; of its live rows, or of all.
proc model::held {namespace is_live} {
  variable rows
  set groups {}
  set keys 0
  dict for {name row} $rows {
    if {[begins_with [lindex $name 0] $namespace:] && (!$is_live || [is_live $row])} {
      incr keys
      dict set groups [lindex $name 0] 1
    }
  }
  return [list $keys [dict size $groups]]
}

# Has the group a row, a live one if so asked, besides one?
proc model::group_exists {group is_live {but ""}} {
  variable rows
  dict for {name row} $rows {
    if {[lindex $name 0] eq $group && $name ne $but && (!$is_live || [is_live $row])} {return 1}
  }
  return 0
}

# After a row came into a namespace, or lives again there: what has expired makes room for what is over its limits,
# and where that is not enough, the row is refused. `before` is what the namespace held before: see held_before.
proc model::make_room {name before} {
  variable quotas
  set namespace [namespace_of [lindex $name 0]]
  if {$namespace eq ""} return
  set limits [dict get $quotas $namespace]
  set over {}
  foreach held [held $namespace 0] was [lrange $before 0 1] limit $limits {
    lappend over [expr {$limit > 0 && $held > $was ? max($held - $limit, 0) : 0}]
  }
  lassign $over more_keys more_groups
  lassign $limits max_keys max_groups
  if {$more_groups > 0} {remove_expired_groups $namespace $name $more_groups}
  if {$more_keys > 0} {
    set excess [expr {[lindex [held $namespace 0] 0] - $max_keys}]
    remove_expired $namespace $name [expr {min($more_keys, max($excess, 0))}]
  }
  foreach what {keys groups} held [held $namespace 0] live [lrange $before 2 3] limit $limits more $over {
    if {$more > 0 && $held > $limit} {refuse 19 "quota exceeded: namespace \"$namespace\" holds $live of $limit $what"}
  }
}

proc model::remove_expired {namespace spared limit} {
  expire_rows [lrange [expired_names $namespace: $spared] 0 $limit-1]
}

# Groups go as a whole.
proc model::remove_expired_groups {namespace spared limit} {
  variable rows
  set groups {}
  foreach name [expired_names $namespace: $spared] {
    set group [lindex $name 0]
    if {$group ne [lindex $spared 0] && $group ni $groups && ![group_exists $group 1]} {lappend groups $group}
  }
  set groups [lrange $groups 0 $limit-1]
  expire_rows [lmap name [dict keys $rows] {expr {[lindex $name 0] in $groups ? $name : [continue]}}]
}

# ---- writes ----

proc model::write_row {name value expires_at} {
  variable rows
  set held [held_before $name]
  dict set rows $name [list $value $expires_at]
  announce set {*}$name $value
  make_room $name $held
}

# What the namespace holds before the row is written: keys, groups, and the same of live rows only. An expired row that
# lives again counts as one that comes.
proc model::held_before {name} {
  variable rows
  set group [lindex $name 0]
  set namespace [namespace_of $group]
  if {$namespace eq ""} return
  lassign [held $namespace 0] keys groups
  if {[dict exists $rows $name] && ![has $name]} {
    incr keys -1
    incr groups [expr {-![group_exists $group 1 $name]}]
  }
  return [list $keys $groups {*}[held $namespace 1]]
}

proc model::set_value {name value ttl} {
  purge_on_write $ttl
  write_row $name $value [expires_at $ttl]
}

# 1 if it was stored.
proc model::set_if {condition name value ttl} {
  if {$condition} {
    purge_on_write $ttl
    write_row $name $value [expires_at $ttl]
  }
  return $condition
}

# pairs: {key value}; a value that is NULL is refused.
proc model::load {group pairs ttl} {
  set before [save]
  if {$pairs ne ""} {purge_on_write $ttl}
  if {[catch {
    foreach key [lsort -command model::by_name [dict keys $pairs]] {
      if {[dict get $pairs $key] eq "NULL"} {
        refuse 1 "json member \"$key\" is null"
      }
      write_row [list $group $key] [dict get $pairs $key] [expires_at $ttl]
    }
  } message options]} {
    restore $before
    return -code error -errorcode [dict get $options -errorcode] [recount_refusal $group $message]
  }
  return [dict size $pairs]
}

# The figure in a refusal is of when nothing of the call is there any more.
proc model::recount_refusal {group message} {
  lassign [held [namespace_of $group] 1] keys groups
  if {[regexp {^quota exceeded.* (keys|groups)$} $message -> what]} {
    regsub {holds \d+ of} $message "holds [set $what] of" message
  }
  return $message
}

proc model::set_expiry {name expires_at} {
  variable rows
  dict set rows $name [list [value $name] $expires_at]
  announce set {*}$name [value $name]
}

proc model::expire {name ttl} {
  set is_found [has $name]
  if {$is_found} {
    purge_on_write $ttl
    set_expiry $name [expires_at $ttl]
  }
  return $is_found
}

proc model::persist {name} {
  set is_found [has $name]
  if {$is_found && [expiry $name] ne ""} {
    set_expiry $name ""
  }
  return $is_found
}

proc model::remove {name} {
  set is_found [has $name]
  if {$is_found} {remove_row $name}
  return $is_found
}

# That it had expired is what is said of a row that goes.
proc model::remove_row {name} {
  variable rows
  if {[has $name]} {announce delete {*}$name} else {announce expire {*}$name [value $name]}
  dict unset rows $name
}

# Groups go as a whole: each is one event, in the order of their first rows, which SQLite deletes by rowid.
proc model::remove_groups {names} {
  variable rows
  set groups {}
  foreach name [dict keys $rows] {
    if {$name ni $names} continue
    dict unset rows $name
    dict set groups [lindex $name 0] 1
  }
  foreach group [dict keys $groups] {announce delete_group $group}
  return [llength $names]
}

# A row moves to another name. 0: that is taken.
proc model::move {old new is_replacing} {
  variable rows
  if {$old ne $new} {
    if {[has $new] && !$is_replacing} {return 0}
    if {[dict exists $rows $new]} {remove_row $new}
    set namespace [namespace_of [lindex $new 0]]
    set held [expr {$namespace eq "" ? "" : [list {*}[held $namespace 0] {*}[held $namespace 1]]}]
    rename_row $old $new
    announce delete {*}$old
    announce set {*}$new [value $new]
    make_room $new $held
    return 1
  }
  announce set {*}$new [value $new]
  return 1
}
