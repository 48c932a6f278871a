# python3 mail.py app.db build/kv
import sys

import django
from django.conf import settings
from django.db import DatabaseError, connection
from django.db.backends.signals import connection_created

FILE, EXTENSION = sys.argv[1:]
settings.configure(DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": FILE}})
django.setup()


def changed(type, grp, key, value, at):
    print(f"{type} {grp}/{key}")


# In an AppConfig's ready(): on each connection, right after it is made.
def load_kv(connection, **_):
    if connection.vendor == "sqlite":
        db = connection.connection
        db.enable_load_extension(True)
        db.load_extension(EXTENSION)
        db.create_function("changed", 5, changed)
        db.execute("SELECT kv_on_change('changed')").fetchone()


connection_created.connect(load_kv)

with connection.cursor() as cursor:
    cursor.execute("SELECT kv_set('mail', 'host', %s)", ["smtp.example.com"]).fetchone()
    cursor.execute("SELECT kv_set('mail', 'port', %s)", [587]).fetchone()
    print(cursor.execute("SELECT kv_get('mail', 'host')").fetchone()[0])
    for key, value in cursor.execute("SELECT key, value FROM kv_entries('mail')"):
        print(f"{key}={value}")
    print(cursor.execute("SELECT kv_render('{{ .host }}:{{ .port }}', 'mail')").fetchone()[0])
    try:
        cursor.execute("SELECT kv_require('mail', 'user')").fetchone()
    except DatabaseError as error:
        print(error)
