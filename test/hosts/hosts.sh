#!/bin/bash
# Runs the examples of each host:  test/hosts/hosts.sh BUILD [HOST...]
#
# mail: opens a file, loads the extension, sets, gets, reads a group, renders and meets an error, with a function of its
# own called at each change, where the host has such; all print the same. writes: what a rollback takes back, and what
# else each host has to know; each as its writes.txt says. What a machine cannot have is a loud SKIPPED. A host is a
# function below: it runs the example $1 on $database with $extension, from a copy of its folder in BUILD/hosts.

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
  [[ -n $(type -P "$1") ]] || cannot "there is no $1 here (package $2)"
}

fetch() { # COMMAND...: what goes to a registry
  command "$@" >fetch.log 2>&1 || cannot "$(tail -n 1 fetch.log)"
}

shell() { sqlite3 -init /dev/null -batch "$database" -cmd ".load $extension" <mail.sql; }

# The first python3 that can do this runs the example: the user's own may lack what Debian's has.
python_that_can() { # EXAMPLE CODE REASON
  local python
  for python in python3 /usr/bin/python3; do
    $python -c "$2" 2>/dev/null || continue
    $python "$1.py" "$database" "$extension"
    return
  done
  cannot "$3"
}

can_load='import sqlite3; sqlite3.connect(":memory:").enable_load_extension'
cannot_load='no python3 here has an sqlite3 module that loads extensions (package python3)'

python() { python_that_can "$1" "$can_load" "$cannot_load"; }

apsw() { python_that_can "$1" 'import apsw' 'no python3 here has apsw (package python3-apsw)'; }

# One environment for all that PyPI has, made once.
python_with_packages() { # EXAMPLE
  local folder=$build/venv/hosts python
  local packages=('sqlalchemy>=2' 'django>=4.2' aiosqlite 'datasette<1' 'sqlite-utils>=4' pandas)
  if [[ $(cat "$folder/installed" 2>/dev/null) != "${packages[*]}" ]]; then
    for python in python3 /usr/bin/python3 ''; do
      [[ -n $python ]] || cannot "$cannot_load"
      ! $python -c "$can_load" 2>/dev/null || break
    done
    rm -rf "$folder"
    $python -m venv "$folder" >install.log 2>&1 || cannot "$(tail -n 1 install.log) (package python3-venv)"
    fetch "$folder/bin/pip" install -q --disable-pip-version-check "${packages[@]}"
    echo "${packages[*]}" >"$folder/installed"
  fi
  "$folder/bin/python" "$1.py" "$database" "$extension" 2>error.log
}

sqlalchemy() { python_with_packages "$1"; }
django() { python_with_packages "$1"; }
aiosqlite() { python_with_packages "$1"; }
datasette() { python_with_packages "$1"; }
sqlite_utils() { python_with_packages "$1"; }
pandas() { python_with_packages "$1"; }

python_without() {
  command -v python3 >/dev/null && ! python3 -c "$can_load" 2>/dev/null || cannot 'this python3 can load extensions'
  command python3 mail.py "$database" "$extension"
}

node() {
  needs node nodejs
  needs npm npm
  fetch npm install --no-audit --no-fund
  command node "$1.js" "$database" "$extension"
}

knex() { node "$1"; }

runtime() { # node|bun EXAMPLE
  local program
  needs npm npm
  program=$("$here/../../packages/npm/runtime.sh" "$build" "$1") || cannot "$program"
  "$program" "$2.js" "$database" "$extension" 2>error.log
}

node_sqlite() { runtime node "$1"; }

bun() { runtime bun "$1"; }

go() {
  needs go golang-go
  fetch go mod download
  local folder=.
  [[ $1 == mail ]] || folder=./$1
  command go build -o "$1.program" "$folder" && "./$1.program" "$database" "$extension"
}

go_sqlx() { go "$1"; }

go_without_c() { go "$1"; }

# mail, writes: the example is named by a third argument.
rust() {
  needs cargo cargo
  fetch cargo fetch
  cargo build --quiet --offline && target/debug/mail "$database" "$extension" ${1#mail}
}

rust_sqlx() { rust "$1"; }

java() {
  needs java default-jdk
  needs mvn maven
  fetch mvn -q -B dependency:copy-dependencies -DoutputDirectory=lib
  command java -cp 'lib/*' Mail.java "$database" "$extension" ${1#mail} 2>error.log
}

hikari() { java "$1"; }

php() {
  needs php php-cli
  command php -r 'exit((int)!class_exists("SQLite3"));' || cannot 'this php has no SQLite3 (package php-sqlite3)'
  command php -d "sqlite3.extension_dir=$build" "$1.php" "$database" kv.so
}

pdo() {
  needs php php-cli
  command php -r 'exit((int)class_exists("Pdo\Sqlite"));' || cannot 'this PDO can load extensions'
  command php mail.php "$database" "$extension"
}

perl() {
  command perl -MDBD::SQLite -e '' 2>/dev/null || cannot 'this perl has no DBD::SQLite (package libdbd-sqlite3-perl)'
  command perl mail.pl "$database" "$extension"
}

ruby() {
  command ruby -rsqlite3 -e '' 2>/dev/null || cannot 'there is no ruby here that has sqlite3 (package ruby-sqlite3)'
  command ruby "$1.rb" "$database" "$extension"
}

activerecord() {
  command ruby -ractive_record -e '' 2>/dev/null || cannot 'this ruby has no ActiveRecord (package ruby-activerecord)'
  command ruby mail.rb "$database" "$extension" ${1#mail}
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

# Runs one example; its output is in output. Fails if it cannot be had.
example() { # HOST EXAMPLE
  local status reason
  rm -f "$database"*
  output=$({ "$1" "$2" 2>&1; } 3>reason)
  status=$?
  reason=$(<reason)
  [[ $status == 77 ]] || return 0
  skipped+=("$1")
  echo "SKIPPED: $1: $reason"
  return 1
}

run() { # HOST
  local work=$build/hosts/$1 output expected
  mkdir -p "$work" && cp -r "$here/$1/." "$work" && cd "$work" || exit 1
  database=$work/app.db
  example "$1" mail || return
  if [[ -f expected.txt ]]; then
    check "$1 says why it cannot" "$(<expected.txt)" "$output"
  else
    expected=$(<"$here/expected.txt")
    case $1 in # of these, none has functions of its own
    bun | rust_sqlx | hikari) expected=$(grep -v '^set ' <<<"$expected") ;;
    esac
    # Each host puts words of its own around the message of an error.
    check "$1 prints this" "$expected" "$(sed 's/^.*\(kv_require: .*"user"\).*$/\1/' <<<"$output")"
    check "the file of $1 is whole, with values of these types" 'ok|host text smtp.example.com,port integer 587' \
      "$(sqlite3 -init /dev/null -batch "$database" "SELECT integrity_check, group_concat(key || ' ' || typeof(value) || ' ' || value)
          FROM pragma_integrity_check, kv WHERE grp = 'mail'" 2>&1)"
  fi
  if [[ -f writes.txt ]] && example "$1" writes; then check "writes in $1" "$(<writes.txt)" "$output"; fi
  echo "$1"
}

[[ $# != 0 ]] || set -- shell python apsw sqlalchemy django aiosqlite datasette sqlite_utils pandas node node_sqlite bun \
  knex go go_sqlx rust rust_sqlx java hikari php perl ruby activerecord tcl c python_without go_without_c pdo
for host; do run "$host"; done
[[ ${#skipped[@]} == 0 ]] || echo "SKIPPED: ${skipped[*]}"
echo "$passed passed, $failed failed"
[[ $failed == 0 ]]
