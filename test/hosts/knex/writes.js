// node writes.js app.db build/kv: what a rollback takes back.
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
      done();
    },
  },
});

async function rolledBack(run) {
  await db
    .transaction(async (transaction) => {
      await run(transaction);
      throw new Error();
    })
    .catch(() => {});
  const [{ value }] = await db.raw("SELECT kv_getdel('t', 'k') AS value");
  return value ?? 'nothing';
}

async function main() {
  const set = (transaction) => transaction.raw("SELECT kv_set('t', 'k', 'kept')");
  console.log('SELECT kv_set, in transaction():', await rolledBack(set));
  const insert = (transaction) => transaction('kv_entries').insert({ grp: 't', key: 'k', value: 'kept' });
  console.log('insert() into kv_entries, in transaction():', await rolledBack(insert));
  const call = (transaction) => transaction('kv_call').insert({ name: 'set', a1: 't', a2: 'k', a3: 'kept' });
  console.log('insert() into kv_call, in transaction():', await rolledBack(call));
  await db('kv_entries').insert({ grp: 't', key: 'k', value: 'new' });
  await db('kv_entries').where({ grp: 't', key: 'k' }).update({ value: 'changed', ttl: 60 });
  const [{ value }] = await db.raw("SELECT kv_getdel('t', 'k') AS value");
  console.log('update() of kv_entries:', value);
  await db.destroy();
}

main();
