"""Writing many rows: core inserts that skip what is there, and counts made right in one statement."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import JSON, func, select, text, update
from sqlalchemy.engine import Dialect

from webapp.extensions import db
from webapp.models import Course, Enrollment, EnrollmentStatus
from webapp.services.inserts import insert_for

BATCH = 20_000
_SQLITE_CACHE_KB = 64 * 1024
_MOST_PARAMETERS = 10_000  # of a statement; SQLite takes 32,766


def insert_new(model: Any, rows: Sequence[Mapping[str, Any]]) -> int:
    """Insert the rows no unique constraint objects to; how many that were. All rows have the same keys."""
    return execute_many(insert_for(model.__table__).on_conflict_do_nothing(), model.__table__, rows)


def execute_many(statement: Any, table: Any, rows: Sequence[Mapping[str, Any]]) -> int:
    """Run an INSERT into the table for many rows; how many rows were written.

    SQLAlchemy would look at every parameter of every row again (25 microseconds a row): here a column's values are converted
    in one go, and the statement, which must hold no other parameters, goes to the driver as it is.
    """
    if not rows:
        return 0
    connection = db.session.connection()
    defaults = {c.name: c.default for c in table.columns if c.default is not None and c.name not in rows[0]}
    names = [*rows[0], *defaults]
    compiled = statement.compile(dialect=connection.dialect, column_keys=names)
    written = 0
    for start in range(0, len(rows), BATCH):
        batch = rows[start : start + BATCH]
        columns = {name: _converted(table.columns[name], batch, defaults.get(name), connection.dialect) for name in names}
        if compiled.positional:
            parameters: list[Any] = list(zip(*(columns[name] for name in compiled.positiontup), strict=True))
        else:
            parameters = [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]
        written += max(connection.exec_driver_sql(str(compiled), parameters).rowcount, 0)
    return written


def _converted(column: Any, rows: Sequence[Mapping[str, Any]], default: Any, dialect: Dialect) -> list[Any]:
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
    return {row[0]: row[1] for part in _parts(list(values)) for row in db.session.execute(query.where(key.in_(part)))}


def count_missing(key: Any, values: list[str]) -> int:
    """How many of the values no row has in this column."""
    return len(values) - sum(db.session.scalar(select(func.count()).where(key.in_(part))) or 0 for part in _parts(values))


def _parts(values: list[str]) -> Iterator[list[str]]:
    """Pieces a statement can take as parameters."""
    for start in range(0, len(values), _MOST_PARAMETERS):
        yield values[start : start + _MOST_PARAMETERS]


def recount_courses() -> None:
    """Make every course's counts what the enrollments say; touches only courses that are off. Who has left does not count."""
    mine = select(func.count()).where(Enrollment.course_id == Course.id)
    enrolled = mine.where(Enrollment.status != EnrollmentStatus.DROPPED).scalar_subquery()
    completed = mine.where(Enrollment.status == EnrollmentStatus.COMPLETED).scalar_subquery()
    off = (Course.enrollment_count != enrolled) | (Course.completion_count != completed)
    # The counts are no edit of the course: its time of change stays.
    counts = {"enrollment_count": enrolled, "completion_count": completed, "updated_at": Course.updated_at}
    db.session.execute(update(Course).where(off).values(counts).execution_options(synchronize_session=False))


def refresh_statistics() -> None:
    """Tell the query planner about the new sizes."""
    db.session.execute(text("ANALYZE"))
