"""SQLite file: where a database lies, if it is a file."""

from pathlib import Path

from sqlalchemy import URL


def sqlite_file(database: URL) -> Path | None:
    """The file of a SQLite database; None for one in memory or on a server."""
    if database.get_backend_name() != "sqlite" or database.database in (None, "", ":memory:"):
        return None
    return Path(str(database.database))
