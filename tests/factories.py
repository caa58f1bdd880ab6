"""Rows for tests: every argument has a sensible default, everything made is flushed."""

import itertools
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, TypeVar

import pytest
from slugify import slugify

from webapp.extensions import db
from webapp.models.course import Course, CourseSkill, CourseStatus, Level
from webapp.models.enrollment import Enrollment, EnrollmentStatus
from webapp.models.event import Event
from webapp.models.lesson import Choice, Lesson, LessonKind, Module, Question
from webapp.models.notification import Notification
from webapp.models.slate import MAX_SHELVES, Impression, Slate, new_slate_ids
from webapp.models.user import Profile, Role, User
from webapp.models.vocabulary import CareerGoal, GoalSkill, Skill, Topic
from webapp.registries.events import EventKind
from webapp.registries.notifications import NotificationKind
from webapp.support.clock import now

T = TypeVar("T")
_number = itertools.count(1)


def fixture(maker: Callable[..., Any]) -> Any:
    """A fixture that hands out `maker`, once the test has its database."""

    @pytest.fixture(name=maker.__name__)
    def provide(app: Any) -> Callable[..., Any]:
        return maker

    return provide


def _add(row: T) -> T:
    db.session.add(row)
    db.session.flush()
    return row


def make_user(role: Role | str = Role.LEARNER, name: str | None = None, profile: dict[str, Any] | None = None, **columns: Any) -> User:
    """An account that may sign in; `profile` holds Profile columns and `topics`."""
    n = next(_number)
    values: dict[str, Any] = {"email": f"person{n}@example.com", "password": "*", "confirmed_at": now()} | columns
    user = _add(User(name=name or f"Person {n}", role=Role(role), **values))
    _add(Profile(user_id=user.id, **(profile or {"onboarded_at": now()})))
    return user


def make_topic(name: str | None = None, **columns: Any) -> Topic:
    """A topic; an existing one of that name is returned."""
    name = name or f"Topic {next(_number)}"
    found = db.session.query(Topic).filter_by(slug=slugify(name)).one_or_none()
    return found or _add(Topic(**({"slug": slugify(name), "name": name, "position": next(_number)} | columns)))


def make_skill(name: str | None = None, topic: Topic | None = None) -> Skill:
    """A skill; an existing one of that name is returned."""
    name = name or f"Skill {next(_number)}"
    found = db.session.query(Skill).filter_by(slug=slugify(name)).one_or_none()
    return found or _add(Skill(slug=slugify(name), name=name, topic_id=topic.id if topic else None))


def make_goal(name: str | None = None, skills: Sequence[str] = ()) -> CareerGoal:
    """A career goal that needs these skills."""
    name = name or f"Goal {next(_number)}"
    goal = _add(CareerGoal(slug=slugify(name), name=name, summary=f"What a {name} does."))
    for skill in skills:
        _add(GoalSkill(goal_id=goal.id, skill_id=make_skill(skill).id, target=3))
    return goal


def make_course(
    title: str | None = None,
    topic: Topic | str | None = None,
    published: bool = True,
    lessons: int = 3,
    quiz: bool = False,
    skills: Sequence[str] = (),
    creator: User | None = None,
    published_at: datetime | None = None,
    **columns: Any,
) -> Course:
    """A course with one module of text lessons (and a quiz at the end, on demand)."""
    n = next(_number)
    title = title or f"Course {n}"
    topic = make_topic(topic) if isinstance(topic, str) or topic is None else topic
    when = published_at or now() - timedelta(days=90)
    values: dict[str, Any] = {
        "slug": f"{slugify(title)}-{n}",
        "summary": f"What {title} is about.",
        "level": Level.BEGINNER,
        "duration_minutes": 60,
        "creator_id": creator.id if creator else None,
        "status": CourseStatus.PUBLISHED if published else CourseStatus.DRAFT,
        "published_at": when if published else None,
    } | columns
    course = _add(Course(title=title, topic_id=topic.id, topics=[topic], **values))
    for skill in skills:
        _add(CourseSkill(course_id=course.id, skill_id=make_skill(skill).id))
    module = _add(Module(course_id=course.id, position=1, title="Start"))
    for position in range(1, lessons + 1):
        _add_lesson(course, module, position, LessonKind.TEXT)
    if quiz:
        lesson = _add_lesson(course, module, lessons + 1, LessonKind.QUIZ)
        question = _add(Question(lesson_id=lesson.id, position=1, text="Which one?", explanation="Because."))
        _add(Choice(question_id=question.id, position=1, text="This one", correct=True))
        _add(Choice(question_id=question.id, position=2, text="That one", correct=False))
    return course


def _add_lesson(course: Course, module: Module, position: int, kind: LessonKind) -> Lesson:
    return _add(
        Lesson(
            course_id=course.id,
            module_id=module.id,
            position=position,
            slug=f"{kind.value}-{position}",
            title=f"Lesson {position}",
            kind=kind,
            minutes=10,
            body="Some *text*.",
        )
    )


def make_enrollment(user: User, course: Course, status: EnrollmentStatus | str = EnrollmentStatus.ACTIVE, **columns: Any) -> Enrollment:
    """An enrollment row alone, without its events."""
    status = EnrollmentStatus(status)
    done = status == EnrollmentStatus.COMPLETED
    values: dict[str, Any] = {"percent": 100 if done else 0, "completed_at": now() if done else None} | columns
    return _add(Enrollment(user_id=user.id, course_id=course.id, status=status, **values))


def make_notification(
    user: User, kind: NotificationKind | str = "new_course", course: Course | None = None, **columns: Any
) -> Notification:
    """Something the person has not read yet; of its own subject."""
    values: dict[str, Any] = {"subject": f"test:{next(_number)}", "course_id": course.id if course else None} | columns
    return _add(Notification(user_id=user.id, kind=NotificationKind(kind), **values))


def make_event(
    kind: EventKind | str,
    user: User | None,
    course: Course | None,
    days_ago: float = 0,
    slate: Slate | None = None,
    at: datetime | None = None,
    **columns: Any,
) -> Event:
    """A row of the event log alone, without what a service would do beside it."""
    values: dict[str, Any] = {"user_id": user.id if user else None, "course_id": course.id if course else None}
    values |= {"slate_id": slate.id if slate else None, "occurred_at": at or now() - timedelta(days=days_ago)}
    return _add(Event(**values | {"kind": EventKind(kind), "client_id": f"test-{next(_number)}"} | columns))


def make_slate(user: User | None, courses: Sequence[Course] = (), reasons: Sequence[tuple[Any, ...]] = (), **columns: Any) -> Slate:
    """A slate as served, with a place for each course; `reasons` are parts (source, kind, weight, evidence) of every place.

    `propensities` has the chance of each place, 1 where it is left out.
    """
    chances = columns.pop("propensities", None) or [1.0] * len(courses)
    values: dict[str, Any] = {"placement": "recommended", "policy_version": "default-1"} | columns
    score = sum(part[2] for part in reasons) if reasons else 1.0
    detail = [[score, [list(part) for part in reasons]] for _ in courses]
    slate = Slate(id=new_slate_ids(MAX_SHELVES)[next(_number) % MAX_SHELVES], user_id=user.id if user else None, detail=detail, **values)
    _add(slate)
    for position, (course, chance) in enumerate(zip(courses, chances, strict=True), start=1):
        _add(Impression(slate_id=slate.id, position=position, course_id=course.id, propensity=chance))
    return slate
