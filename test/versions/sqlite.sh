#!/bin/bash
# Builds a version of SQLite as a shared library:  test/versions/sqlite.sh VERSION DIRECTORY
#
# The source is that of test/sqlite-source.sh, whose exit status 3 (it cannot be had) is this script's too.
# DIRECTORY gets libsqlite3.so.0, with the features that Debian's has, and a file `version`.
# (SQLITE_ENABLE_UPDATE_DELETE_LIMIT cannot be had: it needs another parser than the amalgamation's.)

set -u
wanted=$1
directory=$2
here=$(cd "$(dirname "$0")" && pwd)

[[ ! -f $directory/version || $wanted == latest ]] || exit 0
rm -rf "$directory/source"
"$here/../sqlite-source.sh" "$wanted" "$directory/source" || exit
cd "$directory" || exit 1

features='COLUMN_METADATA DBSTAT_VTAB FTS3 FTS3_PARENTHESIS FTS3_TOKENIZER FTS4 FTS5 JSON1
          LOAD_EXTENSION MATH_FUNCTIONS DESERIALIZE PREUPDATE_HOOK RTREE SESSION STMTVTAB UNLOCK_NOTIFY'
options='-DSQLITE_THREADSAFE=1 -DSQLITE_SECURE_DELETE -DSQLITE_SOUNDEX -DSQLITE_USE_URI -DSQLITE_OMIT_LOOKASIDE
         -DSQLITE_LIKE_DOESNT_MATCH_BLOBS -DSQLITE_MAX_VARIABLE_NUMBER=250000 -DHAVE_ISNAN
         -DHAVE_USLEEP=1'
for feature in $features; do options+=" -DSQLITE_ENABLE_$feature"; done

# shellcheck disable=SC2086 # a list of words
${CC:-cc} -O1 -w -fPIC -shared -Wl,-soname,libsqlite3.so.0 $options -Isource \
  -o libsqlite3.so.0 source/sqlite3.c "$here/newer.c" -lm -lpthread -ldl || exit 1
sed -n 's/^#define SQLITE_VERSION  *"\(.*\)"/\1/p' source/sqlite3.h >version
rm -rf source
