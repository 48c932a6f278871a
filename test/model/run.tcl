# Runs sequences of steps on a database and on the model, side by side, and compares each answer.

set model_dir [file dirname [file normalize [info script]]]
foreach file {store events steps foreign} {source [file join $model_dir $file.tcl]}

# ---- random ----

proc random {limit} {
  set ::random [expr {($::random * 6364136223846793005 + 1442695040888963407) & 0xffffffffffffffff}]
  return [expr {($::random >> 33) % $limit}]
}

proc one_of {list} {return [lindex $list [random [llength $list]]]}

# What an argument of a step may be, by its name.
set choices {
  group        {gh h {} 5 é 日本 % a_b it's ns: ns t:a t:b ns:x:y}
  key          {kk b z {} 5 é 日本 % a_b it's}
  prefix       {{} g gg ns ns: ns:x n t: é % a_ 5 zz}
  value        {1 2 2.0 2.5 -7 0 'word' '' '10' 'it''s' X'31' X'' 'a,b,,c' {' two  words '} 9223372036854775807}
  expected     {current current current NULL 1 2 2.0 'word' '10' X'31'}
  by           {1 1 5 -3 0.5 9223372036854775807}
  separator    {, o { }}
  conflict     {{} {} {OR IGNORE} {OR REPLACE}}
  milliseconds {0 0 1 10 999 1000 1001 3000 -400}
  namespace    {{} {} {} ns ns t}
  some_namespace {ns ns t}
  max_keys     {0 0 1000 2 4 8}
  max_groups   {0 0 1 2 3}
  name         {s1 s1 s2 s3}
  filter_group {* * g gg ns:g}
  filter_key   {* * * k a}
  capacity     {1000 1000 1 2 5}
  id           {1 2 3 4 5 9}
  members      {{{{}} {}} {{{"k":1,"b":"word"}} {k 1 b 'word'}} {{{"a":2.5,"z":[1,"x"],"k":true}} {a 2.5 z '[1,"x"]' k 1}}
                {{{"k":1,"kk":2,"k":3}} {k 3 kk 2}} {{{"a":1,"b":null}} {a 1 b NULL}}
                {{{"é":"é","日本":-1,"":false,"5":5}} {é 'é' 日本 -1 {} 0 5 5}}}
  mistake      {{{kv_set(NULL, 'k', 1)} {group is NULL}} {{kv_set('g', X'31', 1)} {key is a BLOB}}
                {{kv_set('g', 'k', NULL)} {value is NULL}} {{kv_set('g', 'k', 1, 0)} {ttl must be positive}}
                {{kv_set('g', 'k', 1, '5')} {ttl "5" has no unit, as "60s" has (a number without quotes is seconds)}}
                {{kv_expire('g', 'k', NULL)} {ttl is NULL (kv_persist removes a ttl)}}
                {{kv_incr('g', 'k', 'one')} {by is no number}} {{kv_load('g', '[1]')} {json is no object}}
                {{kv_delete_prefix(NULL)} {prefix is NULL}} {{kv_quota('a b', 1, 1)} {namespace "a b" is not made of letters, digits and hyphens}}}
  no_name      {kv_get(NULL,'k') kv_get('g',X'31') kv_exists(NULL,'k') kv_count(X'31') kv_count_all(NULL) kv_ttl(NULL,'k')
                kv_render(NULL,'g') kv_render('x',NULL)}
}
# Most calls are about a few names, so that they meet.
set often {group {g gg ns:g} key {k a}}

proc choose {argument} {
  set kind [string trimright $argument 0123456789]
  if {[dict exists $::often $kind] && [random 3]} {return [one_of [dict get $::often $kind]]}
  switch -- $argument {
    ttl {return [expr {[random 2] ? "" : 1 + [random 6000]}]}
    some_ttl {return [expr {1 + [random 6000]}]}
    default {return [one_of [dict get $::choices $kind]]}
  }
}

proc random_step {names} {
  set name [one_of $names]
  return [list $name {*}[lmap argument [dict get $::step_arguments $name] {choose $argument}]]
}

# ---- kinds of run ----

set calls {
  get get require exists ttl count count_all groups entries entries range split fields render
  set set set set set set set set setnx setnx cas cas cas_delete incr incr expire touch persist delete getdel delete_group delete_prefix purge
  update update_ttl move delete_entries wrong nothing scope tick tick tick tick
}
set many {load insert insert}
set transactions {begin commit rollback savepoint savepoint release release rollback_to}
set quotas {quota quota quotas}
set watching {watch_all unwatch events events_of}
set plain {plain_insert plain_delete plain_get}
set others {other_set other_set other_insert other_incr other_delete other_get other_entries}

# name {file journal_mode encoding steps}. Queues that overflow are watched where each event can be foretold, resyncs
# too: there is one more than needed after some rollbacks.
set kinds [list \
    memory {0 MEMORY UTF-8    {calls many transactions quotas watching}} \
    file   {1 DELETE UTF-8    {calls many transactions quotas watching reopen}} \
    utf16  {0 MEMORY UTF-16le {calls many transactions quotas watching}} \
    wal    {1 WAL    UTF-8    {calls many transactions quotas watching reopen}} \
    queues {0 MEMORY UTF-8    {calls watch unwatch events_of watchers}} \
    plain  {0 MEMORY UTF-8    {calls many transactions watching plain}} \
    two    {1 DELETE UTF-8    {calls many transactions watching plain others reopen}}]

proc kind_of {seed} {return [lindex $::kinds [expr {$seed % ([llength $::kinds] / 2) * 2}]]}

proc random_steps {seed count} {
  set ::random $seed
  for {set i 0} {$i < 5} {incr i} {random 2} ;# near seeds begin alike
  set names {}
  foreach each [lindex [dict get $::kinds [kind_of $seed]] 3] {
    lappend names {*}[expr {[info exists ::$each] ? [set ::$each] : $each}]
  }
  set steps {}
  for {set i 0} {$i < $count} {incr i} {lappend steps [random_step $names]}
  return $steps
}

# ---- a run ----

proc open_connection {db} {
  lassign [dict get $::kinds $::kind] is_file journal encoding
  set file [expr {$is_file ? [file_path model.db] : ":memory:"}]
  open_kv $db $file
  $db timeout 0
  $db eval "PRAGMA encoding = '$encoding'; PRAGMA journal_mode = $journal; PRAGMA synchronous = OFF"
  $db eval "SELECT kv_config('now', $model::now)"
}

proc start {kind} {
  set ::kind $kind
  catch {db close}
  catch {other close}
  foreach ending {{} -journal -wal -shm} {file delete [file_path model.db$ending]}
  model::reset [expr {[lindex [dict get $::kinds $kind] 2] eq "UTF-8" ? "utf-8" : "unicode"}]
  open_connection db
  if {$kind in {plain two}} {db eval {SELECT kv_set('g', 'k', 1), kv_delete('g', 'k')}}
  if {$kind eq "two"} {open_connection other}
}

# What the connection answers: {ok row} or {error code message}.
proc answer_of {connection sql} {
  switch $connection {
    reopen {
      db close
      open_connection db
      return {ok {}}
    }
    clock {
      set answer [db eval $sql]
      if {[info commands other] ne ""} {other eval $sql}
      return [list ok $answer]
    }
  }
  if {[catch {$connection eval $sql} answer]} {return [list error [$connection errorcode] $answer]}
  return [list ok $answer]
}

# Everything there is: {what kv shows, what the model has}, each a list of tables.
proc whole_state {} {
  set scope $model::scope
  set rows {}
  if {[db exists {SELECT 1 FROM sqlite_master WHERE name = 'kv'}]} {
    set rows [db eval {SELECT grp, key, quote(value), expires_at FROM kv ORDER BY grp, key}]
  }
  set modelled {}
  foreach name [lsort -command model::by_name [dict keys $model::rows]] {
    lappend modelled {*}$name {*}[dict get $model::rows $name]
  }
  set counts {}
  dict for {group count} [model::counts $scope] {lappend counts [model::visible $group] $count}
  return [list \
      [list rows $rows entries [db eval {SELECT grp, key, quote(value), expires_at FROM kv_entries}] \
           groups [db eval {SELECT name, keys FROM kv_groups}] quotas [db eval {SELECT * FROM kv_quotas}]] \
      [list rows $modelled entries [entries [model::live_names $scope]] \
           groups $counts quotas [quota_rows]]]
}

proc difference_of_state {} {
  lassign [whole_state] shown modelled
  foreach {table rows} $shown {- expected} $modelled {
    if {$rows ne $expected} {return [list "all of $table" $rows $expected]}
  }
  return ""
}

# Are these events the expected ones? Where others are noticed now or later, and where
# something failed, in one resync or in several, there may be more resyncs, but none may be missing.
proc is_told {got expected} {
  set merged {}
  foreach {watcher type group key value at} $expected {
    if {$type ne "resync" || [lindex $merged end-4] ne "resync" || [lindex $merged end-5] ne $watcher} {
      lappend merged $watcher $type $group $key $value $at
    }
  }
  set i 0
  foreach {watcher type group key value at} $got {
    if {[list $watcher $type $group $key $value $at] eq [lrange $merged $i $i+5]} {
      incr i 6
    } elseif {$type ne "resync"} {
      return 0
    }
  }
  return [expr {$i == [llength $merged]}]
}

# Has the transaction a lock on the file now?
proc note_lock {name connection outcome} {
  if {![model::in_transaction]} {
    set model::is_touched 0
  } elseif {$connection eq "db" && $name ni {begin savepoint release rollback_to scope} && $model::is_touched < 1} {
    set model::is_touched [expr {$outcome eq "error" || $name in {events unwatch nothing} ? -1 : 1}]
  }
}

# Takes one step: "" if all is as the model says, else {what got expected}.
proc take {step is_looked_at} {
  lassign [step_[lindex $step 0] {*}[lrange $step 1 end]] connection sql expected
  if {$connection eq ""} {return ""}
  set got [answer_of $connection $sql]
  model::deliver
  lappend ::trace [list $connection $sql]
  note_lock [lindex $step 0] $connection [lindex $got 0]
  if {$got ne $expected && [string match events* [lindex $step 0]] && $::kind ne "queues"
      && [is_told [lindex $got 1] [lindex $expected 1]]} {
    set expected $got
  }
  # SQLite may report a lock that it meets at the commit with the message of a row that OR IGNORE passed over.
  if {[lrange $got 0 1] eq {error 5} && [lrange $expected 0 1] eq {error 5}} {set expected $got}
  if {$got ne $expected} {return [list $sql $got $expected]}
  if {!$is_looked_at} {return ""}
  set model::is_touched [model::in_transaction]
  return [difference_of_state]
}

# Runs the steps: "" or {index what got expected}. The SQL is left in ::trace.
proc run_steps {kind steps looks_every} {
  start $kind
  set ::trace {}
  set i 0
  foreach step $steps {
    if {[catch {take $step [expr {$i % $looks_every == 0}]} difference]} {
      set difference [list $step $::errorInfo "no error in the test itself"]
    }
    if {$difference ne ""} {return [list $i {*}$difference]}
    incr i
  }
  set difference [difference_of_state]
  if {$difference eq "" && [db eval {PRAGMA integrity_check}] ne "ok"} {
    set difference [list "PRAGMA integrity_check" [db eval {PRAGMA integrity_check}] ok]
  }
  return [expr {$difference eq "" ? "" : [list $i {*}$difference]}]
}
