from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session, selectinload

from tests.factories import make_course as new_course
from webapp.models.course import Course
from webapp.models.enrollment import Enrollment, EnrollmentStatus, LessonProgress
from webapp.models.event import Event, Feedback, SavedCourse
from webapp.models.lesson import Lesson
from webapp.models.notification import Notification
from webapp.models.user import Profile, Role, User
from webapp.policies import Forbidden, Person, System
from webapp.policies.role_permissions import permissions_of
from webapp.registries.notifications import NotificationKind
from webapp.sample.accounts import ADMIN, CREATOR, DISMISSED, HISTORY, LEARNER, SAVED
from webapp.sample.catalog_reader import load_catalog
from webapp.sample.load import SampleWorld, load_sample
from webapp.services.errors import Conflict
from webapp.services.passwords import password_matches
from webapp.support.lesson_time import lesson_time

AT = datetime(2026, 11, 20, 12, tzinfo=UTC)
PASSWORD = "a password for looking around"


@pytest.fixture
def world(db_session: Session) -> SampleWorld:
    return load_sample(System(), learners=40, seed=5, password=PASSWORD, at=AT)


def account(db_session: Session, email: str) -> User:
    return db_session.scalars(
        select(User).where(User.email == email).options(selectinload(User.profile).selectinload(Profile.topics))
    ).one()


def test_the_world_is_labeled_dated_and_whole(world: SampleWorld, db_session: Session) -> None:
    catalog = load_catalog()
    assert world.loaded
    assert (world.courses, world.learners) == (len(catalog.courses), 40 + len(catalog.creators) + 2)
    assert db_session.scalar(select(func.count(Course.id)).where(~Course.is_sample)) == 0
    assert db_session.scalar(select(func.count(User.id)).where(~User.is_sample)) == 0
    newest = db_session.scalar(select(func.max(Course.published_at)))
    assert newest is not None
    assert timedelta() < AT - newest < timedelta(days=10)
    events = db_session.execute(select(func.min(Event.occurred_at), func.max(Event.occurred_at))).one()
    assert AT - timedelta(days=183) <= events[0]
    assert AT - timedelta(days=8) < events[1] <= AT


def test_loading_again_changes_nothing(world: SampleWorld, db_session: Session) -> None:
    again = load_sample(System(), learners=40, seed=5)
    assert (again.loaded, again.password) == (False, None)
    assert (again.courses, again.learners, again.events) == (world.courses, world.learners, world.events)


def test_a_database_with_courses_of_its_own_is_left_alone(db_session: Session) -> None:
    new_course("My own")
    with pytest.raises(Conflict, match="courses of its own"):
        load_sample(System(), learners=1)


def test_only_who_may_import_can_load(db_session: Session) -> None:
    with pytest.raises(Forbidden):
        load_sample(Person(1, permissions_of(Role.CREATOR)))


@pytest.mark.parametrize(("email", "role"), [(LEARNER, Role.LEARNER), (CREATOR, Role.CREATOR), (ADMIN, Role.ADMIN)])
def test_the_accounts_open_with_the_password(world: SampleWorld, db_session: Session, email: str, role: Role) -> None:
    user = account(db_session, email)
    assert (user.role, user.active) == (role, True)
    assert user.confirmed_at is not None
    assert password_matches(PASSWORD, user.password)


def test_nobody_else_can_sign_in(world: SampleWorld, db_session: Session) -> None:
    assert db_session.scalar(select(func.count(User.id)).where(User.password.is_not(None))) == 3


def test_the_creator_has_several_courses(world: SampleWorld, db_session: Session) -> None:
    creator = account(db_session, CREATOR)
    assert (db_session.scalar(select(func.count(Course.id)).where(Course.creator_id == creator.id)) or 0) >= 5


