// kv, a key-value store inside SQLite: finds the library for this platform, which is in a package of its own.
'use strict';

const fs = require('fs');

function hasMusl() {
  const report = process.report && process.report.getReport();
  if (report && report.header.glibcVersionRuntime) return false;
  // Alpine has it, and so may a Debian; but that has said its glibc above.
  return fs.existsSync('/lib') && fs.readdirSync('/lib').some((name) => name.startsWith('ld-musl-'));
}

/** The path of the library, for loadExtension() of any package. */
function getLoadablePath() {
  const { platform, arch } = process;
  const name = `kvext-${platform}-${arch}${platform === 'linux' ? (hasMusl() ? '-musl' : '-glibc') : ''}`;
  const file = { darwin: 'kv.dylib', win32: 'kv.dll' }[platform] || 'kv.so';
  let path;
  try {
    path = require.resolve(`${name}/${file}`);
  } catch {
    throw new Error(
      `kvext: there is no package ${name}: either kv is not built for this platform, or it was installed without ` +
        'optional dependencies, or on another machine'
    );
  }
  // Electron packs files into an archive from which a library cannot be loaded, and unpacks libraries beside it.
  return path.replace(/([\\/][^\\/]+\.asar)([\\/])/, '$1.unpacked$2');
}

/** Loads kv on a connection of better-sqlite3, node:sqlite (opened with allowExtension) or bun:sqlite. */
function load(db) {
  const path = getLoadablePath();
  if (typeof db.enableLoadExtension !== 'function') {
    db.loadExtension(path);
    return;
  }
  db.enableLoadExtension(true);
  try {
    db.loadExtension(path);
  } finally {
    db.enableLoadExtension(false);
  }
}

module.exports = { load, getLoadablePath };
