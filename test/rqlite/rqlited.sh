#!/bin/bash
# Builds rqlite's server with Go:  test/rqlite/rqlited.sh FILE
#
# Exit status 3: it cannot be had here; standard output says why.

version=v8.43.4
[[ ! -x $1 ]] || exit 0
command -v go >/dev/null || { echo 'there is no go here (package golang-go)' && exit 3; }
# GOFLAGS of the user's, which may ask for a vendor folder, are not for rqlite.
source=$(GOFLAGS='' go mod download -json github.com/rqlite/rqlite/v8@$version 2>&1 | sed -n 's/^.*"Dir": "\(.*\)".*$/\1/p')
[[ -n $source ]] || { echo "rqlite $version cannot be fetched" && exit 3; }
mkdir -p "$(dirname "$1")"
cd "$source" || exit 1
log=$(GOFLAGS='' go build -o "$1" ./cmd/rqlited 2>&1) || { echo "rqlite $version cannot be built: ${log##*$'\n'}" && exit 3; }
