# What plots.gp draws: blocks of "x y low high", each under the title of its line. A part of report.tcl.

proc write {file text} {
  set channel [open $file w]
  fconfigure $channel -encoding utf-8
  puts -nonewline $channel $text
  close $channel
}

proc block {title points} {
  return "\"$title\"\n[join [lmap point $points {join $point { }}] \n]\n\n\n"
}

# A line for each of the works, over the contenders, which are sizes.
proc growth_data {family works} {
  global figures normal
  if {![dict exists $figures $family $normal]} return
  set text {}
  foreach work $works {
    dict for {key cells} [dict get $figures $family $normal] {
      if {[lindex $key 0] ne $work} continue
      set points [lmap {size values} $cells {list $size {*}[lrange $values 0 2]}]
      append text [block $work [lsort -integer -index 0 $points]]
    }
  }
  return $text
}

# A line a contender, over x.
proc series_data {family work contenders} {
  global medians normal
  set text {}
  foreach contender $contenders {
    set points {}
    dict for {key values} $medians {
      lassign $key its_family its_work where x its_contender
      if {[list $its_family $its_work $where $its_contender] ne [list $family $work $normal $contender]} continue
      lappend points [list $x {*}[lrange $values 0 2]]
    }
    if {$points eq {}} continue
    append text [block [string map {hand-written {by hand}} $contender] [lsort -integer -index 0 $points]]
  }
  return $text
}

# Bars: a line a work, a column a contender, in microseconds; ? where there is none.
proc bars_data {where columns} {
  global headline figures
  if {![dict exists $figures operations $where]} return
  set text "work [join [lmap name [dict keys $columns] {quoted $name}]]\n"
  foreach words {get set {set with ttl} incr} {
    append text [quoted $words]
    foreach contender [dict values $columns] {
      set cell [headline_cell $words [dict get $headline $words] $where $contender]
      append text " " [expr {$cell eq {} ? {?} : [string map {, {}} $cell]}]
    }
    append text \n
  }
  return $text
}

proc write_plot_data {directory} {
  global normal memory
  set peers [list kv kv {by hand} hand-written Redis Redis {kv, from Python} {python kv} \
    {diskcache, from Python} {python diskcache}]
  set contenders {kv hand-written LMDB Redis}
  foreach {name data} [list \
    growth [growth_data growth {kv_get {SELECT by hand} kv_set {upsert by hand} {kv_set under a quota}}] \
    groups [growth_data {growth in groups} {kv_get kv_set {kv_count of one group} {one row of kv_groups}}] \
    answers [growth_data {growth of answers} {{kv_count of all} {list all keys} {list all groups}}] \
    values-set [series_data values set $contenders] values-get [series_data values get $contenders] \
    processes [series_data processes {sets a second, all together} $contenders] \
    operations-wal [bars_data $normal $peers]] {
    file delete $directory/$name.dat
    if {$data ne {}} { write $directory/$name.dat $data }
  }
}