def test_the_learner_has_a_plausible_past(world: SampleWorld, db_session: Session) -> None:
    learner = account(db_session, LEARNER)
    assert learner.profile is not None
    assert learner.profile.goal_id is not None
    assert learner.profile.onboarded_at is not None
    assert len(learner.profile.topics) == 2
    query = select(Enrollment, Course.slug).join(Course).where(Enrollment.user_id == learner.id).order_by(Enrollment.enrolled_at)
    found = [(slug, row.status, row.percent) for row, slug in db_session.execute(query)]
    assert [slug for slug, _, _ in found] == [step.course for step in HISTORY]
    assert [status for _, status, _ in found] == [EnrollmentStatus.COMPLETED] * 3 + [EnrollmentStatus.ACTIVE] * 2
    assert all(0 < percent < 100 for _, status, percent in found if status == EnrollmentStatus.ACTIVE)
    of_learner = (select(Course.slug).join(table).where(table.user_id == learner.id) for table in (SavedCourse, Feedback))
    saved, judged = (set(db_session.scalars(query)) for query in of_learner)
    assert saved == {SAVED[0]}
    assert DISMISSED[0] in judged


def test_the_bell_of_the_learner_is_alive(world: SampleWorld, db_session: Session) -> None:
    learner = account(db_session, LEARNER)
    assert learner.profile is not None
    topics = {topic.id for topic in learner.profile.topics}
    recent = select(Course.id).where(Course.topic_id.in_(topics), Course.published_at > learner.created_at)
    told = db_session.scalars(select(Notification).where(Notification.user_id == learner.id)).all()
    assert {row.course_id for row in told} == set(db_session.scalars(recent))
    assert sum(row.read_at is None for row in told) >= 2
    assert {(row.kind, row.topic_id in topics) for row in told} == {(NotificationKind.NEW_COURSE, True)}


def test_nobody_is_told_what_they_cannot_read_or_what_is_not_so(world: SampleWorld, db_session: Session) -> None:
    assert db_session.scalar(select(func.count()).select_from(Notification).join(User).where(User.email.is_(None))) == 0
    begun = select(Enrollment.course_id, func.min(Enrollment.enrolled_at)).group_by(Enrollment.course_id)
    first = dict(map(tuple, db_session.execute(begun)))
    told = select(Notification, Course).join(Course, Course.id == Notification.course_id)
    firsts = 0
    for row, course in db_session.execute(told):
        assert row.created_at <= AT
        assert (row.read_at is None) == (row.created_at >= AT - timedelta(days=30))
        if row.kind == NotificationKind.FIRST_LEARNER:
            firsts += 1
            assert (row.user_id, row.created_at) == (course.creator_id, first[course.id])
        else:
            assert row.created_at == course.published_at
    assert firsts


def test_a_course_takes_what_its_lessons_take_and_lessons_what_they_hold(world: SampleWorld, db_session: Session) -> None:
    lessons = db_session.scalars(select(Lesson).options(selectinload(Lesson.questions))).all()
    assert [row.slug for row in lessons if row.minutes != lesson_time(row.body, len(row.questions)).minutes] == []
    totals = select(func.sum(Lesson.minutes)).where(Lesson.course_id == Course.id).scalar_subquery()
    assert db_session.scalar(select(func.count(Course.id)).where(Course.duration_minutes != totals)) == 0


def test_counts_and_progress_agree(world: SampleWorld, db_session: Session) -> None:
    taking = select(func.count(Enrollment.id)).where(Enrollment.status != EnrollmentStatus.DROPPED)
    assert db_session.scalar(select(func.sum(Course.enrollment_count))) == db_session.scalar(taking)
    done = select(func.count(Enrollment.id)).where(Enrollment.status == EnrollmentStatus.COMPLETED)
    assert db_session.scalar(select(func.sum(Course.completion_count))) == db_session.scalar(done)
    lessons = dict(map(tuple, db_session.execute(select(Lesson.course_id, func.count()).group_by(Lesson.course_id))))
    progress = (
        select(LessonProgress.user_id, Lesson.course_id, func.count()).join(Lesson).group_by(LessonProgress.user_id, Lesson.course_id)
    )
    share = {(user, course): 100 * count // lessons[course] for user, course, count in db_session.execute(progress)}
    for row in db_session.scalars(select(Enrollment)):
        assert row.percent == share.get((row.user_id, row.course_id), 0)
