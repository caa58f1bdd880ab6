"""Who is told what, once each; and only the person who was told can read it."""

from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from tests.webapp.statements import counted
from webapp.extensions import db
from webapp.models.course import CourseTopic
from webapp.models.notification import Notification
from webapp.models.user import User
from webapp.models.vocabulary import Topic
from webapp.policies import Forbidden, Person
from webapp.registries.jobs import RETRAIN
from webapp.registries.notifications import Audience, NotificationKind
from webapp.registries.run_messages import RunCode, RunMessage
from webapp.services.enrollments import enroll, unenroll
from webapp.services.errors import NotFound
from webapp.services.job_runs import begin_and_get_run, enqueue_run, fail_run, reap_runs, succeed_run
from webapp.services.notifications import mark_all_read, mark_notification_read, tell_of_first_learner, tell_person, tell_topic_followers
from webapp.services.privacy import erase_person
from webapp.services.publishing import publish_course, unpublish_course
from webapp.support.clock import now
from webapp.transactions import unit_of_work


def recipients(kind: NotificationKind = NotificationKind.NEW_COURSE) -> list[int]:
    """Who has been told something of the kind, each time they were."""
    query = select(Notification.user_id).where(Notification.kind == kind).order_by(Notification.user_id)
    return list(db.session.scalars(query))


def follower(make_user, *topics: Topic, **columns) -> User:
    return make_user(profile={"topics": list(topics)}, **columns)


@pytest.fixture
def creator(make_user) -> User:
    return make_user("creator")


@pytest.fixture
def draft(make_course, creator):
    return make_course("Maps from coordinates", topic="Data", creator=creator, published=False)


def test_who_follows_the_topic_hears_of_a_new_course(make_user, make_topic, draft, creator) -> None:
    data, other = make_topic("Data"), make_topic("Design")
    near = [follower(make_user, data), follower(make_user, data, other)]
    follower(make_user, other)
    make_user()
    publish_course(Person.of(creator), draft.slug)
    assert recipients() == [user.id for user in near]
    said = db.session.scalars(select(Notification)).first()
    assert (said.subject, said.course_id, said.topic_id, said.read_at) == (f"course:{draft.id}", draft.id, data.id, None)
    assert said.created_at >= draft.published_at


def test_of_several_topics_the_main_one_is_named_and_nobody_hears_it_twice(make_user, make_topic, draft, creator) -> None:
    early, data, late = make_topic("Early"), make_topic("Data"), make_topic("Late")
    db.session.add_all(CourseTopic(course_id=draft.id, topic_id=topic.id) for topic in (early, late))
    main, beside = follower(make_user, early, data, late), follower(make_user, late)
    publish_course(Person.of(creator), draft.slug)
    topics = db.session.execute(select(Notification.user_id, Notification.topic_id)).all()
    assert dict(map(tuple, topics)) == {main.id: data.id, beside.id: late.id}


def test_a_course_without_a_main_topic_is_announced_in_the_others(make_user, make_topic, draft, creator) -> None:
    draft.topic_id = None
    reader = follower(make_user, make_topic("Data"))
    publish_course(Person.of(creator), draft.slug)
    assert recipients() == [reader.id]


def test_a_course_of_nobody_is_announced_too(make_user, make_topic, draft) -> None:
    draft.creator_id = None
    reader = follower(make_user, make_topic("Data"))
    publish_course(Person.of(make_user("admin")), draft.slug)
    assert recipients() == [reader.id]


def test_creators_and_those_who_cannot_read_it_are_left_out(make_user, make_topic, make_course) -> None:
    data = make_topic("Data")
    creator = follower(make_user, data, role="creator")
    follower(make_user, data, active=False)
    follower(make_user, data, email=None, password=None)
    erased = follower(make_user, data)
    with unit_of_work():
        erase_person(erased.id)
    course = make_course(topic=data, creator=creator, published=False)
    publish_course(Person.of(creator), course.slug)
    assert recipients() == []


def test_a_course_that_comes_back_is_no_news(make_user, make_topic, draft, creator) -> None:
    actor = Person.of(creator)
    reader = follower(make_user, make_topic("Data"))
    publish_course(actor, draft.slug)
    publish_course(actor, draft.slug)
    unpublish_course(actor, draft.slug)
    follower(make_user, make_topic("Data"))
    publish_course(actor, draft.slug)
    assert recipients() == [reader.id]


