// Node's @keyv/sqlite beside kv through better-sqlite3: peers.mjs BENCH LIBRARY
//
// Both on files in WAL mode, synchronous NORMAL, 1,000 keys; Keyv answers by a promise, better-sqlite3 at once.
// Prints figures as the bench does (bench/bench.h).

import KeyvSqlite from '@keyv/sqlite';
import Database from 'better-sqlite3';
import Keyv from 'keyv';
import fs from 'node:fs';
import path from 'node:path';

const keys = 1000, rounds = 9, turn = 15e6;
const [bench, library] = process.argv.slice(2);
const directory = fs.mkdtempSync(path.join(bench, 'node-'));

const keyOf = (number) => `key-${String(number % keys).padStart(8, '0')}`;
// Another one each time: SQLite does not write a row that stays as it is.
let number = 0;
const nextValue = () => `${String(++number).padStart(8, '0')} of some lengt`;
const anyKey = () => keyOf(Math.floor(Math.random() * keys));

function openKV() {
  const db = new Database(path.join(directory, 'kv.db'));
  db.loadExtension(library);
  db.pragma('journal_mode = WAL');
  db.pragma('synchronous = NORMAL');
  const get = db.prepare("SELECT kv_get('g', ?)").pluck();
  const set = db.prepare("SELECT kv_set('g', ?, ?)").pluck();
  const setTTL = db.prepare("SELECT kv_set('g', ?, ?, 3600)").pluck();
  return {
    name: 'kv',
    get: (key) => get.get(key),
    set: (key, value) => set.get(key, value),
    setTTL: (key, value) => setTTL.get(key, value),
    close: () => db.close(),
  };
}

async function openKeyv() {
  const store = new KeyvSqlite({ uri: `sqlite://${path.join(directory, 'keyv.db')}`, wal: true });
  await store.query('PRAGMA journal_mode = WAL');
  await store.query('PRAGMA synchronous = NORMAL');
  const keyv = new Keyv({ store });
  return {
    name: '@keyv/sqlite',
    get: (key) => keyv.get(key),
    set: (key, value) => keyv.set(key, value),
    setTTL: (key, value) => keyv.set(key, value, 3600000),
    close: () => keyv.disconnect(),
  };
}

async function takeTurn(call, count) {
  const begun = process.hrtime.bigint();
  for (let i = 0; i < count; i++) {
    const answer = call();
    if (answer instanceof Promise) await answer;
  }
  return Number(process.hrtime.bigint() - begun);
}

function spread(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return [sorted[sorted.length >> 1], sorted[1], sorted[sorted.length - 2]].map((x) => x.toPrecision(6)).join('\t');
}

// Takes turns, kv's and then the peer's, so that both have the same machine.
async function tell(work, stores, callOf) {
  const calls = stores.map(callOf);
  const counts = [];
  for (const call of calls) {
    let count = 1;
    while (await takeTurn(call, count) < turn / 2) count *= 2;
    counts.push(count);
  }
  const times = calls.map(() => []);
  for (let round = 0; round < rounds; round++) {
    for (const [i, call] of calls.entries()) times[i].push(await takeTurn(call, counts[i]) / counts[i]);
  }
  const place = `node\t${work}\tWAL, synchronous NORMAL\t0`;
  const ratios = times[0].map((time, round) => time / times[1][round]);
  console.log(`ratio\t${place}\t${stores[0].name}\t${stores[1].name}\t${spread(ratios)}`);
  for (const [i, store] of stores.entries()) console.log(`figure\t${place}\t${store.name}\t${spread(times[i])}\tns`);
}

try {
  const stores = [openKV(), await openKeyv()];
  console.log(`about\tNode\t${process.version}`);
  for (const store of stores) {
    for (let i = 0; i < keys; i++) await store.set(keyOf(i), nextValue());
  }
  await tell('get', stores, (store) => () => store.get(anyKey()));
  await tell('set', stores, (store) => () => store.set(anyKey(), nextValue()));
  await tell('set with ttl', stores, (store) => () => store.setTTL(anyKey(), nextValue()));
  for (const store of stores) await store.close();
} finally {
  fs.rmSync(directory, { recursive: true, force: true });
}
