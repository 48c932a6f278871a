# A cluster of rqlite on loopback, each node with the extension and with a clock of its own.
#
# rqlite replicates statements: each node runs them itself. Its SQLite asks the C library for the time, which faketime
# sets; its own clocks are Go's, which are right.

package require http
package require json
package require json::write

# A port that nobody uses now.
proc free_port {} {
  set server [socket -server list -myaddr 127.0.0.1 0]
  set port [lindex [fconfigure $server -sockname] 2]
  close $server
  return $port
}

# Clocks are in faketime's terms: "+1h".
proc cluster_start {program extension clocks} {
  global cluster
  set cluster [dict create program $program extensions [file_path extensions]]
  file mkdir [dict get $cluster extensions]
  file copy $extension.so [dict get $cluster extensions]
  set id 0
  foreach clock $clocks {
    dict set cluster nodes [incr id] [dict create clock $clock http [free_port] raft [free_port]]
  }
  foreach id [node_ids] {node_start $id}
}

proc node_ids {} {return [dict keys [dict get $::cluster nodes]]}
proc node {id field} {return [dict get $::cluster nodes $id $field]}

proc node_start {id} {
  global cluster
  set addresses [lmap each [node_ids] {string cat 127.0.0.1: [node $each raft]}]
  dict set cluster nodes $id pid [exec faketime -m -f [node $id clock] [dict get $cluster program] -node-id $id \
    -http-addr 127.0.0.1:[node $id http] -raft-addr 127.0.0.1:[node $id raft] \
    -extensions-path [dict get $cluster extensions] -bootstrap-expect [llength $addresses] \
    -join [join $addresses ,] [file_path node$id] >>[file_path node$id.log] 2>@1 &]
}

# SIGKILL, and the end of the process.
proc node_kill {id} {
  if {[catch {node $id pid} pid]} return
  catch {send_signal KILL $pid}
  wait_until 5 {[catch {send_signal 0 $pid}]}
  dict unset ::cluster nodes $id pid
}

proc cluster_stop {} {
  if {![info exists ::cluster]} return
  foreach id [node_ids] {node_kill $id}
}

# What a node answers to a request: {} if it does not.
proc ask {id path args} {
  set body {}
  if {[catch {http::geturl http://127.0.0.1:[node $id http]$path -timeout 20000 {*}$args} token]} {return {}}
  if {[http::ncode $token] == 200} {set body [http::data $token]}
  http::cleanup $token
  return $body
}

proc leader {} {
  foreach id [node_ids] {
    set nodes [ask $id /nodes]
    if {$nodes eq ""} continue
    dict for {each state} [json::json2dict $nodes] {
      if {[dict get $state leader]} {return $each}
    }
  }
  return 0
}

# Has statements written, through whichever node takes them. One list for the errors: {} for a success.
proc cluster_write {statements is_transaction} {
  set body [json::write array {*}[lmap sql $statements {json::write string $sql}]]
  set path /db/execute[expr {$is_transaction ? "?transaction" : ""}]
  set end [expr {[clock seconds] + 60}]
  while {[clock seconds] < $end} {
    foreach id [node_ids] {
      set answer [ask $id $path -query $body -type application/json]
      if {$answer eq ""} continue
      set answer [json::json2dict $answer]
      if {[dict exists $answer error]} continue
      return [lmap result [dict get $answer results] {expr {[dict exists $result error] ? [dict get $result error] : ""}}]
    }
    after 100
  }
  error "the cluster takes no writes"
}

# The rows that a node itself has.
proc node_rows {id sql} {
  set answer [ask $id /db/query?level=none&[http::formatQuery q $sql]]
  if {$answer eq ""} {return "no answer from node $id"}
  set result [lindex [dict get [json::json2dict $answer] results] 0]
  if {[dict exists $result error]} {return [dict get $result error]}
  if {![dict exists $result values]} {return {}}
  return [dict get $result values]
}
