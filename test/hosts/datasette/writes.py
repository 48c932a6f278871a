# python3 writes.py app.db build/kv: who may write, and what a rollback takes back.
import asyncio
import sqlite3
import sys

from datasette import hookimpl
from datasette.app import Datasette
from datasette.plugins import pm

FILE, EXTENSION = sys.argv[1:]


class Plugin:
    __name__ = "kv"

    @hookimpl
    def prepare_connection(self, conn):
        conn.enable_load_extension(True)
        conn.load_extension(EXTENSION)


pm.register(Plugin())


# What execute_write_fn() runs: Datasette begins no transaction, and ends none that is left open.
def set_by_default(conn):
    with conn:
        conn.execute("SELECT kv_set('t', 'k', 'kept')").fetchone()
        raise RuntimeError


def set_begun(conn):
    with conn:
        conn.execute("BEGIN")
        conn.execute("SELECT kv_set('t', 'k', 'kept')").fetchone()
        raise RuntimeError


def insert(conn):
    with conn:
        conn.execute("INSERT INTO kv_entries(grp, key, value) VALUES ('t', 'k', 'kept')")
        raise RuntimeError


def call(conn):
    with conn:
        conn.execute("INSERT INTO kv_call(name, a1, a2, a3) VALUES ('set', 't', 'k', 'kept')")
        raise RuntimeError


async def main():
    sqlite3.connect(FILE).close()
    datasette = Datasette([FILE])
    db = datasette.get_database("app")
    await db.execute_write("SELECT kv_set('a', 'b', 'c')")

    async def rolled_back(function):
        try:
            await db.execute_write_fn(function)
        except RuntimeError:
            pass
        return await db.execute_write_fn(lambda conn: conn.execute("SELECT kv_getdel('t', 'k')").fetchone()[0]) or "nothing"

    answer = await datasette.client.get("/app.json", params={"sql": "SELECT kv_get('a', 'b')", "_shape": "arrayfirst"})
    print("SELECT kv_get by a visitor:", answer.json()[0])
    answer = await datasette.client.get("/app.json", params={"sql": "SELECT kv_set('t', 'k', 'kept')"})
    print("SELECT kv_set by a visitor:", answer.json()["error"])
    print("SELECT kv_set, by default:", await rolled_back(set_by_default))
    print("SELECT kv_set, after BEGIN:", await rolled_back(set_begun))
    print("INSERT INTO kv_entries, by default:", await rolled_back(insert))
    print("INSERT INTO kv_call, by default:", await rolled_back(call))


asyncio.run(main())
