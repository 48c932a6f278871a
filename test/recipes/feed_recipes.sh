#!/bin/bash
# Runs the recipes of docs/feed.md:  test/recipes/feed_recipes.sh BUILD [--browser]
#
# What the machine cannot have is a loud SKIPPED.

set -u
here=$(cd "$(dirname "$0")" && pwd)
build=$1
browser=()
if [[ ${2:-} == --browser ]]; then
  chromium=$(command -v chromium || command -v chromium-browser) || {
    echo 'SKIPPED: the live page in a browser: there is no chromium here (package chromium)'
    exit 0
  }
  browser=(--browser "$chromium")
fi
for python in python3 /usr/bin/python3; do
  $python -c 'import sqlite3; sqlite3.connect(":memory:").enable_load_extension(True)' 2>/dev/null || continue
  exec $python "$here/feed_recipes.py" "$build" "${browser[@]}"
done
echo 'SKIPPED: recipes in Python: no python3 here has an sqlite3 module that loads extensions (package python3)'
