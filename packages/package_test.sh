#!/bin/bash
# What users install or take with them:  packages/package_test.sh BUILD
#
# Installs to a directory, builds a host with pkg-config, removes it all again; unpacks and builds the archive; builds
# the one-file form both ways; compares what is said of the version and of the functions.

set -u
unset MAKEFLAGS MFLAGS MAKEOVERRIDES # of a `make CFLAGS=…` around this: what is built here is as a user builds it
build=$1 # of the tree, or an absolute path
cd "$(dirname "$0")/.." || exit 1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
passed=0
failed=0

# check TITLE EXPECTED GOT
check() {
  if [[ $2 == "$3" ]]; then
    ((passed++))
  else
    ((failed++))
    printf 'FAILED: %s\n  expected: %s\n  got:      %s\n' "$1" "$2" "$3"
  fi
}

# Runs a command, and is "done" or what it printed.
outcome() {
  if "$@" >"$work/log" 2>&1; then echo 'done'; else tail -n 5 "$work/log"; fi
}

in_sqlite() { sqlite3 -init /dev/null -batch :memory: -cmd ".load '$1'" "$2" 2>&1; }

list() { (cd "$1" && find . ! -type d | sort | tr '\n' ' '); }

quiet_make() { env -u MAKEFLAGS -u MAKELEVEL make -s BUILD="$build" "$@"; }

# ---- installed, and removed ----

prefix=$work/prefix
check 'make install' 'done' "$(outcome quiet_make install PREFIX="$prefix")"
check 'these files are installed' \
  './include/kv.h ./lib/pkgconfig/kv.pc ./lib/sqlite3/kv.so ./share/man/man3/kv.3 ' "$(list "$prefix")"
