"""How a learner stands to courses: enrollments, verdicts, what they saved and what they teach themselves, read together."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import String, literal_column, select, type_coerce, union_all

from webapp.extensions import db
from webapp.models import Course, Enrollment, Feedback, SavedCourse
from webapp.registries.events import EventKind

OWN = "own"


@dataclass(frozen=True, slots=True)
class Standing:
    """One thing in force between the learner and a course: `word` is an EnrollmentStatus, a verdict or `save` among the kinds of
    event, or OWN."""

    course_id: int
    word: str
    since: datetime


def standings(user_id: int, course_ids: Collection[int] | None = None) -> list[Standing]:
    """Everything in force, or what concerns these courses; one statement."""
    sources: tuple[tuple[Any, Any, Any, Any], ...] = (
        (Enrollment.user_id, Enrollment.course_id, type_coerce(Enrollment.status, String), Enrollment.enrolled_at),
        (Feedback.user_id, Feedback.course_id, type_coerce(Feedback.kind, String), Feedback.created_at),
        (SavedCourse.user_id, SavedCourse.course_id, literal_column(f"'{EventKind.SAVE.value}'", String), SavedCourse.saved_at),
        (Course.creator_id, Course.id, literal_column(f"'{OWN}'", String), Course.created_at),
    )
    parts = [select(course, word.label("word"), at.label("since")).where(user == user_id) for user, course, word, at in sources]
    if course_ids is not None:
        parts = [part.where(course.in_(course_ids)) for part, (_user, course, _word, _at) in zip(parts, sources, strict=True)]
    return [Standing(*row) for row in db.session.execute(union_all(*parts))]
