#!/bin/bash
# Runs the recipes of docs/quotas.md, each a whole program on a fresh file:  test/recipes/recipes.sh BUILD
#
# What they print is in expected.txt, under their names. What the machine cannot have is a loud SKIPPED.

set -u
here=$(cd "$(dirname "$0")" && pwd)
extension=$(realpath "$1")/kv
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
passed=0
failed=0

python=
for candidate in python3 /usr/bin/python3; do
  $candidate -c 'import sqlite3; sqlite3.connect(":memory:").enable_load_extension(True)' 2>/dev/null || continue
  python=$candidate
  break
done

# What `make test-hosts HOSTS=node` has fetched.
modules=$(dirname "$extension")/hosts/node/node_modules

run() { # NAME COMMAND...
  local name=$1
  shift
  expected=$(awk -v name="$name" '/^[a-z]+\.(py|js)$/ { is_it = $0 == name; next } is_it' "$here/expected.txt")
  got=$("$@" "$here/$name" "$work/$name.db" "$extension" 2>&1)
  if [[ $got == "$expected" ]]; then
    ((passed++))
  else
    ((failed++))
    printf 'FAILED: %s\nexpected:\n%s\ngot:\n%s\n' "$name" "$expected" "$got"
  fi
}

if [[ -n $python ]]; then
  for name in cache memoize sessions lock; do run $name.py "$python"; done
else
  echo 'SKIPPED: recipes in Python: no python3 here has an sqlite3 module that loads extensions (package python3)'
fi
if [[ -d $modules ]] && command -v node >/dev/null; then
  run memoize.js env NODE_PATH="$modules" node
else
  echo 'SKIPPED: the recipe in Node: no better-sqlite3 here (make test-hosts HOSTS=node fetches it)'
fi
echo "$passed passed, $failed failed"
[[ $failed == 0 ]]
