# A copy of one namespace in a store of its own, with the time when each key expires:
#
#   python3 feed_copy.py app.db build/kv tenant copy.db
#
# The copy is a store like any other; the place is a key in it, so both are of one transaction.
import sys

from feed_reader import follow, open_store

source, copy = (open_store(path, sys.argv[2]) for path in (sys.argv[1], sys.argv[4]))
source.execute("SELECT kv_scope(?)", (sys.argv[3],)).fetchone()
copy.execute("PRAGMA journal_mode = WAL")
copy.execute("SELECT kv_setnx('copy', 'seq', 0), kv_setnx('copy', 'at', 0)").fetchone()


def begin():
    if not copy.in_transaction:
        copy.execute("BEGIN IMMEDIATE")


def put(grp, key, value, expires_at):
    copy.execute("REPLACE INTO kv_entries(grp, key, value, expires_at) VALUES (?, ?, ?, ?)",
                 ("data:" + grp, key, value, expires_at))


def copy_all(db):
    begin()
    copy.execute("SELECT kv_delete_prefix('data:')").fetchone()
    for row in db.execute("SELECT grp, key, value, expires_at FROM kv_entries"):
        put(*row)


def copy_change(kind, grp, key, value, expires_at):
    begin()
    if kind == "set":
        put(grp, key, value, expires_at)
    else:
        copy.execute("SELECT kv_delete(?, ?)", ("data:" + grp, key)).fetchone()


def keep_place(place):
    begin()
    copy.execute("SELECT kv_set('copy', 'seq', ?), kv_set('copy', 'at', ?)", place).fetchone()
    copy.execute("COMMIT")


place = copy.execute("SELECT kv_get('copy', 'seq'), kv_get('copy', 'at')").fetchone()
follow(source, "copy of " + sys.argv[3], place, copy_all, copy_change, keep_place)
