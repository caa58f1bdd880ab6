"""Personal data, declared beside the columns: whose a row is, what becomes of it when that person is erased, what is never handed out.

A row may concern several persons (who sent it, who received it): each column that names one says so for itself.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import Column, MetaData, Table

_PERSON, _SECRET = "person", "secret"


class OnErase(StrEnum):
    """What becomes of a person's rows: gone, or kept without the person."""

    DELETE = "delete"
    DETACH = "detach"


@dataclass(frozen=True, slots=True)
class Holding:
    """A column that names a person: rows where it does are that person's. Models learn from what is `learned`."""

    column: Column[Any]
    on_erase: OnErase
    learned: bool

    @property
    def table(self) -> Table:
        """The table of these rows."""
        return self.column.table

    @property
    def others(self) -> list[Column[Any]]:
        """Columns of the same rows that name somebody else."""
        return [column for column in self.table.columns if _PERSON in column.info and column is not self.column]


def of_person(on_erase: OnErase = OnErase.DELETE, learned: bool = False) -> dict[str, Any]:
    """`info` of a column that names the person a row is about."""
    return {_PERSON: (on_erase, learned)}


def secret() -> dict[str, Any]:
    """`info` of a column of personal rows that is never handed out: hashes, tokens, inner workings."""
    return {_SECRET: True}


def is_secret(column: Column[Any]) -> bool:
    """Whether the column is never handed out."""
    return _SECRET in column.info


def holdings(metadata: MetaData) -> Iterator[Holding]:
    """Every column that names a person, in the order of erasing: rows that point at others come before those they point at."""
    for table in reversed(metadata.sorted_tables):
        for column in table.columns:
            if _PERSON in column.info:
                yield Holding(column, *column.info[_PERSON])
