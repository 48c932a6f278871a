# Runs the recipes of docs/feed.md as their users would, kills them, starts them again:
#
#   python3 feed_recipes.py BUILD [--browser CHROMIUM]
#
# With --browser, the live page is opened in it, and in nothing else.
import json
import os
import pathlib
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
import urllib.request

here = pathlib.Path(__file__).resolve().parent
extension = str(pathlib.Path(sys.argv[1]).resolve() / "kv")
work = pathlib.Path(tempfile.mkdtemp())
passed = failed = 0


def check(title, holds):
    global passed, failed
    passed, failed = passed + bool(holds), failed + (not holds)
    if not holds:
        print("FAILED:", title)


def wait_until(question, seconds=30):
    deadline = time.monotonic() + seconds
    while not question():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True


def run(sql, path="app.db"):
    """In another process: by the sqlite3 module, with the extension."""
    code = ("import sqlite3, sys; db = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=30);"
            "db.enable_load_extension(True); db.load_extension(sys.argv[2]);"
            "[db.execute(sql).fetchall() for sql in sys.argv[3:]]")
    subprocess.run([sys.executable, "-c", code, work / path, extension, *sql], check=True)


def start(name, *arguments, **options):
    return subprocess.Popen([sys.executable, here / name, work / "app.db", extension, *arguments], **options)


def stop(process):
    process.kill()
    process.wait()


def ask(path, sql, *values):
    """Without the extension; None as long as there is no such table."""
    db = sqlite3.connect(work / path, timeout=30)
    try:
        return db.execute(sql, values).fetchall()
    except sqlite3.OperationalError:
        return None
    finally:
        db.close()


def test_cache():
    pages = work / "pages"
    pages.mkdir()
    make = lambda group: (pages / f"{group}.html").write_text("made")
    is_there = lambda group: (pages / f"{group}.html").exists()
    make("old")
    process = start("feed_cache.py", pages)
    check("the first time, all goes", wait_until(lambda: not is_there("old") and (pages / ".place").exists()))
    make("ann"), make("ben")
    run(["SELECT kv_set('ann', 'mail', 'a@b')"])
    check("a page goes when its group changes", wait_until(lambda: not is_there("ann")))
    check("and no other", is_there("ben"))
    stop(process)
    make("ann")
    run(["SELECT kv_set('ben', 'mail', 'b@b')"])
    process = start("feed_cache.py", pages)
    check("after a restart, what changed meanwhile goes", wait_until(lambda: not is_there("ben")))
    check("and nothing else", is_there("ann"))
    stop(process)
    seq = json.loads((pages / ".place").read_text())[0]
    check("its place is known to the feed", ask("app.db", "SELECT seq <= ? FROM kv_log_readers "
                                                "WHERE name = 'page cache'", seq) == [(1,)])


def test_search():
    find = lambda word: ask("search.db", "SELECT key FROM search WHERE search MATCH ? ORDER BY key", word)
    run(["SELECT kv_set('articles:en', 'one', 'a quick fox')"])
    process = start("feed_search.py", work / "search.db")
    check("what was there is found", wait_until(lambda: find("fox") == [("one",)]))
    run(["SELECT kv_set('articles:en', 'two', 'a lazy fox'), kv_set('other:en', 'three', 'a fox too')"])
    check("what comes is found", wait_until(lambda: find("fox") == [("one",), ("two",)]))
    stop(process)
    run(["SELECT kv_set('articles:en', 'one', 'a bird'), kv_delete('articles:en', 'two')"])
    process = start("feed_search.py", work / "search.db")
    check("what changed while it was away is found", wait_until(lambda: find("bird") == [("one",)]))
    check("what went is not", wait_until(lambda: find("fox") == []))
    stop(process)


def test_copy():
    rows = "SELECT substr(grp, {}), key, value, expires_at FROM kv WHERE grp GLOB '{}*' ORDER BY 1, 2"
    source = lambda: ask("app.db", rows.format(4, "t1:"))
    copy = lambda: ask("copy.db", rows.format(6, "data:"))
    same = lambda: wait_until(lambda: source() == copy())
    run(["SELECT kv_set('t1:a', 'x', 1), kv_set('t1:a', 'y', 2, '1h'), kv_set('t2:a', 'x', 3)"])
    process = start("feed_copy.py", "t1", work / "copy.db")
    check("the copy is the namespace", same() and len(copy()) == 2)
    run(["UPDATE kv SET key = 'z' WHERE grp = 't1:a' AND key = 'x'"])
    check("it follows plain SQL", same() and ("a", "z", 1, None) in copy())
    stop(process)
    shutil.copy(work / "app.db", work / "backup.db")
    run(["SELECT kv_set('t1:b', 'k' || value, value) FROM (SELECT 1 AS value UNION SELECT 2 UNION SELECT 3)"])
    process = start("feed_copy.py", "t1", work / "copy.db")
    check("it catches up", same() and len(copy()) == 5)
    stop(process)
    for ending in ("", "-wal", "-shm"):
        (work / f"app.db{ending}").unlink(missing_ok=True)
    shutil.copy(work / "backup.db", work / "app.db")
    run(["SELECT kv_set('t1:c', 'k' || value, value) FROM (SELECT 1 AS value UNION SELECT 2 UNION SELECT 3)"])
    process = start("feed_copy.py", "t1", work / "copy.db")
    check("a backup that is put back is noticed, though its numbers are as high", same() and len(copy()) == 5)
    stop(process)


