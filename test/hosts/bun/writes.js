// bun writes.js app.db build/kv: what a rollback takes back.
import { Database } from 'bun:sqlite';

const db = new Database(process.argv[2]);
db.loadExtension(process.argv[3]);

function rolledBack(sql) {
  try {
    db.transaction(() => {
      db.query(sql).get();
      throw new Error();
    })();
  } catch {
    return db.query("SELECT kv_getdel('t', 'k') AS value").get().value ?? 'nothing';
  }
}

console.log('SELECT kv_set, in transaction():', rolledBack("SELECT kv_set('t', 'k', 'kept')"));
console.log(
  'INSERT INTO kv_entries, in transaction():',
  rolledBack("INSERT INTO kv_entries(grp, key, value) VALUES ('t', 'k', 'kept')")
);
console.log(
  'INSERT INTO kv_call, in transaction():',
  rolledBack("INSERT INTO kv_call(name, a1, a2, a3) VALUES ('set', 't', 'k', 'kept')")
);
db.run("SELECT kv_set('t', 'k', 'set')");
console.log('SELECT kv_set by run():', db.query("SELECT kv_getdel('t', 'k') AS value").get().value);
db.close();
