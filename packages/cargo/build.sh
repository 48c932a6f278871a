#!/bin/bash
# The crate, with the one file in it:  packages/cargo/build.sh BUILD

set -eu
. "$(dirname "$0")/../common.sh" "$1"
command -v cargo >/dev/null || { echo "SKIPPED: there is no cargo here (package cargo)" && exit 0; }
folder=$build/cargo/kvext
mkdir -p "$folder" "$output/cargo"
rm -rf "${folder:?}"/* "$output/cargo"/*
cp -r "$root/packages/cargo"/{Cargo.toml,build.rs,src,README.md} "$folder"
copy_source "$folder"
rm -r "$folder/sqlite" # it has that of libsqlite3-sys
sed -i "s/^version = .*/version = \"$version\"/" "$folder/Cargo.toml"
(cd "$folder" && cargo package --quiet --allow-dirty --no-verify --target-dir "$build/cargo/target") >"$build/cargo.log" 2>&1 ||
  { cat "$build/cargo.log" && exit 1; }
cp "$build/cargo/target/package/kvext-$version.crate" "$output/cargo"
ls "$output/cargo"
