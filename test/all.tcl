# Runs tests, each file in a process of its own:  tclsh test/all.tcl [NAME...] [--program PATH...]
#
# Without names, all of test/*.test and test/slt/*.slt; a name is a file's, with or without its ending. A
# program is any that ends with the line "N passed, N failed", as every test here does. One that ends
# otherwise, a crash say, counts as a failure, and so does a name that is no test's. KV_TEST_PREFIX is a command to
# run each under (valgrind …, or env LD_PRELOAD=…). One that takes longer than KV_TEST_SECONDS (300) is killed, and has
# failed.

set env(LC_ALL) C.UTF-8 ;# each test would begin again in it: see tester.tcl
set test_dir [file dirname [file normalize [info script]]]
set names {}
set programs {}
set is_program 0
foreach argument $argv {
  if {$argument eq "--program"} {
    set is_program 1
  } elseif {$is_program} {
    lappend programs $argument
  } else {
    lappend names $argument
  }
}

proc wanted {file names} {
  set tail [file tail $file]
  return [expr {$names eq "" || $tail in $names || [file rootname $tail] in $names}]
}

set passed 0
set failed 0
set commands {}
foreach file [lsort [glob -directory $test_dir *.test]] {
  if {[wanted $file $names]} {
    lappend commands [file tail $file] [list [info nameofexecutable] $file]
  }
}
foreach file [lsort [glob -directory [file join $test_dir slt] *.slt]] {
  if {[wanted $file $names]} {
    lappend commands [file tail $file] \
        [list [info nameofexecutable] [file join $test_dir slt.tcl] $file]
  }
}
set tails [dict keys $commands]
foreach name $names {
  if {$name ni $tails && "$name.test" ni $tails && "$name.slt" ni $tails} {
    puts "there is no test \"$name\""
    incr failed
  }
}
foreach program $programs {lappend commands [file tail $program] [list $program]}

set prefix {}
if {[info exists env(KV_TEST_PREFIX)]} {set prefix $env(KV_TEST_PREFIX)}
set limit 300
if {[info exists env(KV_TEST_SECONDS)]} {set limit $env(KV_TEST_SECONDS)}

# Runs a command until it ends, or for so many seconds: {failed output}.
proc run {command seconds} {
  set channel [open |[list {*}$command 2>@1] r]
  fconfigure $channel -blocking 0
  set ::outcome ""
  fileevent $channel readable [list apply {{channel} {
    if {[eof $channel]} {set ::outcome ended} else {append ::output [read $channel]}
  }} $channel]
  set ::output ""
  set timer [after [expr {int($seconds * 1000)}] {set ::outcome late}]
  vwait ::outcome
  after cancel $timer
  if {$::outcome eq "late"} {
    foreach process [pid $channel] {catch {exec sh -c "kill -9 $process"}}
    append ::output "\nkilled after $seconds s"
  }
  fconfigure $channel -blocking 1
  set failed [catch {close $channel} message]
  set output [string trimright $::output]
  if {$failed && $::outcome eq "ended"} {append output "\n$message"}
  return [list $failed $output]
}

foreach {name command} $commands {
  set started [clock milliseconds]
  lassign [run [list {*}$prefix {*}$command] $limit] status output
  set seconds [format %.1f [expr {([clock milliseconds] - $started) / 1000.0}]]
  if {[regexp {(?:^|\n)(\d+) passed, (\d+) failed(?:\nchild process exited abnormally)?$} $output -> good bad]} {
    incr passed $good
    incr failed $bad
    if {$status && $bad == 0} {
      incr failed
      set bad 1
    }
  } else {
    incr failed
    set good 0
    set bad "crashed, 1"
  }
  puts [format "%-28s %4s passed, %s failed  %5s s" $name $good $bad $seconds]
  if {$status || $bad != 0} {puts $output}
  flush stdout
}
puts "$passed passed, $failed failed"
exit [expr {$failed > 0 || $passed == 0}]
