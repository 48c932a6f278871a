# python3 writes.py app.db build/kv: what a rollback takes back.
import sys

import sqlite_utils

FILE, EXTENSION = sys.argv[1:]
db = sqlite_utils.Database(FILE)
db.conn.enable_load_extension(True)
db.conn.load_extension(EXTENSION)


def left():
    return db.execute("SELECT kv_getdel('t', 'k')").fetchone()[0] or "nothing"


def rolled_back(block, sql):
    try:
        with block:
            db.execute(sql).fetchall()
            raise RuntimeError
    except RuntimeError:
        return left()


SET = "SELECT kv_set('t', 'k', 'kept')"
INSERT = "INSERT INTO kv_entries(grp, key, value) VALUES ('t', 'k', 'kept')"
CALL = "INSERT INTO kv_call(name, a1, a2, a3) VALUES ('set', 't', 'k', 'kept')"
print("SELECT kv_set, in db.conn:", rolled_back(db.conn, SET))
print("INSERT INTO kv_entries, in db.conn:", rolled_back(db.conn, INSERT))
print("SELECT kv_set, in db.atomic():", rolled_back(db.atomic(), SET))
print("INSERT INTO kv_entries, in db.atomic():", rolled_back(db.atomic(), INSERT))
print("INSERT INTO kv_call, in db.atomic():", rolled_back(db.atomic(), CALL))
