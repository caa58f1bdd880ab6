"""In which order courses are taken."""

from datetime import timedelta

from tests.webapp.statements import counted
from webapp.queries import sequences
from webapp.queries.sequences import Order, orders_of
from webapp.support.clock import now


def _take(make_user, make_enrollment, *courses) -> None:
    """One learner takes the courses a day apart, or together those that stand in a list."""
    user, last = make_user(), now()
    for day, together in enumerate(courses):
        for course in together if isinstance(together, list) else [together]:
            make_enrollment(user, course, enrolled_at=last - timedelta(days=20 - day))


def test_learners_are_counted_by_the_order_they_enrolled_in(make_user, make_course, make_enrollment) -> None:
    first, second, other = make_course(), make_course(), make_course()
    for courses in ((first, second), (first, other, second), (second, first), ([first, second],), (first,), (second, other)):
        _take(make_user, make_enrollment, *courses)
    found = orders_of([(first.id, second.id), (second.id, first.id), (other.id, second.id)], {})
    assert found == {
        (first.id, second.id): Order(both=4, after=2, before=1),
        (second.id, first.id): Order(both=4, after=1, before=2),
        (other.id, second.id): Order(both=2, after=1, before=1),
    }


def test_who_left_has_taken_the_course_too(make_user, make_course, make_enrollment) -> None:
    first, second, user = make_course(), make_course(), make_user()
    make_enrollment(user, first, "dropped", enrolled_at=now() - timedelta(days=2))
    make_enrollment(user, second, enrolled_at=now())
    assert orders_of([(first.id, second.id)], {}) == {(first.id, second.id): Order(both=1, after=1)}


def test_courses_nobody_took_both_of_are_left_out(make_user, make_course, make_enrollment) -> None:
    first, second = make_course(), make_course()
    _take(make_user, make_enrollment, first)
    _take(make_user, make_enrollment, second)
    assert orders_of([(first.id, second.id)], {}) == {}


def test_of_a_large_course_a_part_of_the_learners_is_looked_at(monkeypatch, make_user, make_course, make_enrollment) -> None:
    monkeypatch.setattr(sequences, "_ENOUGH", 4)
    first, second = make_course(), make_course()
    for _ in range(12):
        _take(make_user, make_enrollment, first, second)
    (order,) = orders_of([(first.id, second.id)], {first.id: 11}).values()
    assert order.both == order.after
    assert 2 <= order.both <= 6


def test_many_pairs_are_one_statement(make_course) -> None:
    ids = [make_course().id for _ in range(6)]
    with counted() as seen:
        orders_of([(a, b) for a in ids for b in ids if a != b], {})
    assert len(seen) == 1
