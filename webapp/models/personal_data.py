"""Personal data, declared beside the columns: whose a row is, what becomes of it when that person is erased, what is never handed out.

A row may concern several persons (who sent it, who received it): each column that names one says so for itself.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import Column, ColumnElement, MetaData, Table, select

from webapp.registries.personal_data import PersonalData

_PERSON, _SECRET, _OWNER = "person", "secret", "owner"


class OnErase(StrEnum):
    """What becomes of a person's rows: gone, or kept without the person."""

    DELETE = "delete"
    DETACH = "detach"


@dataclass(frozen=True, slots=True)
class Holding:
    """A column that names a person, or a row of another table that is somebody's (`owner`: the column there that names the person).
    `data` is what the privacy page calls it; models learn from what is `learned`."""

    column: Column[Any]
    data: PersonalData
    on_erase: OnErase
    learned: bool
    owner: Column[Any] | None = None

    @property
    def table(self) -> Table:
        """The table of these rows."""
        return self.column.table

    def belongs_to(self, user_id: int) -> ColumnElement[bool]:
        """The condition that a row is this person's."""
        if self.owner is None:
            return self.column == user_id
        (key,) = self.owner.table.primary_key.columns
        return self.column.in_(select(key).where(self.owner == user_id))

    @property
    def other_person_columns(self) -> list[Column[Any]]:
        """Columns of the same rows that name somebody else."""
        return [column for column in self.table.columns if _PERSON in column.info and column is not self.column]


def person_column_info(data: PersonalData, on_erase: OnErase = OnErase.DELETE, learned: bool = False) -> dict[str, Any]:
    """`info` of a column that names the person a row is about."""
    return {_PERSON: (data, on_erase, learned)}


def owner_column_info(data: PersonalData, owner: str) -> dict[str, Any]:
    """`info` of a foreign key to a row that is a person's: the column there that names whom, as table.column. The rows go with it."""
    return {_OWNER: (data, owner)}


def secret_column_info() -> dict[str, Any]:
    """`info` of a column of personal rows that is never handed out: hashes, tokens, inner workings."""
    return {_SECRET: True}


def is_secret(column: Column[Any]) -> bool:
    """Whether the column is never handed out."""
    return _SECRET in column.info


def holdings(metadata: MetaData) -> Iterator[Holding]:
    """Every column that names a person or something of theirs, in the order of erasing: what points at others comes before these."""
    for table in reversed(metadata.sorted_tables):
        for column in table.columns:
            if _PERSON in column.info:
                yield Holding(column, *column.info[_PERSON])
            if _OWNER in column.info:
                data, owner = column.info[_OWNER]
                table_name, _, name = owner.partition(".")
                yield Holding(column, data, OnErase.DELETE, False, metadata.tables[table_name].columns[name])
