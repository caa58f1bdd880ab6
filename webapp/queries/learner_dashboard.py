"""Courses of a learner's dashboard (under way, finished, saved, hidden), and progress towards the goal."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from sqlalchemy import Integer, Select, and_, bindparam, exists, func, or_, select

from webapp.extensions import db
from webapp.models.course import Course, CourseSkill, CourseStatus
from webapp.models.enrollment import Enrollment, EnrollmentStatus, LessonProgress
from webapp.models.event import Feedback, SavedCourse
from webapp.models.offered_lesson import OfferedLesson
from webapp.models.user import Profile
from webapp.models.vocabulary import CareerGoal, GoalSkill, Skill
from webapp.queries.cards import CardProgress, CourseCard, cards_for
from webapp.registries.events import SETTLING, EventKind
from webapp.transactions import read_rows


@dataclass(frozen=True, slots=True)
class LearningCounts:
    """How many courses stand under each heading of a learner's dashboard."""

    active: int
    completed: int
    saved: int
    hidden: int


@dataclass(frozen=True, slots=True)
class GoalProgress:
    """Progress towards a career goal: skills held and missing by name, the most central ones first."""

    name: str
    held: tuple[str, ...]
    missing: tuple[str, ...]

    @property
    def total(self) -> int:
        """How many skills the goal needs."""
        return len(self.held) + len(self.missing)


def in_progress_cards(user_id: int, limit: int = 8, offset: int = 0) -> list[CourseCard]:
    """Courses in progress, the last used first, each with its next lesson; withdrawn ones too, they can still be finished."""
    progress = progress_by_course(user_id, limit, offset)
    return [replace(card, progress=progress[card.id]) for card in cards_for(list(progress), user_id)]


def progress_by_course(user_id: int, limit: int = 8, offset: int = 0) -> dict[int, CardProgress]:
    """Progress in the courses under way, by course id, the last used first; two statements."""
    percent = dict(read_rows(_under_way_statement(), user_id=user_id, limit=limit, offset=offset).all())
    lessons = _next_lessons(user_id, list(percent))
    return {course_id: CardProgress(share, *lessons.get(course_id, ())) for course_id, share in percent.items()}


@cache
def _under_way_statement() -> Select[int, int]:
    return (
        select(Enrollment.course_id, Enrollment.percent)
        .where(Enrollment.user_id == bindparam("user_id"), Enrollment.status == EnrollmentStatus.ACTIVE)
        .order_by(Enrollment.last_active_at.desc(), Enrollment.id.desc())
        .limit(bindparam("limit", type_=Integer))
        .offset(bindparam("offset", type_=Integer))
    )


def completed_cards(user_id: int, limit: int, offset: int = 0) -> list[CourseCard]:
    """Finished courses, the latest first."""
    ids = db.session.scalars(
        select(Enrollment.course_id)
        .where(Enrollment.user_id == user_id, Enrollment.status == EnrollmentStatus.COMPLETED)
        .order_by(Enrollment.completed_at.desc(), Enrollment.id.desc())
        .limit(limit)
        .offset(offset)
    )
    return cards_for(list(ids), user_id)


def saved_cards(user_id: int, limit: int, offset: int = 0) -> list[CourseCard]:
    """Courses put aside, the latest first; only those that can still be taken."""
    ids = db.session.scalars(
        select(SavedCourse.course_id)
        .join(Course, Course.id == SavedCourse.course_id)
        .where(SavedCourse.user_id == user_id, Course.status == CourseStatus.PUBLISHED)
        .order_by(SavedCourse.saved_at.desc(), SavedCourse.id.desc())
        .limit(limit)
        .offset(offset)
    )
    return cards_for(list(ids), user_id)


def hidden_cards(user_id: int, limit: int, offset: int = 0) -> list[CourseCard]:
    """Courses the learner does not want to see, or knows already; the latest first."""
    ids = db.session.scalars(
        select(Feedback.course_id)
        .where(Feedback.user_id == user_id, Feedback.kind.in_(SETTLING))
        .order_by(Feedback.created_at.desc(), Feedback.id.desc())
        .limit(limit)
        .offset(offset)
    )
    return cards_for(list(ids), user_id)


