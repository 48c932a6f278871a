#!/bin/bash
# A gem for each platform that there is a library of:  packages/gem/build.sh BUILD

set -eu
. "$(dirname "$0")/../common.sh" "$1"
command -v gem >/dev/null || { echo "SKIPPED: there is no gem here (package ruby)" && exit 0; }
rm -rf "$output/gem" "$build/gem"
mkdir -p "$output/gem"

# As RubyGems has it, for npm's word. One for glibc has no C library in its name, which older ones do not know.
declare -A platforms=(
  [linux-x64-glibc]=x86_64-linux [linux-arm64-glibc]=aarch64-linux
  [linux-x64-musl]=x86_64-linux-musl [linux-arm64-musl]=aarch64-linux-musl
  [darwin-x64]=x86_64-darwin [darwin-arm64]=arm64-darwin
  [win32-x64]=x64-mingw-ucrt [win32-arm64]=aarch64-mingw-ucrt
)

while read -r _ platform library; do
  folder=$build/gem/$platform
  mkdir -p "$folder/lib/kvext"
  cp "$root/packages/gem"/{kvext.gemspec,README.md} "$root/LICENSE" "$folder"
  cp "$root/packages/gem/lib/kvext.rb" "$folder/lib"
  cp "$library" "$folder/lib/kvext"
  (cd "$folder" && KVEXT_VERSION=$version KVEXT_PLATFORM=${platforms[$platform]} gem build -q --strict kvext.gemspec \
    >"$build/gem.log" 2>&1 && mv ./*.gem "$output/gem") || { cat "$build/gem.log" && exit 1; }
done < <(targets 5)
ls "$output/gem"
