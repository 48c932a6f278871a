#!/bin/bash
# A user's first minutes:  test/machine/machine_test.sh
#
# The Makefile on a copy of the tree whose path has a blank in it, what is said of missing packages, and how they are
# installed, by an apt-get that only notes how it is called. `make test-fresh` does the same with the real ones.

set -u
unset MAKEFLAGS MFLAGS MAKEOVERRIDES MAKELEVEL CC CFLAGS LDFLAGS # of a `make CC=…` around this
cd "$(dirname "$0")/../.." || exit 1
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

# ---- a path with a blank in it ----

tree=$work/my\ kv
mkdir "$tree"
{ git ls-files -z 2>/dev/null || find . -type f ! -path './build*' -print0; } |
  tar --create --null --files-from=- --ignore-failed-read 2>/dev/null | tar x -C "$tree"
check 'make -j4 builds' 0 "$(cd "$tree" && make -s -j4 all >"$work/log" 2>&1; echo $?)"
check 'make -j4 says nothing that a user has to read' '' "$(grep -v '^$' "$work/log")"

(cd "$tree" && make demo </dev/null) >"$work/demo" 2>&1
check 'make demo succeeds' 0 $?
check 'it shows answers' 'config theme solarized' "$(tail -n 10 "$work/demo" | sed -n 's/[^a-z]\+/ /g; s/^ *\(config.*[a-z]\) *$/\1/p')"
check 'and no compiler' '' "$(grep -- ' -std=c11 ' "$work/demo")"
check 'it ends with what to do next' 'make test' "$(tail -n 1 "$work/demo" | grep -o 'make test')"
command=$(sed -n 's/^  \(sqlite3 .*\)/\1/p' "$work/demo")
check 'the command that it gives works' solarized \
  "$(cd "$tree" && eval "$command" '"SELECT kv_get('\''config'\'', '\''theme'\'')"' 2>&1)"
check 'make demo, again' 0 "$(cd "$tree" && make demo >"$work/demo" 2>&1; echo $?)"

prefix=$work/with\ blanks
outcome=$(cd "$tree" && make -s install PREFIX="$prefix" >"$work/log" 2>&1; echo $?)
check 'make install with a blank in PREFIX' 0 "$outcome"
version=$(PKG_CONFIG_PATH=$prefix/lib/pkgconfig pkg-config --modversion kv)
extension=$(PKG_CONFIG_PATH=$prefix/lib/pkgconfig pkg-config --variable=extension kv)
check 'pkg-config finds the extension there' "$version" \
  "$(sqlite3 -init /dev/null -batch :memory: -cmd ".load '${extension//\\/}'" 'SELECT kv_version()' 2>&1)"
check 'and the header' 0 "$(cd "$tree" && eval "cc -fsyntax-only $(PKG_CONFIG_PATH=$prefix/lib/pkgconfig pkg-config --cflags kv) \
  packages/host.c" >"$work/log" 2>&1; echo $?)"
(cd "$tree" && make -s uninstall PREFIX="$prefix" >/dev/null 2>&1)
check 'make uninstall leaves no file' '' "$(find "$prefix" -type f)"

# ---- any locale, and no program but those that are installed ----

for locale in '' C POSIX de_DE no_SUCH; do
  check "a test passes in the locale '$locale'" '0 failed' "$(cd "$tree" &&
    env -u LANG -u LC_CTYPE LC_ALL=$locale tclsh test/slt.tcl test/slt/words.slt 2>&1 | tail -n 1 | sed 's/.* passed, //')"
done
printf 'source {%s/test/tester.tcl}\nputs µ\\u00b5\nexit\n' "$tree" >"$work/print.tcl"
check 'what a test prints is UTF-8' 'µµ' "$(LC_ALL=C tclsh "$work/print.tcl")"
check 'no test calls a program that kills' '' "$(grep -nE 'exec (p?kill|killall)' test/*.test test/*.tcl test/*/*.tcl)"

# ---- the list of targets ----

targets=$(make -pqrR none 2>/dev/null | sed -n 's/^\.PHONY: //p' | tr ' ' '\n' | grep -vE 'tools$|^fuzz-(duration|calls|image)$' | sort)
check 'make help has every target' "$targets" "$(make help | sed -n 's/^  make \([^ ]*\) .*/\1/p' | sort)"
check "users' come first" 'Use it' "$(make help | head -n 1)"

# ---- what is missing ----

check 'make without a compiler names the package' 'gcc libc6-dev libsqlite3-dev' \
  "$(cd "$tree" && make -s BUILD=build/none CC=no-such-cc 2>&1 | sed -n 's/^sudo apt-get .* --no-install-recommends //p')"
