# What the Tcl tests share. Each .test file sources this first and ends with `finish`.
#
#   KV_LIBRARY    the extension to test (build/kv)
#
# A test runs in a fresh directory, which goes with it; files are named by `file_path`.

# Scripts, names and what programs print are UTF-8, whatever the locale: a tclsh that takes them for anything else begins
# again in one that knows so. (It decides on the encoding as it starts.)
if {[encoding system] ne "utf-8" && ![info exists env(KV_TEST_AGAIN)]} {
  array set env {LC_ALL C.UTF-8 KV_TEST_AGAIN 1}
  set failed [catch {exec [info nameofexecutable] $argv0 {*}$argv <@stdin >@stdout 2>@stderr} message options]
  if {!$failed} {exit 0}
  if {[lindex [dict get $options -errorcode] 0] eq "CHILDSTATUS"} {exit [lindex [dict get $options -errorcode] 2]}
  puts stderr $message
  exit 1
}

set arguments $argv ;# tcltest would take them for its own
set argv {}
package require tcltest
package require sqlite3

set test_dir [file dirname [file normalize [info script]]]
set root_dir [file dirname $test_dir]
set library [file join $root_dir build kv]
if {[info exists env(KV_LIBRARY)]} {set library [file normalize $env(KV_LIBRARY)]}

set temporary /tmp
if {[info exists env(TMPDIR)]} {set temporary $env(TMPDIR)}
set work_dir [file join $temporary kv-test-[pid]]
proc file_path {name} {
  file mkdir $::work_dir
  return [file join $::work_dir $name]
}

# Opens a database with the extension loaded.
proc open_kv {db {file :memory:} args} {
  sqlite3 $db $file {*}$args
  $db timeout 5000
  load_kv $db
}

proc load_kv {db} {
  set ::is_kv([namespace tail $db]) 1
  $db enable_load_extension 1
  $db onecolumn {SELECT load_extension($::library)}
}

# What a connection is in the middle of: "nothing", "a transaction", "a statement". A VACUUM asks both questions first;
# that a BLOB names no file it asks next, and before it does anything. (One that got as far as to miss the file would read
# all schemas anew, which the tests are not to depend on.)
proc middle_of {db} {
  catch {$db eval {VACUUM INTO x'00'}} message
  switch -glob $message {
    {*within a transaction*} {return "a transaction"}
    {*statements in progress*} {return "a statement"}
    default {return nothing}
  }
}

# A test also fails if it leaves a connection in the middle of something.
proc test {name args} {
  set passed $tcltest::numTests(Passed)
  uplevel 1 [list tcltest::test $name {*}$args]
  foreach db [info commands ::*] {
    if {![info exists ::is_kv([namespace tail $db])] || [middle_of $db] eq "nothing"} continue
    puts "==== $name FAILED: it leaves $db in the middle of [middle_of $db]"
    catch {$db eval ROLLBACK}
    if {$tcltest::numTests(Passed) > $passed} {incr tcltest::numTests(Passed) -1}
    incr tcltest::numTests(Failed)
  }
}

# The error message of a script, or "no error".
proc error_of {script} {
  if {[catch {uplevel 1 $script} message]} {return $message}
  return "no error"
}

proc sql_error {db sql} {
  if {[catch {uplevel 1 [list $db eval $sql]} message]} {return $message}
  return "no error"
}

# The error message and result code of SQL on a connection.
proc error_and_code {db sql} {
  set message [uplevel 1 [list sql_error $db $sql]]
  return [list $message [$db errorcode]]
}

# Runs a script in another tclsh with the extension's helpers at hand; returns what it prints.
proc in_process {script args} {
  set file [file_path script-[clock microseconds].tcl]
  set channel [open $file w]
  puts $channel [list source [file join $::test_dir tester.tcl]]
  puts $channel $script
  close $channel
  return [exec [info nameofexecutable] $file {*}$args]
}

# The same in the background; the channel reads what it prints.
proc process_channel {script args} {
  set file [file_path script-[clock microseconds].tcl]
  set channel [open $file w]
  puts $channel [list source [file join $::test_dir tester.tcl]]
  puts $channel $script
  close $channel
  return [open |[list [info nameofexecutable] $file {*}$args 2>@1] r+]
}

# By the shell's own command: a program `kill` is not on every machine.
proc send_signal {signal process} {exec sh -c "kill -$signal $process"}

# Waits until the condition holds: 1, or 0 after so many seconds.
proc wait_until {seconds condition} {
  set end [expr {[clock milliseconds] + $seconds * 1000}]
  while {[clock milliseconds] < $end} {
    if {[uplevel 1 [list expr $condition]]} {return 1}
    after 20
  }
  return 0
}

proc finish {} {
  global tcltest::numTests
  set passed $::tcltest::numTests(Passed)
  set failed $::tcltest::numTests(Failed)
  file delete -force $::work_dir
  puts "$passed passed, $failed failed"
  exit [expr {$failed > 0 || $passed == 0}]
}
