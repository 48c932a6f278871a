# Results from figures:  tclsh report.tcl FIGURES DIRECTORY
#
# Reads the lines that the bench prints (bench.h says which) and writes, into the directory, results.json,
# results.md and *.dat, from which plots.gp draws. With no arguments: figures on standard input, tables on
# standard output.

set here [file dirname [file normalize [info script]]]
foreach part {goals headline plotdata} { source -encoding utf-8 [file join $here $part.tcl] }

set titles [dict create \
  operations {Work on one key} draws {By the number of keys, and which are drawn} mixed {Calls in turn} \
  scans {Scans of a group} listings {Counts and listings} rows {Over many rows of one statement} \
  bulk {Loads} purges Purges quotas Quotas {growth in quotas} {Under a quota, by the number of keys} \
  events Events feed {The feed} wait {Waiting for a change} render {kv_render} \
  templates {Templates, against Go's own engine} values {Values by their size in bytes} \
  processes {Processes that write one file} growth {Growth: one operation, by the number of keys in the store} \
  {growth in groups} {Growth: one operation, by the number of groups in the store} \
  {growth of answers} {Growth: what reads all, by the number of its rows} footprint Footprint \
  go {From Go: go-store itself} python {From Python} node {From Node}]

# ---- reading ----

# figures: family, where, {work x}, contender to {median low high unit}; medians, the same by one key, {family work
# where x contender}; counts, such a key to instructions; ratios, {family work where x a b} to {median low high}.
proc read_figures {channel} {
  global figures medians counts ratios about skipped
  foreach name {figures medians counts ratios about skipped} { set $name [dict create] }
  while {[gets $channel line] >= 0} {
    set rest [lassign [split $line \t] kind]
    switch $kind {
      figure {
        lassign $rest family work where x contender median low high unit
        if {$unit eq {instructions}} {
          dict set counts [list $family $work $where $x $contender] $median
          continue
        }
        dict set medians [list $family $work $where $x $contender] [list $median $low $high]
        dict set figures $family $where [list $work $x] $contender [list $median $low $high $unit]
      }
      ratio {
        lassign $rest family work where x a b median low high
        dict set ratios [list $family $work $where $x $a $b] [list $median $low $high]
      }
      about { dict set about {*}$rest }
      skipped { dict set skipped {*}$rest }
    }
  }
}

# ---- numbers as people read them ----

proc with_commas {number} {
  while {[regsub {^(\d+)(\d{3})} $number {\1,\2} number]} {}
  return $number
}

# Three digits that count.
proc short {number} {
  if {$number == 0} { return 0 }
  set digits [expr {2 - int(floor(log10(abs($number))))}]
  if {$digits > 0} { return [format %.*f $digits $number] }
  return [with_commas [expr {round($number)}]]
}

proc human {median unit} {
  switch $unit {
    ns {
      if {$median < 1e3} { return "[short $median] ns" }
      if {$median < 1e6} { return "[short [expr {$median / 1e3}]] µs" }
      return "[short [expr {$median / 1e6}]] ms"
    }
    bytes { return [expr {$median < 1000 ? [short $median] : [with_commas [expr {round($median)}]]}] }
    percent { return "[short $median] %" }
    default { return [with_commas [expr {round($median)}]] }
  }
}

proc ratio_text {ratio} {
  lassign $ratio median low high
  set places [expr {$median < 0.01 ? 5 : 2}]
  format "%.${places}f (%.${places}f to %.${places}f)" $median $low $high
}

# ---- Markdown ----

proc row {cells} { return "| [join $cells { | }] |\n" }

# The contenders of a table, in the order in which they first come.
proc contenders_of {works} {
  set contenders {}
  dict for {- cells} $works {
    dict for {contender -} $cells { if {$contender ni $contenders} { lappend contenders $contender } }
  }
  return $contenders
}

# Works that have the same first contender make a table.
proc alike {works} {
  set parts [dict create]
  dict for {work cells} $works { dict set parts [lindex $cells 0] $work $cells }
  return [dict values $parts]
}

proc table {family where works} {
  global ratios
  set contenders [contenders_of $works]
  lassign $contenders a b
  if {{hand-written} in $contenders} { set b hand-written }
  set has_ratio [expr {![string match growth* $family] &&
                       [dict exists $ratios [list $family {*}[linsert [lindex $works 0] 1 $where] $a $b]]}]
  set head [list {} {*}[lmap contender $contenders {expr {
    [string is integer $contender] ? [with_commas $contender] : $contender}}]]
  if {$has_ratio} { lappend head "$a / $b" }
  set text [row $head][row [lrepeat [llength $head] ---]]
  dict for {work cells} $works {
    lassign $work name x
    set line [list [expr {$x > 0 ? "$name, [with_commas $x]" : $name}]]
    foreach contender $contenders {
      lappend line [expr {[dict exists $cells $contender]
                          ? [human {*}[lreplace [dict get $cells $contender] 1 2]] : {}}]
    }
    if {$has_ratio} {
      set key [list $family $name $where $x $a $b]
      lappend line [expr {[dict exists $ratios $key] ? [ratio_text [dict get $ratios $key]] : {}}]
    }
    append text [row $line]
  }
  return $text
}

proc tables {} {
  global figures titles
  set text {}
  dict for {family wheres} $figures {
    append text "\n## [dict get $titles $family]\n"
    dict for {where works} $wheres {
      append text "\n" [expr {$where eq {} ? {} : "[string toupper $where 0 0]:\n\n"}]
      append text [join [lmap part [alike $works] {table $family $where $part}] "\n"]
    }
  }
  return $text
}

# Instructions: all that were counted, kv's beside those by hand.
proc counts_table {} {
  global counts titles
  set works [dict create]
  dict for {key number} $counts {
    lassign $key family work where x contender
    dict set works [list $family $work $where $x] $contender $number
  }
  set text "\n## Instructions of one operation\n\n[row {{} where {} {}}][row [lrepeat 4 ---]]"
  dict for {key cells} $works {
    lassign $key family work where x
    set line [list "$family: [expr {$x > 0 ? "$work, [with_commas $x]" : $work}]" $where]
    append text [row [list {*}$line [join [lmap {contender number} $cells {
      string cat $contender { } [with_commas [expr {round($number)}]]}] {; }] \
      [two_places [expr {[dict exists $cells kv] && [dict exists $cells hand-written]
                         ? [dict get $cells kv] / double([dict get $cells hand-written]) : {}}]]]]
  }
  return [expr {[dict size $counts] ? $text : {}}]
}

proc heading {} {
  global about skipped
  set text "# Results\n\nWritten by `[dict get $about command]`: do not edit. Times are for one operation, and\
    medians;\nin a ratio's brackets is its spread over the rounds, without the outermost tenths.\n\n"
  append text [row {{} {}}][row {--- ---}]
  dict for {name value} $about { append text [row [list $name $value]] }
  dict for {what why} $skipped { append text [row [list "**skipped**: $what" $why]] }
  return $text
}

# ---- JSON ----

proc quoted {text} { return "\"[string map {\\ \\\\ \" \\\" \t \\t \n \\n} $text]\"" }
proc object {pairs} {
  return "{[join [lmap {name value} $pairs {string cat [quoted $name] : $value}] {, }]}"
}
proc texts {dictionary} {
  object [concat {*}[lmap {name value} $dictionary {list $name [quoted $value]}]]
}
proc spread {values} {
  lassign $values median low high
  list median $median low $low high $high
}

proc json_figures {} {
  global figures
  set lines {}
  dict for {family wheres} $figures {
    dict for {where works} $wheres {
      dict for {work cells} $works {
        lassign $work name x
        dict for {contender values} $cells {
          lappend lines [object [list family [quoted $family] work [quoted $name] where [quoted $where] \
                                   x $x contender [quoted $contender] {*}[spread $values] \
                                   unit [quoted [lindex $values 3]]]]
        }
      }
    }
  }
  return $lines
}

proc json_ratios {} {
  global ratios
  lmap {key values} $ratios {
    lassign $key family work where x a b
    object [list family [quoted $family] work [quoted $work] where [quoted $where] x $x a [quoted $a] \
              b [quoted $b] {*}[spread $values]]
  }
}

proc json {} {
  global about skipped
  set parts [list "\"about\": [texts $about]" "\"skipped\": [texts $skipped]"]
  foreach name {goals figures ratios} {
    lappend parts "\"$name\": \[\n  [join [json_$name] ",\n  "]\n\]"
  }
  return "{\n[join $parts ",\n"]\n}\n"
}

# ---- the program ----

if {$argc == 0} {
  fconfigure stdin -encoding utf-8
  read_figures stdin
  puts [tables]
} else {
  lassign $argv file directory plots
  set channel [open $file]
  fconfigure $channel -encoding utf-8
  read_figures $channel
  close $channel
  file mkdir $directory $plots
  write $directory/results.json [json]
  write $directory/results.md [heading][headline_table][goals_table][tables][counts_table]
  write_plot_data $plots
}
