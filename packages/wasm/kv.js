// SQLite with kv in it, for a page:
//
//   const db = await open('kv.wasm');
//   db.run("SELECT kv_set('list', ?, ?)", ['milk', 1]);
//   db.run("SELECT key, value FROM kv_entries('list')");     // [['milk', 1]]
//
// The database is in memory. kv_export() is all of it as one text, to be kept where the page keeps things, and
// kv_import() takes it back.

const NO_SUCH_FILE = 8; // WASI's EBADF: there is none, and SQLite does without
const SQLITE_ROW = 100;
const SQLITE_DONE = 101;
const [INTEGER, FLOAT, , , NULL] = [1, 2, 3, 4, 5];
const KEEP_NO_POINTER = -1; // SQLITE_TRANSIENT

export async function open(source) {
  const bytes = await (await fetch(source)).arrayBuffer();
  let sqlite;
  const view = () => new DataView(sqlite.memory.buffer);
  const memory = () => new Uint8Array(sqlite.memory.buffer);

  // What SQLite and the C library ask of a system: an environment, which is empty, the time, and random bytes.
  const system = {
    environ_sizes_get(count, length) {
      view().setUint32(count, 0, true);
      view().setUint32(length, 0, true);
      return 0;
    },
    clock_time_get(clock, precision, to) {
      view().setBigUint64(to, BigInt(Math.round(Date.now() * 1e6)), true);
      return 0;
    },
    random_get(to, length) {
      crypto.getRandomValues(memory().subarray(to, to + length));
      return 0;
    },
  };
  const imports = {};
  const module = await WebAssembly.compile(bytes);
  for (const { module: from, name } of WebAssembly.Module.imports(module)) {
    imports[from] ??= {};
    imports[from][name] = system[name] ?? (() => NO_SUCH_FILE);
  }
  sqlite = (await WebAssembly.instantiate(module, imports)).exports;
  sqlite._initialize();

  const put = (text) => {
    const utf8 = new TextEncoder().encode(text);
    const at = sqlite.malloc(utf8.length + 1);
    memory().set(utf8, at);
    memory()[at + utf8.length] = 0;
    return { at, length: utf8.length };
  };
  const get = (at, length) => new TextDecoder().decode(memory().slice(at, at + length));
  const message = () => {
    const at = sqlite.sqlite3_errmsg(db);
    return get(at, memory().indexOf(0, at) - at);
  };
  const check = (code) => {
    if (code !== 0) throw new Error(message());
  };

  const pointer = sqlite.malloc(4);
  const name = put(':memory:');
  let code = sqlite.sqlite3_open(name.at, pointer);
  const db = view().getUint32(pointer, true);
  sqlite.free(name.at);
  check(code);
  check(sqlite.sqlite3_kv_init(db, pointer, 0));

  const bind = (statement, values) =>
    values.forEach((value, i) => {
      if (value === null) return check(sqlite.sqlite3_bind_null(statement, i + 1));
      if (typeof value === 'number') return check(sqlite.sqlite3_bind_double(statement, i + 1, value));
      const text = put(String(value));
      code = sqlite.sqlite3_bind_text(statement, i + 1, text.at, text.length, KEEP_NO_POINTER);
      sqlite.free(text.at);
      return check(code);
    });

  const column = (statement, i) => {
    switch (sqlite.sqlite3_column_type(statement, i)) {
      case NULL:
        return null;
      case INTEGER:
      case FLOAT:
        return sqlite.sqlite3_column_double(statement, i);
      default: {
        const at = sqlite.sqlite3_column_text(statement, i);
        return get(at, sqlite.sqlite3_column_bytes(statement, i));
      }
    }
  };

  return {
    // Runs one statement. Its rows, each an array of null, numbers and texts; an Error with SQLite's message.
    run(sql, values = []) {
      const text = put(sql);
      code = sqlite.sqlite3_prepare_v2(db, text.at, text.length, pointer, 0);
      sqlite.free(text.at);
      check(code);
      const statement = view().getUint32(pointer, true);
      const rows = [];
      try {
        bind(statement, values);
        while ((code = sqlite.sqlite3_step(statement)) === SQLITE_ROW) {
          rows.push(Array.from({ length: sqlite.sqlite3_column_count(statement) }, (_, i) => column(statement, i)));
        }
        if (code !== SQLITE_DONE) throw new Error(message());
      } finally {
        sqlite.sqlite3_finalize(statement);
      }
      return rows;
    },
  };
}
