"""How a program reads the feed of app.db: what the recipes have in common.

A reader keeps a place: the number and the instant of the last change that it has dealt with. follow() calls
`start_again` when the reader is to read everything again (its first time; it was away for longer than the feed keeps;
the file was put back from a backup), and `change` for each change after its place, each inside of one
transaction on the store. `keep_place` is called with the place after either.
"""
import sqlite3


def open_store(path, extension):
    db = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=30)
    db.enable_load_extension(True)
    db.load_extension(extension)
    return db


def is_place_known(db, place):
    """Is the change that was dealt with last still there? In a backup that was put back it is not, or is another."""
    seq, at = place
    return db.execute("SELECT count(*) FROM kv_log WHERE seq = ? AND at = ?", (seq, at)).fetchone()[0] == 1


def read_on(db, place, start_again, change, keep_place):
    """Deals with all that is new, and returns the new place."""
    db.execute("BEGIN")
    try:
        if not is_place_known(db, place):
            place = db.execute("SELECT seq, at FROM kv_log ORDER BY seq DESC LIMIT 1").fetchone()
            start_again(db)
        else:
            for seq, at, kind, grp, key, value, expires_at in db.execute(
                    "SELECT * FROM kv_changes WHERE seq > ?", (place[0],)):
                place = (seq, at)
                if kind == "resync":
                    start_again(db)
                else:
                    change(kind, grp, key, value, expires_at)
            place = db.execute("SELECT seq, at FROM kv_log ORDER BY seq DESC LIMIT 1").fetchone()
        keep_place(place)
    finally:
        db.execute("COMMIT")
    return place


def follow(db, name, place, start_again, change, keep_place):
    """For ever, or until Ctrl-C."""
    while True:
        place = read_on(db, place, start_again, change, keep_place)
        db.execute("SELECT kv_ack(?, ?)", (name, place[0])).fetchone()
        db.execute("SELECT kv_wait(?, '1s')", (place[0],)).fetchone()
