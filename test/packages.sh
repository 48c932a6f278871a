#!/bin/sh
# Installs what is missing, with apt-get, and says nothing when nothing is:  test/packages.sh [--check] FOR
#
# FOR is build, demo, test, lint, valgrind, coverage, fuzz, bench, source, windows, test-windows, musl, m32, hosts,
# rqlite, fresh, release, packages or packages-quick. --check only says what is missing, and is an error then. It looks
# for the tools themselves, so a machine without apt-get that has them all is as good. Never asks. CC and CFLAGS are
# those of the build.

set -u
missing=
is_check=0
if [ "${1:-}" = --check ]; then
  is_check=1
  shift
fi

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
# shellcheck disable=SC2086 # CC and CFLAGS are lists of words
has_header() { echo "#include <$1>" | ${CC:-cc} ${CFLAGS:-} -E -o /dev/null -; }
builds_32_bit() { echo '#include <stdlib.h>' | gcc -m32 -E -o /dev/null -; }

need_to_build() {
  compiler=${CC:-cc}
  case ${compiler%% *} in
  clang*) need "${compiler%% *} libc6-dev" has_header stdlib.h ;;
  *) need 'gcc libc6-dev' has_header stdlib.h ;;
  esac
  need libsqlite3-dev has_header sqlite3ext.h
  need make command -v make
  need mawk command -v awk
}

need_to_demo() {
  need_to_build
  need sqlite3 command -v sqlite3
}

need_to_test() {
  need_to_demo
  need binutils command -v nm
  need pkg-config command -v pkg-config
  need 'tcl tcllib libsqlite3-tcl' has_tcl_packages
}

need_to_pack() {
  need_to_demo
  need python3 command -v python3
  need python3-venv /usr/bin/python3 -c 'import ensurepip'
  need npm command -v npm
  need unzip command -v unzip
  need llvm command -v llvm-readobj
}

case ${1:-} in
build) need_to_build ;;
demo) need_to_demo ;;
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
source) need npm command -v npm ;; # of another SQLite than the system's: see test/sqlite-source.sh
windows)
  need make command -v make
  need mawk command -v awk
  need gcc-mingw-w64-x86-64 command -v x86_64-w64-mingw32-gcc
  ;;
test-windows)
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
  need ruby-activerecord ruby -ractive_record -e ''
  need python3-venv /usr/bin/python3 -c 'import ensurepip'
  ;;
packages-quick) need_to_pack ;;
release) # and to run what is for other systems
  need_to_pack
  need musl test -e /lib/ld-musl-x86_64.so.1
  need qemu-user-static command -v qemu-aarch64-static
  need 'wine wine64' command -v wine
  need libc6-arm64-cross test -d /usr/aarch64-linux-gnu
  need libc6-armhf-cross test -d /usr/arm-linux-gnueabihf
  need libc6-ppc64el-cross test -d /usr/powerpc64le-linux-gnu
  need libc6-riscv64-cross test -d /usr/riscv64-linux-gnu
  need libc6-s390x-cross test -d /usr/s390x-linux-gnu
  ;;
packages) # of the languages that are large only what is there is used
  need_to_pack
  need 'zip unzip' command -v zip
  need 'ruby ruby-sqlite3' ruby -rsqlite3 -e ''
  need 'dpkg-dev lintian' command -v lintian
  need man-db command -v man
  need chromium command -v chromium
  ;;
rqlite)
  need_to_test
  need faketime command -v faketime
  ;;
lint)
  need_to_build
  for tool in clang clang-format clang-tidy cppcheck; do need $tool command -v $tool; done
  ;;
fresh)
  need debootstrap command -v debootstrap
  need git command -v git
  ;;
*)
  sed -n '2s/^# //p' "$0" >&2
  exit 2
  ;;
esac

[ -n "$missing" ] || exit 0

fail() {
  echo "missing:$missing ($1)" >&2
  exit 1
}

# One line, to be pasted.
say_how_to_install() {
  echo "missing:$missing; on Debian and its kin, this installs what is missing:" >&2
  echo "sudo apt-get update && sudo apt-get install -y --no-install-recommends$missing" >&2
  exit 1
}

[ "$is_check" = 0 ] || say_how_to_install
command -v apt-get >/dev/null || fail 'names of Debian packages; there is no apt-get here to install them'
as_root=
if [ "$(id -u)" != 0 ]; then
  sudo -n true 2>/dev/null || say_how_to_install
  as_root='sudo -n'
fi

log=$(mktemp)
trap 'rm -f "$log"' EXIT

# in_turn ARGUMENTS...: apt-get, when nobody else is at it. A machine that has just been started updates itself, and holds apt's locks for
# minutes. DPkg::Lock::Timeout waits for one of the three; for the others, and to say so, the call is made again.
in_turn() {
  waited=0
  until $as_root env LC_ALL=C DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=5 "$@" \
    </dev/null >"$log" 2>&1; do
    grep -q 'Could not get lock' "$log" && [ $waited -lt 600 ] || return 1
    [ $waited != 0 ] || echo 'waiting for another program that holds the lock of apt, for up to 10 minutes'
    sleep 5
    waited=$((waited + 10))
  done
}

echo "installing:$missing"
# shellcheck disable=SC2086 # a list of words
install() { in_turn install -y --no-install-recommends $missing; }
# The list of packages may be empty, as on a fresh machine, or out of date: then a second try.
install || { in_turn update && install; } || {
  cat "$log" >&2
  fail 'apt-get install failed'
}
