# A cache of at most 64 MB:  python3 cache.py app.db build/kv
import sqlite3
import sys

db = sqlite3.connect(sys.argv[1], isolation_level=None)
db.enable_load_extension(True)
db.load_extension(sys.argv[2])
db.execute("PRAGMA journal_mode = WAL")
db.execute("SELECT kv_quota('cache', 0, 0, 64 * 1024 * 1024, 'evict')").fetchone()


def get(key):
    """The value, which stays an hour longer; None where it is not, or not any more."""
    return db.execute("SELECT kv_touch('cache:pages', ?, 3600)", (key,)).fetchone()[0]


def put(key, value):
    db.execute("SELECT kv_set('cache:pages', ?, ?, 3600)", (key, value)).fetchone()


page = bytes(1024 * 1024)
for i in range(100):
    db.execute("SELECT kv_config('now', ?)", (1_000_000_000_000 + i * 1000,)).fetchone()  # a page a second
    put(f"page {i}", page)
    get("page 0")  # is asked for all the time
held, limit = db.execute("SELECT bytes, max_bytes FROM kv_quotas").fetchone()
print("within 64 MB:", held <= limit, "and nearly full:", held > limit - 2 * len(page))
print("page 0 is still there:", get("page 0") is not None)
print("page 1 went first:", get("page 1") is None, "and page 99 did not:", get("page 99") is not None)
