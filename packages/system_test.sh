#!/bin/sh
# The C tests and the SQL scripts for another C library or word size:  packages/system_test.sh KIND BUILD COMPILER
#
# With an SQLite of that kind, built from the amalgamation. Installs what is missing; one line and an error if it cannot.

set -eu
kind=$1
build=$2/$1
compiler=$3

test/packages.sh "$kind"
mkdir -p "$build"
[ -f "$2/sqlite-source/sqlite3.c" ] || test/sqlite-source.sh 3.50.4 "$2/sqlite-source"
source=$2/sqlite-source

[ -f "$build/libsqlite3.a" ] || {
  $compiler -O1 -w -fPIC -pthread -DSQLITE_ENABLE_FTS5 -DSQLITE_ENABLE_DBSTAT_VTAB -DSQLITE_ENABLE_COLUMN_METADATA \
    -DSQLITE_USE_URI -I"$source" -c -o "$build/sqlite3.o" "$source/sqlite3.c"
  ar rcs "$build/libsqlite3.a" "$build/sqlite3.o"
}
make -s CC="$compiler" BUILD="$build" CFLAGS="-O2 -g -I$source" LDFLAGS="-L$build -ldl -lm -pthread" all tests
$compiler -O1 -w -I"$source" -o "$build/slt" test/windows/slt.c -L"$build" -lsqlite3 -lm -ldl -pthread

root=$PWD
export KV_LIBRARY="$root/$build/kv"
export KV_TEST_QUICK=1
set --
for test in "$build"/test/*_test; do set -- "$@" "$test"; done
exec test/tally.sh "$@" "cd $build && rm -f *.db && ./slt ./kv \"$root\"/test/slt/*.slt"
