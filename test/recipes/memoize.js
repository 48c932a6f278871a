// Results of a function, kept in the file:  node memoize.js app.db build/kv
const Database = require('better-sqlite3');

const db = new Database(process.argv[2]);
db.loadExtension(process.argv[3]);
db.prepare("SELECT kv_quota('memo', 10000, 0, 0, 'evict')").get();

const get = db.prepare('SELECT kv_get(?, ?)').pluck();
const set = db.prepare('SELECT kv_set(?, ?, ?, ?)');

function memoize(name, ttl, compute) {
  const group = 'memo:' + name;
  return (...args) => {
    const key = JSON.stringify(args);
    const found = get.get(group, key);
    if (found !== null) return JSON.parse(found);
    const result = compute(...args);
    set.get(group, key, JSON.stringify(result), ttl);
    return result;
  };
}

let calls = 0;
const area = memoize('area', 600, (width, height) => {
  calls++;
  return width * height;
});

console.log(area(3, 4), area(3, 4), area(5, 6), 'calls:', calls);
