# The model's transactions and events: what becomes readable when, and for whom.

# ---- transactions ----

proc model::in_transaction {} {
  variable stack
  return [expr {$stack ne ""}]
}

proc model::begin {} {
  variable stack
  if {[in_transaction]} {refuse 1 "cannot start a transaction within a transaction"}
  lappend stack [list "" [save]]
}

proc model::savepoint {name} {
  variable stack
  lappend stack [list $name [save]]
}

# Where in the stack the innermost savepoint of the name is.
proc model::find_savepoint {name} {
  variable stack
  for {set i [expr {[llength $stack] - 1}]} {$i >= 0} {incr i -1} {
    if {[lindex $stack $i 0] eq $name} {return $i}
  }
  refuse 1 "no such savepoint: $name"
}

proc model::release {name} {
  variable stack
  set stack [lrange $stack 0 [find_savepoint $name]-1]
}

proc model::rollback_to {name} {
  variable stack
  set at [find_savepoint $name]
  restore [lindex $stack $at 1]
  set stack [lrange $stack 0 $at]
}

proc model::commit {} {
  variable stack
  if {![in_transaction]} {refuse 1 "cannot commit - no transaction is active"}
  set stack {}
}

proc model::rollback {} {
  variable stack
  if {![in_transaction]} {refuse 1 "cannot rollback - no transaction is active"}
  restore [lindex $stack 0 1]
  set stack {}
}

# ---- from a change to its news ----

proc model::is_matched {watcher event} {
  lassign $watcher scope wanted_group wanted_key
  lassign $event type group key
  if {$type eq "resync"} {return 1}
  return [expr {[begins_with $group $scope]
                && ($wanted_group eq "*" || "$scope$wanted_group" eq $group)
                && ($type eq "delete_group" || $wanted_key eq "*" || $wanted_key eq $key)}]
}

# A change was made: {type group key value at}. An event that nobody waits for is not kept.
proc model::announce {type {group {}} {key {}} {value NULL}} {
  variable watchers
  variable pending
  variable now
  if {$watchers eq ""} return
  set event [list $type $group $key $value [expr {$type eq "resync" ? "" : $now}]]
  dict for {id watcher} $watchers {
    if {[is_matched $watcher $event]} {
      lappend pending $event
      return
    }
  }
}

# A full queue counts what is lost in a mark, which stands where the events would have been.
proc model::queue {id event} {
  variable watchers
  lassign [dict get $watchers $id] scope group key capacity places dropped
  if {[llength [lsearch -all -inline -not -index 0 $places lost]] < $capacity} {
    lappend places $event
  } else {
    incr dropped
    if {[lindex $places end 0] eq "lost"} {
      lset places end 1 [expr {[lindex $places end 1] + 1}]
    } else {
      lappend places {lost 1}
    }
  }
  dict set watchers $id [list $scope $group $key $capacity $places $dropped]
}

# After each statement: what is committed is delivered.
proc model::deliver {} {
  variable watchers
  variable pending
  if {[in_transaction] || $pending eq ""} return
  foreach event $pending {
    dict for {id watcher} $watchers {
      if {[is_matched $watcher $event]} {queue $id $event}
    }
  }
  set pending {}
}

# ---- watchers ----

proc model::watch {group key capacity} {
  variable watchers
  variable scope
  variable last_id
  dict set watchers [incr last_id] [list $scope $group $key $capacity {} 0]
  return $last_id
}

# The ids of those that the scope may see.
proc model::visible_watchers {} {
  variable watchers
  variable scope
  set ids {}
  dict for {id watcher} $watchers {
    if {$scope eq "" || [lindex $watcher 0] eq $scope} {lappend ids $id}
  }
  return $ids
}

# The watchers that a question is about: those of the id. That there is none is a mistake of who asks.
proc model::watchers_of {id} {
  if {$id ni [visible_watchers]} {refuse 1 "no watcher $id"}
  return $id
}

proc model::unwatch {id} {
  variable watchers
  set is_found [expr {$id in [visible_watchers]}]
  if {$is_found} {dict unset watchers $id}
  return $is_found
}

# Takes the events of the watchers, as rows: watcher, type, group, key, value, at. A group is named as the scope sees
# it that the watcher began with.
proc model::read_events {ids} {
  variable watchers
  variable is_foreign
  variable pending
  if {$is_foreign} {
    foreach id [dict keys $watchers] {queue $id {resync {} {} NULL {}}}
    set is_foreign 0
  }
  set answer {}
  foreach id $ids {
    set watched_scope [lindex [dict get $watchers $id] 0]
    foreach place [lindex [dict get $watchers $id] 4] {
      lassign $place type group key value at
      if {$type eq "lost"} {
        lappend answer $id resync {} {} $group {}
      } else {
        lappend answer $id $type [string range $group [string length $watched_scope] end] $key $value $at
      }
    }
    dict set watchers $id [lreplace [dict get $watchers $id] 4 4 {}]
  }
  return $answer
}
