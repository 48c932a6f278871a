# Sessions that end half an hour after the last request:  python3 sessions.py app.db build/kv
import secrets
import sqlite3
import sys

db = sqlite3.connect(sys.argv[1], isolation_level=None)
db.enable_load_extension(True)
db.load_extension(sys.argv[2])
now = 1_000_000_000_000


def clock(seconds):  # in place of waiting
    global now
    now += seconds * 1000
    db.execute("SELECT kv_config('now', ?)", (now,)).fetchone()


def begin(user):
    token = secrets.token_urlsafe(32)
    db.execute("SELECT kv_set('sessions', ?, ?, '30m')", (token, user)).fetchone()
    return token


def user_of(token):
    """Who it is, for another half hour; None where the session has ended."""
    return db.execute("SELECT kv_touch('sessions', ?, '30m')", (token,)).fetchone()[0]


def end(token):
    db.execute("SELECT kv_delete('sessions', ?)", (token,)).fetchone()


clock(0)
token = begin("ann")
for minute in range(0, 100, 20):
    clock(20 * 60)
    print("after 20 minutes more:", user_of(token))
clock(31 * 60)
print("after 31 minutes more:", user_of(token))
