# Makes a failing sequence of steps small: parts are left out, halves first and single steps last, for as long as
# what is left still fails (delta debugging). Then says what it is, as SQL.

# The steps up to the first that fails, or nothing if none does.
proc failing_part {kind steps} {
  set failure [run_steps $kind $steps 1]
  return [expr {$failure eq "" ? {} : [lrange $steps 0 [lindex $failure 0]]}]
}

# Tries to do without each part of the size in turn, the last first.
proc without_parts {kind steps size deadline} {
  for {set at [expr {([llength $steps] - 1) / $size * $size}]} {$at >= 0} {incr at -$size} {
    if {[clock milliseconds] > $deadline} break
    set smaller [failing_part $kind [lreplace $steps $at [expr {$at + $size - 1}]]]
    if {$smaller ne ""} {set steps $smaller}
    if {$at > [llength $steps]} {set at [llength $steps]}
  }
  return $steps
}

proc shrink {kind steps {seconds 60}} {
  set deadline [expr {[clock milliseconds] + $seconds * 1000}]
  set size [llength $steps]
  while {$size > 1 && [clock milliseconds] < $deadline} {
    set size [expr {($size + 1) / 2}]
    set before [llength $steps]
    set steps [without_parts $kind $steps $size $deadline]
    if {$size == 1 && [llength $steps] < $before} {set size 2}
  }
  return $steps
}

# A failing sequence, shrunk, as SQL, with what was answered and what the model says.
proc report {kind steps seed} {
  lassign [run_steps $kind $steps 1] - what got expected
  set lines [list "seed $seed, a database of the kind \"$kind\"; the clock begins at 1000000 ms. Shrunk to:"]
  foreach asked $::trace {
    lassign $asked connection sql
    lappend lines "  [dict get {db {} clock {} reopen {} other {/* other connection */ }} $connection]$sql;"
  }
  if {$what ne [lindex $::trace end 1]} {lappend lines "then $what:"}
  return [join [concat $lines [list "is        $got" "should be $expected"]] \n]
}

# Runs the steps of a seed: "" or the report of a failure.
proc try_seed {seed count} {
  set kind [kind_of $seed]
  set steps [random_steps $seed $count]
  set failure [run_steps $kind $steps 50]
  if {$failure eq ""} {return ""}
  # A difference of the whole state is noticed late: `failing_part` looks after each step.
  set failing [failing_part $kind [lrange $steps 0 [lindex $failure 0]]]
  if {$failing eq ""} {return "seed $seed fails once and not again: [lrange $failure 1 end]"}
  return [report $kind [shrink $kind $failing] $seed]
}