check 'and is an error, without a word of the compiler' '2 3' \
  "$(cd "$tree" && make -s BUILD=build/none CC=no-such-cc >"$work/log" 2>&1; echo $? "$(wc -l <"$work/log")")"
check 'make with clang asks for clang' 1 "$(CC='clang-of-no-machine' test/packages.sh --check build 2>&1 | grep -c '^sudo.* clang-of-no-machine libc6-dev')"
mkdir "$work/headers"
printf '#error no SQLite here\n' >"$work/headers/sqlite3ext.h"
check 'make without the headers of SQLite names their package' 'sudo apt-get update && sudo apt-get install -y --no-install-recommends libsqlite3-dev' \
  "$(cd "$tree" && make -s BUILD=build/none CFLAGS="-I$work/headers" 2>&1 | grep '^sudo')"

# ---- installing ----

# A machine with an apt-get that does as $work/apt says, call by call: a file each, what it prints, or "ok".
mkdir "$work/bin" "$work/apt"
cat >"$work/bin/apt-get" <<'END'
#!/bin/sh
echo "$*" | sed 's/^-o [^ ]* //' >>"$MACHINE/calls"
answer=$(ls "$MACHINE/apt" | head -n 1)
[ -n "$answer" ] || exit 0
text=$(cat "$MACHINE/apt/$answer")
rm "$MACHINE/apt/$answer"
[ "$text" = ok ] && exit 0
echo "$text"
exit 100
END
printf '#!/bin/sh\necho "${MACHINE_USER:-0}"\n' >"$work/bin/id"
printf '#!/bin/sh\nexit 1\n' >"$work/bin/sudo"
printf '#!/bin/sh\nexit 0\n' >"$work/bin/sleep"
chmod +x "$work/bin"/*

# installs [ANSWER...]: what test/packages.sh says with such a machine, then how apt-get was called.
installs() {
  rm -f "$work/calls" "$work/apt"/*
  local i=10
  for answer; do
    printf '%s\n' "$answer" >"$work/apt/$((i++))"
  done
  MACHINE=$work CC=no-such-cc PATH=$work/bin:$PATH test/packages.sh build 2>&1
  echo "exit $?"
  [[ ! -f $work/calls ]] || sed 's/ -y --no-install-recommends gcc.*//' "$work/calls"
}

held='Waiting for cache lock: Could not get lock /var/lib/dpkg/lock-frontend. It is held by process 7...
E: Unable to acquire the dpkg frontend lock (/var/lib/dpkg/lock-frontend), is another process using it?'
missing='gcc libc6-dev libsqlite3-dev'
check 'what is missing is installed' "installing: $missing|exit 0|install" "$(installs | paste -sd'|')"
check 'where the list of packages is empty, it is fetched first' "installing: $missing|exit 0|install|update|install" \
  "$(installs 'E: Unable to locate package gcc' | paste -sd'|')"
check "while another program has apt's lock, it waits, and says so" \
  "installing: $missing|waiting for another program that holds the lock of apt, for up to 10 minutes|exit 0|install|install|install" \
  "$(installs "$held" "$held" | paste -sd'|')"
check 'for the lock of the lists too' \
  "installing: $missing|waiting for another program that holds the lock of apt, for up to 10 minutes|exit 0|install|update|update|install" \
  "$(installs 'E: Unable to locate package gcc' 'E: Could not get lock /var/lib/apt/lists/lock. It is held by process 7' | paste -sd'|')"
check 'what cannot be installed is an error, with what apt-get said' \
  "installing: $missing|E: no such mirror|missing: $missing (apt-get install failed)|exit 1|install|update" \
  "$(installs 'E: no such package' 'E: no such mirror' | paste -sd'|')"
check 'without root there is one line to paste' \
  "missing: $missing; on Debian and its kin, this installs what is missing:|sudo apt-get update && sudo apt-get install -y --no-install-recommends $missing|exit 1" \
  "$(MACHINE_USER=1000 installs | paste -sd'|')"

# ---- a target that fails does not say that it passed ----

# This machine without some of its programs.
mkdir "$work/bare"
ln -s /usr/bin/* "$work/bare"
rm -f "$work/bare"/{cc,*gcc*,*clang*,*wine*,npm}
printf '#!/bin/sh\necho "E: no network"\nexit 100\n' >"$work/bin/apt-get"
for target in windows test-windows musl m32 versions; do
  output=$(cd "$tree" && PATH=$work/bin:$work/bare make -s BUILD=build/other $target 2>&1)
  check "make $target fails without its tools" 2 $?
  check "make $target names them" 1 "$(grep -c '^missing: .*gcc' <<<"$output")"
  check "make $target counts nothing then" '' "$(grep '^0 passed' <<<"$output")"
done

echo "$passed passed, $failed failed"
[[ $failed == 0 && $passed != 0 ]]
