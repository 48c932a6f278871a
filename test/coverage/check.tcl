# Judges a coverage report:  tclsh check.tcl REPORT.info EXCEPTIONS
#
# All lines must have run, and 95 of 100 branches. A line that cannot be run by a test stands in the
# file of exceptions with the reason. An exception that was run, or is not there any more, fails too.

set least_branches 95.0

proc read_file {path} {
  set channel [open $path]
  set text [read $channel]
  close $channel
  return $text
}

# Each exception is "file: text of the line", or of several, with ⏎ between them; what comes before, on lines that begin
# with #, is why.
proc read_exceptions {path} {
  set exceptions {}
  foreach line [split [read_file $path] \n] {
    set line [string trim $line]
    if {$line ne "" && ![string match #* $line]} { dict set exceptions $line 0 }
  }
  return $exceptions
}

proc source_line {path number} {
  if {![info exists ::sources($path)]} { set ::sources($path) [split [read_file $path] \n] }
  return [string trim [lindex $::sources($path) $number-1]]
}

# The report names a file once for each program it was linked into: what one of them ran was run.
proc read_report {path} {
  set file ""
  foreach line [split [read_file $path] \n] {
    if {[regexp {^SF:(.*)$} $line - file]} {
      regsub {^.*/ext/} $file {} name
      set ::paths($name) $file
    } elseif {[regexp {^DA:(\d+),(\d+)} $line - number runs]} {
      dict incr ::lines $name:$number $runs
    } elseif {[regexp {^BRDA:(\d+),(\d+),(\d+),(.+)$} $line - number block branch taken]} {
      dict incr ::branches $name:$number:$block:$branch [expr {$taken eq "-" ? 0 : $taken}]
    }
  }
}

# The places "name:number" of the exceptions; one that is nowhere, or in two places, is a mistake.
proc places_of {exception} {
  if {![regexp {^(\S+): (.*)$} $exception - name text] || ![info exists ::paths($name)]} { return {} }
  set wanted [lmap line [split $text ⏎] { string trim $line }]
  set last [llength [split [read_file $::paths($name)] \n]]
  set found {}
  for {set at 1} {$at <= $last} {incr at} {
    set number $at
    foreach line $wanted {
      if {[source_line $::paths($name) $number] ne $line} break
      lappend here $name:$number
      incr number
    }
    if {$number - $at == [llength $wanted]} { lappend found $here }
    set here {}
  }
  return $found
}

proc check_lines {exceptions} {
  set missed 0
  set excepted {}
  foreach exception [dict keys $exceptions] {
    set found [places_of $exception]
    if {[llength $found] == 1} { lappend excepted {*}[lindex $found 0]; continue }
    puts "stands [llength $found] times in the source: $exception"
    incr missed
  }
  dict for {place runs} $::lines {
    lassign [split $place :] name number
    set line [source_line $::paths($name) $number]
    if {$runs > 0 && $place in $excepted} {
      puts "ext/$place: is run, but stands among the exceptions: $line"
      incr missed
    } elseif {$runs == 0 && $place ni $excepted} {
      puts "ext/$place: never run: $line"
      incr missed
    }
  }
  return $missed
}

set lines {}
set branches {}
lassign $argv report list
read_report $report
set exceptions [read_exceptions $list]
set missed [check_lines $exceptions]
set taken [llength [lmap runs [dict values $branches] { if {$runs == 0} continue; set runs }]]
set share [expr {100.0 * $taken / [dict size $branches]}]
puts [format "%d lines, %d of them excepted, %d not as they must be; %.1f %% of %d branches" \
  [dict size $lines] [dict size $exceptions] $missed $share [dict size $branches]]
set failed [expr {($missed > 0) + ($share < $least_branches)}]
puts "[expr {2 - $failed}] passed, $failed failed"
exit [expr {$failed > 0}]
