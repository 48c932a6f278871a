#!/bin/bash
# What is installed, removed, packed and unpacked is what it should be:  test/package/package_test.sh BUILD

build=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
passed=0
failed=0

# check TITLE COMMAND...: passes if the command succeeds.
check() {
  local title=$1
  shift
  if "$@" >"$work/log" 2>&1; then
    ((passed++))
  else
    ((failed++))
    echo "FAILED: $title"
    head -n 20 "$work/log"
  fi
}

version=$(awk -F '"' '/^.define KV_VERSION/ { print $2 }' ext/kv.h)
root=$work/root
install="make -s BUILD=$build DESTDIR=$root PREFIX=/usr"

answers() { # LIBRARY: the store answers from the shell
  [[ $(sqlite3 -init /dev/null -cmd ".load $1" :memory: "SELECT kv_set('g', 'k', 'v') || kv_version()") == "v$version" ]]
}
holds_four_files() { [[ $(find "$root" -type f | wc -l) == 4 ]]; }
holds_no_file() { [[ $(find "$root" -type f | wc -l) == 0 && ! -d $root/usr/lib/sqlite3 ]]; }
man_page_names_functions() {
  for name in kv_set kv_get kv_export kv_render kv_groups kv_on_change; do grep -q "$name" "$root/usr/share/man/man3/kv.3" || return 1; done
}
names_extension() {
  grep -qx "extension=/usr/lib/sqlite3/kv" "$root/usr/lib/pkgconfig/kv.pc" &&
    grep -qx "Version: $version" "$root/usr/lib/pkgconfig/kv.pc"
}

check 'make install' $install install
check 'it installs a library, a header, a man page and kv.pc' holds_four_files
check 'the installed library loads by its path' answers "$root/usr/lib/sqlite3/kv"
check 'kv.pc says where it is' names_extension
check 'a C program finds the header' ${CC:-cc} -I"$root/usr/include" -DCORE -o "$work/host" test/c/interface_test.c -Itest/c -lsqlite3
check 'the man page has the functions' man_page_names_functions
check 'make uninstall' $install uninstall
check 'it leaves nothing' holds_no_file

check 'make dist' make -s BUILD="$build" dist
check 'the archive unpacks into one folder' tar xzf "$build/dist/kv-$version.tar.gz" -C "$work"
check 'and builds' make -s -C "$work/kv-$version" CFLAGS=-O0
check 'into the same library' answers "$work/kv-$version/build/kv"

mkdir "$work/one"
cp "$build/dist/kv.c" "$build/dist/kv.h" "$work/one"
check 'the one file builds alone' ${CC:-cc} -O1 -shared -fPIC -o "$work/one/kv.so" "$work/one/kv.c" -lm
check 'and loads' answers "$work/one/kv"
for script in test/slt/entries.slt test/slt/quota.slt test/slt/events.slt test/slt/scope.slt; do
  check "$script on the one file" env KV_LIBRARY="$work/one/kv" tclsh test/slt.tcl "$script"
done
check 'it links into a program' ${CC:-cc} -O1 -DSQLITE_CORE -D_DEFAULT_SOURCE -I"$work/one" -Itest/c -o "$work/static" \
  test/c/static_test.c "$work/one/kv.c" -lsqlite3 -lm -lpthread
check 'whose connections all have it' env KV_LIBRARY="$work/one/kv" "$work/static"

echo "$passed passed, $failed failed"
[[ $failed == 0 ]]
