# python3 mail.py app.db build/kv: a Python whose sqlite3 was built without extensions, as Apple's and some of pyenv's.
import sqlite3
import sys

db = sqlite3.connect(sys.argv[1])
try:
    db.enable_load_extension(True)
except AttributeError as error:
    print(error)
try:
    db.execute("SELECT load_extension(?)", [sys.argv[2]])
except sqlite3.OperationalError as error:
    print(error)
