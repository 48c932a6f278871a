#!/bin/bash
# The wheels and the source, as they are installed and used:  packages/python/test.sh BUILD
#
# With KV_TEST_QUICK=1 only the wheel of this platform.

set -u
. "$(dirname "$0")/../common.sh" "$1"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
tools=$(environment python-tools build 'setuptools>=77' wheel twine auditwheel) || skip "$(tail -n 1 "$build/venv.log")"

python=
for candidate in python3 /usr/bin/python3; do
  $candidate -c 'import sqlite3; sqlite3.connect(":memory:").enable_load_extension(True)' 2>/dev/null || continue
  python=$candidate
  break
done
[[ -n $python ]] || skip 'no python3 here has an sqlite3 module that loads extensions (package python3)'

cat >"$work/use.py" <<'E2'
import sqlite3
import sys
import kvext

assert kvext.__file__.startswith(sys.prefix), kvext.__file__
db = sqlite3.connect(":memory:", isolation_level=None)
kvext.load(db)
print(db.execute("SELECT kv_version(), kv_set('config', 'theme', 'dark'), kv_get('config', 'theme')").fetchone())
try:
    db.execute("SELECT load_extension('x')")
except sqlite3.OperationalError as error:
    print(error)
E2

# use ARGUMENT OF pip...: what a program says in a new environment with it
use() {
  local folder
  folder=$(mktemp -d "$work/XXXXXX")
  { "$python" -m venv "$folder" && "$folder/bin/pip" install -q --disable-pip-version-check "$@"; } >"$work/log" 2>&1 ||
    { tail -n 5 "$work/log" && return; }
  (cd "$work" && "$folder/bin/python" use.py 2>&1)
}
used=$(printf "('%s', 'dark', 'dark')\nnot authorized" "$version")

check 'pip installs the wheel for this platform, and it runs' "$used" "$(use --no-index --find-links "$output/python" --only-binary kvext kvext)"
check 'twine finds no fault' 'done' "$(outcome "$tools/bin/twine" check --strict "$output/python"/*)"
while read -r name tag library; do
  wheel=$output/python/kvext-$version-py3-none-$tag.whl
  check "$name: its wheel has its library" "$(sha256sum <"$library")" "$(unzip -p "$wheel" "kvext/${library##*/}" | sha256sum)"
  check "$name: and no other" 1 "$(unzip -l "$wheel" | grep -cE '\.(so|dylib|dll)$')"
  if [[ $tag == manylinux* ]]; then # of musl it judges on a machine with musl only
    check "$name: auditwheel agrees with the tag" "${tag%%.*}" \
      "$("$tools/bin/auditwheel" show "$wheel" 2>&1 | tr -d '\n' | grep -oE '"[a-z]+linux_[0-9]+_[0-9]+_[a-z0-9_]+"' | head -n 1 | tr -d '"')"
  fi
done < <(targets 4)

if [[ -z ${KV_TEST_QUICK:-} ]]; then
  check 'pip compiles the source, and it runs' "$used" "$(use "$output/python/kvext-$version.tar.gz")"
  typed=$(environment python-types mypy) || skip "$(tail -n 1 "$build/venv.log")"
  "$typed/bin/pip" install -q --force-reinstall --no-index --find-links "$output/python" kvext
  printf 'import sqlite3, kvext\ndb = sqlite3.connect("")\nkvext.load(db)\npath: str = kvext.loadable_path()\n' >"$work/good.py"
  printf 'import kvext\npath: int = kvext.loadable_path()\n' >"$work/bad.py"
  check 'its types are there' 'done' "$(outcome "$typed/bin/mypy" --strict "$work/good.py")"
  check 'and are looked at' 1 "$("$typed/bin/mypy" --strict "$work/bad.py" | grep -c 'Incompatible types')"
fi
finish