def test_who_joins_later_is_not_told_of_the_past(make_user, make_topic, make_course) -> None:
    data = make_topic("Data")
    moment = now() - timedelta(days=10)
    there = follower(make_user, data, created_at=moment - timedelta(days=1))
    follower(make_user, data, created_at=moment + timedelta(days=1))
    course = make_course(topic=data, published_at=moment)
    assert (tell_topic_followers(course, moment), tell_topic_followers(course, moment)) == (1, 0)
    assert recipients() == [there.id]
    assert db.session.scalar(select(Notification.created_at)) == moment


@pytest.mark.parametrize(("away", "hears"), [(timedelta(hours=-1), False), (timedelta(days=-2), True), (timedelta(days=300), True)])
def test_who_was_told_much_of_a_day_is_told_no_more_and_what_the_future_holds_is_no_part_of_it(
    make_user, make_topic, make_course, make_notification, away: timedelta, hears: bool
) -> None:
    reader = follower(make_user, make_topic("Data"), created_at=now() - timedelta(days=9))
    for _ in range(NotificationKind.NEW_COURSE.spec.daily_cap or 0):
        make_notification(reader, created_at=now() + away)
    assert tell_topic_followers(make_course(topic=make_topic("Data")), now()) == hears


def test_many_followers_cost_one_statement(make_user, make_topic, make_course) -> None:
    data = make_topic("Data")
    for _ in range(5):
        follower(make_user, data)
    course = make_course(topic=data)
    with counted() as seen:
        assert tell_topic_followers(course) == 5
    assert len(seen) == 1


def test_the_first_learner_is_news_for_the_creator_and_the_second_is_not(make_user, make_course, creator) -> None:
    course = make_course(creator=creator)
    first = Person.of(make_user())
    enroll(first, course.slug)
    assert recipients(NotificationKind.FIRST_LEARNER) == [creator.id]
    enroll(Person.of(make_user()), course.slug)
    unenroll(first, course.slug)
    enroll(first, course.slug)
    assert recipients(NotificationKind.FIRST_LEARNER) == [creator.id]


def test_creators_in_their_own_course_are_no_first_learners(make_user, make_course, creator) -> None:
    course = make_course(creator=creator)
    enroll(Person.of(creator), course.slug)
    assert recipients(NotificationKind.FIRST_LEARNER) == []
    enroll(Person.of(make_user()), course.slug)
    assert recipients(NotificationKind.FIRST_LEARNER) == [creator.id]


def test_a_course_that_had_learners_gets_no_first_one(make_user, make_course, make_enrollment, creator) -> None:
    course = make_course(creator=creator)
    make_enrollment(make_user(), course, status="dropped")
    enroll(Person.of(make_user()), course.slug)
    assert recipients(NotificationKind.FIRST_LEARNER) == []


@pytest.mark.parametrize("columns", [{"active": False}, {"email": None}])
def test_creators_who_cannot_sign_in_are_told_nothing(make_user, make_course, columns) -> None:
    course = make_course(creator=make_user("creator", **columns))
    assert tell_of_first_learner(course) == 0
    enroll(Person.of(make_user()), make_course().slug)
    assert recipients(NotificationKind.FIRST_LEARNER) == []


@pytest.fixture
def addressed(monkeypatch: pytest.MonkeyPatch) -> NotificationKind:
    """A kind with an addressee, of which one person is told twice a day at most."""
    kind = NotificationKind.FIRST_LEARNER
    monkeypatch.setattr(kind, "spec", replace(kind.spec, audience=Audience.ADDRESSEE, daily_cap=2))
    return kind


def test_an_addressee_alone_is_told_once_of_a_subject_and_so_often_a_day(make_user, make_course, addressed) -> None:
    course, author, other = make_course(), make_user(), make_user()
    told = [tell_person(addressed, author.id, subject, course) for subject in ("rating:1", "rating:1", "rating:2", "rating:3")]
    assert told == [1, 0, 1, 0]
    assert recipients(addressed) == [author.id, author.id]
    assert tell_person(addressed, other.id, "rating:1", course) == 1


@pytest.mark.parametrize("columns", [{"active": False}, {"email": None}])
def test_an_addressee_who_cannot_read_it_is_told_nothing(make_user, addressed, columns) -> None:
    assert tell_person(addressed, make_user(**columns).id, "rating:1") == 0
    assert recipients(addressed) == []


