#!/bin/bash
# The wheels, one for each platform that there is a library of, and the source:  packages/python/build.sh BUILD

set -eu
. "$(dirname "$0")/../common.sh" "$1"
here=$root/packages/python
tools=$(environment python-tools build 'setuptools>=77' wheel twine auditwheel) || skip "$(tail -n 1 "$build/venv.log")"
mkdir -p "$output/python"
rm -f "$output/python"/*

make_one() { # FOLDER ARGUMENT...: a package, from a folder of its own, since setuptools keeps what it built
  local folder=$1
  shift
  rm -rf "$folder" && mkdir -p "$folder"
  cp -r "$here"/{pyproject.toml,setup.py,MANIFEST.in,README.md,kvext} "$folder"
  copy_source "$folder"
  (cd "$folder" && SOURCE_DATE_EPOCH=315619200 "$tools/bin/python" -m build --no-isolation "$@" --outdir "$output/python" .) \
    >"$build/python.log" 2>&1 || { cat "$build/python.log" && exit 1; }
}

while read -r name tag library; do
  KVEXT_LIBRARY=$library KVEXT_PLATFORM=$tag make_one "$build/python/$name" --wheel
done < <(targets 4)
make_one "$build/python/source" --sdist
ls "$output/python"
