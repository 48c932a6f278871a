# python3 writes.py app.db build/kv: what a rollback takes back.
import sys

import django
from django.conf import settings
from django.db import connection, transaction
from django.db.backends.signals import connection_created

FILE, EXTENSION = sys.argv[1:]
settings.configure(DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": FILE}})
django.setup()


def load_kv(connection, **_):
    connection.connection.enable_load_extension(True)
    connection.connection.load_extension(EXTENSION)


connection_created.connect(load_kv)


def run(sql):
    with connection.cursor() as cursor:
        return cursor.execute(sql).fetchone()


def left():
    return run("SELECT kv_getdel('t', 'k')")[0] or "nothing"


def rolled_back(sql):
    try:
        with transaction.atomic():
            run(sql)
            raise RuntimeError
    except RuntimeError:
        return left()


print("SELECT kv_set, in atomic():", rolled_back("SELECT kv_set('t', 'k', 'kept')"))
print("INSERT INTO kv_entries, in atomic():",
      rolled_back("INSERT INTO kv_entries(grp, key, value) VALUES ('t', 'k', 'kept')"))
print("INSERT INTO kv_call, in atomic():",
      rolled_back("INSERT INTO kv_call(name, a1, a2, a3) VALUES ('set', 't', 'k', 'kept')"))
with transaction.atomic():
    run("SELECT kv_set('t', 'k', 'outer')")
    try:
        with transaction.atomic():
            run("SELECT kv_set('t', 'k', 'inner')")
            raise RuntimeError
    except RuntimeError:
        pass
print("SELECT kv_set, in the inner atomic() only:", left())
