"""One door, one schema, exactly once."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from tests.factories import make_slate
from webapp.extensions import db
from webapp.models.course import Course
from webapp.models.event import Event
from webapp.models.user import User
from webapp.policies import Forbidden, Permission, Person
from webapp.registries.events import EventKind
from webapp.services.errors import Invalid, NotFound
from webapp.services.events import EventIn, record, record_all, record_view
from webapp.support.clock import now


def _count() -> int:
    return db.session.scalar(select(func.count()).select_from(Event))


def _slate(user: User, course: Course) -> int:
    return make_slate(user, [course]).id


def test_an_event_is_written_with_what_it_carries(make_user, make_course) -> None:
    user, course = make_user(), make_course()
    slate_id = _slate(user, course)
    assert record(Person.of(user), EventIn("click", course.id, slate_id=slate_id, position=2))
    event = db.session.scalars(select(Event)).one()
    assert (event.kind, event.user_id, event.course_id, event.slate_id, event.position) == (
        EventKind.CLICK,
        user.id,
        course.id,
        slate_id,
        2,
    )
    assert not event.time_is_order


def test_the_same_client_id_counts_once(make_user, make_course) -> None:
    user, course = make_user(), make_course()
    event = EventIn("view", course.id, client_id="phone-0001")
    assert [record(Person.of(user), event), record(Person.of(user), event)] == [True, False]
    assert _count() == 1


def test_client_ids_belong_to_their_sender(make_user, make_course) -> None:
    course = make_course()
    event = EventIn("view", course.id, client_id="phone-0001")
    assert record(Person.of(make_user()), event)
    assert record(Person.of(make_user()), event)
    assert record(None, event)


def test_without_a_client_id_each_counts(make_user, make_course) -> None:
    event = EventIn("view", make_course().id)
    assert record_all(Person.of(make_user()), [event, event]) == 2


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"kind": "teleport"}, "kind"),
        ({"kind": "view", "value": 3}, "value"),
        ({"kind": "rating"}, "value"),
        ({"kind": "rating", "value": 6}, "value"),
        ({"kind": "progress", "value": 101}, "value"),
        ({"kind": "dwell", "value": 0}, "value"),
        ({"kind": "dwell", "value": float("nan")}, "value"),
        ({"kind": "view", "position": 0}, "position"),
        ({"kind": "view", "subject_id": 3}, "subject_id"),
        ({"kind": "view", "data": {"depth": 3}}, "data"),
        ({"kind": "view", "client_id": "short"}, "client_id"),
        ({"kind": "view", "client_id": "with blank here"}, "client_id"),
    ],
)
def test_what_does_not_fit_the_schema_is_refused(make_user, make_course, fields, wrong) -> None:
    with pytest.raises(Invalid) as caught:
        record(Person.of(make_user()), EventIn(course_id=make_course().id, **fields))
    assert caught.value.field == wrong
    assert _count() == 0


@pytest.fixture
def about_a_lesson(monkeypatch: pytest.MonkeyPatch) -> EventKind:
    """A kind that is about something of a course and carries data."""
    kind = EventKind.REPORT
    monkeypatch.setattr(kind, "spec", replace(kind.spec, subject="lesson", data=frozenset({"why", "where"})))
    return kind


def test_what_an_event_is_about_and_its_data_are_kept(make_user, make_course, about_a_lesson) -> None:
    actor, course = Person.of(make_user()), make_course()
    record(actor, EventIn(about_a_lesson, course.id, subject_id=7, data={"why": "too short"}))
    record(actor, EventIn("view", course.id))
    about, plain = db.session.scalars(select(Event).order_by(Event.id))
    assert (about.course_id, about.subject_type, about.subject_id, about.data) == (course.id, "lesson", 7, {"why": "too short"})
    assert (plain.subject_type, plain.subject_id, plain.data) == (None, None, None)


@pytest.mark.parametrize(("fields", "wrong"), [({}, "subject_id"), ({"subject_id": 7, "data": {"why": "", "who": "Ada"}}, "data")])
def test_a_subject_that_is_missing_and_data_beyond_the_declared_are_refused(make_user, make_course, about_a_lesson, fields, wrong) -> None:
    with pytest.raises(Invalid) as caught:
        record(Person.of(make_user()), EventIn(about_a_lesson, make_course().id, **fields))
    assert caught.value.field == wrong
    assert _count() == 0


@pytest.mark.parametrize(
    "of",
    [
        pytest.param(lambda moment: moment + timedelta(hours=1), id="future"),
        pytest.param(lambda moment: moment - timedelta(days=30), id="long ago"),
        pytest.param(lambda moment: moment.replace(tzinfo=None), id="no time zone"),
    ],
)
def test_a_time_that_cannot_be_is_refused(make_user, make_course, of) -> None:
    with pytest.raises(Invalid) as caught:
        record(Person.of(make_user()), EventIn("view", make_course().id, occurred_at=of(now())))
    assert caught.value.field == "occurred_at"
    assert _count() == 0


def test_a_lesson_must_be_part_of_the_course(make_user, make_course) -> None:
    from webapp.models.lesson import Lesson

    course, other = make_course(), make_course()
    foreign = db.session.scalars(select(Lesson.id).where(Lesson.course_id == other.id)).first()
    with pytest.raises(Invalid):
        record(Person.of(make_user()), EventIn("dwell", course.id, lesson_id=foreign, value=30))


def test_drafts_are_not_there_for_others(make_user, make_course) -> None:
    creator = make_user(role="creator")
    draft = make_course(published=False, creator=creator)
    with pytest.raises(NotFound):
        record(Person.of(make_user()), EventIn("view", draft.id))
    assert record(Person.of(creator), EventIn("view", draft.id))


def test_a_withdrawn_course_can_still_be_dropped_by_who_took_it(make_user, make_course) -> None:
    user, course = make_user(), make_course()
    record(Person.of(user), EventIn("enroll", course.id))
    course.status = "archived"
    db.session.flush()
    assert record(Person.of(user), EventIn("drop", course.id))


def test_visitors_leave_views_only(make_course) -> None:
    course = make_course()
    assert record(None, EventIn("view", course.id))
    with pytest.raises(Invalid):
        record(None, EventIn("enroll", course.id))


def test_a_suspended_account_writes_nothing(make_user, make_course) -> None:
    with pytest.raises(Forbidden):
        record(Person.of(make_user(active=False)), EventIn("view", make_course().id))


def test_a_kind_asks_for_the_permission_it_names(monkeypatch: pytest.MonkeyPatch, make_user, make_course) -> None:
    spec = replace(EventKind.RATING.spec, permission=Permission.SEE_STUDIO)
    monkeypatch.setattr(EventKind.RATING, "spec", spec)
    course = make_course()
    with pytest.raises(Forbidden):
        record(Person.of(make_user("learner")), EventIn("rating", course.id, value=5))
    assert record(Person.of(make_user("creator")), EventIn("rating", course.id, value=5))


def test_a_slate_of_somebody_else_is_left_out(make_user, make_course) -> None:
    course = make_course()
    slate_id = _slate(make_user(), course)
    record(Person.of(make_user()), EventIn("click", course.id, slate_id=slate_id, position=1))
    event = db.session.scalars(select(Event)).one()
    assert (event.slate_id, event.position) == (None, None)


def test_a_view_that_came_from_a_card_is_a_click_too(make_user, make_course) -> None:
    user, course = make_user(), make_course()
    record_view(Person.of(user), course.id, _slate(user, course), 1)
    assert set(db.session.scalars(select(Event.kind))) == {EventKind.VIEW, EventKind.CLICK}


def test_a_link_that_was_passed_on_is_a_view_and_no_click(make_user, make_course) -> None:
    course = make_course()
    record_view(Person.of(make_user()), course.id, _slate(make_user(), course), 1)
    assert db.session.execute(select(Event.kind, Event.slate_id, Event.position)).all() == [(EventKind.VIEW, None, None)]
