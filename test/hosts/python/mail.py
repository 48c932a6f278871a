# python3 mail.py app.db build/kv
import sqlite3
import sys

db = sqlite3.connect(sys.argv[1], isolation_level=None)
db.enable_load_extension(True)
db.load_extension(sys.argv[2])


def changed(type, grp, key, value, at):
    print(f"{type} {grp}/{key}")


db.create_function("changed", 5, changed)
db.execute("SELECT kv_on_change('changed')").fetchone()

db.execute("SELECT kv_set('mail', 'host', ?)", ("smtp.example.com",)).fetchone()
db.execute("SELECT kv_set('mail', 'port', ?)", (587,)).fetchone()
print(db.execute("SELECT kv_get('mail', 'host')").fetchone()[0])
for key, value in db.execute("SELECT key, value FROM kv_entries('mail')"):
    print(f"{key}={value}")
print(db.execute("SELECT kv_render('{{ .host }}:{{ .port }}', 'mail')").fetchone()[0])
try:
    db.execute("SELECT kv_require('mail', 'user')").fetchone()
except sqlite3.Error as error:
    print(error)
db.close()
