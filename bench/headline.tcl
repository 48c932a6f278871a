# The table that says it at a glance, for the README: a part of report.tcl.

# The works: their words, and where each column finds its figure. Python's peers are measured from Python, kv too.
set headline [list \
  get {operations get 0} \
  set {operations set 0} \
  {set with ttl} {operations {set with ttl} 0} \
  incr {operations incr 0} \
  {load, for each row} {bulk {load, for each row} *} \
  {scan, for each row} {scans {key and value, for each row} 0}]

set headline_columns [list kv kv {by hand} hand-written Redis Redis {Redis, pipelined} {Redis, pipelined} \
  {kv, from Python} {python kv} {diskcache, from Python} {python diskcache}]

proc headline_cell {words place where contender} {
  global medians
  lassign $place family work x
  # A row that waits for its answer is a set.
  if {$family eq {bulk} && $contender eq {Redis}} { lassign {operations {set of a new key} 0} family work x }
  if {[llength $contender] == 2 && [lindex $contender 0] eq {python}} {
    lassign [list python $words 0 [lindex $contender 1]] family work x contender
  }
  set key [list $family $work $where [measured_x $medians $family $work $where $x] $contender]
  if {![dict exists $medians $key]} return
  return [short [expr {[lindex [dict get $medians $key] 0] / 1e3}]]
}

proc headline_table {} {
  global headline headline_columns memory normal figures
  if {![dict exists $figures operations]} return
  set text "\n## At a glance\n\nMicroseconds for one operation.\n"
  foreach where [list $memory $normal] {
    append text "\n[row [list [string toupper $where 0 0] {*}[dict keys $headline_columns]]]"
    append text [row [lrepeat [expr {1 + [dict size $headline_columns]}] ---]]
    dict for {words place} $headline {
      append text [row [list $words {*}[lmap {- contender} $headline_columns {
        headline_cell $words $place $where $contender}]]]
    }
  }
  append text "\nBy hand: what a careful C program does with prepared statements on the same table. Redis answers over\
    the loopback,\na call at a time, or a thousand in one pipeline; beside a WAL file it appends to its own, synced\
    each second. Its scan is\nan HGETALL. A load is 300,000 rows.\n"
  return $text
}
