"""Course cards."""

from datetime import timedelta

import pytest

from tests.webapp.statements import counted
from webapp.extensions import db
from webapp.models.course import Prerequisite
from webapp.models.event import Feedback, SavedCourse
from webapp.queries.cards import CardState, cards_for
from webapp.registries.events import EventKind
from webapp.services.rollups import recount_ratings
from webapp.support.clock import now


def test_cards_keep_the_order_asked_for_and_leave_out_what_is_gone(make_course) -> None:
    first, second, third = (make_course() for _ in range(3))
    assert [card.id for card in cards_for([third.id, 10**6, first.id, second.id])] == [third.id, first.id, second.id]
    assert cards_for([]) == []


def test_a_card_says_what_the_course_is(make_course, make_user) -> None:
    creator = make_user(role="creator", name="Ines Okafor")
    course = make_course("Knots", topic="Ropes", creator=creator, price_cents=1900, published_at=now() - timedelta(days=3))
    (card,) = cards_for([course.id])
    assert (card.title, card.topic_slug, card.topic_name, card.creator_name) == ("Knots", "ropes", "Ropes", "Ines Okafor")
    assert (card.level, card.duration_minutes, card.price_cents, card.is_new) == ("beginner", 60, 1900, True)
    assert (card.rating, card.rating_count, card.state) == (None, 0, None)


@pytest.mark.parametrize(("days", "new"), [(-1, False), (0, True), (29, True), (31, False)])
def test_new_is_what_was_published_lately_not_what_is_dated_ahead(make_course, days: int, new: bool) -> None:
    (card,) = cards_for([make_course(published_at=now() - timedelta(days=days)).id])
    assert card.is_new == new


def test_a_course_without_topic_creator_and_date_has_a_card(make_course) -> None:
    course = make_course(published=False)
    course.topic_id = None
    db.session.flush()
    (card,) = cards_for([course.id])
    assert (card.topic_name, card.creator_name, card.is_new) == (None, None, False)
    assert 0 <= card.hue < 360


def test_ratings_are_averaged(make_course, make_user, make_event) -> None:
    course, other = make_course(), make_course()
    for value in (3, 4, 5):
        make_event(EventKind.RATING, make_user(), course, value=value)
    recount_ratings()
    rated, unrated = cards_for([course.id, other.id])
    assert (rated.rating, rated.rating_count) == (4.0, 3)
    assert (unrated.rating, unrated.rating_count) == (None, 0)


def test_the_state_is_the_readers_own(make_course, make_user, make_enrollment) -> None:
    reader, other = make_user(), make_user()
    taken, done, left, liked, plain = (make_course() for _ in range(5))
    for course, status in ((taken, "active"), (done, "completed"), (left, "dropped")):
        make_enrollment(reader, course, status=status)
    db.session.add_all(
        [
            Feedback(user_id=reader.id, course_id=liked.id, kind=EventKind.THUMBS_UP),
            SavedCourse(user_id=reader.id, course_id=liked.id),
            Feedback(user_id=other.id, course_id=plain.id, kind=EventKind.DISMISS),
        ]
    )
    db.session.flush()
    states = [card.state for card in cards_for([taken.id, done.id, left.id, liked.id, plain.id], reader.id)]
    assert states == [
        CardState(enrolled=True),
        CardState(completed=True),
        CardState(),
        CardState(said=frozenset({"thumbs_up", "save"})),
        CardState(),
    ]


def test_ten_cards_cost_as_many_statements_as_one(make_course, make_user) -> None:
    reader = make_user()
    ids = [make_course().id for _ in range(10)]
    with counted() as one:
        cards_for(ids[:1], reader.id)
    with counted() as ten:
        assert len(cards_for(ids, reader.id)) == 10
    assert len(ten) == len(one) == 2


def test_a_card_names_what_the_reader_should_take_first_until_they_do(make_course, make_user, make_enrollment) -> None:
    reader, other = make_user(), make_user()
    draft, first, second, third = make_course("A draft", published=False), make_course("Knots"), make_course("Ropes"), make_course("Sails")
    course = make_course("Rigging")
    db.session.add_all([Prerequisite(course_id=course.id, required_id=r.id) for r in (draft, first, second, third)])
    make_enrollment(other, first, status="completed")

    def builds_on_titles(user_id: int | None) -> list[str | None]:
        return [card.builds_on for card in cards_for([course.id, first.id], user_id)]

    assert builds_on_titles(reader.id) == ["Knots", None]
    assert builds_on_titles(None) == [None, None]
    enrollment = make_enrollment(reader, first, status="active")
    assert builds_on_titles(reader.id) == ["Ropes", None]
    enrollment.status = "dropped"
    db.session.flush()
    assert builds_on_titles(reader.id) == ["Knots", None]
    enrollment.status, enrollment.completed_at = "completed", now()
    make_enrollment(reader, second, status="active")
    db.session.add(Feedback(user_id=reader.id, course_id=third.id, kind=EventKind.KNOW))
    db.session.flush()
    assert builds_on_titles(reader.id) == [None, None]
