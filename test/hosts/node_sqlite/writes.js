// node writes.js app.db build/kv: what a rollback takes back.
const { DatabaseSync } = require('node:sqlite');

const db = new DatabaseSync(process.argv[2], { allowExtension: true });
db.loadExtension(process.argv[3]);

function rolledBack(sql) {
  db.exec('BEGIN IMMEDIATE');
  db.prepare(sql).get();
  db.exec('ROLLBACK');
  return db.prepare("SELECT kv_getdel('t', 'k') AS value").get().value ?? 'nothing';
}

console.log('SELECT kv_set, after BEGIN:', rolledBack("SELECT kv_set('t', 'k', 'kept')"));
console.log(
  'INSERT INTO kv_entries, after BEGIN:',
  rolledBack("INSERT INTO kv_entries(grp, key, value) VALUES ('t', 'k', 'kept')")
);
console.log(
  'INSERT INTO kv_call, after BEGIN:',
  rolledBack("INSERT INTO kv_call(name, a1, a2, a3) VALUES ('set', 't', 'k', 'kept')")
);
db.prepare("SELECT kv_set('t', 'k', 'set')").run();
console.log('SELECT kv_set by run():', db.prepare("SELECT kv_getdel('t', 'k') AS value").get().value);
db.close();
