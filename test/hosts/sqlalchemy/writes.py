# python3 writes.py app.db build/kv: what a rollback takes back, in the core and in the ORM.
import sys
from typing import Optional

from sqlalchemy import create_engine, event, text
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

FILE, EXTENSION = sys.argv[1:]


class Base(DeclarativeBase):
    pass


# The table of entries as a class: what the ORM writes to it is INSERT, UPDATE and DELETE.
class Entry(Base):
    __tablename__ = "kv_entries"
    grp: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str]
    ttl: Mapped[Optional[float]]


def connect(engine, isolation_level):
    @event.listens_for(engine, "connect")
    def connect(dbapi_connection, _):
        dbapi_connection.isolation_level = isolation_level
        dbapi_connection.enable_load_extension(True)
        dbapi_connection.load_extension(EXTENSION)


def left(engine):
    with engine.begin() as db:
        return db.execute(text("SELECT kv_getdel('t', 'k')")).scalar() or "nothing"


def rolled_back(engine, sql):
    with engine.connect() as db:
        db.execute(text(sql)).close()
        db.rollback()
    return left(engine)


default = create_engine(f"sqlite:///{FILE}")
connect(default, "")
print("SELECT kv_set, by default:", rolled_back(default, "SELECT kv_set('t', 'k', 'kept')"))
print("INSERT INTO kv_entries, by default:",
      rolled_back(default, "INSERT INTO kv_entries(grp, key, value) VALUES ('t', 'k', 'kept')"))
print("INSERT INTO kv_call, by default:",
      rolled_back(default, "INSERT INTO kv_call(name, a1, a2, a3) VALUES ('set', 't', 'k', 'kept')"))

with Session(default) as session:
    session.add(Entry(grp="t", key="k", value="kept"))
    session.flush()
    session.rollback()
print("the ORM, by default:", left(default))

engine = create_engine(f"sqlite:///{FILE}")
connect(engine, None)


@event.listens_for(engine, "begin")
def begin(connection):
    connection.exec_driver_sql("BEGIN")


print("SELECT kv_set, after BEGIN:", rolled_back(engine, "SELECT kv_set('t', 'k', 'kept')"))
with Session(engine) as session:
    session.execute(text("SELECT kv_set('t', 'k', 'kept')")).scalar()
    session.rollback()
print("SELECT kv_set in a session, after BEGIN:", left(engine))

with Session(engine) as session:
    session.add(Entry(grp="t", key="k", value="new", ttl=60))
    session.commit()
    session.get(Entry, ("t", "k")).value = "changed"
    session.commit()
    print("the ORM, committed:", session.execute(text("SELECT kv_get('t', 'k')")).scalar())
    session.delete(session.get(Entry, ("t", "k")))
    session.commit()
print("the ORM, deleted:", left(engine))
