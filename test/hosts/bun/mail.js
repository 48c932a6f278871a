// bun mail.js app.db build/kv
import { Database } from 'bun:sqlite';

const db = new Database(process.argv[2]);
db.loadExtension(process.argv[3]);

const set = db.query('SELECT kv_set(?, ?, ?)');
set.get('mail', 'host', 'smtp.example.com');
set.get('mail', 'port', 587);
console.log(db.query("SELECT kv_get('mail', 'host') AS host").get().host);
for (const { key, value } of db.query("SELECT key, value FROM kv_entries('mail')").all()) {
  console.log(`${key}=${value}`);
}
console.log(db.query("SELECT kv_render('{{ .host }}:{{ .port }}', 'mail') AS text").get().text);
try {
  db.query("SELECT kv_require('mail', 'user')").get();
} catch (error) {
  console.log(error.message);
}
db.close();
