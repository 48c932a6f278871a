# python3 mail.py app.db build/kv
import sqlite3
import sys

import sqlite_utils

FILE, EXTENSION = sys.argv[1:]
db = sqlite_utils.Database(FILE)
db.conn.enable_load_extension(True)
db.conn.load_extension(EXTENSION)


@db.register_function
def changed(type, grp, key, value, at):
    print(f"{type} {grp}/{key}")


db.execute("SELECT kv_on_change('changed')").fetchone()
db.execute("SELECT kv_set('mail', 'host', ?)", ["smtp.example.com"]).fetchone()
db.execute("SELECT kv_set('mail', 'port', ?)", [587]).fetchone()
print(db.execute("SELECT kv_get('mail', 'host')").fetchone()[0])
for row in db.query("SELECT key, value FROM kv_entries('mail')"):
    print(f"{row['key']}={row['value']}")
print(db.execute("SELECT kv_render('{{ .host }}:{{ .port }}', 'mail')").fetchone()[0])
try:
    db.execute("SELECT kv_require('mail', 'user')").fetchone()
except sqlite3.Error as error:
    print(error)
