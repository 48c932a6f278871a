# The goals of speed, and what is reached of each: a part of report.tcl.
#
# A goal: its words, the limit, and what must all be at most that. A ratio is {family work where x a b}; an x or an a
# of * is any, or the largest. A single figure is {family work where x contender} and the unit that the limit has.

set memory {memory}
set normal {WAL, synchronous NORMAL}
set alike {all keys alike}
set hot {1,000 hot keys}
set templates {{three fields} {range over all} {if, printf and a pipe} {functions}}
set each_statement {one template, a statement each time}
set over_rows {one template, over the rows of one statement}

proc drawn {work where draw x} { return [list draws $work "$where, $draw" $x kv hand-written] }
proc of_templates {where} {
  global templates
  return [lmap name $templates {list templates $name $where 0 kv Go}]
}

set goals [list \
  {get / SELECT by hand, memory, 1,000 keys} 1.25 [list [drawn get $memory $alike 1000]] \
  {get / SELECT by hand, memory, 100,000 keys} 1.20 [list [drawn get $memory $alike 100000]] \
  {get / SELECT by hand, memory, 100,000 keys, hot or by Zipf} 1.15 \
    [list [drawn get $memory $hot 100000] [drawn get $memory Zipf 100000]] \
  {get over many rows of one statement / as a subquery} 1.15 \
    [list [list rows {get, for each row} $memory 1000 kv hand-written] \
      [list rows {get, for each row} $memory 100000 kv hand-written]] \
  {get / SELECT by hand, WAL, 100,000 keys} 1.15 [list [drawn get $normal $alike 100000]] \
  {get / SELECT by hand, WAL, 100,000 keys, hot} 1.08 [list [drawn get $normal $hot 100000]] \
  {set / upsert by hand, memory, 1,000 and 100,000 keys} 1.12 \
    [list [drawn set $memory $alike 1000] [drawn set $memory $alike 100000]] \
  {set / upsert by hand, WAL, 1,000 and 100,000 keys} 1.05 \
    [list [drawn set $normal $alike 1000] [drawn set $normal $alike 100000]] \
  {overwrite under a quota / without} 1.05 \
    [list [list quotas {overwrite under a quota} $memory * kv {kv, no quota}]] \
  {overwrite under a quota on bytes / without} 1.5 \
    [list [list quotas {overwrite under a quota} $memory * {kv, max_bytes} {kv, no quota}]] \
  {new key under a quota / without} 1.8 \
    [list [list quotas {set of a new key under a quota} $memory * kv {kv, no quota}]] \
  {new key under a quota of its namespace and one of all / without} 2.5 \
    [list [list quotas {set of a new key under a quota} $memory * {kv, two quotas} {kv, no quota}]] \
  {refused set: the most keys / 1,000} 4 [list [list {growth in quotas} {a refused set} $memory * * 1000]] \
  {one row of kv_quotas: the most keys / 1,000} 4 \
    [list [list {growth in quotas} {one row of kv_quotas} $memory * * 1000]] \
  {set of 100 KB and of 10 MB / by hand} 1.10 \
    [list [list values set $normal 100000 kv hand-written] [list values set $normal 10000000 kv hand-written]] \
  {set with ttl / by hand, WAL} 1.10 [list [list operations {set with ttl} $normal 0 kv hand-written]] \
  {set with ttl from Go / go-store itself, WAL} 0.9 [list [list go {set with ttl} $normal 0 kv {go-store itself}]] \
  {load through kv_entries / INSERT INTO kv SELECT} 1.25 \
    [list [list bulk {load, for each row} $memory * kv hand-written] \
      [list bulk {load, for each row} $normal * kv hand-written]] \
  {load of scattered keys / by hand} 1.5 \
    [list [list bulk {load of scattered keys, for each row} $memory * kv hand-written] \
      [list bulk {load of scattered keys, for each row} $normal * kv hand-written]] \
  {load inside a transaction, kv_put / by hand} 1.15 \
    [list [list bulk {load inside a transaction, for each row} $memory * kv_put hand-written] \
      [list bulk {load inside a transaction, for each row} $normal * kv_put hand-written]] \
  {scan of a group, key and value / by hand} 2.0 \
    [list [list scans {key and value, for each row} $memory 0 kv hand-written]] \
  {scan of a group, * / by hand} 2.6 [list [list scans {*, for each row} $memory 0 kv hand-written]] \
  {scan of a group, count(*) / by hand} 1.4 [list [list scans {count(*), for each row} $memory 0 kv hand-written]] \
  {get as SQL text / the SELECT as SQL text} 0.60 \
    [list [list operations get $memory 0 {kv as SQL text} {hand-written as SQL text}]] \
  {set with one watcher / none, memory} 1.35 [list [list events set $memory 0 {1 watcher} {no watcher}]] \
  {set with one watcher / none, WAL} 1.10 [list [list events set $normal 0 {1 watcher} {no watcher}]] \
  {set with the feed on / off, memory} 1.40 [list [list feed set $memory 0 {feed on} {feed off}]] \
  {set with the feed on / off, WAL} 1.45 [list [list feed set $normal 0 {feed on} {feed off}]] \
  {set with the feed on / off, WAL, transactions of 1,000} 1.25 \
    [list [list feed set "$normal, transactions of 1,000" 0 {feed on} {feed off}]] \
  {from a set to its change read in another process, kv_wait} {200 µs} \
    [list [list wait {from a set to its change read} $normal 0 kv_wait]] \
  {CPU of a reader that waits} {0.3 %} [list [list wait {CPU of a reader that waits} $normal 0 kv_wait]] \
  {render, a statement each / Go's engine parsing and running} 0.4 [of_templates $each_statement] \
  {render over many rows of one statement / Go's engine running a parsed one} 0.8 [of_templates $over_rows] \
  {memory of a connection's statements after a get and a set} {15 KB} \
    [list [list footprint {statements, after a get and a set} $memory 0 {with .load}]] \
  {get: the most keys / 1,000} 4 [list [list growth kv_get $normal 0 * 1000]] \
  {set: the most keys / 1,000} 4 [list [list growth kv_set $normal 0 * 1000]] \
  {set under a quota: the most keys / 1,000} 4 \
    [list [list growth {kv_set under a quota} $normal 0 * 1000] \
      [list growth {kv_set under a quota, new key} $normal 0 * 1000]] \
  {one row of kv_groups: the most keys / 1,000} 4 [list [list growth {one row of kv_groups} $normal 0 * 1000]]]

# What a unit of a limit is in that of the figures.
set units {µs 1e3 % 1 KB 1e3}

# ---- finding ----

# The x that was measured: the one that is wanted, or any. Counts may be of smaller stores.
proc measured_x {dictionary family work where x} {
  set found {}
  dict for {key -} $dictionary {
    lassign $key its_family its_work its_where its_x
    if {$its_family ne $family || $its_work ne $work || $its_where ne $where} continue
    if {$its_x == $x} { return $x }
    set found $its_x
  }
  return [expr {$x eq {*} ? $found : {}}]
}

# The largest contender of those whose names are sizes.
proc largest {dictionary family work where x} {
  set found 0
  dict for {key -} $dictionary {
    lassign $key its_family its_work its_where its_x contender
    if {[list $its_family $its_work $its_where $its_x] ne [list $family $work $where $x]} continue
    if {[string is integer $contender] && $contender > $found} { set found $contender }
  }
  return $found
}

# From a dictionary of {family work where x contender}: the medians' ratio, or nothing.
proc ratio_in {dictionary wanted} {
  lassign $wanted family work where x a b
  set x [measured_x $dictionary $family $work $where $x]
  if {$a eq {*}} { set a [largest $dictionary $family $work $where $x] }
  set keys [lmap contender [list $a $b] {list $family $work $where $x $contender}]
  foreach key $keys { if {![dict exists $dictionary $key]} return }
  lassign $keys key_a key_b
  return [expr {double([lindex [dict get $dictionary $key_a] 0]) / [lindex [dict get $dictionary $key_b] 0]}]
}

# The ratio as measured round by round, {median low high}; else that of two medians. A figure is as it is.
proc time_of {wanted} {
  global ratios medians
  lassign $wanted family work where x a b
  if {[llength $wanted] == 5} {
    return [expr {[dict exists $medians $wanted] ? [dict get $medians $wanted] : {}}]
  }
  set x [measured_x $medians $family $work $where $x]
  set key [list $family $work $where $x [expr {$a eq {*} ? [largest $medians $family $work $where $x] : $a}] $b]
  if {[dict exists $ratios $key]} { return [dict get $ratios $key] }
  set ratio [ratio_in $medians $wanted]
  return [expr {$ratio eq {} ? {} : [list $ratio $ratio $ratio]}]
}

# The worst of what a goal asks for; of those that were measured.
proc worst_of {ways} {
  set worst {}
  foreach way $ways {
    if {$way eq {}} continue
    if {$worst eq {} || [lindex $way 0] > [lindex $worst 0]} { set worst $way }
  }
  return $worst
}

# Goals as dictionaries: words, limit, unit, reached {median low high}, instructions, part (of the limit), is_met;
# empty where nothing was measured.
proc judged_goals {} {
  global goals counts units
  return [lmap {words limit wanted} $goals {
    lassign $limit number unit
    set scale [expr {$unit eq {} ? 1 : [dict get $units $unit]}]
    set reached [lmap value [worst_of [lmap key $wanted {time_of $key}]] {expr {$value / $scale}}]
    set instructions [worst_of [lmap key $wanted {expr {$unit eq {} ? [ratio_in $counts $key] : {}}}]]
    set part [expr {$reached eq {} ? {} : [lindex $reached 0] / $number}]
    dict create words $words limit $number unit $unit reached $reached instructions $instructions part $part \
      is_met [expr {$part ne {} && $part <= 1}]
  }]
}

# Not by expr, which takes the zeros off.
proc two_places {number} {
  if {$number eq {}} return
  return [format %.2f $number]
}

proc goals_table {} {
  set text "\n## Goals\n\n[row {goal {at most} reached {in instructions} {reached / goal} met}][row [lrepeat 6 ---]]"
  foreach goal [judged_goals] {
    dict with goal {
      set unit [expr {$unit eq {} ? {} : " $unit"}]
      append text [row [list $words $limit$unit \
        [expr {$reached eq {} ? {not measured} : "[ratio_text $reached]$unit"}] \
        [two_places $instructions] [two_places $part] \
        [expr {$part eq {} ? {} : $is_met ? {yes} : {**no**}}]]]
    }
  }
  append text "\nWhere a goal is about several works, this is the worst of them. Instructions are those of\
    callgrind, on smaller stores\nwhere the larger ones take long; another program on the machine does not change\
    them.\n"
  return $text
}

proc json_goals {} {
  return [lmap goal [judged_goals] {
    dict with goal {
      object [list goal [quoted $words] at_most $limit unit [expr {$unit eq {} ? {null} : [quoted $unit]}] \
        reached [expr {$reached eq {} ? {null} : [object [spread $reached]]}] \
        instructions [expr {$instructions eq {} ? {null} : [format %.4f $instructions]}] \
        met [expr {$part eq {} ? {null} : $is_met ? {true} : {false}}]]
    }
  }]
}
