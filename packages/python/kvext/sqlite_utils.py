"""The plugin for sqlite-utils: kv on each of its connections."""

from sqlite_utils import hookimpl

from . import load


@hookimpl
def prepare_connection(conn):
    load(conn)
