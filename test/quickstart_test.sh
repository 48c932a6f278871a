#!/bin/sh
# The README's quick start answers as test/quickstart.txt says, line by line:  test/quickstart_test.sh [BUILD]

cd "$(dirname "$0")/.." || exit 1
if test/quickstart.sh "${1:-build}" '.mode list' 2>&1 | diff -u test/quickstart.txt -; then
  echo "1 passed, 0 failed"
else
  echo "0 passed, 1 failed"
  exit 1
fi
