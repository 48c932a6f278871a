# python3 mail.py app.db build/kv
import asyncio
import sqlite3
import sys

from datasette import hookimpl
from datasette.app import Datasette
from datasette.plugins import pm

FILE, EXTENSION = sys.argv[1:]


def changed(type, grp, key, value, at):
    print(f"{type} {grp}/{key}")


# As a file in --plugins-dir: on each connection, the one that writes and those that read.
class Plugin:
    __name__ = "kv"

    @hookimpl
    def prepare_connection(self, conn):
        conn.enable_load_extension(True)
        conn.load_extension(EXTENSION)
        conn.create_function("changed", 5, changed)
        conn.execute("SELECT kv_on_change('changed')").fetchone()


pm.register(Plugin())


async def main():
    sqlite3.connect(FILE).close()
    db = Datasette([FILE]).get_database("app")
    await db.execute_write("SELECT kv_set('mail', 'host', ?)", ["smtp.example.com"])
    await db.execute_write("SELECT kv_set('mail', 'port', ?)", [587])
    print((await db.execute("SELECT kv_get('mail', 'host')")).single_value())
    for key, value in await db.execute("SELECT key, value FROM kv_entries('mail')"):
        print(f"{key}={value}")
    print((await db.execute("SELECT kv_render('{{ .host }}:{{ .port }}', 'mail')")).single_value())
    try:
        await db.execute("SELECT kv_require('mail', 'user')")
    except sqlite3.Error as error:
        print(error)


asyncio.run(main())
