// node writes.js app.db build/kv: what a rollback takes back.
const Database = require('better-sqlite3');

const db = new Database(process.argv[2]);
db.loadExtension(process.argv[3]);

const left = () => db.prepare("SELECT kv_getdel('t', 'k')").pluck().get() ?? 'nothing';

function rolledBack(run) {
  try {
    db.transaction(() => {
      run();
      throw new Error();
    })();
  } catch {
    return left();
  }
}

const set = db.prepare("SELECT kv_set('t', 'k', 'kept')");
const insert = db.prepare("INSERT INTO kv_entries(grp, key, value) VALUES ('t', 'k', 'kept')");
console.log('SELECT kv_set, in transaction():', rolledBack(() => set.get()));
console.log('INSERT INTO kv_entries, in transaction():', rolledBack(() => insert.run()));
const call = db.prepare("INSERT INTO kv_call(name, a1, a2, a3) VALUES ('set', 't', 'k', 'kept')");
console.log('INSERT INTO kv_call, in transaction():', rolledBack(() => call.run()));
console.log('is that INSERT read-only?', call.readonly);
set.run();
console.log('SELECT kv_set by run():', left());
console.log('is the SELECT read-only?', set.readonly);
db.close();