def test_nobody_is_named_where_the_kind_says_who_is_told(make_user) -> None:
    make_user("admin")
    with pytest.raises(ValueError, match="administrators"):
        tell_person(NotificationKind.TRAINING_FAILED, make_user().id, "job_run:1")
    assert recipients(NotificationKind.TRAINING_FAILED) == []


def test_a_training_that_fails_is_told_to_every_administrator_once(make_user) -> None:
    admins = [make_user("admin"), make_user("admin")]
    make_user("creator")
    make_user("admin", active=False)
    run = enqueue_run(RETRAIN, "schedule")
    begin_and_get_run(run.id)
    for _ in range(2):
        fail_run(run.id, RunMessage(RunCode.NOBODY_YET), "Traceback")
    assert recipients(NotificationKind.TRAINING_FAILED) == [admin.id for admin in admins]
    said = db.session.scalars(select(Notification)).first()
    assert (said.subject, said.data) == (f"job_run:{run.id}", {"message": {"code": "nobody_yet", "params": {}}})
    fail_run(enqueue_run(RETRAIN, "schedule").id, RunMessage(RunCode.PROCESS_ENDED), "Traceback")
    assert len(recipients(NotificationKind.TRAINING_FAILED)) == 4


def test_a_training_whose_process_died_has_failed(make_user) -> None:
    admin = make_user("admin")
    run = enqueue_run(RETRAIN, "schedule")
    run.heartbeat_at = now() - timedelta(minutes=5)
    db.session.flush()
    assert reap_runs() == 1
    assert recipients(NotificationKind.TRAINING_FAILED) == [admin.id]


def test_other_jobs_and_trainings_that_end_well_are_no_news(make_user) -> None:
    make_user("admin")
    fail_run(enqueue_run("recount", "schedule").id, RunMessage(RunCode.PROCESS_ENDED), "No.")
    run = enqueue_run(RETRAIN, "schedule")
    begin_and_get_run(run.id)
    succeed_run(run.id, RunMessage(RunCode.RECOUNTED))
    fail_run(run.id, RunMessage(RunCode.TOO_LONG, {"minutes": 5}), "It has ended.")
    assert recipients(NotificationKind.TRAINING_FAILED) == []


def test_the_database_keeps_anyone_from_being_told_twice(make_user, make_notification) -> None:
    user, other = make_user(), make_user()
    make_notification(user, subject="course:1")
    make_notification(other, subject="course:1")
    make_notification(user, "first_learner", subject="course:1")
    with pytest.raises(IntegrityError), db.session.begin_nested():
        make_notification(user, subject="course:1")


def test_the_unread_are_counted_from_their_index(make_user, make_notification) -> None:
    make_notification(make_user())
    if db.session.get_bind().dialect.name == "sqlite":
        query = "explain query plan select count(*) from notifications where user_id = 1 and read_at is null"
        plan = " ".join(str(row) for row in db.session.execute(text(query)))
        assert "ix_notifications_unread" in plan


def test_reading_one_keeps_the_moment_it_was_read_first(make_user, make_notification) -> None:
    user = make_user()
    one, other = make_notification(user), make_notification(user)
    assert mark_notification_read(Person.of(user), one.id).unread
    db.session.refresh(one)
    first = one.read_at
    assert first is not None
    assert not mark_notification_read(Person.of(user), one.id).unread
    for row in (one, other):
        db.session.refresh(row)
    assert (one.read_at, other.read_at) == (first, None)


def test_nobody_reads_what_somebody_else_was_told(make_user, make_notification) -> None:
    theirs = make_notification(make_user())
    reader = Person.of(make_user("admin"))
    with pytest.raises(NotFound):
        mark_notification_read(reader, theirs.id)
    assert mark_all_read(reader) == 0
    db.session.refresh(theirs)
    assert theirs.read_at is None


def test_reading_all_says_how_many_that_were(make_user, make_notification) -> None:
    user = make_user()
    make_notification(user, read_at=now())
    for _ in range(2):
        make_notification(user)
    assert (mark_all_read(Person.of(user)), mark_all_read(Person.of(user))) == (2, 0)


def test_only_people_who_may_have_notifications_to_read(app: Flask) -> None:
    actor = Person(1, frozenset())
    with pytest.raises(Forbidden):
        mark_all_read(actor)
    with pytest.raises(Forbidden):
        mark_notification_read(actor, 1)
