#!/bin/sh
# The README's quick start, as the sqlite3 shell runs it on a fresh file: each statement and its answer.
#
#   test/quickstart.sh [BUILD [SETTINGS]]     SETTINGS are the shell's, in place of ".echo on" and ".mode box"

cd "$(dirname "$0")/.." || exit 1
build=${1:-build}
file=$build/quickstart.db
settings=${2:-.mode box
.echo on}

rm -f "$file" "$file-journal" "$file-wal" "$file-shm"
{
  printf '.load %s/kv\n%s\n' "$build" "$settings"
  awk '/^<!-- quick start/ { on = 1; next }
       /^<!-- end of the quick start/ { on = 0 }
       on && !/^```/' README.md
} | sqlite3 -batch -init /dev/null "$file"
