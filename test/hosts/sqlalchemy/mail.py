# python3 mail.py app.db build/kv
import sys

from sqlalchemy import create_engine, event, exc, text

FILE, EXTENSION = sys.argv[1:]
engine = create_engine(f"sqlite:///{FILE}")


def changed(type, grp, key, value, at):
    print(f"{type} {grp}/{key}")


# On each connection of the pool. Transactions are SQLAlchemy's then, and begin where it says so.
@event.listens_for(engine, "connect")
def connect(dbapi_connection, _):
    dbapi_connection.isolation_level = None
    dbapi_connection.enable_load_extension(True)
    dbapi_connection.load_extension(EXTENSION)
    dbapi_connection.create_function("changed", 5, changed)
    dbapi_connection.execute("SELECT kv_on_change('changed')").fetchone()


@event.listens_for(engine, "begin")
def begin(connection):
    connection.exec_driver_sql("BEGIN")


with engine.begin() as db:
    db.execute(text("SELECT kv_set('mail', 'host', :value)"), {"value": "smtp.example.com"}).scalar()
    db.execute(text("SELECT kv_set('mail', 'port', :value)"), {"value": 587}).scalar()

with engine.connect() as db:
    print(db.execute(text("SELECT kv_get('mail', 'host')")).scalar())
    for key, value in db.execute(text("SELECT key, value FROM kv_entries('mail')")):
        print(f"{key}={value}")
    print(db.execute(text("SELECT kv_render('{{ .host }}:{{ .port }}', 'mail')")).scalar())
    try:
        db.execute(text("SELECT kv_require('mail', 'user')")).scalar()
    except exc.DBAPIError as error:
        print(error.orig)
