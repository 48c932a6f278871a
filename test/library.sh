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

# What may be written to: the pointer to SQLite's routines, which SQLITE_EXTENSION_INIT1 defines, and the gate that
# holds up a fork() (ext/base/threads.c). (The C runtime's own two are in every library.)
written=$(objdump -t "$library" | awk '/ O \.(data|bss)\t/ { print $NF }' |
  grep -vE '^(sqlite3_api|(is_)?fork_gate(_once|_watched)?|completed\..*|__dso_handle|__TMC_END__)$')
relro=$(readelf -lW "$library" | grep -q GNU_RELRO || echo none)
now=$(readelf -dW "$library" | grep -q 'BIND_NOW\|Flags:.* NOW' || echo none)
guarded=$(nm -D "$library" | grep -q __stack_chk_fail || echo none)
fortified=$(nm -D "$library" | grep -q '__[a-z]*_chk' || echo none)

check "only what test/exports.txt names is exported" "$exported"
check "only the C library is needed" "$needed"
check "the stack is not executable" "$stack"
check "there is no writable state but SQLite's routines and the gate of forks" "$written"
check "what is relocated is read-only afterwards" "$relro"
check "all is bound at once" "$now"
check "stacks are guarded" "$guarded"
check "the C library's calls are checked" "$fortified"
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
