"""How large a database is, for what a page view stores."""

from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool


def stored_bytes(url: str) -> int:
    """Bytes in use: pages that are not free on SQLite, the database's files on PostgreSQL."""
    engine = create_engine(url, poolclass=NullPool)
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            pages, free, size = (int(connection.scalar(text(f"pragma {name}"))) for name in ("page_count", "freelist_count", "page_size"))
            return (pages - free) * size
        return int(connection.scalar(text("select pg_database_size(current_database())")))
