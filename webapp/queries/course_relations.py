"""Relations of a learner to courses: enrollments, verdicts, saved courses and courses of their own, read together."""

from collections.abc import Collection
from typing import Any, NamedTuple

from sqlalchemy import String, literal_column, select, type_coerce, union_all

from webapp.extensions import db
from webapp.models import Course, Enrollment, Feedback, SavedCourse
from webapp.registries.events import EventKind
from webapp.support.epoch import epoch

OWN = "own"


class CourseRelation(NamedTuple):
    """One relation in force between a learner and a course: `kind` is an EnrollmentStatus, a verdict or `save` among the
    kinds of event, or OWN; `since` is seconds since 1970."""

    course_id: int
    kind: str
    since: float


def course_relations(user_id: int, course_ids: Collection[int] | None = None) -> list[CourseRelation]:
    """All relations in force of a learner, or those to these courses; one statement."""
    sources: tuple[tuple[Any, Any, Any, Any], ...] = (
        (Enrollment.user_id, Enrollment.course_id, type_coerce(Enrollment.status, String), Enrollment.enrolled_at),
        (Feedback.user_id, Feedback.course_id, type_coerce(Feedback.kind, String), Feedback.created_at),
        (SavedCourse.user_id, SavedCourse.course_id, literal_column(f"'{EventKind.SAVE.value}'", String), SavedCourse.saved_at),
        (Course.creator_id, Course.id, literal_column(f"'{OWN}'", String), Course.created_at),
    )
    parts = [select(course, kind.label("kind"), epoch(at).label("since")).where(user == user_id) for user, course, kind, at in sources]
    if course_ids is not None:
        parts = [part.where(course.in_(course_ids)) for part, (_user, course, _kind, _at) in zip(parts, sources, strict=True)]
    return [CourseRelation(*row) for row in db.session.execute(union_all(*parts)).all()]
