// node mail.js app.db build/kv
const { DatabaseSync } = require('node:sqlite');

const db = new DatabaseSync(process.argv[2], { allowExtension: true });
db.loadExtension(process.argv[3]);

db.function('changed', (type, group, key, value, at) => {
  console.log(`${type} ${group}/${key}`);
  return null;
});
db.prepare("SELECT kv_on_change('changed')").get();

const set = db.prepare('SELECT kv_set(?, ?, ?)');
set.get('mail', 'host', 'smtp.example.com');
set.get('mail', 'port', 587n); // 587 would be stored as REAL, 587.0: every number is a double here
console.log(db.prepare("SELECT kv_get('mail', 'host') AS host").get().host);
for (const { key, value } of db.prepare("SELECT key, value FROM kv_entries('mail')").iterate()) {
  console.log(`${key}=${value}`);
}
console.log(db.prepare("SELECT kv_render('{{ .host }}:{{ .port }}', 'mail') AS text").get().text);
try {
  db.prepare("SELECT kv_require('mail', 'user')").get();
} catch (error) {
  console.log(error.message);
}
db.close();
