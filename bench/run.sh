#!/bin/sh
# Measures, and writes the results:  bench/run.sh BUILD RESULTS [--quick] [FAMILY...]
#
# BUILD holds the programs, and gets what is between them and the results. What cannot be had is left out, with
# a line in the results that says so.

set -e
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

measure() {
  about_machine
  "$build/bench" "$@"
  case " $* " in
  *' --quick '*) ;;
  *)
    bench/instructions.sh "$build"
    if command -v go >/dev/null; then bench/render/run.sh; else skipped "Go's text/template" 'there is no Go'; fi
    ;;
  esac
}

mkdir -p "$results"
measure "$@" > "$build/figures.tsv"
rm -rf "$build/appendonlydir"
tclsh bench/report.tcl "$build/figures.tsv" "$results" "$build/plots"
if command -v gnuplot >/dev/null; then
  gnuplot -c bench/plots.gp "$build/plots" "$results"
else
  echo 'SKIPPED: the plots (there is no gnuplot: package gnuplot-nox)' >&2
fi
sed -n '/^## Goals/,/^## [^G]/p' "$results/results.md" | sed '$d'
echo "$results/results.md, results.json$(cd "$results" && printf ', %s' *.svg)"
