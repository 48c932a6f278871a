#!/bin/sh
# Fetches the source of an SQLite:  test/sqlite-source.sh VERSION DIRECTORY
#
# VERSION is one of test/versions/known.txt, or `latest`. The npm package better-sqlite3 has the amalgamation in it; npm
# fetches it (and is installed if it is missing), and nothing of it is kept in the repository. DIRECTORY gets sqlite3.c, sqlite3.h and sqlite3ext.h.
# Exits with 3, and one line that says why, if it can't be had.

set -eu
version=$1
directory=$2
here=${0%/*}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cannot() {
  echo "no source of SQLite: $1" >&2
  exit 3
}

package=$(awk -v version="$version" '$1 == version { print $2 }' "$here/versions/known.txt")
[ "$version" != latest ] || package=latest
[ -n "$package" ] || cannot "$version is none of test/versions/known.txt"
"$here"/packages.sh source || exit 3
(cd "$work" && timeout 120 npm pack --silent "better-sqlite3@$package" >npm.log 2>&1) ||
  cannot "npm cannot fetch better-sqlite3@$package"
tar xzf "$work"/better-sqlite3-*.tgz -C "$work" package/deps
# Until 7.4 it is an archive inside of the archive.
if [ -f "$work/package/deps/sqlite3.tar.gz" ]; then tar xzf "$work/package/deps/sqlite3.tar.gz" -C "$work/package/deps"; fi
source=$(find "$work/package/deps" -name sqlite3.c | head -n 1)
[ -n "$source" ] || cannot "better-sqlite3@$package has no amalgamation"
mkdir -p "$directory"
cp "${source%/*}"/sqlite3ext.h "${source%/*}"/sqlite3.h "$source" "$directory"
