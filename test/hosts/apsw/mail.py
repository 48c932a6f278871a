# python3 mail.py app.db build/kv
import sys

import apsw

db = apsw.Connection(sys.argv[1])
db.enableloadextension(True)
db.loadextension(sys.argv[2])


def changed(type, grp, key, value, at):
    print(f"{type} {grp}/{key}")


db.createscalarfunction("changed", changed, 5)
db.cursor().execute("SELECT kv_on_change('changed')").fetchall()

db.cursor().execute("SELECT kv_set('mail', 'host', ?)", ("smtp.example.com",)).fetchall()
db.cursor().execute("SELECT kv_set('mail', 'port', ?)", (587,)).fetchall()
for (value,) in db.cursor().execute("SELECT kv_get('mail', 'host')"):
    print(value)
for key, value in db.cursor().execute("SELECT key, value FROM kv_entries('mail')"):
    print(f"{key}={value}")
for (text,) in db.cursor().execute("SELECT kv_render('{{ .host }}:{{ .port }}', 'mail')"):
    print(text)
try:
    db.cursor().execute("SELECT kv_require('mail', 'user')").fetchall()
except apsw.Error as error:
    print(error)
db.close()
