# A runner for sqllogictest scripts:  tclsh test/slt.tcl FILE...
#
# A script is a list of records, separated by blank lines. Lines that begin with # are comments, but for those
# of a result.
#
#   statement ok                     the SQL succeeds
#   statement error [pattern]        it fails, with a message that the regular expression matches
#   statement count N                it succeeds and changes N rows
#   query TYPES [SORT] [LABEL]       it is one SELECT, and returns the values after the line ----, one a line, or
#                                    a row a line (its values apart by tabs, or else by any blanks)
#       TYPES   a letter a column: I integer, R real (three decimals), T text. As I, what is no whole number
#               is printed as it is, so that it is not taken for 0, or for the number below
#       SORT    nosort (as they come), rowsort, valuesort; what is expected is written in that order
#       LABEL   queries of one label have the same result
#       NULL is NULL, an empty string (empty), a control character @. A text ends, for Tcl, at U+0000: look at
#       its hex(). A result may be given as "N values hashing to MD5", of the values in UTF-8, each with a
#       newline after it
#   skipif CONDITION, onlyif CONDITION   about the next record of any kind; sqlite, sqlite>=3.35, sqlite<3.38, and
#                                    other engines' names, which never hold
#   hash-threshold N                 a result of more values than N is printed, when it fails, as its hash
#   halt                             the script ends here
# and, beyond the standard,
#   connection NAME                  the records that follow run on this connection, opened when first named;
#                                    "main" is where a script begins. All are on one file
#   open NAME FILE                   the same on another file of the script's own directory, or :memory:
#   reopen                           closes every connection, and opens "main" again
#
# A failure shows file, line, SQL, what was expected and what came. The last line is "N passed, N failed".

source [file join [file dirname [file normalize [info script]]] tester.tcl]
package require md5

array set counts {passed 0 failed 0}

proc fail {record expected got} {
  incr ::counts(failed)
  puts "[dict get $record file]:[dict get $record line]: FAILED"
  puts "  [string map {\n "\n  "} [dict get $record sql]]"
  puts "expected: [string map {\n "\n          "} $expected]"
  puts "got:      [string map {\n "\n          "} $got]"
}

# ---- connections ----

proc open_connection {name file} {
  if {$file ne ":memory:"} {set file [file join $::script_dir $file]}
  set command db_$name
  open_kv $command $file
  set ::connections($name) $command
}

proc use_connection {name {file test.db}} {
  if {![info exists ::connections($name)]} {open_connection $name $file}
  set ::db $::connections($name)
}

proc close_connections {} {
  foreach name [array names ::connections] {$::connections($name) close}
  array unset ::connections
}

# ---- running ----

# The values of a query as the script writes them, row by row.
proc format_value {type value is_null} {
  if {$is_null} {return NULL}
  if {$type eq "R"} {return [format %.3f $value]}
  if {$type eq "I" && [string is double -strict $value] && $value == entier($value)} {return [expr {entier($value)}]}
  if {$value eq ""} {return (empty)}
  return [regsub -all {[\x00-\x1f\x7f]} $value @]
}

# The values alone do not say how wide a row is, so the rows are counted as they come. Statements that run
# inside the query, or while it is prepared, are told by their text.
proc note_event {statement {sql ""}} {
  if {$sql ne ""} {
    if {[string trim $sql "; \n"] eq $::query_sql} {set ::query_statement $statement}
  } elseif {$statement eq $::query_statement} {
    incr ::query_rows
  }
}

proc values_of {width sql} {
  set ::query_sql [string trim $sql "; \n"]
  set ::query_statement ""
  set ::query_rows 0
  $::db trace_v2 note_event {statement row}
  try {
    set values [$::db eval $sql]
  } finally {
    $::db trace_v2 {}
  }
  if {$::query_statement eq ""} {error "a query is one SQL statement"}
  if {[llength $values] != $width * $::query_rows} {
    error "$::query_rows rows of [llength $values] values in all, where $width a row were expected"
  }
  return $values
}

proc rows_of {types sql} {
  set null "\x01null\x01"
  $::db nullvalue $null
  set width [string length $types]
  set rows {}
  set row {}
  foreach value [values_of $width $sql] {
    lappend row [format_value [string index $types [llength $row]] $value [expr {$value eq $null}]]
    if {[llength $row] == $width} {
      lappend rows $row
      set row {}
    }
  }
  return $rows
}

proc sort_result {rows sort} {
  if {$sort eq "rowsort"} {set rows [lsort -command {apply {{a b} {string compare [join $a \n] [join $b \n]}}} $rows]}
  set values [concat {*}$rows]
  if {$sort eq "valuesort"} {set values [lsort $values]}
  return $values
}

proc hash_of {values} {
  set bytes [encoding convertto utf-8 "[join $values \n]\n"]
  return "[llength $values] values hashing to [string tolower [md5::md5 -hex $bytes]]"
}

# What the script expects, as values: a row a line where there are as many lines as rows.
proc expected_values {lines width row_count} {
  if {$width > 1 && [llength $lines] == $row_count && $row_count > 0} {
    set values {}
    foreach line $lines {lappend values {*}[split $line \t]}
    if {[llength $values] == $width * $row_count} {return $values}
    set values {}
    foreach line $lines {lappend values {*}[regexp -all -inline {\S+} $line]}
    return $values
  }
  return $lines
}

