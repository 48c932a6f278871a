"""The plugin for Datasette: kv on each of its connections."""

from datasette import hookimpl

from . import load


@hookimpl
def prepare_connection(conn):
    load(conn)
