#!/bin/sh
# Figures of peers in other languages, beside kv from the same language:  bench/peers/run.sh BENCH
#
# install.sh brings them. What is not there is told as skipped; what fails fails the caller.

set -eu
bench=$(cd "$1" && pwd)
here=$(cd "$(dirname "$0")" && pwd)
library=$(cd "$bench/.." && pwd)/kv

skipped() {
  printf 'skipped\t%s\t%s\n' "$1" "$2"
  echo "SKIPPED: $1 ($2)" >&2
}

if [ -x "$bench/venv/bin/python" ]; then
  "$bench/venv/bin/python" "$here/peers.py" "$bench" "$library"
else
  skipped "Python's diskcache and sqlitedict" 'pip could not install them'
fi
if [ -d "$bench/node/node_modules/@keyv/sqlite" ]; then
  cp "$here/peers.mjs" "$bench/node/"
  node "$bench/node/peers.mjs" "$bench" "$library"
else
  skipped "Node's @keyv/sqlite" 'npm could not install it'
fi
