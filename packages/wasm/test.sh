#!/bin/bash
# The quick start in WebAssembly, run by Node; and the page, in headless Chromium:  packages/wasm/test.sh BUILD

set -u
. "$(dirname "$0")/../common.sh" "$1"
folder=$output/wasm
needs node nodejs
[[ -f $folder/run.wasm ]] || skip 'there is no run.wasm'
work=$(mktemp -d)
server=
trap '[[ -z $server ]] || kill "$server" 2>/dev/null; rm -rf "$work"' EXIT

cat >"$work/run.mjs" <<'E2'
import { readFile } from 'node:fs/promises';
import { WASI } from 'node:wasi';
const [program, folder] = process.argv.slice(2);
const wasi = new WASI({ version: 'preview1', args: ['run', '-', process.argv[4]], preopens: { '/': folder } });
const { instance } = await WebAssembly.instantiate(await readFile(program), wasi.getImportObject());
process.exitCode = wasi.start(instance);
E2
quick_start() {
  awk '/^<!-- quick start/ { on = 1; next } /^<!-- end of the quick start/ { on = 0 } on && !/^```/' "$root/README.md" |
    node --no-warnings "$work/run.mjs" "$folder/run.wasm" "$work" "$1" 2>&1
}
check 'Node runs the quick start, in memory' '' "$(quick_start :memory: | diff "$root/test/quickstart.txt" -)"
check 'and on a file' '' "$(quick_start /kv.db | diff "$root/test/quickstart.txt" -)"
check 'which SQLite reads here' 'solarized' "$(sqlite3 -init /dev/null -batch "$work/kv.db" "SELECT value FROM kv WHERE key = 'theme'" 2>&1)"

[[ -z ${KV_TEST_QUICK:-} ]] || finish
chromium=$(type -P chromium) || { echo 'SKIPPED: there is no chromium here' && finish; }
mkdir -p "$build/browser"
[[ -d $build/browser/node_modules ]] || npm install --prefix "$build/browser" --no-audit --no-fund --ignore-scripts playwright-core@1 \
  >"$work/log" 2>&1 || { echo "SKIPPED: the page: $(tail -n 1 "$work/log")" && finish; }
cat >"$build/browser/page.mjs" <<'E2'
import { createServer } from 'node:http';
import { readFile } from 'node:fs/promises';
import { chromium } from 'playwright-core';
const [executablePath, folder] = process.argv.slice(2);
const types = { html: 'text/html', js: 'text/javascript', wasm: 'application/wasm' };
const server = createServer(async (request, response) => {
  const name = request.url.slice(1);
  try {
    const content = await readFile(`${folder}/${name}`);
    response.writeHead(200, { 'content-type': types[name.split('.').pop()] }).end(content);
  } catch {
    response.writeHead(404).end();
  }
});
await new Promise((done) => server.listen(0, '127.0.0.1', done));
const browser = await chromium.launch({
  executablePath,
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
    '--disable-component-update', '--disable-sync'],
});
const page = await browser.newPage();
page.on('pageerror', (error) => console.log(`error: ${error.message}`));
const look = async () => {
  await page.getByText('things, kv').waitFor({ timeout: 20000 });
  const items = await page.locator('li').allInnerTexts();
  console.log([...items.map((item) => item.replace(/ *Remove$/, '')), await page.getByRole('status').innerText()].join(', '));
};
try {
  await page.goto(`http://127.0.0.1:${server.address().port}/list.html`);
  await look();
  for (const what of ['milk', "baker's bread", 'milk']) {
    await page.getByRole('textbox').fill(what);
    await page.getByRole('button', { name: 'Add' }).click();
  }
  await look();
  await page.reload();
  await look();
  await page.getByRole('listitem').filter({ hasText: 'bread' }).getByRole('button').click();
  await look();
} catch (error) {
  console.log(`error: ${error.message}`);
}
await browser.close();
server.close();
E2
check 'a page keeps a list' "0 things, kv $version
baker's bread 1, milk 2, 2 things, kv $version
baker's bread 1, milk 2, 2 things, kv $version
milk 2, 1 things, kv $version" "$(timeout 120 node "$build/browser/page.mjs" "$chromium" "$folder" 2>&1)"
finish
