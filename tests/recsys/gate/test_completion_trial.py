"""The candidate's chance to finish against the serving model's, as training compares them."""

import shutil
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from recsys.completion.attempt_frames import attempts_from_frame
from recsys.completion.attempts import Attempts
from recsys.pipelines.train import PromotionMode, train
from recsys.registry.manifest import read_manifest
from recsys.registry.promotion import load_serving
from recsys.report.sentences import gate_reason_sentences
from recsys.types import Item

DAY = 86_400.0
COURSES = tuple(Item(f"c{n}", level=("beginner", "advanced")[n % 2]) for n in range(300))
BARE = tuple(replace(item, level=None) for item in COURSES)
"""The same courses without what decides who finishes them."""


def _attempts(n: int, seed: int = 0) -> Attempts:
    """One attempt a day of a learner of its own, ended an hour later; beginner courses are finished four times in five, others once."""
    rng = np.random.default_rng(seed)
    drawn = rng.random((n, 2))  # by row: more attempts begin with the same ones
    course = (drawn[:, 0] * len(COURSES)).astype(int)
    done = drawn[:, 1] < np.where(course % 2, 0.2, 0.8)
    start = 1e9 + DAY * np.arange(n)
    frame = {"user_id": np.arange(n), "item_id": [f"c{c}" for c in course], "timestamp": start, "ended": start + 3600}
    return attempts_from_frame(pd.DataFrame({**frame, "completed": done, "dropped": ~done}), mature_days=0)


@pytest.fixture(scope="module")
def interactions() -> pd.DataFrame:
    return pd.DataFrame([(f"u{u}", f"c{(u + s) % 6}") for u in range(40) for s in range(3)], columns=["user_id", "item_id"])


@pytest.fixture(scope="module")
def first(interactions: pd.DataFrame, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Trained once: see `serving`."""
    return train(interactions, COURSES, tmp_path_factory.mktemp("models"), attempts=_attempts(600))


@pytest.fixture
def serving(first: Path, tmp_path: Path) -> Path:
    """Where a model serves that knows 600 attempts and the levels of the courses."""
    return Path(shutil.copytree(first.parent, tmp_path, dirs_exist_ok=True))


def _gate(*arguments, **options) -> dict:
    return _in_words(read_manifest(train(*arguments, **options)).gate)


def _in_words(gate: Mapping) -> dict:
    return {**gate, "reasons": gate_reason_sentences(gate["reasons"])}


def test_the_first_model_is_not_compared(first) -> None:
    gate = _in_words(read_manifest(first).gate)
    assert gate["promote"]
    assert gate["chances"] is None
    assert gate["reasons"] == ["No model serves yet."]


def test_on_the_same_attempts_an_equal_model_passes_and_says_so(interactions, serving) -> None:
    gate = _gate(interactions, COURSES, serving, attempts=_attempts(600))
    assert gate["promote"]
    assert gate["chances"]["paired"]
    assert gate["chances"]["brier"]["rise"] == 0
    assert sum("on the same 180 later attempts." in reason for reason in gate["reasons"]) == 2


def test_on_the_same_attempts_a_model_that_says_less_is_held_back(interactions, serving) -> None:
    before = load_serving(serving).name
    gate = _gate(interactions, BARE, serving, attempts=_attempts(600))
    assert gate["chances"]["brier"]["ci"][0] > 0
    assert (gate["passed"], gate["promote"]) == (False, False)
    assert any(r.startswith("The Brier score of the chance to finish rose by more than the 0.005") for r in gate["reasons"])
    assert load_serving(serving).name == before


def test_who_asks_for_it_gets_it_all_the_same(interactions, serving) -> None:
    gate = _gate(interactions, BARE, serving, attempts=_attempts(600), promotion=PromotionMode.ALWAYS)
    assert (gate["passed"], gate["promote"]) == (False, True)
    assert gate["reasons"][-1] == "It serves all the same, as was asked for."


@pytest.mark.parametrize("right", [True, False])
def test_attempts_that_are_news_to_the_serving_model_judge_both(interactions, serving, right) -> None:
    """Where the outcomes it knew by then have been turned round in the data since, the new model is wrong about news."""
    attempts = _attempts(900)
    turned = attempts.start < 1e9 + 600 * DAY
    known = attempts if right else replace(attempts, finished=attempts.finished ^ turned)
    gate = _gate(interactions, COURSES, serving, attempts=known)
    assert gate["chances"]["attempts"] == pytest.approx(300, abs=1)
    assert any("begun after the serving model was trained" in reason for reason in gate["reasons"])
    assert gate["passed"] is right


def test_the_serving_model_answers_news_as_it_stands(interactions, serving) -> None:
    """Fitted on what was known then, the recipe that serves is the recipe on trial: both say the same."""
    gate = _gate(interactions, COURSES, serving, attempts=_attempts(900))
    assert gate["chances"]["brier"]["rise"] == pytest.approx(0, abs=1e-6)


def test_other_attempts_of_the_same_time_are_two_measurements(interactions, serving) -> None:
    gate = _gate(interactions, COURSES, serving, attempts=_attempts(600, seed=1))
    assert gate["chances"]["paired"] is False
    assert any(reason.endswith("from two separate measurements.") for reason in gate["reasons"])


def test_without_attempts_it_is_said_and_nothing_is_held_back(interactions, serving) -> None:
    gate = _gate(interactions, COURSES, serving)
    assert gate["promote"]
    assert gate["chances"] is None
    assert gate["reasons"][-1] == "The chance to finish was not compared: the new model was trained without attempts."


def test_against_a_model_without_it_says_so(interactions, tmp_path) -> None:
    train(interactions, COURSES, tmp_path)
    gate = _gate(interactions, COURSES, tmp_path, attempts=_attempts(600))
    assert gate["reasons"][-1] == "The chance to finish was not compared: the serving model has none."


def test_too_few_attempts_to_judge_are_said_so(interactions, tmp_path) -> None:
    train(interactions, COURSES, tmp_path, attempts=_attempts(30))
    gate = _gate(interactions, COURSES, tmp_path, attempts=_attempts(40))
    assert gate["promote"]
    assert gate["reasons"][-1] == "The chance to finish was not compared: too few later attempts are known to judge both."
