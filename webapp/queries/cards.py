"""What a course card shows, gathered in a fixed number of statements for any number of cards."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import func, select

from webapp.extensions import db
from webapp.models import Course, Enrollment, EnrollmentStatus, Event, EventKind, Feedback, FeedbackKind, SavedCourse, Topic, User
from webapp.support.clock import now

NEW_FOR = timedelta(days=30)
_NO_TOPIC_HUE = 165


@dataclass(frozen=True, slots=True)
class ReasonPart:
    """A piece of the sentence that says why a card is there."""

    text: str
    strong: bool = False
    href: str | None = None


@dataclass(frozen=True, slots=True)
class CardState:
    """What the signed-in learner has said about the course."""

    enrolled: bool = False
    completed: bool = False
    saved: bool = False
    thumbs: int = 0
    dismissed: bool = False
    known: bool = False


@dataclass(frozen=True, slots=True)
class CardProgress:
    """How far the learner is, and what comes next."""

    percent: int
    next_lesson_title: str | None = None
    next_lesson_minutes: int | None = None
    next_url: str | None = None


@dataclass(frozen=True, slots=True)
class CourseCard:
    """One course as a card. `hue` colors its cover; `state` is None for visitors."""

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
    state: CardState | None = None
    progress: CardProgress | None = None
    reason: tuple[ReasonPart, ...] = ()

    def because(self, reason: tuple[ReasonPart, ...]) -> "CourseCard":
        """The same card with the sentence that says why it is there."""
        return replace(self, reason=reason)


def cards_for(course_ids: Sequence[int], user_id: int | None = None) -> list[CourseCard]:
    """Cards in the order of the ids; ids without a course are left out. Two statements, five for a signed-in reader."""
    if not course_ids:
        return []
    states = card_states(course_ids, user_id) if user_id is not None else None
    ratings = _ratings(course_ids)
    cards = {}
    for course, topic_slug, topic_name, hue, creator in db.session.execute(_statement(course_ids)):
        mean, count = ratings.get(course.id, (None, 0))
        cards[course.id] = CourseCard(
            id=course.id,
            slug=course.slug,
            title=course.title,
            summary=course.summary,
            topic_slug=topic_slug,
            topic_name=topic_name,
            hue=hue if hue is not None else _NO_TOPIC_HUE,
            level=course.level,
            duration_minutes=course.duration_minutes,
            creator_name=creator or None,
            rating=mean,
            rating_count=count,
            price_cents=course.price_cents,
            enrollment_count=course.enrollment_count,
            published_at=course.published_at,
            is_new=course.published_at is not None and course.published_at > now() - NEW_FOR,
            is_sample=course.is_sample,
            state=states.get(course.id, CardState()) if states is not None else None,
        )
    return [cards[course_id] for course_id in course_ids if course_id in cards]


def card_states(course_ids: Sequence[int], user_id: int) -> Mapping[int, CardState]:
    """What the learner has said about and done with the courses; three statements."""
    enrolled = select(Enrollment.course_id, Enrollment.status).where(Enrollment.user_id == user_id, Enrollment.course_id.in_(course_ids))
    taken = {course_id: status for course_id, status in db.session.execute(enrolled)}
    verdicts = select(Feedback.course_id, Feedback.kind).where(Feedback.user_id == user_id, Feedback.course_id.in_(course_ids))
    said = {course_id: kind for course_id, kind in db.session.execute(verdicts)}
    saved = set(
        db.session.scalars(select(SavedCourse.course_id).where(SavedCourse.user_id == user_id, SavedCourse.course_id.in_(course_ids)))
    )
    return {
        course_id: CardState(
            enrolled=taken.get(course_id) == EnrollmentStatus.ACTIVE,
            completed=taken.get(course_id) == EnrollmentStatus.COMPLETED,
            saved=course_id in saved,
            thumbs={FeedbackKind.THUMBS_UP: 1, FeedbackKind.THUMBS_DOWN: -1}.get(said.get(course_id), 0),  # type: ignore[arg-type]
            dismissed=said.get(course_id) == FeedbackKind.DISMISS,
            known=said.get(course_id) == FeedbackKind.KNOW,
        )
        for course_id in {*taken, *said, *saved}
    }


def _statement(course_ids: Sequence[int]):  # type: ignore[no-untyped-def]
    return (
        select(Course, Topic.slug, Topic.name, Topic.hue, User.name)
        .outerjoin(Topic, Topic.id == Course.topic_id)
        .outerjoin(User, User.id == Course.creator_id)
        .where(Course.id.in_(course_ids))
    )


def _ratings(course_ids: Sequence[int]) -> dict[int, tuple[float, int]]:
    """Mean (1 to 5) and number of ratings of the courses that have any."""
    rows = db.session.execute(
        select(Event.course_id, func.avg(Event.value), func.count())
        .where(Event.course_id.in_(course_ids), Event.kind == EventKind.RATING)
        .group_by(Event.course_id)
    )
    return {int(course_id): (float(mean), int(count)) for course_id, mean, count in rows if course_id is not None and mean is not None}
