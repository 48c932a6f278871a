# Statement replication: a cluster of three nodes of rqlite, whose clocks are an hour apart. What the README calls safe
# gives the same rows on each, a killed leader and a node that comes back included; and the rows that plain SQLite gets.
#
#   tclsh test/rqlite/rqlite_test.tcl RQLITED [SEED]

source [file join [file dirname [info script]] .. tester.tcl]
source [file join [file dirname [info script]] cluster.tcl]

lassign $arguments program seed
if {$seed eq ""} {set seed [clock seconds]}
puts "seed $seed"
expr {srand($seed)}

proc pick {list} {return [lindex $list [expr {int(rand() * [llength $list])}]]}

# ---- requests: statements, the first of which says what time it is ----

set now 1790000000000

proc statement {} {
  set group [pick {a b cart:1 cart:2}]
  set key [pick {k1 k2 k3 k4 k5}]
  set ttl [pick {0.2 1 '3s' '1m'}]
  set later [expr {$::now + int(rand() * 3000)}]
  return [subst -nocommands [pick {
    {SELECT kv_set('$group', '$key', 'text')}
    {SELECT kv_set('$group', '$key', x'00FF', $ttl)}
    {SELECT kv_set('$group', '$key', 2.5, $ttl), kv_set('$group', 'k1', 7)}
    {SELECT kv_setnx('$group', '$key', 'first', $ttl)}
    {SELECT kv_cas('$group', '$key', 'text', 'swapped', $ttl)}
    {SELECT kv_incr('count', '$key', 3)}
    {SELECT kv_incr('$group', '$key')}
    {SELECT kv_expire('$group', '$key', $ttl)}
    {SELECT kv_persist('$group', '$key')}
    {SELECT kv_getdel('$group', '$key')}
    {SELECT kv_delete('$group', '$key')}
    {SELECT kv_delete_group('$group')}
    {SELECT kv_delete_prefix('cart:')}
    {SELECT kv_load('$group', '{"k1":1,"k2":null}')}
    {SELECT kv_load('$group', '{"k1":1,"k2":[2]}', $ttl)}
    {SELECT kv_import(kv_export('$group'), 'copy:')}
    {SELECT kv_purge()}
    {SELECT kv_purge('$group', $later)}
    {SELECT kv_quota('cart', 4, 2)}
    {INSERT INTO kv_entries(grp, key, value, ttl) VALUES ('$group', '$key', 'inserted', 1)}
    {INSERT OR REPLACE INTO kv_entries(grp, key, value, expires_at) VALUES ('$group', '$key', 'replaced', $later)}
    {UPDATE kv_entries SET value = value || '+' WHERE grp = '$group' AND typeof(value) = 'text'}
    {DELETE FROM kv_entries WHERE grp = '$group' AND key > '$key'}
  }]]
}

proc request {} {
  incr ::now [expr {int(rand() * 700)}]
  set statements [list "SELECT kv_config('now', $::now)"]
  set namespace [pick {{} {} tenant}]
  if {$namespace ne ""} {lappend statements "SELECT kv_scope('$namespace')"}
  for {set i [expr {int(rand() * 5)}]} {$i >= 0} {incr i -1} {lappend statements [statement]}
  if {$namespace ne ""} {lappend statements "SELECT kv_unscope()"}
  return $statements
}

# The same in a SQLite of our own: the errors, as cluster_write gives them.
proc plain_write {statements is_transaction} {
  set errors {}
  if {$is_transaction} {plain eval BEGIN}
  foreach sql $statements {
    lappend errors [expr {[catch {plain eval $sql} message] ? $message : ""}]
    if {$is_transaction && [lindex $errors end] ne ""} {
      plain eval {ROLLBACK; SELECT kv_unscope()}
      return $errors
    }
  }
  if {$is_transaction} {plain eval COMMIT}
  return $errors
}

# Writes `count` requests to the cluster and to plain SQLite: what they answer differently. A transaction that failed
# has left its namespace in force: that is a setting of the connection, and not undone.
proc write_requests {count} {
  set differences {}
  for {set i 0} {$i < $count} {incr i} {
    set statements [request]
    set is_transaction [expr {$i % 2}]
    set got [cluster_write $statements $is_transaction]
    if {$is_transaction && [lindex $got end] ne ""} {cluster_write {"SELECT kv_unscope()"} 0}
    set expected [plain_write $statements $is_transaction]
    incr ::refused [llength [lsearch -all -not -exact $expected {}]]
    incr ::written [llength $expected]
    if {$got ne $expected} {lappend differences $statements $got $expected}
  }
  return $differences
}

# ---- what a node has ----

