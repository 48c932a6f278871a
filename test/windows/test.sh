#!/bin/sh
# The SQL scripts on build/windows/kv.dll, in an SQLite for Windows, under wine:  test/windows/test.sh BUILD
#
# Also what the DLL exports, and which others it needs.

set -u
build=$1
here=$(cd "$(dirname "$0")" && pwd)
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

dll=$build/windows/kv.dll
table=$(x86_64-w64-mingw32-objdump -p "$dll")
check 'it exports its entry point only' \
  "$(echo "$table" | awk '/Name Pointer. Table$/ { is_name = 1; next } NF == 0 { is_name = 0 } is_name { print $NF }' | grep -vx sqlite3_kv_init)"
check 'it does export that' "$(echo "$table" | grep -q sqlite3_kv_init || echo nothing)"
check 'it needs DLLs of the system only' \
  "$(echo "$table" | sed -n 's/.*DLL Name: //p' | grep -vixE '(kernel32|msvcrt)\.dll')"

directory=$(mktemp -d)
trap 'WINEPREFIX=$directory/wine wineserver -k 2>/dev/null; rm -rf "$directory"' EXIT
cp "$dll" "$build/windows/slt.exe" "$directory"
cd "$directory" || exit 1
export WINEPREFIX="$directory/wine" WINEDEBUG=-all
timeout 300 wine slt.exe kv "$here"/../slt/*.slt "$here"/*.slt 2>wine.log | tr -d '\r' >slt.log
grep -v '^[0-9]* passed' slt.log
last=$(tail -n 1 slt.log)
case $last in
*' passed, '*' failed')
  passed=$((passed + ${last%% *}))
  last=${last#*, }
  failed=$((failed + ${last%% *}))
  ;;
*)
  cat wine.log
  failed=$((failed + 1))
  ;;
esac
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