def offered_ids(course_ids: Collection[int]) -> frozenset[int]:
    """Which of these courses are published: a page of one that is withdrawn opens only for those who take it or have finished it."""
    if not course_ids:
        return frozenset()
    return frozenset(db.session.scalars(select(Course.id).where(Course.id.in_(course_ids), Course.status == CourseStatus.PUBLISHED)))


def learning_counts(user_id: int) -> LearningCounts:
    """The counts of all headings, in three statements."""
    query = select(Enrollment.status, func.count()).where(Enrollment.user_id == user_id).group_by(Enrollment.status)
    by_status = {status: count for status, count in db.session.execute(query)}
    saved = select(func.count()).select_from(SavedCourse).join(Course).where(SavedCourse.user_id == user_id)
    hidden = select(func.count()).where(Feedback.user_id == user_id, Feedback.kind.in_(SETTLING))
    return LearningCounts(
        active=by_status.get(EnrollmentStatus.ACTIVE, 0),
        completed=by_status.get(EnrollmentStatus.COMPLETED, 0),
        saved=db.session.scalar(saved.where(Course.status == CourseStatus.PUBLISHED)) or 0,
        hidden=db.session.scalar(hidden) or 0,
    )


def goal_skill_progress(user_id: int) -> GoalProgress | None:
    """Which skills of their goal the learner has from courses they finished or know; None without a goal. One statement."""
    rows = read_rows(_goal_skills_statement(), user_id=user_id).all()
    if not rows:
        return None
    skills = {have: tuple(skill for _goal, skill, held in rows if bool(held) is have) for have in (True, False)}
    return GoalProgress(rows[0][0], skills[True], skills[False])


@cache
def _goal_skills_statement() -> Select[*tuple[Any, ...]]:
    """Name of the goal, name of a skill it needs, whether the learner has it."""
    user = bindparam("user_id", type_=Integer)
    done = (Enrollment.user_id == user, Enrollment.course_id == CourseSkill.course_id, Enrollment.status == EnrollmentStatus.COMPLETED)
    known = (Feedback.user_id == user, Feedback.course_id == CourseSkill.course_id, Feedback.kind == EventKind.KNOW)
    held = exists().where(CourseSkill.skill_id == GoalSkill.skill_id, or_(exists().where(*done), exists().where(*known)))
    return (
        select(CareerGoal.name, Skill.name, held)
        .join(Profile, Profile.goal_id == CareerGoal.id)
        .join(GoalSkill, GoalSkill.goal_id == CareerGoal.id)
        .join(Skill, Skill.id == GoalSkill.skill_id)
        .where(Profile.user_id == user)
        .order_by(GoalSkill.target.desc(), Skill.name_folded)
    )


def _next_lessons(user_id: int, course_ids: Sequence[int]) -> Mapping[int, tuple[str, int | None]]:
    """Title and minutes of the first lesson of each course the learner has not completed."""
    if not course_ids:
        return {}
    rows = read_rows(_first_open_lessons_statement(), user_id=user_id, course_ids=list(course_ids))
    return {course_id: (title, minutes) for course_id, title, minutes in rows}


@cache
def _first_open_lessons_statement() -> Select[*tuple[Any, ...]]:
    done = exists().where(LessonProgress.lesson_id == OfferedLesson.id, LessonProgress.user_id == bindparam("user_id"))
    first = (
        select(OfferedLesson.course_id, func.min(OfferedLesson.position).label("position"))
        .where(OfferedLesson.course_id.in_(bindparam("course_ids", expanding=True)), ~done)
        .group_by(OfferedLesson.course_id)
        .subquery()
    )
    return select(OfferedLesson.course_id, OfferedLesson.title, OfferedLesson.minutes).join(
        first, and_(first.c.course_id == OfferedLesson.course_id, first.c.position == OfferedLesson.position)
    )
