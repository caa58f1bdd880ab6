"""Rows of a person in every table that may hold some, made from the columns alone: a new table needs no line here."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import JSON, Boolean, Column, DateTime, Float, Integer, LargeBinary, String, insert, select

from webapp.extensions import db
from webapp.models.personal_data import Holding, holdings
from webapp.models.types import CompressedJson, RunMessageType, StrEnumType
from webapp.models.user import User
from webapp.registries.run_messages import RunMessage
from webapp.support.clock import now


def fill_holdings(person: User, somebody_else: User) -> None:
    """A row of the person wherever they have none yet; others it names are `somebody_else`, who is not to be erased: rows may go with
    either."""
    for holding in reversed(list(holdings(db.metadata))):  # what is pointed at comes first
        if db.session.scalar(select(holding.column).where(holding.belongs_to(person.id)).limit(1)) is None:
            db.session.execute(insert(holding.table).values(_row(holding, person, somebody_else)))


def _row(holding: Holding, person: User, somebody_else: User) -> dict[str, Any]:
    others = {column.key: somebody_else.id for column in holding.other_person_columns}
    own = person.id if holding.owner is None else _pointed_at(holding.column, person)
    needed = {column.key: _value(column, person) for column in holding.table.columns if _is_needed(column)}
    return needed | others | {holding.column.key: own}


def _pointed_at(column: Column[Any], person: User) -> Any:
    """A row of the table that a foreign key points at; the person's own where rows there are somebody's."""
    (key,) = column.foreign_keys
    own = [
        holding.belongs_to(person.id) for holding in holdings(db.metadata) if holding.table is key.column.table and holding.owner is None
    ]
    return db.session.scalar(select(key.column).where(*own[:1]).order_by(key.column).limit(1))


def _is_needed(column: Column[Any]) -> bool:
    numbered = column is column.table.autoincrement_column
    return not (column.nullable or column.default is not None or column.server_default is not None or numbered or column.computed)


_PLAIN: tuple[tuple[type, Callable[[Column[Any], User], Any]], ...] = (
    (StrEnumType, lambda column, _person: next(iter(column.type.enum))),  # type: ignore[attr-defined]
    (CompressedJson, lambda _column, _person: {}),
    (RunMessageType, lambda _column, person: RunMessage(sentence=f"{person.id} said it")),
    (JSON, lambda _column, _person: {}),
    (LargeBinary, lambda _column, _person: b""),
    (Boolean, lambda _column, _person: False),
    (Float, lambda _column, _person: 1.0),
    (Integer, lambda _column, person: person.id),
    (String, lambda column, person: f"{person.id}-{column.key}"[: column.type.length]),  # type: ignore[attr-defined]
)


def _value(column: Column[Any], person: User) -> Any:
    """A value that fits: what stands in the table pointed at, else one of the type, different for each person where it can be."""
    if column.foreign_keys:
        return _pointed_at(column, person)
    if isinstance(getattr(column.type, "impl_instance", column.type), DateTime):
        return now()
    return next(make(column, person) for kind, make in _PLAIN if isinstance(column.type, kind))
