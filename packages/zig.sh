#!/bin/sh
# zig, in a virtual environment below BUILD, where it is installed if it is not there:  packages/zig.sh BUILD ARGUMENT...
#
# One version, so that what it builds is the same from one day to the next.

set -eu
build=$1
shift
python=$build/zig/bin/python
[ -f "$build/zig/installed" ] || {
  rm -rf "$build/zig"
  python3 -m venv "$build/zig"
  "$python" -m pip install -q --disable-pip-version-check ziglang==0.17.1
  touch "$build/zig/installed"
}
export ZIG_LOCAL_CACHE_DIR="$build/zig-cache" ZIG_GLOBAL_CACHE_DIR="$build/zig-cache"
exec "$python" -m ziglang "$@"
