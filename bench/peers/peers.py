"""Python's diskcache and sqlitedict beside kv from Python: peers.py BENCH LIBRARY

All on files in WAL mode, synchronous NORMAL, 1,000 keys. Prints figures as the bench does (bench/bench.h).
"""

import os
import random
import shutil
import sqlite3
import sys
import tempfile
import time

import diskcache
import sqlitedict

KEYS, ROUNDS, TURN_NS = 1000, 9, 15e6
WHERE = "WAL, synchronous NORMAL"
BENCH, LIBRARY = sys.argv[1:3]


class KV:
    """One connection in autocommit, as sqlite3 has it with isolation_level None."""

    name = "kv"

    def __init__(self, directory):
        self.db = sqlite3.connect(os.path.join(directory, "kv.db"), isolation_level=None)
        self.db.enable_load_extension(True)
        self.db.load_extension(LIBRARY)
        self.db.execute("PRAGMA journal_mode = WAL")
        self.db.execute("PRAGMA synchronous = NORMAL")

    def get(self, key):
        return self.db.execute("SELECT kv_get('g', ?)", (key,)).fetchone()[0]

    def set(self, key, value):
        self.db.execute("SELECT kv_set('g', ?, ?)", (key, value)).fetchone()

    def set_ttl(self, key, value):
        self.db.execute("SELECT kv_set('g', ?, ?, 3600)", (key, value)).fetchone()

    def incr(self, key):
        self.db.execute("SELECT kv_incr('n', ?)", (key,)).fetchone()

    def load(self, rows):
        """One call a row, in a transaction."""
        self.db.execute("BEGIN")
        self.db.executemany("INSERT OR REPLACE INTO kv_entries(grp, key, value) VALUES ('l', ?, ?)", rows)
        self.db.execute("COMMIT")

    def scan(self):
        return self.db.execute("SELECT key, value FROM kv_entries('g')").fetchall()

    def limit(self, count):
        """A quota that evicts; False where that is not built."""
        try:
            self.db.execute("SELECT kv_quota('e', ?, 10, 0, 'evict')", (count,)).fetchone()
        except sqlite3.Error:
            return False
        return True

    def set_evicting(self, key, value):
        self.db.execute("SELECT kv_set('e:g', ?, ?, 3600)", (key, value)).fetchone()


class DiskCache:
    name = "diskcache"

    def __init__(self, directory):
        self.cache = diskcache.Cache(os.path.join(directory, "diskcache"))
        self.small = None

    def get(self, key):
        return self.cache[key]

    def set(self, key, value):
        self.cache[key] = value

    def set_ttl(self, key, value):
        self.cache.set(key, value, expire=3600)

    def incr(self, key):
        self.cache.incr("n" + key)

    def load(self, rows):
        with self.cache.transact():
            for key, value in rows:
                self.cache["l" + key] = value

    def scan(self):
        return [(key, self.cache[key]) for key in list(self.cache)[:KEYS]]

    def limit(self, count):
        """Its limit is of bytes, and it looks at whole pages of its file."""
        directory = os.path.join(os.path.dirname(self.cache.directory), "small")
        self.small = diskcache.Cache(directory, size_limit=count * 100, eviction_policy="least-recently-stored")
        return True

    def set_evicting(self, key, value):
        self.small.set(key, value, expire=3600)


class SqliteDict:
    name = "sqlitedict"

    def __init__(self, directory):
        path = os.path.join(directory, "sqlitedict.db")
        self.each = sqlitedict.SqliteDict(path, tablename="g", autocommit=True, journal_mode="WAL")
        self.all = sqlitedict.SqliteDict(path, tablename="l", journal_mode="WAL")

    def get(self, key):
        return self.each[key]

    def set(self, key, value):
        self.each[key] = value

    def load(self, rows):
        self.all.update(rows)
        self.all.commit()

    def scan(self):
        return list(self.each.items())


def key_of(number):
    return "key-%08d" % (number % KEYS)


def value_of(number):
    return "%08d of some lengt" % number


number = 0


def next_number():
    """Another one each time: SQLite does not write a row that stays as it is."""
    global number
    number += 1
    return number


def each_key(call, has_value):
    def run(count):
        for _ in range(count):
            key = key_of(random.randrange(KEYS))
            if has_value:
                call(key, value_of(next_number()))
            else:
                call(key)

    return run


def new_keys(call):
    def run(count):
        for _ in range(count):
            call("new-%d" % next_number(), value_of(number))

    return run


def loads(store):
    def run(count):
        rows = [(key_of(i), value_of(next_number())) for i in range(count)]
        store.load(rows)

    return run


def scans(store):
    def run(count):
        for _ in range(count // KEYS):
            if len(store.scan()) < KEYS:
                raise SystemExit(store.name + ": the scan is short")

    return run


def spread(values):
    values = sorted(values)
    return "%.6g\t%.6g\t%.6g" % (values[len(values) // 2], values[1], values[-2])


def take_turn(run, count):
    begun = time.perf_counter_ns()
    run(count)
    return time.perf_counter_ns() - begun


def tell(work, runs, step=1):
    """Takes turns, A B C A B C …: runs are (name, run) pairs, the first one kv's."""
    counts = []
    for _, run in runs:
        count = step
        while take_turn(run, count) < TURN_NS / 2:
            count *= 2
        counts.append(count)
    times = [[] for _ in runs]
    for _ in range(ROUNDS):
        for i, (_, run) in enumerate(runs):
            times[i].append(take_turn(run, counts[i]) / counts[i])
    place = "python\t%s\t%s\t0" % (work, WHERE)
    for i, (name, _) in enumerate(runs):
        if i > 0:
            ratios = [a / b for a, b in zip(times[0], times[i])]
            print("ratio\t%s\t%s\t%s\t%s" % (place, runs[0][0], name, spread(ratios)))
        print("figure\t%s\t%s\t%s\tns" % (place, name, spread(times[i])))


def measure(stores):
    def having(name):
        return [store for store in stores if hasattr(store, name)]

    for store in stores:
        for i in range(KEYS):
            store.set(key_of(i), value_of(next_number()))
    tell("get", [(s.name, each_key(s.get, False)) for s in stores])
    tell("scan, for each row", [(s.name, scans(s)) for s in stores], KEYS)
    tell("set", [(s.name, each_key(s.set, True)) for s in stores])
    tell("set with ttl", [(s.name, each_key(s.set_ttl, True)) for s in having("set_ttl")])
    tell("incr", [(s.name, each_key(s.incr, False)) for s in having("incr")])
    tell("load, for each row", [(s.name, loads(s)) for s in stores], KEYS)
    evicting = [s for s in having("limit") if s.limit(1000)]
    if len(evicting) < 2:
        print("skipped\tsets that evict, from Python\tnot built")
    else:
        for store in evicting:
            new_keys(store.set_evicting)(2000)
        tell("set that evicts", [(s.name, new_keys(s.set_evicting)) for s in evicting])


directory = tempfile.mkdtemp(dir=BENCH)
try:
    print("about\tPython\t%s, SQLite %s" % (sys.version.split()[0], sqlite3.sqlite_version))
    print("about\tdiskcache\t%s" % diskcache.__version__)
    print("about\tsqlitedict\t%s" % sqlitedict.__version__)
    measure([KV(directory), DiskCache(directory), SqliteDict(directory)])
finally:
    shutil.rmtree(directory, ignore_errors=True)
