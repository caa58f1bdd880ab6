"""Folded columns: a text as it is looked up and sorted by, stored beside the text and kept by the model itself."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Table, Text, bindparam, column, event, select, table
from sqlalchemy.orm import MappedColumn, QueryableAttribute, mapped_column

from webapp.extensions import db
from webapp.support.text import fold

_FOLDED_FROM = "folded_from"
_BATCH = 5_000


def folded_column(source: str) -> MappedColumn[str]:
    """The column that holds the folded form of the column `source`; nobody sets it but this module."""
    return mapped_column(Text, default="", info={_FOLDED_FROM: source})


def folded_columns(table: Table) -> dict[str, str]:
    """The folded columns of a table with what each is folded from."""
    return {column.name: column.info[_FOLDED_FROM] for column in table.columns if _FOLDED_FROM in column.info}


def with_folded(table: Table, values: Mapping[str, Any]) -> dict[str, Any]:
    """Values of a row for a statement that goes past the model, with the folded form of each text among them."""
    return {**values, **{name: fold(values[source] or "") for name, source in folded_columns(table).items() if source in values}}


def refold_rows(connection: Connection, name: str, source: str) -> None:
    """Fold the column `source` of the table `name` anew where folding has learned something since, for migrations; of plain ASCII
    the folding is as it was."""
    rows_of = table(name, column("id"), column(source), column(f"{source}_folded"))
    change = rows_of.update().where(rows_of.c.id == bindparam("row")).values({f"{source}_folded": bindparam("new")})
    texts = select(rows_of.c.id, rows_of.c[source], rows_of.c[f"{source}_folded"]).order_by(rows_of.c.id).limit(_BATCH)
    last = 0
    while rows := connection.execute(texts.where(rows_of.c.id > last)).all():
        new = [(number, fold(text), folded) for number, text, folded in rows if text and not text.isascii()]
        if changed := [{"row": number, "new": text} for number, text, folded in new if text != folded]:
            connection.execute(change, changed)
        last = rows[-1][0]


@event.listens_for(db.Model, "attribute_instrument", propagate=True)
def _keep_folded(model: Any, key: str, attribute: QueryableAttribute[Any]) -> None:
    """Set the folded column whenever its source is set."""
    for name, source in folded_columns(model.__table__).items():
        if source == key:
            event.listen(attribute, "set", lambda row, value, *_, name=name: setattr(row, name, fold(value or "")))
