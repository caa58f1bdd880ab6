"""Learner state at request time: history, profile and relations, read in a fixed number of small statements."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numpy as np
from sqlalchemy import Integer, Select, String, bindparam, select, type_coerce

from recsys.types import LEVELS, Interaction, Learner
from webapp.extensions import db
from webapp.models.course import CourseSkill
from webapp.models.enrollment import Enrollment, EnrollmentStatus
from webapp.models.event import Event, Feedback
from webapp.models.user import Profile, ProfileTopic
from webapp.models.vocabulary import CareerGoal, GoalSkill, Skill, Topic
from webapp.queries.course_relations import OWN, CourseRelation, all_course_relations
from webapp.recommender.serving.engagement import LOGGED_KINDS, SIGNALS, EngagementRow, WeightedPairs, pairs_of_columns, weighted_pairs
from webapp.recommender.serving.visit import UNKNOWN, Visit
from webapp.registries.events import SETTLING, EventKind
from webapp.support.clock import now
from webapp.support.sql_epoch import epoch
from webapp.transactions import plain_rows, read_rows

Statement = Select[*tuple[Any, ...]]
MAX_COURSES = 100
"""Of what a learner took the newest so many are scored, and so many of what they only looked at. Older ones fade anyway: on MOOCCubeX the
ranking of those who took more is the same within chance (docs/benchmarks.md)."""
_DEFAULT_LANGUAGE = "en"
_MAX_EVENTS = 1000
_NEVER_RECOMMENDED = (*SETTLING, OWN)


@dataclass(frozen=True, slots=True)
class Goal:
    """The career goal a learner works towards."""

    id: int
    slug: str
    name: str


@dataclass(frozen=True)
class LearnerState:
    """A learner as recsys takes them, and the facts that sentences about them name.

    `relations` says for each course of the history what happened with it, in recsys' words; `finished`, `taking` and
    `left` are the enrollments as they stand.
    """

    learner: Learner = field(default_factory=Learner)
    goal: Goal | None = None
    relations: dict[int, str] = field(default_factory=dict)
    finished: frozenset[int] = frozenset()
    taking: frozenset[int] = frozenset()
    left: frozenset[int] = frozenset()

    @property
    def excluded_ids(self) -> frozenset[int]:
        """Courses that are never recommended to this learner."""
        return frozenset(int(item) for item in self.learner.excluded)


VISITOR = LearnerState()


def learner_state(user_id: int | None, visit: Visit = UNKNOWN) -> LearnerState:
    """The learner of this account, or the visitor; six statements at most, for a visitor none."""
    if user_id is None:
        return _visitor(visit)
    profile = read_rows(_profile_statement(), user_id=user_id).one_or_none()
    goal = Goal(profile[2], profile[3], profile[4]) if profile and profile[2] is not None else None
    stands = all_course_relations(user_id)
    pairs = _pairs(user_id, stands.said)
    enrolled = [
        stands.course_ids_of_kind(status) for status in (EnrollmentStatus.COMPLETED, EnrollmentStatus.ACTIVE, EnrollmentStatus.DROPPED)
    ]
    taken, (finished, taking, left) = frozenset().union(*enrolled), (frozenset(map(int, ids)) for ids in enrolled)
    learner = Learner(
        history=_history(pairs),
        topics=_topics(user_id),
        goal=goal.slug if goal else None,
        goal_skills=_goal_skills(goal),
        held_skills=_skills_held(user_id) if finished or stands.course_ids_of_kind(EventKind.KNOW) else frozenset(),
        level=profile.level if profile and profile.level in LEVELS else None,
        weekly_minutes=profile.weekly_minutes if profile else None,
        excluded=taken.union(*map(stands.course_ids_of_kind, _NEVER_RECOMMENDED)),
        taken=taken,
        segments=visit.segments,
        languages=_languages(profile.language, visit) if profile else visit.languages,
    )
    return LearnerState(learner, goal, _kinds_by_course(pairs), finished, taking, left)


@cache
def _profile_statement() -> Statement:
    return (
        select(Profile.level, Profile.weekly_minutes, CareerGoal.id, CareerGoal.slug, CareerGoal.name, Profile.language)
        .outerjoin(CareerGoal, CareerGoal.id == Profile.goal_id)
        .where(Profile.user_id == bindparam("user_id"))
    )


def _visitor(visit: Visit) -> LearnerState:
    """Somebody without an account, by the courses they have opened."""
    pairs = weighted_pairs([EngagementRow(0, course_id, "view", None, place, True) for place, course_id in enumerate(visit.seen)])
    learner = Learner(history=_history(pairs), segments=visit.segments, languages=visit.languages)
    return LearnerState(learner, relations=_kinds_by_course(pairs))


def _kinds_by_course(pairs: WeightedPairs) -> dict[int, str]:
    return {course: pairs.kind_name(index) for index, course in enumerate(pairs.course.tolist())}


def _languages(stated: str, visit: Visit) -> tuple[str, ...]:
    """The one the profile names. Every profile begins with English: that does not mean the browser's others are not read."""
    return (stated,) if stated != _DEFAULT_LANGUAGE else (stated, *visit.languages)


