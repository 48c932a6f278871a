# python3 mail.py app.db build/kv
import sqlite3
import sys

import pandas

FILE, EXTENSION = sys.argv[1:]
db = sqlite3.connect(FILE)
db.enable_load_extension(True)
db.load_extension(EXTENSION)


def changed(type, grp, key, value, at):
    print(f"{type} {grp}/{key}")


db.create_function("changed", 5, changed)
db.execute("SELECT kv_on_change('changed')").fetchone()

# to_sql() makes a table of its own where sqlite_schema has none: so the rows of a frame go by executemany().
frame = pandas.DataFrame({"grp": "mail", "key": ["host", "port"], "value": ["smtp.example.com", 587]})
with db:
    insert = "INSERT OR REPLACE INTO kv_entries(grp, key, value) VALUES (?, ?, ?)"
    db.executemany(insert, frame.itertuples(index=False, name=None))

print(pandas.read_sql("SELECT kv_get('mail', 'host') AS host", db).host[0])
for row in pandas.read_sql("SELECT key, value FROM kv_entries('mail')", db).itertuples():
    print(f"{row.key}={row.value}")
print(pandas.read_sql("SELECT kv_render('{{ .host }}:{{ .port }}', 'mail') AS text", db).text[0])
try:
    pandas.read_sql("SELECT kv_require('mail', 'user')", db)
except pandas.errors.DatabaseError as error:
    print(error)
