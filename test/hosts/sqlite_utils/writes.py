# python3 writes.py app.db build/kv: what a rollback takes back.
import sys

import sqlite_utils

FILE, EXTENSION = sys.argv[1:]
db = sqlite_utils.Database(FILE)
db.conn.enable_load_extension(True)
db.conn.load_extension(EXTENSION)


def left():
    return db.execute("SELECT kv_getdel('t', 'k')").fetchone()[0] or "nothing"


def rolled_back(*statements):
    try:
        with db.conn:
            for sql in statements:
                db.execute(sql).fetchall()
            raise RuntimeError
    except RuntimeError:
        return left()


print("SELECT kv_set, by default:", rolled_back("SELECT kv_set('t', 'k', 'kept')"))
print("SELECT kv_set, after BEGIN:", rolled_back("BEGIN", "SELECT kv_set('t', 'k', 'kept')"))
print("INSERT INTO kv_entries, by default:",
      rolled_back("INSERT INTO kv_entries(grp, key, value) VALUES ('t', 'k', 'kept')"))
