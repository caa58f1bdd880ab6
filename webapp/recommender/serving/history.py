"""Learner state at request time: history, profile and relations, read in a fixed number of small statements."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from sqlalchemy import String, select, type_coerce

from recsys.types import LEVELS, Interaction, Learner
from webapp.extensions import db
from webapp.models import (
    CareerGoal,
    CourseSkill,
    Enrollment,
    EnrollmentStatus,
    Event,
    Feedback,
    GoalSkill,
    Profile,
    ProfileTopic,
    Skill,
    Topic,
)
from webapp.queries.course_relations import OWN, CourseRelation, course_relations
from webapp.recommender.serving.engagement import LOGGED_KINDS, SIGNALS, Pairs, Row, weighted_pairs
from webapp.recommender.serving.visit import UNKNOWN, Visit
from webapp.registries.events import SETTLING, STATED_IN_FORCE, EventKind
from webapp.support.clock import now
from webapp.support.epoch import epoch

MAX_COURSES = 300
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
    profile = db.session.execute(
        select(Profile.level, Profile.weekly_minutes, CareerGoal.id, CareerGoal.slug, CareerGoal.name, Profile.language)
        .outerjoin(CareerGoal, CareerGoal.id == Profile.goal_id)
        .where(Profile.user_id == user_id)
    ).one_or_none()
    goal = Goal(profile[2], profile[3], profile[4]) if profile and profile[2] is not None else None
    related: dict[str, set[int]] = defaultdict(set)
    in_force = course_relations(user_id)
    for relation in in_force:
        related[relation.kind].add(relation.course_id)
    pairs = weighted_pairs([*_event_rows(user_id), *_feedback_rows(user_id, in_force)], now().timestamp())
    finished, taking, left = (
        frozenset(related[status]) for status in (EnrollmentStatus.COMPLETED, EnrollmentStatus.ACTIVE, EnrollmentStatus.DROPPED)
    )
    settled = finished.union(taking, left, *(related[kind] for kind in _NEVER_RECOMMENDED))
    learner = Learner(
        history=_history(pairs),
        topics=_topics(user_id),
        goal=goal.slug if goal else None,
        goal_skills=_goal_skills(goal),
        held_skills=_skills_held(user_id) if finished or related[EventKind.KNOW] else frozenset(),
        level=profile.level if profile and profile.level in LEVELS else None,
        weekly_minutes=profile.weekly_minutes if profile else None,
        excluded=frozenset(str(course_id) for course_id in settled),
        segments=visit.segments,
        languages=_languages(profile.language, visit) if profile else visit.languages,
    )
    return LearnerState(learner, goal, _relations(pairs), finished, taking, left)


def _visitor(visit: Visit) -> LearnerState:
    """Somebody without an account, by the courses they have opened."""
    pairs = weighted_pairs([Row(0, course_id, "view", None, place, True) for place, course_id in enumerate(visit.seen)])
    learner = Learner(history=_history(pairs), segments=visit.segments, languages=visit.languages)
    return LearnerState(learner, relations=_relations(pairs))


def _relations(pairs: Pairs) -> dict[int, str]:
    return {int(course): pairs.kind_name(index) for index, course in enumerate(pairs.course)}


def _languages(stated: str, visit: Visit) -> tuple[str, ...]:
    """The one the profile names. Every profile begins with English: that does not mean the browser's others are not read."""
    return (stated,) if stated != _DEFAULT_LANGUAGE else (stated, *visit.languages)


def _event_rows(user_id: int) -> Iterable[Row]:
    """The newest events of the learner; older ones say little and would cost every page."""
    query = (
        select(Event.course_id, type_coerce(Event.kind, String), Event.value, epoch(Event.occurred_at), Event.time_is_order)
        .where(Event.user_id == user_id, Event.course_id.is_not(None), Event.kind.in_(LOGGED_KINDS))
        .order_by(Event.occurred_at.desc(), Event.id.desc())
        .limit(_MAX_EVENTS)
    )
    rows = db.session.execute(query).all()
    # The statement leaves out events without a course.
    return [Row(user_id, course_id, SIGNALS[kind], value, at, ordinal) for course_id, kind, value, at, ordinal in reversed(rows)]  # type: ignore[arg-type]


def _feedback_rows(user_id: int, in_force: Iterable[CourseRelation]) -> Iterable[Row]:
    return [Row(user_id, r.course_id, SIGNALS[r.kind], None, r.since) for r in in_force if r.kind in STATED_IN_FORCE]


def _history(pairs: Pairs) -> tuple[Interaction, ...]:
    """The newest courses of the learner, oldest first; negative ones all stay, they keep courses away."""
    first = max(0, len(pairs.course) - MAX_COURSES)
    kept = [i for i in range(len(pairs.course)) if i >= first or pairs.weight[i] < 0]
    return tuple(
        Interaction(
            item_id=str(pairs.course[i]),
            weight=float(pairs.weight[i]),
            timestamp=None if pairs.timestamp[i] != pairs.timestamp[i] else float(pairs.timestamp[i]),
            kind=pairs.kind_name(i),
        )
        for i in kept
    )


def _topics(user_id: int) -> tuple[str, ...]:
    query = select(Topic.slug).join(ProfileTopic, ProfileTopic.topic_id == Topic.id).where(ProfileTopic.user_id == user_id)
    return tuple(db.session.scalars(query.order_by(Topic.position, Topic.id)))


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
