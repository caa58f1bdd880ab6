"""Bulk inserts through SQLAlchemy core that skip rows which are there already."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import JSON, Column, MetaData, Table, func, select, text
from sqlalchemy.engine import Connection, Dialect

from webapp.extensions import db
from webapp.models.folding import folded_columns
from webapp.services.insert_on_conflict import insert_for
from webapp.support.text import fold

BATCH = 20_000
_WORTH_COPYING = 200  # rows
_SQLITE_CACHE_KB = 64 * 1024
_MOST_PARAMETERS = 10_000  # of a statement; SQLite takes 32,766


def insert_new(model: Any, rows: Sequence[Mapping[str, Any]]) -> int:
    """Insert the rows no unique constraint objects to; how many that were. All rows have the same keys."""
    return insert_many(model.__table__, rows, lambda insert: insert.on_conflict_do_nothing())


def insert_many(table: Any, rows: Sequence[Mapping[str, Any]], finish: Callable[[Any], Any]) -> int:
    """Insert many rows, `finish` adding what happens on a conflict; how many rows were written.

    Row by row, SQLAlchemy would look at every parameter again (25 microseconds a row) and PostgreSQL answer each of them. Here a
    column's values are converted in one go; SQLite gets them as they are, PostgreSQL by COPY and one INSERT. `finish` must not
    bring parameters of its own.
    """
    if not rows:
        return 0
    connection = db.session.connection()
    folded = {name: source for name, source in folded_columns(table).items() if source in rows[0]}
    defaults = {c.name: c.default for c in table.columns if c.default is not None and c.name not in {*rows[0], *folded}}
    names = [*rows[0], *folded, *defaults]
    write = _copy_and_insert if connection.dialect.name == "postgresql" and len(rows) >= _WORTH_COPYING else _insert
    written = 0
    for start in range(0, len(rows), BATCH):
        batch = rows[start : start + BATCH]
        columns = {
            name: _driver_values(table.columns[name], batch, defaults.get(name), connection.dialect) for name in names if name not in folded
        }
        columns |= {name: [fold(row[source] or "") for row in batch] for name, source in folded.items()}
        written += max(write(connection, table, columns, finish), 0)
    return written


def _insert(connection: Connection, table: Any, columns: dict[str, list[Any]], finish: Callable[[Any], Any]) -> int:
    compiled: Any = finish(insert_for(table)).compile(dialect=connection.dialect, column_keys=list(columns))
    if compiled.positional:
        parameters: list[Any] = list(zip(*(columns[name] for name in compiled.positiontup), strict=True))
    else:
        parameters = [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]
    return connection.exec_driver_sql(str(compiled), parameters).rowcount


def _copy_and_insert(connection: Connection, table: Any, columns: dict[str, list[Any]], finish: Callable[[Any], Any]) -> int:
    """PostgreSQL: COPY into a temporary table, from there insert in one statement."""
    names = list(columns)
    listed = ", ".join(connection.dialect.identifier_preparer.quote(name) for name in names)
    incoming = Table(f"incoming_{table.name}", MetaData(), *(Column(n, table.columns[n].type) for n in names), prefixes=["TEMPORARY"])
    incoming.create(connection)
    driver: Any = connection.connection
    with driver.cursor() as cursor, cursor.copy(f"COPY {incoming.name} ({listed}) FROM STDIN") as copy:
        for row in zip(*columns.values(), strict=True):
            copy.write_row(row)
    statement = finish(insert_for(table).from_select(names, select(incoming), include_defaults=False))
    written = connection.execute(statement, execution_options={"preserve_rowcount": True}).rowcount
    incoming.drop(connection)
    return written


def _driver_values(column: Any, rows: Sequence[Mapping[str, Any]], default: Any, dialect: Dialect) -> list[Any]:
    """A column's values as the driver wants them; without values in the rows, the column's own default."""
    if default is None:
        values = [row[column.name] for row in rows]
    elif default.is_callable:
        values = [default.arg(None) for _ in rows]
    else:
        values = [default.arg] * len(rows)
    process = column.type.dialect_impl(dialect).bind_processor(dialect)
    if process is None:
        return values
    if isinstance(column.type, JSON):  # lists cannot be looked up
        return [process(value) for value in values]
    return list(map(_Memo(process).__getitem__, values))


class _Memo(dict[Any, Any]):
    """What a conversion gave before: kinds, states and often times repeat themselves."""

    def __init__(self, convert: Callable[[Any], Any]) -> None:
        super().__init__()
        self._convert = convert

    def __missing__(self, key: Any) -> Any:
        value = self[key] = self._convert(key)
        return value


def prepare_for_bulk() -> None:
    """Give SQLite room to keep the indexes it fills in memory, on this process's connection."""
    connection = db.session.connection()
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql(f"PRAGMA cache_size = -{_SQLITE_CACHE_KB}")


def ids_by(model: Any, key: Any, values: Iterable[str] | None = None, *conditions: Any) -> dict[str, int]:
    """Ids of the model's rows by a text column; all of them, or those with these values."""
    query = select(key, model.id).where(*conditions)
    if values is None:
        return {row[0]: row[1] for row in db.session.execute(query)}
    return {row[0]: row[1] for part in _parameter_chunks(list(values)) for row in db.session.execute(query.where(key.in_(part)))}


def count_missing(key: Any, values: list[str]) -> int:
    """How many of the values no row has in this column."""
    return len(values) - sum(db.session.scalar(select(func.count()).where(key.in_(part))) or 0 for part in _parameter_chunks(values))


def _parameter_chunks(values: list[str]) -> Iterator[list[str]]:
    """Pieces a statement can take as parameters."""
    for start in range(0, len(values), _MOST_PARAMETERS):
        yield values[start : start + _MOST_PARAMETERS]


def refresh_planner_statistics() -> None:
    """Tell the query planner about the new sizes."""
    db.session.execute(text("ANALYZE"))
