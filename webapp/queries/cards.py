"""What a course card shows, gathered in a fixed number of statements for any number of cards."""

from dataclasses import dataclass
from datetime import datetime


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
