# A full-text index of a namespace, kept up to date by the feed, in a file of its own:
#
#   python3 feed_search.py app.db build/kv search.db
#
# SELECT grp, key FROM search WHERE search MATCH 'word' in search.db. Index and place are of one transaction.
import sqlite3
import sys

from feed_reader import follow, open_store

index = sqlite3.connect(sys.argv[3], isolation_level=None)
index.execute("PRAGMA journal_mode = WAL")
index.execute("CREATE VIRTUAL TABLE IF NOT EXISTS search USING fts5(grp UNINDEXED, key UNINDEXED, text)")
index.execute("CREATE TABLE IF NOT EXISTS places(grp, key, rowid_in_search INTEGER, PRIMARY KEY(grp, key))")
index.execute("CREATE TABLE IF NOT EXISTS place(seq, at)")


def begin():
    if not index.in_transaction:
        index.execute("BEGIN")


def remove(grp, key):
    row = index.execute("DELETE FROM places WHERE grp = ? AND key = ? RETURNING rowid_in_search", (grp, key)).fetchone()
    if row:
        index.execute("DELETE FROM search WHERE rowid = ?", row)


def put(grp, key, text):
    remove(grp, key)
    rowid = index.execute("INSERT INTO search(grp, key, text) VALUES (?, ?, ?)", (grp, key, text)).lastrowid
    index.execute("INSERT INTO places VALUES (?, ?, ?)", (grp, key, rowid))


def index_all(db):
    begin()
    index.execute("DELETE FROM search")
    index.execute("DELETE FROM places")
    for grp, key, value in db.execute("SELECT grp, key, value FROM kv_entries"):
        put(grp, key, value)


def index_change(kind, grp, key, value, expires_at):
    begin()
    if kind == "set":
        put(grp, key, value)
    else:
        remove(grp, key)


def keep_place(place):
    begin()
    index.execute("DELETE FROM place")
    index.execute("INSERT INTO place VALUES (?, ?)", place)
    index.execute("COMMIT")


store = open_store(sys.argv[1], sys.argv[2])
store.execute("SELECT kv_scope('articles')").fetchone()
place = index.execute("SELECT seq, at FROM place").fetchone() or (0, 0)
follow(store, "search", place, index_all, index_change, keep_place)
