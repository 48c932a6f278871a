#!/bin/bash
# Runs the whole suite on other versions of SQLite:  test/versions/versions.sh DIRECTORY VERSION... -- TEST...
#
# Each is built by sqlite.sh into DIRECTORY, and comes before the system's by LD_LIBRARY_PATH: for tclsh, the C tests and
# what they start. Only Debian's `sqlite3` shell refuses any SQLite but its own, and keeps that. Each TEST is a command
# for test/tally.sh. What cannot be had is a loud SKIPPED; the table at the end says what was run on what.

set -u
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$1"
directory=$(cd "$1" && pwd)
shift
versions=()
while [[ $1 != -- ]]; do
  versions+=("$1")
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
for wanted in "${versions[@]}"; do
  library=$directory/$wanted
  if ! reason=$("$here/sqlite.sh" "$wanted" "$library" 2>&1); then
    echo "SKIPPED: SQLite $wanted: ${reason:-it cannot be built}"
    table+=$(printf 'SQLite %-8s SKIPPED: %s' "$wanted" "${reason##*$'\n'}")$'\n'
    continue
  fi
  version=$(<"$library/version")
  [[ $table != *"SQLite $version "* ]] || continue # `latest` may be one of the others
  echo "== SQLite $version"
  started=$SECONDS
  LD_LIBRARY_PATH=$library PATH=$shell:$PATH "$here/../tally.sh" "$@" | tee "$log"
  read -r good _ bad _ < <(tail -n 1 "$log")
  found=$(echo 'package require sqlite3; sqlite3 db :memory:; puts [db version]' | LD_LIBRARY_PATH=$library tclsh)
  if [[ $found != "$version" || $wanted != latest && $wanted != "$version" ]]; then
    echo "FAILED: the tests of SQLite $wanted ran on $found"
    ((bad++))
  fi
  table+=$(printf 'SQLite %-8s %6d passed, %d failed, %d s' "$version" "$good" "$bad" $((SECONDS - started)))$'\n'
  ((passed += good, failed += bad))
done

printf '%s' "$table"
echo "$passed passed, $failed failed"
[[ $failed == 0 && $passed != 0 ]]
