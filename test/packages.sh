#!/bin/sh
# Installs what is missing, with apt-get, and says nothing when nothing is:
#   test/packages.sh demo|test|lint|valgrind|coverage|fuzz|bench|windows|musl|m32|hosts|rqlite
#
# It looks for the tools themselves, so a machine without apt-get that has them all is as good. Never asks.

set -u
missing=

# need PACKAGES COMMAND...: the packages are missing unless the command succeeds.
need() {
  packages=$1
  shift
  "$@" >/dev/null 2>&1 || missing="$missing $packages"
}

has_tcl_packages() {
  for name in sqlite3 md5; do
    echo "exit [catch {package require $name}]" | tclsh || return 1
  done
}
has_fuzzer() {
  echo 'int LLVMFuzzerTestOneInput(void) { return 0; }' | clang -fsanitize=fuzzer,address -x c -o /dev/null -
}
has_header() { echo "#include <$1>" | "${CC:-cc}" -E -o /dev/null -; }
builds_32_bit() { echo '#include <stdlib.h>' | gcc -m32 -E -o /dev/null -; }

need_to_build() {
  need 'gcc libc6-dev' has_header stdlib.h
  need libsqlite3-dev has_header sqlite3ext.h
  need make command -v make
  need mawk command -v awk
  need sqlite3 command -v sqlite3
}

need_to_test() {
  need_to_build
  need binutils command -v nm
  need pkg-config command -v pkg-config
  need 'tcl tcllib libsqlite3-tcl' has_tcl_packages
}

case ${1:-} in
demo) need_to_build ;;
test) need_to_test ;;
valgrind)
  need_to_test
  need valgrind command -v valgrind
  ;;
fuzz)
  need_to_build
  need 'clang libclang-rt-dev' has_fuzzer
  ;;
coverage)
  need_to_test
  need lcov command -v lcov
  ;;
bench)
  need_to_test
  need valgrind command -v valgrind
  need gnuplot-nox command -v gnuplot
  need redis-server command -v redis-server
  need libhiredis-dev has_header hiredis/hiredis.h
  need liblmdb-dev has_header lmdb.h
  need python3-venv /usr/bin/python3 -c 'import ensurepip'
  ;;
windows)
  need_to_build
  need gcc-mingw-w64-x86-64 command -v x86_64-w64-mingw32-gcc
  need 'wine wine64' command -v wine
  ;;
musl)
  need_to_build
  need musl-tools command -v musl-gcc
  ;;
m32)
  need_to_build
  need gcc-multilib builds_32_bit
  ;;
hosts) # of the languages that are large only what is there is used
  need_to_test
  need python3 command -v python3
  need python3-apsw /usr/bin/python3 -c 'import apsw'
  need 'php-cli php-sqlite3' php -r 'exit((int)!class_exists("SQLite3"));'
  need libdbd-sqlite3-perl perl -MDBD::SQLite -e ''
  need 'ruby ruby-sqlite3' ruby -rsqlite3 -e ''
  ;;
rqlite)
  need_to_test
  need faketime command -v faketime
  ;;
lint)
  need_to_build
  for tool in clang clang-format clang-tidy cppcheck; do need $tool command -v $tool; done
  ;;
*)
  sed -n '2,3s/^# //p' "$0" >&2
  exit 2
  ;;
esac

[ -n "$missing" ] || exit 0

fail() {
  echo "missing:$missing ($1)" >&2
  exit 1
}

command -v apt-get >/dev/null || fail 'Debian package names; there is no apt-get here to install them'
as_root=
if [ "$(id -u)" != 0 ]; then
  sudo -n true 2>/dev/null || fail 'install them as root, or let sudo run without a password'
  as_root='sudo -n'
fi

echo "installing:$missing"
log=$(mktemp)
install() {
  # shellcheck disable=SC2086 # both are lists of words
  $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends $missing \
    </dev/null >"$log" 2>&1
}
# The list of packages may be empty, as on a fresh machine, or out of date: then a second try.
install || { $as_root apt-get update >"$log" 2>&1 && install; } || {
  cat "$log" >&2
  fail 'apt-get install failed'
}
rm -f "$log"
