"""Relations of a learner to courses: enrollments, verdicts, saved courses and courses of their own, read together."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import (
    CompoundSelect,
    Float,
    Integer,
    String,
    bindparam,
    cast,
    func,
    literal_column,
    null,
    select,
    type_coerce,
    union_all,
)

from webapp.models.course import Course
from webapp.models.enrollment import Enrollment
from webapp.models.event import Feedback, SavedCourse
from webapp.registries.events import VERDICTS, EventKind
from webapp.support.sql_epoch import epoch
from webapp.transactions import plain_rows, read_rows

OWN = "own"


class CourseRelation(NamedTuple):
    """One relation in force between a learner and a course: `kind` is an EnrollmentStatus, a verdict or `save` among the
    kinds of event, or OWN; `since` is seconds since 1970."""

    course_id: int
    kind: str
    since: float


@dataclass(frozen=True, slots=True)
class CourseRelationsByKind:
    """How a learner stands to courses: their ids, as text, by kind of relation, and what was said (verdicts, saved), each with its
    moment."""

    ids: Mapping[str, frozenset[str]]
    said: tuple[CourseRelation, ...]

    def course_ids_of_kind(self, kind: str) -> frozenset[str]:
        """The courses in this relation."""
        return self.ids.get(kind, frozenset())


def all_course_relations(user_id: int) -> CourseRelationsByKind:
    """All relations in force of a learner, in one statement. Enrollments come as one row a status: a learner may have thousands."""
    ids: dict[str, list[str]] = defaultdict(list)
    said = []
    for kind, courses, since in plain_rows(_all_relations_statement(), user_id=user_id):
        ids[kind] += courses.split(",")
        if since is not None:
            said.append(CourseRelation(int(courses), kind, since))
    return CourseRelationsByKind({kind: frozenset(courses) for kind, courses in ids.items()}, tuple(said))


@cache
def _all_relations_statement() -> CompoundSelect[*tuple[Any, ...]]:
    """Kind, ids of courses as text, and the moment of what was said."""
    user, many = bindparam("user_id", type_=Integer), func.aggregate_strings
    status, unknown = type_coerce(Enrollment.status, String), null().cast(Float)
    enrolled = select(status, many(cast(Enrollment.course_id, String), ","), unknown).where(Enrollment.user_id == user).group_by(status)
    own = select(literal_column(f"'{OWN}'", String), many(cast(Course.id, String), ","), unknown).where(Course.creator_id == user)
    verdicts = select(type_coerce(Feedback.kind, String), cast(Feedback.course_id, String), epoch(Feedback.created_at))
    saved = select(literal_column(f"'{EventKind.SAVE.value}'", String), cast(SavedCourse.course_id, String), epoch(SavedCourse.saved_at))
    return union_all(
        enrolled,
        own.having(func.count() > 0),
        verdicts.where(Feedback.user_id == user, Feedback.kind.in_(VERDICTS)),
        saved.where(SavedCourse.user_id == user),
    )


def learner_course_relations(user_id: int, course_ids: Collection[int]) -> list[CourseRelation]:
    """The relations in force of a learner to these courses; one statement."""
    return [CourseRelation(*row) for row in read_rows(_user_relations_query(), user_id=user_id, course_ids=list(course_ids))]


@cache
def _user_relations_query() -> CompoundSelect[*tuple[Any, ...]]:
    sources: tuple[tuple[Any, Any, Any, Any], ...] = (
        (Enrollment.user_id, Enrollment.course_id, type_coerce(Enrollment.status, String), Enrollment.enrolled_at),
        (Feedback.user_id, Feedback.course_id, type_coerce(Feedback.kind, String), Feedback.created_at),
        (SavedCourse.user_id, SavedCourse.course_id, literal_column(f"'{EventKind.SAVE.value}'", String), SavedCourse.saved_at),
        (Course.creator_id, Course.id, literal_column(f"'{OWN}'", String), Course.created_at),
    )
    person, wanted = bindparam("user_id", type_=Integer), bindparam("course_ids", expanding=True, type_=Integer)
    parts = (select(course, kind, epoch(at)).where(user == person, course.in_(wanted)) for user, course, kind, at in sources)
    return union_all(*parts)
