#!/bin/sh
# The library shows the world its entry point only, and needs nothing but the C library:  test/library.sh build/kv.so

library=$1
passed=0
failed=0

# check TITLE UNWANTED: fails if there is any.
check() {
  if [ -z "$2" ]; then
    passed=$((passed + 1))
  else
    failed=$((failed + 1))
    echo "FAILED: $1, but:" $2
  fi
}

exported=$(nm -D --defined-only "$library" | awk '{ print $3 }' | grep -vxF -f test/exports.txt)
needed=$(objdump -p "$library" | awk '$1 == "NEEDED" { print $2 }' |
  grep -vE '^(lib(c|m|pthread)\.so\.|ld-linux)')
stack=$(readelf -lW "$library" | awk '$1 == "GNU_STACK" && $7 ~ /E/ { print $7 }')

check "only what test/exports.txt names is exported" "$exported"
check "only the C library is needed" "$needed"
check "the stack is not executable" "$stack"
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
