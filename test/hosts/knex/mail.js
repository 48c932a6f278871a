// node mail.js app.db build/kv
const { knex } = require('knex');

const db = knex({
  client: 'better-sqlite3',
  connection: { filename: process.argv[2] },
  useNullAsDefault: true,
  pool: {
    min: 1,
    max: 1,
    afterCreate(connection, done) {
      connection.loadExtension(process.argv[3]);
      connection.function('changed', (type, group, key, value, at) => {
        console.log(`${type} ${group}/${key}`);
        return null;
      });
      connection.prepare("SELECT kv_on_change('changed')").get();
      done();
    },
  },
});

async function main() {
  await db.raw("SELECT kv_set('mail', 'host', ?)", ['smtp.example.com']);
  await db.raw("SELECT kv_set('mail', 'port', ?)", [587n]);
  const [{ host }] = await db.raw("SELECT kv_get('mail', 'host') AS host");
  console.log(host);
  for (const { key, value } of await db('kv_entries').where({ grp: 'mail' }).orderBy('key')) {
    console.log(`${key}=${value}`);
  }
  const [{ text }] = await db.raw("SELECT kv_render('{{ .host }}:{{ .port }}', 'mail') AS text");
  console.log(text);
  await db.raw("SELECT kv_require('mail', 'user')").catch((error) => console.log(error.message));
  await db.destroy();
}

main();
