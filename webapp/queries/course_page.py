"""Course page: everything it shows, in a fixed number of statements."""

from dataclasses import dataclass

from sqlalchemy import and_, select
from sqlalchemy.orm import joinedload

from webapp.extensions import db
from webapp.models.course import Course, CourseSkill, CourseStatus, Level, Prerequisite
from webapp.models.enrollment import Enrollment, EnrollmentStatus
from webapp.models.event import Feedback
from webapp.models.user import Profile
from webapp.models.vocabulary import CareerGoal, GoalSkill, Skill
from webapp.queries.cards import CourseCard, cards_for
from webapp.queries.syllabus import Outline, enrollment_of, is_taking, outline
from webapp.registries.events import EventKind


@dataclass(frozen=True, slots=True)
class SkillItem:
    """A skill the course teaches; `for_goal` when the learner's career goal needs it."""

    name: str
    slug: str
    weight: int
    for_goal: bool


@dataclass(frozen=True, slots=True)
class PrerequisiteItem:
    """A course that should come before; `held` when the learner has finished it, `known` when they say that they know what it teaches."""

    title: str
    language: str
    slug: str
    level: Level | None
    duration_minutes: int | None
    held: bool
    known: bool = False


@dataclass(frozen=True, slots=True)
class Aim:
    """Goal, weekly time and level of the learner."""

    goal: str | None = None
    goal_id: int | None = None
    weekly_minutes: int | None = None
    level: str | None = None


@dataclass(frozen=True, slots=True)
class CoursePage:
    """A course as its page shows it to one reader."""

    course: Course
    card: CourseCard
    outline: Outline
    skills: tuple[SkillItem, ...]
    prerequisites: tuple[PrerequisiteItem, ...]
    aim: Aim
    enrollment: Enrollment | None

    @property
    def minutes(self) -> int | None:
        """How long the course takes: its lessons together, or what is stated where it has none here."""
        return self.outline.minutes or self.course.duration_minutes

    @property
    def is_enrolled_or_finished(self) -> bool:
        """Whether the reader is enrolled, or was and has finished."""
        return is_taking(self.enrollment)

    @property
    def finished(self) -> bool:
        """Whether the reader has finished the course."""
        return self.enrollment is not None and self.enrollment.status == EnrollmentStatus.COMPLETED

    @property
    def goal_skill_count(self) -> int:
        """How many of its skills the reader's goal needs."""
        return sum(skill.for_goal for skill in self.skills)


def course_by_slug(slug: str) -> Course | None:
    """The course of this address, without what its page shows."""
    return db.session.scalar(select(Course).where(Course.slug == slug))


def course_page(slug: str, user_id: int | None = None) -> CoursePage | None:
    """The course of this address, None when there is none; whether the reader may see it is for the policy to say."""
    query = select(Course).where(Course.slug == slug).options(joinedload(Course.topic), joinedload(Course.creator))
    course = db.session.scalar(query.execution_options(populate_existing=True))
    if course is None:
        return None
    aim = _learner_aim(user_id) if user_id is not None else Aim()
    return CoursePage(
        course=course,
        card=cards_for([course.id], user_id)[0],
        outline=outline(course.id, user_id),
        skills=skills_of_course(course.id, aim.goal_id),
        prerequisites=_prerequisites(course.id, user_id),
        aim=aim,
        enrollment=enrollment_of(user_id, course.id) if user_id is not None else None,
    )


def skills_of_course(course_id: int, goal_id: int | None = None) -> tuple[SkillItem, ...]:
    """Skills the course teaches, its main ones first."""
    rows = db.session.execute(
        select(Skill.name, Skill.slug, CourseSkill.weight, GoalSkill.target)
        .join(CourseSkill, CourseSkill.skill_id == Skill.id)
        .outerjoin(GoalSkill, and_(GoalSkill.skill_id == Skill.id, GoalSkill.goal_id == goal_id))
        .where(CourseSkill.course_id == course_id)
        .order_by(CourseSkill.weight.desc(), Skill.name_folded)
    )
    return tuple(SkillItem(name, slug, weight, target is not None) for name, slug, weight, target in rows)


def _prerequisites(course_id: int, user_id: int | None) -> tuple[PrerequisiteItem, ...]:
    finished = and_(Enrollment.course_id == Course.id, Enrollment.user_id == user_id, Enrollment.status == EnrollmentStatus.COMPLETED)
    known = and_(Feedback.course_id == Course.id, Feedback.user_id == user_id, Feedback.kind == EventKind.KNOW)
    rows = db.session.execute(
        select(Course.title, Course.language, Course.slug, Course.level, Course.duration_minutes, Enrollment.id, Feedback.id)
        .join(Prerequisite, Prerequisite.required_id == Course.id)
        .outerjoin(Enrollment, finished)
        .outerjoin(Feedback, known)
        .where(Prerequisite.course_id == course_id, Course.status == CourseStatus.PUBLISHED)
        .order_by(Course.title_folded)
    )
    return tuple(
        PrerequisiteItem(title, language, slug, level, minutes, mine is not None, said is not None)
        for title, language, slug, level, minutes, mine, said in rows
    )


def _learner_aim(user_id: int) -> Aim:
    row = db.session.execute(
        select(CareerGoal.name, CareerGoal.id, Profile.weekly_minutes, Profile.level)
        .select_from(Profile)
        .outerjoin(CareerGoal, CareerGoal.id == Profile.goal_id)
        .where(Profile.user_id == user_id)
    ).one_or_none()
    return Aim(*row) if row else Aim()