def _pairs(user_id: int, said: Iterable[CourseRelation]) -> WeightedPairs:
    """What the learner did with courses by their newest events, and what they said that is in force."""
    # Numbers as the driver gives them, and columns rather than rows: a thousand events are read for every page.
    events = plain_rows(_events_statement(), user_id=user_id)
    rows: list[Sequence[Any]] = [*reversed(events), *((stated.course_id, stated.kind, None, stated.since, 0) for stated in said)]
    if not rows:
        return weighted_pairs(())
    courses, kinds, values, moments, ordinal = zip(*rows, strict=True)
    signals = [SIGNALS[kind] for kind in kinds]
    return pairs_of_columns(([user_id] * len(rows), courses, signals, values, moments, ordinal), now().timestamp())


@cache
def _events_statement() -> Statement:
    """The newest events of the learner `user_id`, the newest first; older ones say little and would cost every page."""
    columns = (
        Event.course_id,
        type_coerce(Event.kind, String),
        Event.value,
        epoch(Event.occurred_at),
        type_coerce(Event.time_is_order, Integer),
    )
    return (
        select(*columns)
        .where(Event.user_id == bindparam("user_id"), Event.course_id.is_not(None), Event.kind.in_(LOGGED_KINDS))
        .order_by(Event.occurred_at.desc(), Event.id.desc())
        .limit(_MAX_EVENTS)
    )


def _history(pairs: WeightedPairs) -> tuple[Interaction, ...]:
    """The newest courses the learner took, and the newest they looked at, oldest first; negative ones all stay, they keep courses away."""
    looked = pairs.light_mask
    newest = (np.flatnonzero(~looked)[-MAX_COURSES:], np.flatnonzero(looked)[-MAX_COURSES:])
    rows = np.unique(np.concatenate([*newest, np.flatnonzero(pairs.weight < 0)]))
    times = pairs.timestamp[rows].tolist()
    columns = (pairs.course[rows].tolist(), pairs.weight[rows].tolist(), times, rows.tolist())
    return tuple(
        Interaction(str(course), weight, None if at != at else at, pairs.kind_name(row))
        for course, weight, at, row in zip(*columns, strict=True)
    )


def _topics(user_id: int) -> tuple[str, ...]:
    return tuple(read_rows(_followed_topics_statement(), user_id=user_id).scalars())


@cache
def _followed_topics_statement() -> Statement:
    query = select(Topic.slug).join(ProfileTopic, ProfileTopic.topic_id == Topic.id)
    return query.where(ProfileTopic.user_id == bindparam("user_id")).order_by(Topic.position, Topic.id)


def _goal_skills(goal: Goal | None) -> dict[str, float]:
    if goal is None:
        return {}
    query = select(Skill.slug, GoalSkill.target).join(Skill, Skill.id == GoalSkill.skill_id).where(GoalSkill.goal_id == goal.id)
    return {slug: float(target) for slug, target in db.session.execute(query.order_by(Skill.slug))}


def _skills_held(user_id: int) -> frozenset[str]:
    """Skills of the courses the learner has finished or knows."""
    finished = select(Enrollment.course_id).where(Enrollment.user_id == user_id, Enrollment.status == EnrollmentStatus.COMPLETED)
    known = select(Feedback.course_id).where(Feedback.user_id == user_id, Feedback.kind == EventKind.KNOW)
    query = select(Skill.slug).join(CourseSkill, CourseSkill.skill_id == Skill.id)
    return frozenset(db.session.scalars(query.where(CourseSkill.course_id.in_(finished.union_all(known))).distinct()))
