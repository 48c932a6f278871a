#!/bin/sh
# How much of a kv_set that nobody listens to is the code of events:  bench/instructions.sh BENCH
#
# Too little to be timed, so it is counted: callgrind counts the instructions of 2,000 sets, and those of them
# spent in the files of events. What a caller spends on calling them (two or three instructions a call) is not
# in it, and no build without that code is needed.

bench=$1
if ! command -v valgrind >/dev/null; then
  printf 'skipped\tinstructions of the event code\tthere is no valgrind\n'
  echo 'SKIPPED: instructions of the event code (there is no valgrind)' >&2
  exit 0
fi
counts=$(mktemp)
trap 'rm -f "$counts"' EXIT
valgrind -q --tool=callgrind --callgrind-out-file="$counts" --toggle-collect=counted_sets \
  "$bench/bench" instructions >/dev/null 2>&1 || exit 1
callgrind_annotate --threshold=100 --show=Ir --auto=no "$counts" | awk '
  /PROGRAM TOTALS/ { gsub(",", "", $1); all = $1 }
  /(events|event_tables|watchers|callbacks|interface)\.c:/ { gsub(",", "", $1); events += $1 }
  END {
    place = "events\tinstructions of a set, no watcher\tmemory\t0\t"
    printf "ratio\t%sall\twithout the event code\t%.4f\t%.4f\t%.4f\n", place, all / (all - events),
      all / (all - events), all / (all - events)
    printf "figure\t%sall\t%d\t%d\t%d\tinstructions\n", place, all / 2000, all / 2000, all / 2000
    printf "figure\t%sevent code\t%.1f\t%.1f\t%.1f\tinstructions\n", place, events / 2000, events / 2000,
      events / 2000
  }'
