#!/bin/bash
# The npm package, and one for each platform with the library:  packages/npm/build.sh BUILD

set -eu
. "$(dirname "$0")/../common.sh" "$1"
here=$root/packages/npm
needs npm npm
rm -rf "$output/npm" "$build/npm"
mkdir -p "$output/npm" "$build/npm/kvext"

# The platform is npm's own word for it: os-cpu, and on Linux the C library.
optional=
while read -r _ platform library; do
  folder=$build/npm/$platform
  mkdir -p "$folder"
  cp "$library" "$root/LICENSE" "$folder"
  IFS=- read -r system processor libc <<<"$platform"
  [[ -z $libc ]] || libc=" \"libc\": [\"$libc\"],"
  cat >"$folder/package.json" <<EOF
{
  "name": "kvext-$platform",
  "version": "$version",
  "description": "The library of kvext for $platform",
  "license": "MIT",
  "os": ["$system"],
  "cpu": ["$processor"],$libc
  "files": ["${library##*/}", "LICENSE"]
}
EOF
  (cd "$folder" && npm pack --silent --pack-destination "$output/npm")
  optional+="\"kvext-$platform\": \"$version\","
done < <(targets 5)

cp "$here"/{index.js,index.d.ts,README.md} "$root/LICENSE" "$build/npm/kvext"
node -e "
  const description = require('$here/package.json');
  const optionalDependencies = { ${optional%,} };
  console.log(JSON.stringify({ ...description, version: '$version', optionalDependencies }, null, 2));
" >"$build/npm/kvext/package.json"
(cd "$build/npm/kvext" && npm pack --silent --pack-destination "$output/npm")
