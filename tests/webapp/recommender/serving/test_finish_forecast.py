"""The chance to finish on the page of a course."""

import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from flask import Flask
from flask.testing import FlaskClient

from recsys.completion.attempt_frames import attempts_from_frame
from recsys.pipelines.train import train
from recsys.types import Item
from tests.webapp.recommender.conftest import FIRST_ID, N_COURSES
from tests.webapp.recommender.helpers import happen
from tests.webapp.statements import counted
from webapp.models.course import Course
from webapp.models.user import User
from webapp.recommender.serving.finish_forecast import chance_to_finish
from webapp.recommender.serving.serving_model import LiveModel

ASKED = {"taking": False, "weekly_minutes": None, "level": None, "prerequisites": 0, "lacking": 0}
HEADING = "chance to finish</h2>"


def _trained(root: Path, n_attempts: int) -> Path:
    """A model of outcomes in which the first course is finished by one in five, every other by four in five."""
    rng = np.random.default_rng(2)
    course = np.arange(n_attempts) % N_COURSES
    done = rng.random(n_attempts) < np.where(course == 0, 0.2, 0.8)
    start = 1.6e9 + 3600.0 * np.arange(n_attempts)
    ids = [str(FIRST_ID + n) for n in course]
    columns = {"user_id": rng.integers(0, n_attempts // 3, n_attempts), "item_id": ids, "timestamp": start, "ended": start + 60}
    frame = pd.DataFrame({**columns, "completed": done, "dropped": ~done})
    items = [Item(str(FIRST_ID + n), f"Course {n}") for n in range(N_COURSES)]
    train(frame[["user_id", "item_id", "timestamp"]], items, root, evaluate=False, attempts=attempts_from_frame(frame, mature_days=0))
    return root


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return _trained(tmp_path_factory.mktemp("many"), 1200)


@pytest.fixture(scope="module")
def few(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return _trained(tmp_path_factory.mktemp("few"), 120)


@pytest.fixture
def serve(app: Flask) -> Iterator:
    """Lets the models of a directory serve."""
    before = app.extensions["recommender"]

    def directory(path: Path) -> LiveModel:
        app.extensions["recommender"] = LiveModel(path, check_seconds=0)
        return app.extensions["recommender"]

    yield directory
    app.extensions["recommender"] = before


def _page(client: FlaskClient, course: Course) -> str:
    return " ".join(client.get(f"/courses/{course.slug}").text.split())


def _stated(page: str) -> int:
    found = re.search(r"About (\d+) in 100</strong> learners in your place finish it", page)
    assert found is not None
    return int(found[1])


def test_a_learner_reads_the_chance_what_it_rests_on_and_why(client, login, serve, many, courses, make_user) -> None:
    serve(many)
    login(client, make_user())
    hard, usual = (_page(client, course) for course in courses[:2])
    assert _stated(hard) < 50 < _stated(usual)
    assert "the true number is likely between" in usual
    assert "Learned from how 1,200 started courses ended here." in usual
    assert "of the 100 learners who started it earlier finished, fewer than usual" in hard


def test_a_new_account_without_a_profile_reads_a_range_that_follows_the_course(client, login, serve, many, courses, make_user) -> None:
    serve(many)
    login(client, make_user())
    ranges = []
    for course in courses[:2]:
        found = re.search(r"likely between (\d+) and (\d+)", _page(client, course))
        assert found is not None
        ranges.append((int(found[1]), int(found[2])))
    (low, hard), (easy, high) = ranges
    assert (low + hard) / 2 < 50 < (easy + high) / 2
    assert max(hard - low, high - easy) <= 50


def test_where_too_little_is_known_everybodys_share_is_told(client, login, serve, few, courses, make_user) -> None:
    serve(few)
    login(client, make_user())
    page = _page(client, courses[0])
    assert "Of 10 learners who started it," in page
    assert re.search(r"About \d+ in 100</strong> learners finish it; the true number is likely between", page)
    assert "in your place" not in page


def test_visitors_and_those_who_finished_read_nothing(client, login, serve, many, courses, make_user, make_enrollment) -> None:
    serve(many)
    assert HEADING not in _page(client, courses[1])
    user = make_user()
    make_enrollment(user, courses[1], "completed")
    login(client, user)
    assert HEADING not in _page(client, courses[1])


def test_those_in_it_read_what_is_not_counted(client, login, serve, many, courses, make_user, make_enrollment) -> None:
    serve(many)
    user = make_user()
    make_enrollment(user, courses[1], percent=90)
    login(client, user)
    assert "What you have done in this one is not counted yet." in _page(client, courses[1])


def test_without_a_model_or_for_an_unlearned_part_of_it_nothing_is_said(client, login, live, courses, make_user) -> None:
    login(client, make_user())
    assert HEADING not in _page(client, courses[1])  # this model was trained without attempts
    assert live.finishing() is None


def test_it_costs_two_statements_whatever_was_done_before(serve, many, courses, make_user, make_enrollment) -> None:
    model = serve(many)
    assert model.serving() is not None
    novice, veteran = make_user(), make_user()
    for course in courses[2:8]:
        make_enrollment(veteran, course, "completed")
        happen(veteran, course, "enroll")
    for user in (novice, veteran):
        assert _asked(user, courses[0]) == 2


def test_a_course_nobody_bound_costs_nothing(serve, many, courses, make_user, make_course) -> None:
    model = serve(many)
    assert model.serving() is not None
    assert _asked(make_user(), make_course(published=False)) == 0


def _asked(user: User, course: Course) -> int:
    number, course_id = user.id, course.id
    with counted() as statements:
        chance_to_finish(number, course_id, **ASKED)
    return len(statements)
