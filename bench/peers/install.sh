#!/bin/sh
# The peers of other languages, at the versions that are measured:  bench/peers/install.sh BENCH
#
# Into BENCH/venv and BENCH/node, by pip and npm. Without them there are still results, which say what is missing; a
# build of Node's takes minutes, the first time.

set -u
bench=$1
here=$(cd "$(dirname "$0")" && pwd)

# Python must have been built with loadable extensions: some are not.
python=
for candidate in python3 /usr/bin/python3; do
  "$candidate" -c 'import sqlite3; sqlite3.Connection.enable_load_extension' 2>/dev/null && python=$candidate && break
done

mkdir -p "$bench/node"
if [ -n "$python" ] && ! "$bench/venv/bin/python" -c 'import diskcache, sqlitedict' 2>/dev/null; then
  echo "installing: $(grep -v '^#' "$here/requirements.txt" | tr '\n' ' ')"
  { "$python" -m venv "$bench/venv" && "$bench/venv/bin/pip" install -q -r "$here/requirements.txt"; } \
    >"$bench/venv.log" 2>&1 || { tail -n 3 "$bench/venv.log" >&2; rm -rf "$bench/venv"; }
fi
if command -v npm >/dev/null && ! cmp -s "$here/package.json" "$bench/node/package.json"; then
  echo "installing: @keyv/sqlite, better-sqlite3"
  cp "$here/package.json" "$bench/node/"
  npm --prefix "$bench/node" install --no-audit --no-fund >"$bench/npm.log" 2>&1 ||
    { tail -n 3 "$bench/npm.log" >&2; rm -rf "$bench/node"; }
fi
exit 0
