"""Value types and column names that every layer shares."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NamedTuple


class Columns:
    """Names of the columns in interaction and item frames."""

    USER = "user_id"
    ITEM = "item_id"
    TIMESTAMP = "timestamp"
    WEIGHT = "weight"


LEVELS = ("beginner", "intermediate", "advanced")


@dataclass(frozen=True, slots=True)
class Item:
    """A course as the recommender sees it.

    `skills` and `prerequisites` are slugs/ids; `published` is seconds since the epoch (UTC); `topics` may be several
    (genres); `language` is a tag such as en or pt-BR. Text may be empty.
    """

    item_id: str
    title: str = ""
    description: str = ""
    tags: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    skills: tuple[str, ...] = ()
    level: str | None = None
    duration_minutes: int | None = None
    prerequisites: tuple[str, ...] = ()
    creator: str | None = None
    published: float | None = None
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Interaction:
    """One thing a learner did with a course.

    `weight` > 0 is interest (see recsys.data.engagement for the scale), < 0 is an explicit "less of this";
    `timestamp` is seconds since the epoch (UTC) or None when only the order is known.
    """

    item_id: str
    weight: float = 1.0
    timestamp: float | None = None
    kind: str = "enroll"


@dataclass(frozen=True, slots=True)
class Learner:
    """What is known of a learner at request time. `history` is ordered, oldest first."""

    history: tuple[Interaction, ...] = ()
    topics: tuple[str, ...] = ()
    goal: str | None = None
    goal_skills: Mapping[str, float] = field(default_factory=dict)
    held_skills: frozenset[str] = frozenset()
    level: str | None = None
    weekly_minutes: int | None = None
    excluded: frozenset[str] = frozenset()
    taken: frozenset[str] = frozenset()
    """Items taken up that count as prerequisites met, where the history may be too short to hold them all."""
    segments: frozenset[str] = frozenset()
    """Groups that business rules may be limited to."""
    languages: tuple[str, ...] = ()
    """Languages the learner reads, as tags such as en or pt-BR; empty where that is not known."""


class ReasonKind(StrEnum):
    """The kinds of evidence a reason can name; the web layer turns each into a sentence."""

    TAKEN_TOGETHER = "taken_together"  # evidence: an item of the history; learners of it also took this (EASE, item-KNN)
    TAKEN_NEXT = "taken_next"  # evidence: an item of the history; often taken right after it (transitions)
    SIMILAR_CONTENT = "similar_content"  # evidence: an item of the history; `detail` names shared terms or skills
    SERIES = "series"  # evidence: an item of the history; the same creator published this next to it
    GOAL_SKILL = "goal_skill"  # evidence: a skill slug the goal needs and this item teaches
    INTEREST = "interest"  # evidence: a topic the learner follows
    TRENDING = "trending"  # evidence: none; much taken lately
    BASELINE = "baseline"  # evidence: none; what every course gets from the sources that are the same for everybody; never shown
    POPULAR = "popular"  # evidence: none; many learners took it
    NEW = "new"  # evidence: a topic or None; newly published, shown to learn about it
    EXPLORE = "explore"  # evidence: none; outside the usual, to widen the view
    LEVEL = "level"  # evidence: the learner's level; how well the item's level fits it
    PACE = "pace"  # evidence: none; how well the item's length fits the learner's weekly time
    LANGUAGE = "language"  # evidence: none; in no language the learner reads; always a negative weight, never shown as a reason
    LESS_LIKE_THIS = "less_like_this"  # evidence: an item the learner turned down; always a negative weight, never shown as a reason


class FinishReasonKind(StrEnum):
    """Kinds of reasons for a chance to finish; the web layer turns each, with its direction, into a sentence."""

    TRACK_RECORD = "track_record"  # how much of what the learner began was finished
    EXPERIENCE = "experience"  # how many courses were taken
    WORKLOAD = "workload"  # how many courses are under way
    RECENCY = "recency"  # how long ago the learner was last active, and how often lately
    LEARNER_LEVEL = "learner_level"  # the level of courses finished
    WEEKLY_TIME = "weekly_time"  # the time the learner has a week
    COURSE_RECORD = "course_record"  # how many others finished the course
    LENGTH = "length"  # how long the course is
    COURSE_LEVEL = "course_level"  # how hard the course is
    PREREQUISITES = "prerequisites"  # how many prerequisites the learner lacks
    LEVEL_GAP = "level_gap"  # the course's level against the learner's
    PACE = "pace"  # weeks the course takes at the learner's weekly time
    FAMILIARITY = "familiarity"  # how much the course has in common with what the learner finished
    CIRCUMSTANCE = "circumstance"  # anything else known at enrollment


class Basis(StrEnum):
    """What an estimate of the chance to finish rests on."""

    MODEL = "model"  # the learner's and the course's features
    COURSE = "course"  # the share of this course's learners who finished
    OVERALL = "overall"  # the share of all attempts that were finished


class Reason(NamedTuple):
    """A part of an item's score: which source gave it, on what evidence, and how much (same unit as the score).

    A tuple, because a page makes a hundred of them and a frozen dataclass takes four times as long to make.
    """

    source: str
    kind: ReasonKind
    weight: float
    evidence: str | None = None
    detail: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Recommendation:
    """One item of a slate. `reasons` are sorted, the largest contribution first; `propensity` is the chance it had of
    this place under the serving policy (1.0 for a deterministic choice)."""

    item_id: str
    score: float
    reasons: tuple[Reason, ...] = ()
    propensity: float = 1.0


@dataclass(frozen=True, slots=True)
class Statement:
    """A sentence as data: a code and its parameters, plain values. It can be stored and put into any language later."""

    code: str
    params: Mapping[str, Any] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """{"code", "params"}, floats to six digits."""
        params = {name: round(value, 6) if isinstance(value, float) else value for name, value in self.params.items()}
        return {"code": str(self.code), "params": params}
