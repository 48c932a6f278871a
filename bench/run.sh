#!/bin/sh
# Measures, and writes the results:  bench/run.sh BENCH RESULTS [--quick] [FAMILY...]
#
# BENCH holds the programs, and gets what is between them and the results. What cannot be had is left out, with a
# line in the results that says so; what fails ends it.

set -eu
build=$1 results=$2
shift 2

about() { printf 'about\t%s\t%s\n' "$1" "$2"; }
skipped() {
  printf 'skipped\t%s\t%s\n' "$1" "$2"
  echo "SKIPPED: $1 ($2)" >&2
}

about_machine() {
  about date "$(date -u '+%Y-%m-%d %H:%M UTC')"
  about command "${BENCH_COMMAND:-make bench}"
  about commit "$(git describe --always --dirty 2>/dev/null || echo 'not in git')"
  about machine "$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo 2>/dev/null | head -n 1)"
  about cores "$(nproc 2>/dev/null || getconf _NPROCESSORS_ONLN)"
  about memory "$(awk '/^MemTotal/ { printf "%.0f GB", $2 / 1e6 }' /proc/meminfo 2>/dev/null)"
  about kernel "$(uname -sr)"
  about 'file system' "$(stat -f -c %T "$build" 2>/dev/null || echo unknown)"
  about compiler "$(${CC:-cc} --version | head -n 1)"
  about Redis "$(redis-server --version 2>/dev/null | sed 's/.* v=\([^ ]*\).*/\1/')"
  about 'load before' "$(cut -d ' ' -f 1-3 /proc/loadavg 2>/dev/null)"
}

# From other languages, and of other programs: each says for itself what it could not have.
measure_others() {
  if command -v go >/dev/null; then
    bench/render/run.sh
    if [ -n "${GO_STORE:-}" ]; then
      bench/gostore/run.sh "$build/.."
    else
      skipped 'go-store itself' 'GO_STORE names no folder with its source'
    fi
  else
    skipped "go-store itself, and Go's text/template" 'there is no Go'
  fi
  bench/peers/run.sh "$build"
}

measure() {
  about_machine
  "$build/bench" "$@"
  # A part of the families, or a quick look, is about them alone.
  [ $# = 0 ] || return 0
  measure_others
  if command -v valgrind >/dev/null; then
    bench/counts.sh "$build" >"$build/counts.tsv"
    grep '^figure' "$build/counts.tsv"
  else
    skipped 'instructions' 'there is no valgrind'
  fi
}

mkdir -p "$results"
measure "$@" >"$build/figures.tsv"
rm -rf "$build/appendonlydir"
tclsh bench/report.tcl "$build/figures.tsv" "$results" "$build/plots"
if [ $# = 0 ] && [ -f "$build/counts.tsv" ]; then cp "$build/counts.tsv" "$results/counts.tsv"; fi
if command -v gnuplot >/dev/null; then
  gnuplot -c bench/plots.gp "$build/plots" "$results"
else
  echo 'SKIPPED: the plots (there is no gnuplot: package gnuplot-nox)' >&2
fi
sed -n '/^## Goals/,/^## [^G]/p' "$results/results.md" | sed '$d'
echo "$results/results.md, results.json$(cd "$results" && printf ', %s' *.svg)"
