#!/bin/bash
# The npm packages, as they are installed and used:  packages/npm/test.sh BUILD
#
# In better-sqlite3, node:sqlite (of a newer Node, out of its npm package, if this one has none) and Bun. With
# KV_TEST_QUICK=1 in the first only.

set -u
. "$(dirname "$0")/../common.sh" "$1"
needs npm npm
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
here=$root/packages/npm

# None of the platform packages is published: npm takes this platform's from its file, as it would from the registry.
local_platform=$(node -p 'process.report.getReport().header.glibcVersionRuntime ? `${process.platform}-${process.arch}-glibc` :
  process.platform === "linux" ? `linux-${process.arch}-musl` : `${process.platform}-${process.arch}`')
cd "$work" || exit 1
npm init -y >/dev/null
fetch() {
  npm install --no-audit --no-fund --ignore-scripts=false "$@" >"$work/log" 2>&1 || skip "$(tail -n 1 "$work/log")"
}
kvext() { npm install --no-audit --no-fund --omit=optional "$output/npm/kvext-$version.tgz" "$@" 2>&1 | grep -v '^$\|^added\|^up to'; }

fetch better-sqlite3@12.4.1
kvext >log
cat >use.js <<'E2'
const Database = require('better-sqlite3');
const kvext = require('kvext');
const db = new Database(':memory:');
kvext.load(db);
console.log(db.prepare("SELECT kv_version() || kv_set('a', 'b', 'c')").pluck().get());
E2
check 'without the package of the platform, it says so' "kvext: there is no package kvext-$local_platform: either" \
  "$(node use.js 2>&1 | sed -n 's/^.*Error: \(kvext.*either\).*/\1/p')"
kvext "$output/npm/kvext-$local_platform-$version.tgz" >log
check 'better-sqlite3' "${version}c" "$(node use.js 2>&1)"
cat >use.mjs <<'E2'
import { getLoadablePath } from 'kvext';
import { existsSync } from 'node:fs';
console.log(existsSync(getLoadablePath()));
E2
check 'it can be imported' true "$(node use.mjs 2>&1)"
mkdir -p app.asar/node_modules app.asar.unpacked && cp -r node_modules/kvext node_modules/kvext-* app.asar/node_modules
check 'in Electron, the path is that of the unpacked file' \
  "$work/app.asar.unpacked/node_modules/kvext-$local_platform/kv.so" \
  "$(cd / && node -p "require('$work/app.asar/node_modules/kvext').getLoadablePath()" 2>&1)"

check 'each has the library that was released' '' "$(while read -r _ platform library; do
  tar xzOf "$output/npm/kvext-$platform-$version.tgz" "package/${library##*/}" | cmp - "$library"
done < <(targets 5) 2>&1)"
check 'each is an optional dependency, of this version' "$(targets 5 | awk -v v="$version" '{ print "kvext-" $2 "@" v }' | sort)" \
  "$(node -p 'Object.entries(require("kvext/package.json").optionalDependencies).map((e) => e.join("@")).sort().join("\n")')"
check 'none has a script' '' "$(for file in "$output/npm"/*.tgz; do tar xzOf "$file" package/package.json; done | grep '"scripts"')"

if [[ -z ${KV_TEST_QUICK:-} ]]; then
  # The real thing: npm chooses among all of them by os, cpu and libc.
  mkdir chosen && cd chosen && npm init -y >/dev/null
  npm install --no-audit --no-fund --no-save "$output/npm"/kvext-[a-z]*"$version.tgz" >../log 2>&1
  check 'npm refuses what is for another platform' EBADPLATFORM "$(grep -o EBADPLATFORM ../log | head -n 1)"
  cd ..

  fetch typescript
  printf "import { load, getLoadablePath } from 'kvext';\nconst path: string = getLoadablePath();\nload({ loadExtension: (path: string) => path });\n" >good.ts
  printf "import { load } from 'kvext';\nload(7);\n" >bad.ts
  check 'its types are there' 'done' "$(outcome npx tsc --strict --noEmit --skipLibCheck --module nodenext good.ts)"
  check 'and are looked at' 1 "$(npx tsc --strict --noEmit --skipLibCheck --module nodenext bad.ts | grep -c "'number'")"

  cat >use-node.js <<'E2'
const { DatabaseSync } = require('node:sqlite');
const kvext = require('kvext');
const db = new DatabaseSync(':memory:', { allowExtension: true });
kvext.load(db);
console.log(Object.values(db.prepare("SELECT kv_version() || kv_set('a', 'b', 'c')").get())[0]);
E2
  cat >use-bun.js <<'E2'
import { Database } from 'bun:sqlite';
import { load } from 'kvext';
const db = new Database(':memory:');
load(db);
console.log(Object.values(db.query("SELECT kv_version() || kv_set('a', 'b', 'c')").get())[0]);
E2
  node=$("$root/packages/npm/runtime.sh" "$build" node) && check 'node:sqlite' "${version}c" "$("$node" use-node.js 2>/dev/null)" ||
    echo "SKIPPED: node:sqlite: $node"
  bun=$("$root/packages/npm/runtime.sh" "$build" bun) && check 'Bun' "${version}c" "$("$bun" use-bun.js 2>&1)" ||
    echo "SKIPPED: Bun: $bun"
fi
finish
