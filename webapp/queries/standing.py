"""How a learner stands to courses: enrollments, verdicts and what they saved, read together."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import String, literal_column, select, type_coerce, union_all

from webapp.extensions import db
from webapp.models import Enrollment, Feedback, SavedCourse

SAVED = "saved"


@dataclass(frozen=True, slots=True)
class Standing:
    """One thing in force between the learner and a course: `word` is an EnrollmentStatus, a FeedbackKind or SAVED."""

    course_id: int
    word: str
    since: datetime


def standings(user_id: int, course_ids: Collection[int] | None = None) -> list[Standing]:
    """Everything in force, or what concerns these courses; one statement."""
    sources: tuple[tuple[Any, Any, Any], ...] = (
        (Enrollment, type_coerce(Enrollment.status, String), Enrollment.enrolled_at),
        (Feedback, type_coerce(Feedback.kind, String), Feedback.created_at),
        (SavedCourse, literal_column(f"'{SAVED}'", String), SavedCourse.saved_at),
    )
    parts = [select(m.course_id, word.label("word"), at.label("since")).where(m.user_id == user_id) for m, word, at in sources]
    if course_ids is not None:
        parts = [part.where(m.course_id.in_(course_ids)) for part, (m, _word, _at) in zip(parts, sources, strict=True)]
    return [Standing(*row) for row in db.session.execute(union_all(*parts))]
