# A page that shows a group and changes as the group does, whoever writes:
#
#   python3 feed_live.py app.db build/kv 8000 prices
#
# Each change is a server-sent event, with the change's number for an id. A browser that was cut off names the last id
# that it had, and is sent what it missed; if that is no longer kept, all of the group.
import http.server
import json
import sys

from feed_reader import open_store

path, extension, port, group = sys.argv[1:5]
page = """<!doctype html><title>live</title><ul id="list"></ul><script>
const list = document.getElementById('list');
const source = new EventSource('/changes');
source.addEventListener('all', event => { list.replaceChildren(); JSON.parse(event.data).forEach(show); });
source.addEventListener('set', event => show(JSON.parse(event.data)));
source.addEventListener('delete', event => document.getElementById('key-' + JSON.parse(event.data)[0])?.remove());
function show([key, value]) {
  let item = document.getElementById('key-' + key);
  if (!item) { item = document.createElement('li'); item.id = 'key-' + key; list.append(item); }
  item.textContent = key + ': ' + value;
}
</script>"""


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path != "/changes":
            self.answer("text/html; charset=utf-8")
            self.wfile.write(page.encode())
            return
        self.answer("text/event-stream")
        db = open_store(path, extension)
        try:
            self.stream(db, int(self.headers.get("Last-Event-ID", 0)))
        except (BrokenPipeError, ConnectionResetError):
            pass  # the browser has gone
        finally:
            db.close()

    def answer(self, kind):
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Cache-Control", "no-store")
        self.end_headers()

    def stream(self, db, seen):
        while True:
            db.execute("BEGIN")
            for seq, kind, grp, key, value in db.execute(
                    "SELECT seq, type, grp, key, value FROM kv_changes(?)", (seen,)).fetchall():
                if kind == "resync":
                    rows = db.execute("SELECT key, value FROM kv_entries WHERE grp = ?", (group,)).fetchall()
                    self.send(seq, "all", rows)
                elif grp == group:
                    self.send(seq, "set" if kind == "set" else "delete", (key, value))
            seen = db.execute("SELECT max(seq) FROM kv_log").fetchone()[0]
            db.execute("COMMIT")
            self.wfile.write(b": still here\n\n")  # fails once the browser has gone
            self.wfile.flush()
            db.execute("SELECT kv_wait(?, '5s')", (seen,)).fetchone()

    def send(self, seq, kind, data):
        self.wfile.write(f"id: {seq}\nevent: {kind}\ndata: {json.dumps(data)}\n\n".encode())

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", int(port)), Handler)
print("http://127.0.0.1:%d/" % server.server_port, flush=True)
server.serve_forever()
