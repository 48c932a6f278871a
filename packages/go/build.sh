#!/bin/bash
# The Go module, with the one file in it:  packages/go/build.sh BUILD

set -eu
. "$(dirname "$0")/../common.sh" "$1"
folder=$output/go/kvext@v$version
rm -rf "$output/go" && mkdir -p "$folder"
cp "$root/packages/go"/{go.mod,kvext.go,README.md} "$folder"
copy_source "$folder"
(cd "$output/go" && zip -qrX "kvext-v$version.zip" "kvext@v$version" && rm -r "kvext@v$version")
ls "$output/go"
