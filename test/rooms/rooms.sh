#!/bin/sh
# Data goes one way:  test/rooms/rooms.sh BUILD
#
# The rooms of ext/, a folder each, from the top to the ground. A file may include and call what is in its own
# room or in one further down, and two files of a room never each other in a circle. The includes are read from
# the sources, the calls from the objects, where they show even if a header was included for a type.

rooms='extension surface tables transfer events arguments store template base'
build=$1
top=$(cd "$(dirname "$0")/../.." && pwd)

includes() {
  cd "$top/ext" || exit 1
  grep -H '^#include "' *.c */*.[ch] | grep -v 'kv_sql\.h\|"kv\.h"' |
    sed -n 's,^\([^:]*\):#include "\([^"]*\)".*,\1 \2,p' |
    sed 's,^\([a-z]*/\)\([^ ]*\) \([^/]*\)$,\1\2 \1\3,'
}

# Each undefined kv_ symbol of an object with the object that defines it.
calls() {
  cd "$build" || exit 1
  for object in extension.o $(cd "$top/ext" && ls -d */ | sed 's,/.*,/*.o,'); do
    nm -P "$object" | awk -v file="$object" '$1 ~ /^kv_/ { print ($2 == "U" ? "uses" : "has"), $1, file }'
  done | awk '$1 == "has" { home[$2] = $3 }
              $1 == "uses" { name[++n] = $2; file[n] = $3 }
              END { for (i = 1; i <= n; i++) if (name[i] in home) print file[i], home[name[i]] }'
}

{ (includes) && (calls); } | sed 's/\.[cho]\( \|$\)/\1/g' | sort -u | awk -v rooms="$rooms" '
  function room(file) { sub(/\/.*/, "", file); return file }
  BEGIN { for (i = split(rooms, list, " "); i > 0; i--) level[list[i]] = i }
  # Is `to` reached from `from`?
  function reaches(from, to, seen, i) {
    if (from == to) return 1
    if (from in seen) return 0
    seen[from]
    for (i = 1; i <= degree[from]; i++) if (reaches(edge[from, i], to, seen)) return 1
    return 0
  }
  $1 == $2 { next }
  {
    from = room($1); to = room($2)
    if (from == "template" && to != "template" && $2 != "base/sqlite") { print $1 " knows " $2; bad++; next }
    if (!(from in level) || !(to in level)) { print "no room: " $1 " -> " $2; bad++; next }
    if (level[to] < level[from]) { print "upwards: " $1 " -> " $2; bad++; next }
    good++
    edge[$1, ++degree[$1]] = $2
  }
  END {
    for (file in degree) for (i = 1; i <= degree[file]; i++) {
      split("", seen)
      if (reaches(edge[file, i], file, seen)) { print "circle: " file " -> " edge[file, i]; bad++; good-- }
    }
    printf "%d passed, %d failed\n", good, bad
    exit bad > 0
  }'
