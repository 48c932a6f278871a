# python3 writes.py app.db build/kv: what a rollback takes back.
import sqlite3
import sys

FILE, EXTENSION = sys.argv[1:]


def connect(**how):
    db = sqlite3.connect(FILE, **how)
    db.enable_load_extension(True)
    db.load_extension(EXTENSION)
    return db


def left(db):
    return db.execute("SELECT kv_getdel('t', 'k')").fetchone()[0] or "nothing"


# The default: Python begins a transaction before INSERT, UPDATE and DELETE, and before nothing else.
db = connect()
try:
    with db:
        db.execute("SELECT kv_set('t', 'k', 'kept')").fetchone()
        raise RuntimeError
except RuntimeError:
    print("SELECT kv_set, by default:", left(db))

try:
    with db:
        db.execute("INSERT INTO kv_entries(grp, key, value) VALUES ('t', 'k', 'kept')")
        raise RuntimeError
except RuntimeError:
    print("INSERT INTO kv_entries, by default:", left(db))

try:
    with db:
        db.execute("INSERT INTO kv_call(name, a1, a2, a3) VALUES ('set', 't', 'k', 'kept')")
        raise RuntimeError
except RuntimeError:
    print("INSERT INTO kv_call, by default:", left(db))

with db:
    db.execute("INSERT INTO kv_call(name, a1, a2) VALUES ('incr', 't', 'hits')")
    print("its answer:", db.execute("SELECT result FROM kv_call").fetchone()[0])

# With isolation_level=None a transaction is what you begin.
db = connect(isolation_level=None)
db.execute("BEGIN IMMEDIATE")
try:
    db.execute("SELECT kv_set('t', 'k', 'kept')").fetchone()
    raise RuntimeError
except RuntimeError:
    db.execute("ROLLBACK")
    print("SELECT kv_set, after BEGIN:", left(db))
