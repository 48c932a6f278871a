#!/bin/bash
# Runs the whole suite on other versions of SQLite:  test/versions/versions.sh BUILD PACKAGE_VERSION... -- TEST...
#
# Each is built by sqlite.sh into BUILD/versions, and comes before the system's by LD_LIBRARY_PATH: for tclsh, the C
# tests and what they start. Only Debian's `sqlite3` shell refuses any SQLite but its own, and keeps that. Each TEST is
# a command for test/tally.sh. What cannot be had is a loud SKIPPED; the table at the end says what was run on what.

set -u
here=$(cd "$(dirname "$0")" && pwd)
build=$1
shift
packages=()
while [[ $1 != -- ]]; do
  packages+=("$1")
  shift
done
shift

log=$(mktemp)
shell=$(mktemp -d)
trap 'rm -rf "$log" "$shell"' EXIT
printf '#!/bin/sh\nexec env -u LD_LIBRARY_PATH %s "$@"\n' "$(command -v sqlite3)" >"$shell/sqlite3"
chmod +x "$shell/sqlite3"

passed=0
failed=0
table=
for package in "${packages[@]}"; do
  library=$build/versions/$package
  if ! reason=$("$here/sqlite.sh" "$package" "$library" 2>&1); then
    reason=${reason#SKIPPED: }
    echo "SKIPPED: SQLite of better-sqlite3 $package: ${reason:-it cannot be built}"
    table+=$(printf '%-10s SKIPPED: %s' "$package" "${reason##*$'\n'}")$'\n'
    continue
  fi
  version=$(<"$library/version")
  echo "== SQLite $version"
  LD_LIBRARY_PATH=$library PATH=$shell:$PATH "$here/../tally.sh" "$@" | tee "$log"
  read -r good _ bad _ < <(tail -n 1 "$log")
  found=$(echo 'package require sqlite3; sqlite3 db :memory:; puts [db version]' | LD_LIBRARY_PATH=$library tclsh)
  if [[ $found != "$version" ]]; then
    echo "FAILED: the tests ran on SQLite $found, not on $version"
    ((bad++))
  fi
  table+=$(printf 'SQLite %-8s %6d passed, %d failed' "$version" "$good" "$bad")$'\n'
  ((passed += good, failed += bad))
done

printf '%s' "$table"
echo "$passed passed, $failed failed"
[[ $failed == 0 ]]