proc check_statement {record words} {
  set sql [dict get $record sql]
  set failed [catch {$::db eval $sql} message]
  switch [lindex $words 1] {
    ok {
      if {$failed} {return [fail $record "no error" $message]}
    }
    count {
      if {$failed} {return [fail $record "no error" $message]}
      if {[$::db changes] != [lindex $words 2]} {
        return [fail $record "[lindex $words 2] rows changed" "[$::db changes] rows changed"]
      }
    }
    error {
      set pattern [join [lrange $words 2 end]]
      if {!$failed} {return [fail $record "an error: $pattern" "no error"]}
      if {![regexp -- $pattern $message]} {return [fail $record "an error: $pattern" $message]}
    }
    default {return [fail $record "statement ok, error or count" $words]}
  }
  incr ::counts(passed)
}

proc check_query {record words} {
  set types [lindex $words 1]
  set sort nosort
  set label ""
  foreach word [lrange $words 2 end] {
    if {$word in {nosort rowsort valuesort}} {set sort $word} else {set label $word}
  }
  if {[catch {rows_of $types [dict get $record sql]} rows]} {
    return [fail $record "no error" $rows]
  }
  set values [sort_result $rows $sort]
  set lines [dict get $record result]
  if {$label ne ""} {
    if {![info exists ::labels($label)]} {set ::labels($label) $values}
    if {$::labels($label) ne $values} {
      return [fail $record "the same as label $label" [join $values \n]]
    }
  }
  if {[regexp {^\d+ values hashing to} [lindex $lines 0]]} {
    set expected [lindex $lines 0]
    set got [hash_of $values]
  } else {
    set expected [join [expected_values $lines [string length $types] [llength $rows]] \n]
    set got [join $values \n]
  }
  if {$expected eq $got} {
    incr ::counts(passed)
    return
  }
  if {$::hash_threshold > 0 && [llength $values] > $::hash_threshold} {set got [hash_of $values]}
  fail $record $expected $got
}

proc condition_holds {condition} {
  if {$condition eq "sqlite"} {return 1}
  if {![string match sqlite* $condition]} {return 0}
  if {![regexp {^sqlite(>=|<)(\d+)\.(\d+)$} $condition -> operator major minor]} {
    error "condition \"$condition\" is none of sqlite, sqlite>=3.35, sqlite<3.38"
  }
  lassign [split [sqlite3 -version] .] has_major has_minor
  set has [expr {$has_major * 1000 + $has_minor}]
  return [expr "$has $operator $major * 1000 + $minor"]
}

# A statement of the script may begin a transaction; nothing else does, and nothing stays in the middle of a statement.
proc check_rest {record before} {
  set after [middle_of $::db]
  if {$after eq "a statement"} {fail $record "no statement is held" "one is"}
  if {$after ne "a transaction" || $before eq $after} return
  if {![regexp -nocase {\m(BEGIN|SAVEPOINT)\M} [dict get $record sql]]} {fail $record "no transaction" "one was left open"}
}

# ---- reading ----

# The records of a script: dictionaries of line, words, sql and result.
proc read_script {file} {
  set channel [open $file]
  fconfigure $channel -encoding utf-8
  set lines [split [read $channel] \n]
  close $channel
  set records {}
  set record {}
  set number 0
  foreach line [concat $lines {{}}] {
    incr number
    set in_result [expr {$record ne "" && [dict get $record part] eq "result"}]
    if {[string match #* $line] && !$in_result} continue
    if {[string trim $line] eq ""} {
      if {$record ne ""} {lappend records $record}
      set record {}
    } elseif {$record eq ""} {
      set record [dict create file $file line $number words [split $line] sql "" result {} part sql]
      if {[lindex [split $line] 0] in {skipif onlyif hash-threshold halt connection open reopen}} {
        lappend records $record
        set record {}
      }
    } elseif {[dict get $record part] eq "sql" && $line eq "----"} {
      dict set record part result
    } elseif {[dict get $record part] eq "sql"} {
      dict set record sql [string trimleft "[dict get $record sql]\n$line" \n]
    } else {
      dict lappend record result $line
    }
  }
  return $records
}

proc run_script {file} {
  set ::script_dir [file_path [file rootname [file tail $file]]]
  file mkdir $::script_dir
  array unset ::labels
  set ::hash_threshold 0
  set is_skipped 0
  use_connection main
  foreach record [read_script $file] {
    set words [dict get $record words]
    switch [lindex $words 0] {
      skipif {set is_skipped [expr {$is_skipped || [condition_holds [lindex $words 1]]}]; continue}
      onlyif {set is_skipped [expr {$is_skipped || ![condition_holds [lindex $words 1]]}]; continue}
    }
    if {$is_skipped} {
      set is_skipped 0
      continue
    }
    switch [lindex $words 0] {
      hash-threshold {set ::hash_threshold [lindex $words 1]; continue}
      connection {use_connection [lindex $words 1]; continue}
      open {use_connection [lindex $words 1] [lindex $words 2]; continue}
      reopen {close_connections; use_connection main; continue}
      halt {break}
      statement - query {
        set before [middle_of $::db]
        check_[lindex $words 0] $record $words
        check_rest $record $before
      }
      default {fail $record "a record of the standard" [join $words]}
    }
  }
  close_connections
}

foreach file $arguments {run_script $file}
file delete -force $work_dir
puts "$counts(passed) passed, $counts(failed) failed"
exit [expr {$counts(failed) > 0 || $counts(passed) == 0}]
