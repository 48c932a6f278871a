# Pages that were made from the store, as files, each thrown away when what it was made from changes:
#
#   python3 feed_cache.py app.db build/kv pages/
#
# pages/GROUP.html is made from the keys of a group. The place in the feed is pages/.place: after a restart it goes on
# from there, and throws away what was changed while nobody looked.
import json
import os
import pathlib
import sys
import urllib.parse

from feed_reader import follow, open_store

pages = pathlib.Path(sys.argv[3])
place_file = pages / ".place"


def throw_all_away(_):
    for page in pages.glob("*.html"):
        page.unlink()


def throw_away(kind, grp, key, value, expires_at):
    (pages / (urllib.parse.quote(grp, safe="") + ".html")).unlink(missing_ok=True)


def keep_place(place):
    """Written after the pages went: killed in between, it throws away once more what is gone."""
    new = pages / ".place.new"
    new.write_text(json.dumps(place))
    os.replace(new, place_file)


place = tuple(json.loads(place_file.read_text())) if place_file.exists() else (0, 0)
follow(open_store(sys.argv[1], sys.argv[2]), "page cache", place, throw_all_away, throw_away, keep_place)
