#!/bin/bash
# Runs the example of each host language:  test/hosts/hosts.sh BUILD [HOST...]
#
# Each opens a file, loads the extension, sets, gets, reads a group, renders and meets an error, with a function of
# its own called at each change; all print the same. What the machine cannot have is a loud SKIPPED. A host is a
# function below: it runs the example on $database with $extension, from a copy of its folder in BUILD/hosts.

set -u
here=$(cd "$(dirname "$0")" && pwd)
build=$(realpath "$1")
shift
extension=$build/kv
passed=0
failed=0
skipped=()

cannot() { # REASON: the end of a host that is not to be had
  echo "$1" >&3
  exit 77
}

needs() { # COMMAND PACKAGE
  command -v "$1" >/dev/null || cannot "there is no $1 here (package $2)"
}

fetch() { # COMMAND...: what goes to a registry
  command "$@" >fetch.log 2>&1 || cannot "$(tail -n 1 fetch.log)"
}

shell() { sqlite3 -init /dev/null -batch "$database" -cmd ".load $extension" <mail.sql; }

# The first python3 that can do this runs the example: the user's own may lack what Debian's has.
python_that_can() { # CODE REASON
  local python
  for python in python3 /usr/bin/python3; do
    $python -c "$1" 2>/dev/null || continue
    $python mail.py "$database" "$extension"
    return
  done
  cannot "$2"
}

python() {
  python_that_can 'import sqlite3; sqlite3.connect(":memory:").enable_load_extension(True)' \
    'no python3 here has an sqlite3 module that loads extensions (package python3)'
}

apsw() { python_that_can 'import apsw' 'no python3 here has apsw (package python3-apsw)'; }

node() {
  needs node nodejs
  needs npm npm
  fetch npm install --no-audit --no-fund
  command node mail.js "$database" "$extension"
}

go() {
  needs go golang-go
  fetch go mod download
  command go build -o mail . && ./mail "$database" "$extension"
}

rust() {
  needs cargo cargo
  fetch cargo fetch
  cargo build --quiet --offline && target/debug/mail "$database" "$extension"
}

java() {
  needs java default-jdk
  needs mvn maven
  fetch mvn -q -B dependency:copy-dependencies -DoutputDirectory=lib
  command java -cp 'lib/*' Mail.java "$database" "$extension"
}

php() {
  needs php php-cli
  command php -r 'exit((int)!class_exists("SQLite3"));' || cannot 'this php has no SQLite3 (package php-sqlite3)'
  command php -d "sqlite3.extension_dir=$build" mail.php "$database" kv.so
}

perl() {
  command perl -MDBD::SQLite -e '' 2>/dev/null || cannot 'this perl has no DBD::SQLite (package libdbd-sqlite3-perl)'
  command perl mail.pl "$database" "$extension"
}

ruby() {
  command ruby -rsqlite3 -e '' 2>/dev/null || cannot 'there is no ruby here that has sqlite3 (package ruby-sqlite3)'
  command ruby mail.rb "$database" "$extension"
}

tcl() { tclsh mail.tcl "$database" "$extension"; }

c() {
  ${CC:-cc} -Wall -Wextra -Werror -I"$here/../../ext" mail.c -lsqlite3 -o mail && ./mail "$database" "$extension"
}

# check TITLE EXPECTED GOT
check() {
  if [[ $2 == "$3" ]]; then
    ((passed++))
  else
    ((failed++))
    printf 'FAILED: %s\n--- expected:\n%s\n--- got:\n%s\n' "$1" "$2" "$3"
  fi
}

run() { # HOST
  local work=$build/hosts/$1 output status reason
  mkdir -p "$work" && cp -r "$here/$1/." "$work" && cd "$work" || exit 1
  database=$work/app.db
  rm -f "$database"*
  output=$({ "$1" 2>&1; } 3>reason)
  status=$?
  reason=$(<reason)
  if [[ $status == 77 ]]; then
    skipped+=("$1")
    echo "SKIPPED: $1: $reason"
    return
  fi
  # Each host puts words of its own around the message of an error.
  check "$1 prints this" "$(<"$here/expected.txt")" "$(sed 's/^.*\(kv_require: .*"user"\).*$/\1/' <<<"$output")"
  check "the file of $1 is whole, with values of these types" 'ok|host text smtp.example.com,port integer 587' \
    "$(sqlite3 -init /dev/null -batch "$database" "SELECT integrity_check, group_concat(key || ' ' || typeof(value) || ' ' || value)
        FROM pragma_integrity_check, kv WHERE grp = 'mail'" 2>&1)"
  echo "$1"
}

[[ $# != 0 ]] || set -- shell python apsw node go rust java php perl ruby tcl c
for host; do run "$host"; done
[[ ${#skipped[@]} == 0 ]] || echo "SKIPPED: ${skipped[*]}"
echo "$passed passed, $failed failed"
[[ $failed == 0 ]]