def start_page():
    run(["SELECT kv_set('prices', 'tea', 3)"])
    process = start("feed_live.py", "0", "prices", stdout=subprocess.PIPE, text=True)
    return process, process.stdout.readline().strip()


def read_event(stream):
    event = {}
    for line in stream:
        line = line.decode().strip()
        if line.startswith(":"):
            continue
        if not line and event:
            return event
        name, _, value = line.partition(": ")
        if line:
            event[name] = value


def test_page():
    process, url = start_page()
    check("the page is there", b"EventSource" in urllib.request.urlopen(url).read())
    stream = urllib.request.urlopen(url + "changes")
    event = read_event(stream)
    while event["event"] != "all":
        event = read_event(stream)
    check("it begins with all", ["tea", 3] in json.loads(event["data"]))
    run(["SELECT kv_set('prices', 'tea', 4)", "SELECT kv_set('other', 'x', 1)", "DELETE FROM kv WHERE key = 'tea'"])
    events = [read_event(stream)]
    while events[-1]["event"] != "delete":
        events.append(read_event(stream))
    check("a change is sent", ["set", '["tea", 4]'] in [[e["event"], e["data"]] for e in events])
    check("other groups' are not", all('"x"' not in e["data"] for e in events))
    stream.close()
    again = urllib.request.Request(url + "changes", headers={"Last-Event-ID": events[-2]["id"]})
    check("who was cut off is sent what it missed", read_event(urllib.request.urlopen(again)) == events[-1])
    stop(process)


class Browser:
    """Chromium, told what to do through a pipe."""

    def __init__(self, program):
        read_commands, self.commands = os.pipe()
        self.answers, write_answers = os.pipe()
        script = f'exec "$@" 3<&{read_commands} 4>&{write_answers}'
        self.process = subprocess.Popen(
            ["sh", "-c", script, "sh", program, "--headless", "--no-sandbox", "--disable-gpu",
             f"--user-data-dir={work / 'profile'}", "--remote-debugging-pipe"],
            pass_fds=(read_commands, write_answers), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(read_commands), os.close(write_answers)
        self.number, self.rest = 0, b""

    def call(self, method, session=None, **parameters):
        self.number += 1
        message = {"id": self.number, "method": method, "params": parameters}
        if session:
            message["sessionId"] = session
        os.write(self.commands, json.dumps(message).encode() + b"\0")
        while True:
            while b"\0" not in self.rest:
                more = os.read(self.answers, 65536)
                if not more:
                    raise RuntimeError("the browser has gone")
                self.rest += more
            answer, _, self.rest = self.rest.partition(b"\0")
            answer = json.loads(answer)
            if answer.get("id") == self.number:
                return answer["result"]

    def open(self, url):
        target = self.call("Target.createTarget", url=url)["targetId"]
        return self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]

    def text(self, session):
        result = self.call("Runtime.evaluate", session, expression="document.body ? document.body.innerText : ''")
        return result["result"].get("value", "")


def test_page_in_browser(program):
    process, url = start_page()
    browser = Browser(program)
    page = browser.open(url)
    shows = lambda text: wait_until(lambda: text in browser.text(page), 60)
    check("the page shows what is there", shows("tea: 3"))
    run(["SELECT kv_set('prices', 'tea', 4), kv_set('prices', 'salt', 1)"])
    check("it changes when another process writes", shows("tea: 4") and shows("salt: 1"))
    run(["DELETE FROM kv WHERE key = 'salt'"])
    check("what is deleted goes", wait_until(lambda: "salt" not in browser.text(page), 60))
    stop(process)
    run(["SELECT kv_set('prices', 'tea', 5)"])
    process = start("feed_live.py", url.split(":")[2].strip("/"), "prices", stdout=subprocess.DEVNULL)
    check("it comes back when the server does", shows("tea: 5"))
    stop(browser.process)
    stop(process)


try:
    run(["PRAGMA journal_mode = WAL", "SELECT kv_feed(1000)"])
    if "--browser" in sys.argv:
        test_page_in_browser(sys.argv[sys.argv.index("--browser") + 1])
    else:
        for test in (test_cache, test_search, test_copy, test_page):
            test()
finally:
    shutil.rmtree(work, ignore_errors=True)
print(f"{passed} passed, {failed} failed")
sys.exit(failed > 0)
