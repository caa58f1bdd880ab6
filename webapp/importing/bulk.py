"""Writing many rows: core inserts that skip what is there, and counts made right in one statement."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import func, select, text, update

from webapp.extensions import db
from webapp.models import Course, Enrollment, EnrollmentStatus
from webapp.services.inserts import insert_for

BATCH = 20_000
_MOST_PARAMETERS = 10_000  # of a statement; SQLite takes 32,766


def insert_new(model: Any, rows: Sequence[Mapping[str, Any]]) -> int:
    """Insert the rows no unique constraint objects to; how many that were."""
    new = 0
    for start in range(0, len(rows), BATCH):
        result: Any = db.session.execute(insert_for(model.__table__).on_conflict_do_nothing(), rows[start : start + BATCH])
        new += max(result.rowcount, 0)
    return new


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
    """Make every course's enrollment and completion counts what the enrollments say; touches only courses that are off."""
    mine = select(func.count()).where(Enrollment.course_id == Course.id)
    enrolled = mine.scalar_subquery()
    completed = mine.where(Enrollment.status == EnrollmentStatus.COMPLETED).scalar_subquery()
    off = (Course.enrollment_count != enrolled) | (Course.completion_count != completed)
    # The counts are no edit of the course: its time of change stays.
    counts = {"enrollment_count": enrolled, "completion_count": completed, "updated_at": Course.updated_at}
    db.session.execute(update(Course).where(off).values(counts).execution_options(synchronize_session=False))


def refresh_statistics() -> None:
    """Tell the query planner about the new sizes."""
    db.session.execute(text("ANALYZE"))
