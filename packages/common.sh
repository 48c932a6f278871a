# What the scripts of the packages have in common. To be sourced:  . packages/common.sh BUILD
#
# Sets root (of this tree), build, output (where packages go), version, and passed and failed for check.
# shellcheck shell=bash disable=SC2034 # used by those who source it

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
build=$(realpath "$1")
output=$build/packages
version=$(awk -F '"' '/^.define KV_VERSION/ { print $2 }' "$root/ext/kv.h")
passed=0
failed=0
mkdir -p "$output"

# Ends the script: what it is for cannot be had here.
skip() {
  echo "SKIPPED: $1"
  echo '0 passed, 0 failed'
  exit 0
}

needs() { # COMMAND PACKAGE
  command -v "$1" >/dev/null || skip "there is no $1 here (package $2)"
}

# check TITLE EXPECTED GOT
check() {
  if [[ $2 == "$3" ]]; then
    ((passed++))
  else
    ((failed++))
    printf 'FAILED: %s\n  expected: %s\n  got:      %s\n' "$1" "$2" "$3"
  fi
}

finish() {
  echo "$passed passed, $failed failed"
  [[ $failed == 0 ]]
  exit
}

# Runs a command, and is "done" or what it printed last.
outcome() {
  local log
  if log=$("$@" 2>&1); then echo 'done'; else tail -n 8 <<<"$log"; fi
}

# The rows of packages/targets.txt of which there is a library, and which have a package in COLUMN (4 python, 5 npm):
# name, column, library.
targets() { # COLUMN
  local row library
  while read -r -a row; do
    library=$(echo "$build/release/${row[0]}"/kv.*)
    [[ ! -f $library || ${row[$1 - 1]} == - ]] || echo "${row[0]} ${row[$1 - 1]} $library"
  done < <(grep -v '^#' "$root/packages/targets.txt")
}

# Everything that compiles kv takes these along: the one file, its header, SQLite's headers, the licence.
copy_source() { # FOLDER
  mkdir -p "$1/sqlite"
  cp "$build/dist/kv.c" "$build/dist/kv.h" "$root/LICENSE" "$1"
  cp "$build/sqlite-source/sqlite3.h" "$build/sqlite-source/sqlite3ext.h" "$1/sqlite"
}

# A virtual environment below BUILD with these packages: its folder.
environment() { # NAME PACKAGE...
  local folder=$build/venv/$1
  shift
  if [[ $(cat "$folder/installed" 2>/dev/null) != "$*" ]]; then
    rm -rf "$folder"
    { python3 -m venv "$folder" && "$folder/bin/pip" install -q --disable-pip-version-check "$@"; } \
      >"$build/venv.log" 2>&1 || return
    echo "$*" >"$folder/installed"
  fi
  echo "$folder"
}
