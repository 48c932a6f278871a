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

node_modules() {
  command -v node >/dev/null && command -v npm >/dev/null || return
  [[ -d $extension.node/node_modules/better-sqlite3 ]] ||
    npm install --no-audit --no-fund --prefix "$extension.node" better-sqlite3@11 >"$work/npm.log" 2>&1
}

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
if node_modules; then
  run memoize.js env NODE_PATH="$extension.node/node_modules" node
else
  echo "SKIPPED: recipes in Node: $(tail -n 1 "$work/npm.log" 2>/dev/null || echo 'there is no node or npm here')"
fi
echo "$passed passed, $failed failed"
[[ $failed == 0 ]]
