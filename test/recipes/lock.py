# A lock with a fencing token:  python3 lock.py app.db build/kv
#
# The lock ends by itself, so its holder may still be at work when another has it. What they write to therefore takes
# the token along, and refuses one that is smaller than the last.
import sqlite3
import sys


def connect():
    db = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=5)
    db.enable_load_extension(True)
    db.load_extension(sys.argv[2])
    return db


def one(db, sql, *arguments):
    return db.execute(sql, arguments).fetchone()[0]


def acquire(db, name, ttl):
    """A token greater than each before, or None: another holds the lock."""
    db.execute("BEGIN IMMEDIATE")
    token = None
    if not one(db, "SELECT kv_exists('locks', ?)", name):
        token = one(db, "SELECT kv_incr('tokens', ?)", name)
        one(db, "SELECT kv_set('locks', ?, ?, ?)", name, token, ttl)
    db.execute("COMMIT")
    return token


def release(db, name, token):
    """True if it was still ours."""
    return one(db, "SELECT kv_cas('locks', ?, ?, NULL)", name, token) == 1


def write(db, name, token, text):
    """What the lock protects: it takes nothing from a holder of yesterday."""
    db.execute("BEGIN IMMEDIATE")
    is_newest = token >= (one(db, "SELECT kv_get('fences', ?)", name) or 0)
    if is_newest:
        one(db, "SELECT kv_set('fences', ?, ?)", name, token)
        one(db, "SELECT kv_set('report', ?, ?)", name, text)
    db.execute("COMMIT")
    return is_newest


ann, ben = connect(), connect()
for db in (ann, ben):
    one(db, "SELECT kv_config('now', 1000000000000)")
first = acquire(ann, "job", 10)
print("ann has the lock:", first, "and ben has not:", acquire(ben, "job", 10))
for db in (ann, ben):
    one(db, "SELECT kv_config('now', 1000000011000)")
second = acquire(ben, "job", 10)
print("eleven seconds later ben has it:", second)
print("ben writes:", write(ben, "job", second, "by ben"), "and ann, who was slow:", write(ann, "job", first, "by ann"))
print("ann releases:", release(ann, "job", first), "and ben:", release(ben, "job", second))
