"""Streamed rows: statements over all learners, read some thousand rows at a time."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Select

from webapp.extensions import db

_FETCH = 20_000


def stream(query: Select[*tuple[Any, ...]]) -> Iterator[Any]:
    """The rows of a statement, of which about 20,000 are held at a time."""
    for partition in db.session.connection().execute(query.execution_options(yield_per=_FETCH)).partitions():
        yield from partition
