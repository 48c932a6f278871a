#!/bin/bash
# SQLite with kv linked in, as WebAssembly:  packages/wasm/build.sh BUILD
#
# run.wasm is a program for WASI; kv.wasm, with kv.js, is for a page. SQLite's own build for browsers loads no extension,
# so kv is linked. zig makes both.

set -eu
. "$(dirname "$0")/../common.sh" "$1"
folder=$output/wasm
mkdir -p "$folder" "$build/wasm"
zig() { "$root/packages/zig.sh" "$build" "$@"; }

[[ -f $build/sqlite-source/sqlite3.c ]] || "$root/test/sqlite-source.sh" 3.50.4 "$build/sqlite-source" >/dev/null || exit 0
zig version >"$build/zig.log" 2>&1 || { echo "SKIPPED: no zig here: $(tail -n 1 "$build/zig.log")" && exit 0; }

# A system with one thread, one process, and no memory maps.
options=(-target wasm32-wasi -O2 -w -DNDEBUG -DSQLITE_CORE -DSQLITE_OMIT_LOAD_EXTENSION -DSQLITE_OMIT_WAL
  -DSQLITE_MAX_MMAP_SIZE=0 -DSQLITE_ENABLE_FTS5 -I"$build/sqlite-source" -I"$build/dist")
[[ $build/wasm/sqlite3.o -nt $build/sqlite-source/sqlite3.c ]] ||
  zig cc "${options[@]}" -c "$build/sqlite-source/sqlite3.c" -o "$build/wasm/sqlite3.o"
zig cc "${options[@]}" -c "$build/dist/kv.c" -o "$build/wasm/kv.o"
zig cc "${options[@]}" -DKV_IS_LINKED "$root/packages/run.c" "$build/wasm"/{kv,sqlite3}.o "$root/packages/wasm/mutex.c" -s -o "$folder/run.wasm"

exports=()
for name in sqlite3_kv_init malloc free sqlite3_open sqlite3_prepare_v2 sqlite3_bind_text sqlite3_bind_double sqlite3_bind_null \
  sqlite3_step sqlite3_column_count sqlite3_column_type sqlite3_column_text sqlite3_column_bytes sqlite3_column_double \
  sqlite3_finalize sqlite3_errmsg; do
  exports+=("-Wl,--export=$name")
done
zig cc "${options[@]}" -mexec-model=reactor "${exports[@]}" "$build/wasm"/{kv,sqlite3}.o "$root/packages/wasm/mutex.c" -s -o "$folder/kv.wasm"
cp "$root/packages/wasm"/{kv.js,list.html} "$folder"
ls -l "$folder" | awk 'NF > 2 { print $5, $NF }'
