# Results of a function, kept in the file:  python3 memoize.py app.db build/kv
import functools
import json
import sqlite3
import sys

db = sqlite3.connect(sys.argv[1], isolation_level=None)
db.enable_load_extension(True)
db.load_extension(sys.argv[2])
db.execute("SELECT kv_quota('memo', 10000, 0, 0, 'evict')").fetchone()


def memoize(ttl):
    def decorate(function):
        group = "memo:" + function.__name__

        @functools.wraps(function)
        def call(*arguments):
            key = json.dumps(arguments)
            found = db.execute("SELECT kv_get(?, ?)", (group, key)).fetchone()[0]
            if found is not None:
                return json.loads(found)
            result = function(*arguments)
            db.execute("SELECT kv_set(?, ?, ?, ?)", (group, key, json.dumps(result), ttl)).fetchone()
            return result

        return call

    return decorate


calls = 0


@memoize(ttl=600)
def area(width, height):
    global calls
    calls += 1
    return width * height


print(area(3, 4), area(3, 4), area(5, 6), "calls:", calls)
