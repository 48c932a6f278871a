# What takes more instructions than it did:  tclsh check.tcl COMMITTED COUNTED
#
# Both as counts.sh prints them. Fails if anything grew by more than the limit, and if nothing could be compared:
# another SQLite has other counts.

set limit 1.03

proc read_counts {file} {
  set counts [dict create]
  set channel [open $file]
  fconfigure $channel -encoding utf-8
  while {[gets $channel line] >= 0} {
    set fields [split $line \t]
    switch [lindex $fields 0] {
      figure { dict set counts [lrange $fields 1 5] [lindex $fields 6] }
      about { dict set counts {*}[lrange $fields 1 2] }
    }
  }
  close $channel
  return $counts
}

proc refuse {why} {
  puts stderr "bench-check: $why"
  exit 1
}

lassign $argv committed_file counted_file
if {![file exists $committed_file]} { refuse "there is no $committed_file: make bench, or make bench-counts" }
set committed [read_counts $committed_file]
set counted [read_counts $counted_file]
if {[dict get $committed SQLite] ne [dict get $counted SQLite]} {
  refuse "SQLite is [dict get $counted SQLite], the counts are of [dict get $committed SQLite]: make bench-counts"
}
set grew 0
set compared 0
foreach {key now} $counted {
  if {[llength $key] != 5} continue
  if {![dict exists $committed $key]} {
    puts "new: [join $key {, }]"
    continue
  }
  incr compared
  set before [dict get $committed $key]
  if {$now > $before * $limit} {
    incr grew
    puts [format "%+5.1f %%  %.0f -> %.0f  %s" [expr {($now / $before - 1) * 100}] $before $now [join $key {, }]]
  }
}
set families [lmap key [dict keys $counted] {lindex $key 0}]
foreach key [dict keys $committed] {
  if {[llength $key] == 5 && [lindex $key 0] in $families && ![dict exists $counted $key]} {
    puts "gone: [join $key {, }]"
  }
}
puts "$compared counts compared, $grew grew by more than 3 %"
exit [expr {$grew > 0 || $compared == 0}]