export PKG_CONFIG_PATH=$prefix/lib/pkgconfig
extension=$(pkg-config --variable=extension kv)
version=$(pkg-config --modversion kv)
check 'the shell loads it by the path that pkg-config says' "$version" "$(in_sqlite "$extension" 'SELECT kv_version()')"
check 'the man page is of that version' "kv $version" "$(sed -n 's/^\.TH .*"\(kv [^"]*\)".*/\1/p' "$prefix/share/man/man3/kv.3")"

# shellcheck disable=SC2046 # words
check 'a host in C is built through pkg-config' 'done' \
  "$(outcome "${CC:-cc}" -o "$work/host" packages/host.c $(pkg-config --cflags --libs kv))"
check 'and is told of a change' 'set config/theme' "$("$work/host" "$extension" 2>&1)"

check 'the man page has no mistakes in it' '' \
  "$(command -v groff >/dev/null && groff -man -Tutf8 -Kutf8 -ww "$prefix/share/man/man3/kv.3" 2>&1 >"$work/page")"
if [[ -s $work/page ]]; then
  missing=
  page=$(sed 's/\x1b\[[0-9;]*m//g; s/.\x08//g' "$work/page")
  for name in $(in_sqlite "$extension" "SELECT name FROM pragma_function_list WHERE name GLOB 'kv_*'" | sort -u); do
    [[ $name == kv_interface || $name == kv__* || $page == *"$name("* ]] || missing+="$name "
  done
  check 'every function is in the man page' '' "$missing"
else
  echo 'SKIPPED: the man page is not looked at: there is no groff here'
fi

check 'make uninstall' 'done' "$(outcome quiet_make uninstall PREFIX="$prefix")"
check 'it leaves nothing' '' "$(list "$prefix")"
check 'make install with a DESTDIR' 'done' "$(outcome quiet_make install PREFIX=/opt/kv DESTDIR="$work/stage")"
check 'has the final paths in it' '/opt/kv/lib/sqlite3/kv' \
  "$(PKG_CONFIG_PATH=$work/stage/opt/kv/lib/pkgconfig pkg-config --variable=extension kv)"
touch "$work/stage/opt/kv/lib/sqlite3/other.so"
check 'make uninstall with a DESTDIR' 'done' "$(outcome quiet_make uninstall PREFIX=/opt/kv DESTDIR="$work/stage")"
check 'it leaves what is not its own' './opt/kv/lib/sqlite3/other.so ' "$(list "$work/stage")"

# ---- the archive, and the one file ----

check 'make dist' 'done' "$(outcome quiet_make dist)"
tar xzf "$build/dist/kv-$version.tar.gz" -C "$work"
check 'the archive builds' 'done' "$(outcome env -u MAKEFLAGS make -s -C "$work/kv-$version" BUILD=build all build/test/static_test)"
check 'and passes a test' '0 failed' \
  "$(cd "$work/kv-$version" && KV_LIBRARY=$PWD/build/kv build/test/static_test | sed -n 's/.* passed, //p')"
check 'the archive makes the same archive' 'done' "$(outcome env -u MAKEFLAGS make -s -C "$work/kv-$version" BUILD=build dist)"
check 'of the same files' "$(tar tzf "$build/dist/kv-$version.tar.gz" | sort | md5sum)" \
  "$(tar tzf "$work/kv-$version/build/dist/kv-$version.tar.gz" | sort | md5sum)"

mkdir "$work/one" && cp "$build/dist/kv.c" "$build/dist/kv.h" "$work/one"
for compiler in gcc clang; do
  command -v $compiler >/dev/null || continue
  check "$compiler builds the one file, without a warning" 'done' "$(outcome $compiler -Wall -Wextra -Werror -O1 -shared -fPIC \
    "$work/one/kv.c" -o "$work/one/kv.so" -lm)"
done
check 'it exports its entry point only' 'sqlite3_kv_init' "$(nm -D --defined-only "$work/one/kv.so" | awk '{ print $3 }' | tr -d '\n')"
check 'the SQL scripts pass on it' '0 failed' \
  "$(KV_LIBRARY=$work/one/kv tclsh test/slt.tcl test/slt/*.slt | tail -n 1 | sed 's/.* passed, //')"
check 'it is linked into a program' 'done' "$(outcome "${CC:-cc}" -O1 -DSQLITE_CORE -D_DEFAULT_SOURCE -pthread -I"$work/one" -Itest/c \
  -o "$work/one/static_test" test/c/static_test.c "$work/one/kv.c" -lsqlite3 -lm -ldl)"
check 'that has it on every connection' '0 failed' \
  "$(KV_LIBRARY=$work/one/kv "$work/one/static_test" | tail -n 1 | sed 's/.* passed, //')"

# ---- what is said of it ----

check 'sqlpkg.json has the version' "$version" "$(in_sqlite "$build/kv" "SELECT json_extract(readfile('sqlpkg.json'), '$.version')")"
check 'and names each function and table' '' "$(in_sqlite "$build/kv" "
  WITH named AS (SELECT value FROM json_each(readfile('sqlpkg.json'), '$.symbols')),
    there AS (SELECT name FROM pragma_function_list UNION SELECT name FROM pragma_module_list)
  SELECT name FROM there WHERE name GLOB 'kv_*' AND name NOT GLOB 'kv__*' AND name NOT IN ('kv_interface', 'kv_asked', 'kv_witness') AND name NOT IN named
  UNION ALL SELECT value FROM named WHERE value NOT IN there")"
check 'and an archive of each target that sqlpkg knows' "$(awk '$1 ~ /^(linux|darwin|windows)-(amd64|arm64)$/ { print $1 }' packages/targets.txt | sort)" \
  "$(in_sqlite "$build/kv" "SELECT key FROM json_each(readfile('sqlpkg.json'), '$.assets.files') ORDER BY 1")"
check 'by the names that make release gives them' '' "$(in_sqlite "$build/kv" "SELECT value FROM json_each(readfile('sqlpkg.json'), '$.assets.files')
  WHERE value <> 'kv-{version}-' || key || '.tar.gz'")"
check 'CHANGELOG.md begins with the version' "## $version" "$(grep -o '^## [0-9.]*[0-9]' CHANGELOG.md | head -n 1)"

echo "$passed passed, $failed failed"
[[ $failed == 0 ]]
