"""What a learner says is in force at once, replaces what was said before, and can be taken back."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from webapp.extensions import db
from webapp.models.event import Event, Feedback, SavedCourse
from webapp.models.slate import Impression
from webapp.policies import Forbidden, Person, System
from webapp.registries.events import CARD_ACTIONS, VERDICTS, CardButton, EventKind
from webapp.services.errors import Invalid, NotFound
from webapp.services.feedback import give_feedback


@pytest.mark.parametrize("kind", VERDICTS)
def test_a_verdict_is_in_force_and_logged(make_user, make_course, kind) -> None:
    user, course = make_user(), make_course()
    result = give_feedback(Person.of(user), course.slug, kind.value)
    assert (result.feedback, result.undo, result.course_title) == (kind, EventKind.CLEAR, course.title)
    assert db.session.scalars(select(Feedback)).one().kind == kind
    assert db.session.scalars(select(Event)).one().kind == EventKind(kind.value)


def test_the_newest_verdict_replaces_the_one_before_and_undo_brings_it_back(make_user, make_course) -> None:
    actor, course = Person.of(make_user()), make_course()
    give_feedback(actor, course.id, "thumbs_up")
    second = give_feedback(actor, course.id, "dismiss")
    assert second.feedback == EventKind.DISMISS
    assert second.undo is not None
    assert give_feedback(actor, course.id, second.undo).feedback == EventKind.THUMBS_UP
    assert len(db.session.scalars(select(Feedback)).all()) == 1


def test_undo_of_a_first_verdict_leaves_nothing_in_force(make_user, make_course) -> None:
    actor, course = Person.of(make_user()), make_course()
    undo = give_feedback(actor, course.id, "dismiss").undo
    assert undo is not None
    assert give_feedback(actor, course.id, undo).feedback is None
    assert db.session.scalars(select(Feedback)).all() == []


def test_saving_stands_beside_the_verdict(make_user, make_course) -> None:
    actor, course = Person.of(make_user()), make_course()
    give_feedback(actor, course.id, "thumbs_up")
    saved = give_feedback(actor, course.id, "save")
    assert (saved.saved, saved.feedback, saved.undo) == (True, EventKind.THUMBS_UP, EventKind.UNSAVE)
    assert give_feedback(actor, course.id, "clear").saved
    assert not give_feedback(actor, course.id, "unsave").saved
    assert db.session.scalars(select(SavedCourse)).all() == []


def test_saying_it_twice_changes_nothing(make_user, make_course) -> None:
    actor, course = Person.of(make_user()), make_course()
    give_feedback(actor, course.id, "save")
    again = give_feedback(actor, course.id, "save")
    assert (again.saved, again.undo) == (True, None)
    assert len(db.session.scalars(select(SavedCourse)).all()) == 1
    give_feedback(actor, course.id, "unsave")
    for action in ("unsave", "clear", "thumbs_up", "thumbs_up", "thumbs_up", "clear", "clear"):
        assert give_feedback(actor, course.id, action).action == EventKind(action)
    assert [event.kind.value for event in db.session.scalars(select(Event).order_by(Event.id))] == ["save", "unsave", "thumbs_up", "clear"]


def test_a_button_of_a_kind_that_keeps_nothing_leaves_verdict_and_saving_alone(make_user, make_course, monkeypatch) -> None:
    spec = replace(EventKind.REPORT.spec, button=CardButton("Poor", "flag", "Reported: {}."))
    monkeypatch.setattr(EventKind.REPORT, "spec", spec)
    monkeypatch.setattr("webapp.services.feedback.CARD_ACTIONS", (*CARD_ACTIONS, EventKind.REPORT))
    actor, course = Person.of(make_user()), make_course()
    give_feedback(actor, course.id, "thumbs_up")
    give_feedback(actor, course.id, "save")
    result = give_feedback(actor, course.id, "report")
    assert (result.feedback, result.saved, result.undo) == (EventKind.THUMBS_UP, True, None)
    assert db.session.scalars(select(Feedback)).one().kind == EventKind.THUMBS_UP
    assert [event.kind.value for event in db.session.scalars(select(Event).order_by(Event.id))] == ["thumbs_up", "save", "report"]


def test_a_form_sent_twice_counts_once(make_user, make_course) -> None:
    actor, course = Person.of(make_user()), make_course()
    for _ in range(2):
        give_feedback(actor, course.id, "dismiss", client_id="form-0001")
    assert len(db.session.scalars(select(Event)).all()) == 1


def test_an_unknown_slate_does_not_stop_feedback(make_user, make_course) -> None:
    actor, course = Person.of(make_user()), make_course()
    give_feedback(actor, course.id, "dismiss", slate_id=2**62, position=3)
    assert db.session.scalars(select(Feedback)).one().slate_id is None


def test_refusals(make_user, make_course) -> None:
    course = make_course()
    learner = Person.of(make_user())
    with pytest.raises(Invalid):
        give_feedback(learner, course.id, "shrug")
    with pytest.raises(NotFound):
        give_feedback(learner, "no-such-course", "save")
    for action in ("save", "unsave", "clear"):
        with pytest.raises(NotFound):
            give_feedback(learner, make_course(published=False).id, action)
    with pytest.raises(Forbidden):
        give_feedback(Person.of(make_user(active=False)), course.id, "save")
    with pytest.raises(Forbidden):  # the types say so too; a caller without a checker is refused all the same
        give_feedback(System(), course.id, "save")


@pytest.mark.parametrize("action", ["dismiss", "save", "thumbs_up", "clear"])
def test_a_card_somebody_pressed_a_button_of_was_seen(make_user, make_course, make_slate, action: str) -> None:
    user, courses = make_user(), [make_course(), make_course()]
    slate, foreign = make_slate(user, courses), make_slate(make_user(), courses)
    for slate_id in (slate.id, foreign.id):
        give_feedback(Person.of(user), courses[1].id, action, slate_id=slate_id, position=2)
    seen = select(Impression.slate_id, Impression.position).where(Impression.seen_at.is_not(None), Impression.clicked_at.is_(None))
    assert db.session.execute(seen).all() == [(slate.id, 2)]
