# python3 mail.py app.db build/kv
import asyncio
import sqlite3
import sys

import aiosqlite

FILE, EXTENSION = sys.argv[1:]


def changed(type, grp, key, value, at):
    print(f"{type} {grp}/{key}")


async def value(db, sql, parameters=()):
    async with db.execute(sql, parameters) as cursor:
        return (await cursor.fetchone())[0]


async def main():
    async with aiosqlite.connect(FILE, isolation_level=None) as db:
        await db.enable_load_extension(True)
        await db.load_extension(EXTENSION)

        await db.create_function("changed", 5, changed)
        await value(db, "SELECT kv_on_change('changed')")
        await value(db, "SELECT kv_set('mail', 'host', ?)", ("smtp.example.com",))
        await value(db, "SELECT kv_set('mail', 'port', ?)", (587,))
        print(await value(db, "SELECT kv_get('mail', 'host')"))
        async for key, entry in await db.execute("SELECT key, value FROM kv_entries('mail')"):
            print(f"{key}={entry}")
        print(await value(db, "SELECT kv_render('{{ .host }}:{{ .port }}', 'mail')"))
        try:
            await value(db, "SELECT kv_require('mail', 'user')")
        except sqlite3.Error as error:
            print(error)


asyncio.run(main())
