#!/bin/bash
# Builds a version of SQLite as a shared library:  test/versions/sqlite.sh PACKAGE_VERSION DIRECTORY
#
# The source is the amalgamation inside the npm package better-sqlite3 of that version; npm fetches it, and
# nothing of it is kept in the repository. DIRECTORY gets libsqlite3.so.0, with the features that Debian's
# has, and a file `version`. (SQLITE_ENABLE_UPDATE_DELETE_LIMIT cannot be had: it needs another parser than
# the amalgamation's.) Exits with 3 if there is no npm, or the package cannot be fetched.

set -u
package=$1
directory=$2
here=$(cd "$(dirname "$0")" && pwd)

[[ ! -f $directory/version || $package == latest ]] || exit 0
command -v npm >/dev/null || { echo "there is no npm here"; exit 3; }
rm -rf "$directory/source" && mkdir -p "$directory/source" && cd "$directory/source" || exit 1

timeout 120 npm pack --silent "better-sqlite3@$package" >/dev/null 2>npm.log ||
  { echo "npm cannot fetch better-sqlite3@$package"; exit 3; }
tar xzf better-sqlite3-*.tgz package/deps || exit 1
# Until 7.4 it is an archive inside of the archive.
if [[ -f package/deps/sqlite3.tar.gz ]]; then tar xzf package/deps/sqlite3.tar.gz -C package/deps; fi
amalgamation=$(find package/deps -name sqlite3.c | head -n 1)
[[ -n $amalgamation ]] || { echo "better-sqlite3@$package has no amalgamation"; exit 3; }

features='COLUMN_METADATA DBSTAT_VTAB FTS3 FTS3_PARENTHESIS FTS3_TOKENIZER FTS4 FTS5 JSON1
          LOAD_EXTENSION MATH_FUNCTIONS DESERIALIZE PREUPDATE_HOOK RTREE SESSION STMTVTAB UNLOCK_NOTIFY'
options='-DSQLITE_THREADSAFE=1 -DSQLITE_SECURE_DELETE -DSQLITE_SOUNDEX -DSQLITE_USE_URI -DSQLITE_OMIT_LOOKASIDE
         -DSQLITE_LIKE_DOESNT_MATCH_BLOBS -DSQLITE_MAX_VARIABLE_NUMBER=250000 -DHAVE_ISNAN
         -DHAVE_USLEEP=1'
for feature in $features; do options+=" -DSQLITE_ENABLE_$feature"; done

# shellcheck disable=SC2086 # a list of words
${CC:-cc} -O1 -w -fPIC -shared -Wl,-soname,libsqlite3.so.0 $options -I"${amalgamation%/*}" \
  -o ../libsqlite3.so.0 "$amalgamation" "$here/newer.c" -lm -lpthread -ldl || exit 1
sed -n 's/^#define SQLITE_VERSION  *"\(.*\)"/\1/p' "${amalgamation%/*}/sqlite3.h" >../version
cd .. && rm -rf source
