"""kv, a key-value store inside SQLite.

    import sqlite3, kvext

    db = sqlite3.connect("app.db")
    kvext.load(db)
    db.execute("SELECT kv_set('config', 'theme', 'dark')").fetchone()
"""

from __future__ import annotations

import os
from typing import Any

__all__ = ["load", "loadable_path"]


def loadable_path() -> str:
    """The path that SQLite's load_extension() takes; SQLite adds .so, .dylib or .dll to it."""
    return os.path.join(os.path.dirname(os.path.abspath(__file__)), "kv")


def load(connection: Any) -> None:
    """Loads kv on a connection of sqlite3, apsw or a module like these. Loading is switched off again after it.

    Raises RuntimeError if this Python's sqlite3 module was built without extensions, and the module's own error if
    SQLite cannot load it.
    """
    if not hasattr(connection, "enable_load_extension"):
        raise RuntimeError(
            "kvext: this Python's sqlite3 module was built without loadable extensions; "
            "use another build of Python, or the module apsw or pysqlite3"
        )
    connection.enable_load_extension(True)
    try:
        connection.load_extension(loadable_path())
    finally:
        connection.enable_load_extension(False)
