# python3 writes.py app.db build/kv: what a rollback takes back.
import asyncio
import sys

import aiosqlite

FILE, EXTENSION = sys.argv[1:]


async def left(db):
    async with db.execute("SELECT kv_getdel('t', 'k')") as cursor:
        return (await cursor.fetchone())[0] or "nothing"


async def rolled_back(isolation_level, *statements):
    async with aiosqlite.connect(FILE, isolation_level=isolation_level) as db:
        await db.enable_load_extension(True)
        await db.load_extension(EXTENSION)
        for sql in statements:
            await (await db.execute(sql)).fetchall()
        await db.rollback()
        return await left(db)


async def main():
    set_it = "SELECT kv_set('t', 'k', 'kept')"
    print("SELECT kv_set, by default:", await rolled_back("", set_it))
    insert = "INSERT INTO kv_entries(grp, key, value) VALUES ('t', 'k', 'kept')"
    print("INSERT INTO kv_entries, by default:", await rolled_back("", insert))
    call = "INSERT INTO kv_call(name, a1, a2, a3) VALUES ('set', 't', 'k', 'kept')"
    print("INSERT INTO kv_call, by default:", await rolled_back("", call))
    print("SELECT kv_set, after BEGIN:", await rolled_back(None, "BEGIN IMMEDIATE", set_it))


asyncio.run(main())
