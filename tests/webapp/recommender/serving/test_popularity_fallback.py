"""Shelves by plain counts."""

from datetime import timedelta

from webapp.recommender.serving.popularity_fallback import new_courses
from webapp.support.clock import now


def test_new_courses_are_those_published_lately_the_last_first(make_course) -> None:
    ids = {days: str(make_course(published_at=now() - timedelta(days=days)).id) for days in (-1, 5, 0, 59, 61)}
    assert [course.item_id for course in new_courses(10)] == [ids[0], ids[5], ids[59]]
