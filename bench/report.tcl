# Results from figures:  tclsh report.tcl FIGURES DIRECTORY
#
# Reads the lines that the bench prints (bench.h says which) and writes, into the directory, results.json,
# results.md and *.dat, from which plots.gp draws. With no arguments: figures on standard input, tables on
# standard output.

# What DESIGN.md asks for: the words, the limit, and the ratios that must all be at most that.
# A ratio: family, work, where, a, b. A * as the first size is the largest that was measured.
set memory {memory}
set normal {WAL, synchronous NORMAL}
set goals [list \
  {prepared kv_get / the same SELECT by hand, in memory} 1.20 \
    [list [list operations get $memory kv hand-written]] \
    [list operations get $memory {a bare function} hand-written] \
  {prepared kv_get / the same SELECT by hand, on a WAL file} 1.05 \
    [list [list operations get $normal kv hand-written]] \
    [list operations get $normal {a bare function} hand-written] \
  {prepared kv_set / the same upsert by hand, in memory} 1.20 \
    [list [list operations set $memory kv hand-written]] \
    [list operations set $memory {a bare function} hand-written] \
  {prepared kv_set / the same upsert by hand, on a WAL file} 1.05 \
    [list [list operations set $normal kv hand-written]] \
    [list operations set $normal {a bare function} hand-written] \
  {kv_get as SQL text / the SELECT as SQL text} 0.60 \
    [list [list operations get $memory {kv as SQL text} {hand-written as SQL text}]] \
    [list operations get $memory {a bare function as SQL text} {hand-written as SQL text}] \
  {bulk load through kv_entries / INSERT INTO kv SELECT} 1.5 \
    [list [list bulk {load, for each row} $memory kv hand-written]] \
    [list bulk {load, for each row} $memory {a bare virtual table} hand-written] \
  {get: at the most keys / at 1,000} 4 [list [list growth kv_get $normal * 1000]] {} \
  {set: at the most keys / at 1,000} 4 [list [list growth kv_set $normal * 1000]] {} \
  {set of a new key: at the most keys / at 1,000} 4 [list [list growth {kv_set, new key} $normal * 1000]] {} \
  {set under a quota: at the most keys / at 1,000} 4 \
    [list [list growth {kv_set under a quota} $normal * 1000] \
      [list growth {kv_set under a quota, new key} $normal * 1000]] {} \
  {one group's row of kv_groups: at the most keys / at 1,000} 4 \
    [list [list growth {one row of kv_groups} $normal * 1000]] {} \
  {kv_render of 3 fields: group of 100,000 keys / group of 3} 1.3 \
    [list [list render {3 fields of a group} $memory {100,000 keys} {3 keys}]] {} \
  {kv_set with no watcher / without the event code, in instructions} 1.01 \
    [list [list events {instructions of a set, no watcher} $memory all {without the event code}]] {} \
  {kv_set with one watcher / with none} 1.25 \
    [list [list events set $memory {1 watcher} {no watcher}]] {} \
  {set under a quota at 100,000 keys / go-store's way} 0.001 \
    [list [list quotas {set of a new key under a quota} $memory kv {go-store's way}]] {}]

set titles [dict create \
  operations {Work on one key} mixed {Calls in turn} listings {Counts and listings} bulk {Many rows at once} quotas Quotas \
  events Events render {kv_render} templates {Templates, against Go's own engine} \
  values {Values by their size in bytes} processes {Processes that write one file} \
  growth {Growth: one operation, by the number of keys in the store} \
  {growth in groups} {Growth: one operation, by the number of groups in the store} \
  {growth of answers} {Growth: what reads all, by the number of its rows} footprint Footprint]

# ---- reading ----

# figure: {family where work x contender} to {median low high unit}, and so on.
proc read_figures {channel} {
  global figures ratios about skipped
  set figures [dict create]; set ratios [dict create]; set about [dict create]; set skipped [dict create]
  while {[gets $channel line] >= 0} {
    set rest [lassign [split $line \t] kind]
    switch $kind {
      figure {
        lassign $rest family work where x contender median low high unit
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

# The ratio at the largest size, if the first contender is a star.
proc find_ratio {wanted} {
  global ratios
  lassign $wanted family work where a b
  set found {}
  dict for {key value} $ratios {
    lassign $key its_family its_work its_where - its_a its_b
    if {$its_family ne $family || $its_work ne $work || $its_where ne $where || $its_b ne $b} continue
    if {$its_a eq $a} { return $value }
    if {$a eq {*} && ($found eq {} || $its_a > [lindex $found 0])} { set found [list $its_a $value] }
  }
  return [lindex $found 1]
}

# {words limit worst-ratio is-met floor}; a ratio is empty where it was not measured.
proc judged_goals {} {
  global goals
  set judged {}
  foreach {words limit wanted floor} $goals {
    set worst {}
    foreach key $wanted {
      set ratio [find_ratio $key]
      if {$ratio ne {} && ($worst eq {} || [lindex $ratio 0] > [lindex $worst 0])} { set worst $ratio }
    }
    set is_met [expr {$worst ne {} && [lindex $worst 0] <= $limit}]
    lappend judged [list $words $limit $worst $is_met [expr {$floor eq {} ? {} : [find_ratio $floor]}]]
  }
  return $judged
}

proc goals_table {} {
  set text "\n## Goals\n\n[row {goal {at most} measured met floor}][row {--- --- --- --- ---}]"
  foreach goal [judged_goals] {
    lassign $goal words limit ratio is_met floor
    append text [row [list $words $limit [expr {$ratio eq {} ? {not measured} : [ratio_text $ratio]}] \
                        [expr {$ratio eq {} ? {} : $is_met ? {yes} : {**no**}}] \
                        [expr {$floor eq {} ? {} : [ratio_text $floor]}]]]
  }
  append text "\nThe floor is what the very statement of the other side takes behind a C function (for loads: a virtual table)\
    that does\nnothing else: the bare ones of the tables below. It is what SQLite takes for calling an extension.\n"
  return $text
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

proc json_goals {} {
  lmap goal [judged_goals] {
    lassign $goal words limit ratio is_met floor
    object [list goal [quoted $words] at_most $limit \
              measured [expr {$ratio eq {} ? {null} : [object [spread $ratio]]}] \
              met [expr {$ratio eq {} ? {null} : $is_met ? {true} : {false}}] \
              floor [expr {$floor eq {} ? {null} : [object [spread $floor]]}]]
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

# ---- what is plotted: blocks of "x y low high", each under its title ----

proc write {file text} {
  set channel [open $file w]
  fconfigure $channel -encoding utf-8
  puts -nonewline $channel $text
  close $channel
}

proc block {title points} {
  return "\"$title\"\n[join [lmap point $points {join $point { }}] \n]\n\n\n"
}

# One line a work, over the contenders, which are sizes.
proc growth_data {family} {
  global figures normal
  set text {}
  if {![dict exists $figures $family]} return
  dict for {work cells} [dict get $figures $family $normal] {
    set points [lmap {size values} $cells {list $size {*}[lrange $values 0 2]}]
    append text [block [lindex $work 0] [lsort -integer -index 0 $points]]
  }
  return $text
}

# One line a contender, over x.
proc series_data {family work_wanted} {
  global figures normal
  if {![dict exists $figures $family]} return
  set series [dict create]
  dict for {work cells} [dict get $figures $family $normal] {
    lassign $work name x
    if {$name ne $work_wanted} continue
    dict for {contender values} $cells { dict lappend series $contender [list $x {*}[lrange $values 0 2]] }
  }
  return [join [lmap {contender points} $series {block $contender $points}] {}]
}

# Bars: a line a work, a column a contender, operations a second; 0 where there is none.
proc bars_data {where} {
  global figures
  if {![dict exists $figures operations $where]} return
  set works [dict get $figures operations $where]
  set contenders [lmap contender [contenders_of $works] {
    if {[string match {a bare *} $contender]} continue ;# a floor, not a peer
    set contender
  }]
  set text "work [lmap contender $contenders {quoted $contender}]\n"
  regsub -all {[{}]} $text {} text
  dict for {work cells} $works {
    append text [quoted [lindex $work 0]]
    foreach contender $contenders {
      append text " " [expr {[dict exists $cells $contender] ? 1e9 / [lindex [dict get $cells $contender] 0] : 0}]
    }
    append text \n
  }
  return $text
}

proc write_plot_data {directory} {
  global normal memory
  foreach {name data} [list growth [growth_data growth] groups [growth_data {growth in groups}] \
                         answers [growth_data {growth of answers}] \
                         values-set [series_data values set] values-get [series_data values get] \
                         processes [series_data processes {sets a second, all together}] \
                         operations-wal [bars_data $normal] operations-memory [bars_data $memory]] {
    file delete $directory/$name.dat
    if {$data ne {}} { write $directory/$name.dat $data }
  }
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
  write $directory/results.md [heading][goals_table][tables]
  write_plot_data $plots
}