set contents {
  SELECT 'entry', grp, key, quote(value), coalesce(expires_at, 'never') FROM kv
  UNION ALL SELECT 'quota', prefix, max_keys, keys, max_groups || ' ' || groups FROM kv_quota
  ORDER BY 1, 2, 3
}

proc plain_rows {sql} {
  set rows {}
  plain eval $sql row {lappend rows [lmap column $row(*) {set row($column)}]}
  return $rows
}

# The nodes that do not get the rows that plain SQLite has.
proc different_nodes {} {
  set expected [plain_rows $::contents]
  return [lmap id [node_ids] {
    if {[wait_until 30 {[node_rows $id $::contents] eq $expected}]} continue
    list $id [node_rows $id $::contents] $expected
  }]
}

# ---- the tests ----

set written 0
set refused 0
open_kv plain [file_path plain.db]
if {[catch {
  cluster_start $program $library {+0 +1h -1h}

  test whole {Three nodes make a cluster, and each has the extension} -body {
    wait_until 60 {[leader] != 0}
    lmap id [node_ids] {node_rows $id {SELECT kv_version()}}
  } -result [lrepeat 3 [list [plain eval {SELECT kv_version()}]]]

  test clocks {The clocks of the nodes differ, so that a time that is taken from them shows} -body {
    plain_write {"SELECT kv_set('a', 'first', 1)" "SELECT kv_quota('cart', 4, 2)" "SELECT kv_quota('tenant', 9, 3)"} 0
    cluster_write {"SELECT kv_set('a', 'first', 1)" "SELECT kv_quota('cart', 4, 2)" "SELECT kv_quota('tenant', 9, 3)"} 0
    cluster_write {"SELECT kv_set('unsafe', 'k', 1, '1h')"} 0
    set sql {SELECT (expires_at + 1800000) / 3600000 FROM kv WHERE grp = 'unsafe'}
    wait_until 30 {[llength [lsort -unique [lmap id [node_ids] {node_rows $id $sql}]]] == 3}
  } -cleanup {
    cluster_write {"SELECT kv_delete('unsafe', 'k')" "DELETE FROM kv WHERE grp = 'unsafe'"} 0
  } -result 1

  test same {The same requests give the same rows on each node, and the same errors and rows as in plain SQLite} -body {
    list [write_requests 150] [different_nodes]
  } -result {{} {}}

  test killed {The leader is killed: the others go on, and are the same} -body {
    set killed [leader]
    node_kill $killed
    list [write_requests 60] [lmap node [different_nodes] {
      if {[lindex $node 0] == $killed} continue
      set node
    }]
  } -result {{} {}}

  test back {It comes back, runs what it missed, and is the same} -body {
    node_start $killed
    list [wait_until 60 {[node_rows $killed $contents] eq [plain_rows $contents]}] [write_requests 20] [different_nodes]
  } -result {1 {} {}}

  test snapshot {A node that begins with a snapshot is the same} -body {
    set id [expr {[leader] % 3 + 1}]
    ask $id /snapshot -method POST -query {}
    set is_made [expr {[glob -nocomplain [file_path node$id/rsnapshots/*]] ne ""}]
    node_kill $id
    node_start $id
    list $is_made [wait_until 60 {[node_rows $id $contents] eq [plain_rows $contents]}] [write_requests 20] [different_nodes]
  } -result {1 1 {} {}}

  test reads {Each node answers reads with calls; a write that is sent as a query is refused, and changes nothing} -body {
    cluster_write [list "SELECT kv_config('now', NULL)" "SELECT kv_set('a', 'k1', 'here')"] 0
    plain eval {SELECT kv_set('a', 'k1', 'here')}
    set answers [lmap id [node_ids] {
      wait_until 30 {[node_rows $id "SELECT value FROM kv WHERE grp = 'a' AND key = 'k1'"] eq "here"}
      list [node_rows $id "SELECT kv_get('a', 'k1'), kv_render('{{.k1}}', 'a')"] \
        [string match "*readonly*" [node_rows $id "SELECT kv_set('a', 'k1', 'query')"]]
    }]
    list [lsort -unique $answers] [different_nodes]
  } -result {{{{{here here}} 1}} {}}

  test files {The file of each node is whole} -body {
    cluster_stop
    lmap id [node_ids] {
      sqlite3 node [file_path node$id/db.sqlite]
      set answer [node eval {PRAGMA integrity_check}]
      node close
      set answer
    }
  } -result {ok ok ok}
} message]} {
  cluster_stop
  puts $errorInfo
  exit 1
}
cluster_stop
puts "$written statements, $refused of them refused, on three nodes"
finish
