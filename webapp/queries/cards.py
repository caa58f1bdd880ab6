"""Course cards, gathered in a fixed number of statements for any number of cards."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import Integer, ScalarSelect, Select, bindparam, exists, func, select
from sqlalchemy.orm import aliased

from webapp.models.course import Course, CourseStatus, Prerequisite
from webapp.models.enrollment import Enrollment, EnrollmentStatus
from webapp.models.event import Feedback
from webapp.models.rollup import CourseStats
from webapp.models.user import User
from webapp.models.vocabulary import Topic
from webapp.queries.course_relations import learner_course_relations
from webapp.registries.events import STATED_IN_FORCE, EventKind
from webapp.support.clock import now
from webapp.support.sentences import Sentence
from webapp.transactions import read_rows

NEW_FOR = timedelta(days=30)
_NO_TOPIC_HUE = 165


@dataclass(frozen=True, slots=True)
class CardState:
    """How the signed-in learner stands to the course; `said` holds the kinds of what they said that are in force."""

    enrolled: bool = False
    completed: bool = False
    said: frozenset[str] = frozenset()

    @property
    def saved(self) -> bool:
        """Whether the course is put aside for later."""
        return EventKind.SAVE in self.said

    @property
    def dismissed(self) -> bool:
        """Whether the course is dismissed: not for them."""
        return EventKind.DISMISS in self.said

    @property
    def known(self) -> bool:
        """Whether the learner knows what the course teaches."""
        return EventKind.KNOW in self.said


@dataclass(frozen=True, slots=True)
class CardProgress:
    """Progress of the learner in the course, and the next lesson."""

    percent: int
    next_lesson_title: str | None = None
    next_lesson_minutes: int | None = None
    next_url: str | None = None


@dataclass(frozen=True, slots=True)
class CourseCard:
    """One course as a card. `hue` colors its cover; `state` is None for visitors; `builds_on` is the title of a course that the
    learner should take first and has neither finished nor under way."""

    id: int
    slug: str
    title: str
    summary: str
    topic_slug: str | None
    topic_name: str | None
    hue: int
    level: str | None
    duration_minutes: int | None
    creator_name: str | None
    rating: float | None
    rating_count: int
    price_cents: int
    enrollment_count: int
    published_at: datetime | None
    is_new: bool
    is_sample: bool
    language: str = "en"
    builds_on: str | None = None
    state: CardState | None = None
    progress: CardProgress | None = None
    reason: Sentence = ()

    def with_reason(self, reason: Sentence) -> "CourseCard":
        """The same card with the sentence that says why it is there."""
        return replace(self, reason=reason)


def cards_for(course_ids: Collection[int], user_id: int | None = None) -> list[CourseCard]:
    """Cards in the order of the ids; ids without a course are left out. One statement, two for a signed-in reader."""
    if not course_ids:
        return []
    states = card_states(course_ids, user_id) if user_id is not None else None
    moment = now()
    cards = {}
    for row in read_rows(_statement(user_id is not None), course_ids=list(course_ids), user_id=user_id).mappings():
        values = dict(row)
        hue, published = values.pop("hue"), row["published_at"]
        cards[row["id"]] = CourseCard(
            **values,
            hue=hue if hue is not None else _NO_TOPIC_HUE,
            is_new=published is not None and moment - NEW_FOR < published <= moment,
            state=states.get(row["id"], CardState()) if states is not None else None,
        )
    return [cards[course_id] for course_id in course_ids if course_id in cards]


def card_states(course_ids: Collection[int], user_id: int) -> Mapping[int, CardState]:
    """Feedback on and enrollments in the courses, by course id; one statement."""
    kinds: dict[int, set[str]] = defaultdict(set)
    for relation in learner_course_relations(user_id, course_ids):
        kinds[relation.course_id].add(relation.kind)
    return {course_id: _card_state(of_course) for course_id, of_course in kinds.items()}


def _card_state(kinds: Collection[str]) -> CardState:
    return CardState(EnrollmentStatus.ACTIVE in kinds, EnrollmentStatus.COMPLETED in kinds, STATED_IN_FORCE.intersection(kinds))


@cache
def _statement(signed_in: bool) -> Select[*tuple[Any, ...]]:
    """Columns named like the fields of a card."""
    rating = CourseStats.rating_sum / func.nullif(CourseStats.rating_count, 0)
    own = (
        *(Course.id, Course.slug, Course.title, Course.summary, Course.level, Course.duration_minutes, Course.price_cents),
        *(Course.enrollment_count, Course.published_at, Course.is_sample, Course.language),
    )
    others = (
        *(Topic.slug.label("topic_slug"), Topic.name.label("topic_name"), Topic.hue, func.nullif(User.name, "").label("creator_name")),
        *(rating.label("rating"), func.coalesce(CourseStats.rating_count, 0).label("rating_count")),
        *((_first_missing_prerequisite().label("builds_on"),) if signed_in else ()),
    )
    return (
        select(*own, *others)
        .outerjoin(Topic, Topic.id == Course.topic_id)
        .outerjoin(User, User.id == Course.creator_id)
        .outerjoin(CourseStats, CourseStats.course_id == Course.id)
        .where(Course.id.in_(bindparam("course_ids", expanding=True)))
    )


def _first_missing_prerequisite() -> ScalarSelect[str | None]:
    """Of the published prerequisites of `Course`, the first by title that the learner neither takes, nor has finished, nor knows."""
    required = aliased(Course)
    user, going = bindparam("user_id", type_=Integer), Enrollment.status.in_([EnrollmentStatus.ACTIVE, EnrollmentStatus.COMPLETED])
    # Looked up one by one: a list of all that a learner has taken would be made anew for every page.
    taken = exists().where(Enrollment.user_id == user, Enrollment.course_id == required.id, going)
    known = exists().where(Feedback.user_id == user, Feedback.course_id == required.id, Feedback.kind == EventKind.KNOW)
    return (
        select(required.title)
        .join(Prerequisite, Prerequisite.required_id == required.id)
        .where(Prerequisite.course_id == Course.id, required.status == CourseStatus.PUBLISHED)
        .where(~taken, ~known)
        .order_by(required.title_folded, required.id)
        .limit(1)
        .correlate(Course)
        .scalar_subquery()
    )
