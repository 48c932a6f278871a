#!/bin/sh
# Counts the instructions of one operation of each contender, which no other program on the machine changes:
#
#   bench/counts.sh BENCH [FAMILY...]
#
# callgrind counts inside of counted_turn() (measure.c) and writes a file after each turn; the bench tells what each
# turn was. Prints "figure … instructions", as the bench prints its figures.

set -eu
build=$1
shift
turns=$build/counts
rm -rf "$turns"
mkdir -p "$turns"
if ! valgrind -q --tool=callgrind --callgrind-out-file="$turns/turn" --toggle-collect=counted_turn \
  --dump-after=counted_turn "$build/bench" --count "$@" >"$turns/told" 2>"$turns/log"; then
  cat "$turns/log" >&2
  exit 1
fi
awk -F '\t' -v OFS='\t' -v turns="$turns" '
  $1 != "count" { print; next }
  {
    file = turns "/turn." ++turn
    total = -1
    while ((getline line < file) > 0) if (line ~ /^totals: /) total = substr(line, 9)
    close(file)
    if (total < 0) { print "bench/counts.sh: no " file >"/dev/stderr"; exit 1 }
    of_one = sprintf("%.1f", total / $7)
    print "figure", $2, $3, $4, $5, $6, of_one, of_one, of_one, "instructions"
  }' "$turns/told"
