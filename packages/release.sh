#!/bin/bash
# The libraries of a release, for every target of packages/targets.txt or for those named:
#   packages/release.sh BUILD [NAME...]
#
# Built by zig, from its package of PyPI, out of the one file: BUILD/release/NAME/kv.so (or .dylib, .dll), then an
# archive of each in BUILD/dist, and SHA256SUMS over these. The same source makes the same files. Says SKIPPED,
# loudly, if zig or the source of SQLite cannot be had.

set -eu
build=$(realpath "$1")
shift
cd "$(dirname "$0")/.."
version=$(awk -F '"' '/^.define KV_VERSION/ { print $2 }' ext/kv.h)
date=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || date +%s)}

skip() {
  echo "SKIPPED: $1"
  exit 77
}

[[ -f $build/sqlite-source/sqlite3.c ]] || test/sqlite-source.sh 3.50.4 "$build/sqlite-source" || skip 'no source of SQLite'
packages/zig.sh "$build" version >"$build/zig.log" 2>&1 || skip "no zig here: $(tail -n 1 "$build/zig.log")"

library_of() {
  case $1 in
  darwin-*) echo kv.dylib ;;
  windows-*) echo kv.dll ;;
  *) echo kv.so ;;
  esac
}

# compile NAME TARGET
compile() {
  local library flags=()
  library=$(library_of "$1")
  [[ $1 != darwin-* ]] || flags=(-Wl,-x -Wl,-install_name,@rpath/kv.dylib)
  [[ $1 != linux-* ]] || flags=(-Wl,-z,relro,-z,now)
  rm -rf "$build/release/$1" && mkdir -p "$build/release/$1"
  # From its own folder, so that no path of this machine is in it.
  (zig=$PWD/packages/zig.sh && cd "$build/dist" && "$zig" "$build" cc -target "$2" -std=c11 -O2 -DNDEBUG -shared -fPIC -s \
    -fstack-protector-strong "${flags[@]}" -I"$build/sqlite-source" kv.c -o "$build/release/$1/$library")
  rm -f "$build/release/$1"/*.lib "$build/release/$1"/*.pdb
  tar --create --owner=0 --group=0 --numeric-owner --mtime="@$date" -C "$build/release/$1" "$library" -C "$PWD" LICENSE |
    gzip -n9 >"$build/dist/kv-$version-$1.tar.gz"
}

# shellcheck disable=SC2046 # the names, as words
[[ $# != 0 ]] || set -- $(awk '!/^#/ { print $1 }' packages/targets.txt)
rm -f "$build/dist/kv-$version-"*.tar.gz
for name; do
  target=$(awk -v name="$name" '$1 == name { print $2 }' packages/targets.txt)
  [[ -n $target ]] || { echo "release.sh: no target $name" && exit 2; }
  echo "$name"
  compile "$name" "$target"
done
(cd "$build/dist" && sha256sum kv-"$version"-*.tar.gz >SHA256SUMS)
