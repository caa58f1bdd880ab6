"""The chance to finish as a part of training: fitted on attempts, judged on later ones, stored with the artifact."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from recsys.completion.attempt_frames import attempts_from_frame
from recsys.completion.attempt_readers import AttemptSource
from recsys.completion.attempts import Attempts
from recsys.errors import ArtifactError
from recsys.evaluation.completion_holdout import LEAST_SCORED, score_later_attempts
from recsys.pipelines.completion import train_completion
from recsys.pipelines.train import train
from recsys.registry.store import verify
from recsys.serving.bundle import Bundle
from recsys.types import Item

DAY = 86_400.0
ITEMS = tuple(Item(f"c{n}", level=("beginner", "advanced")[n % 2], duration_minutes=60 + 60 * n) for n in range(6))


def _attempts(n: int, seed: int = 0) -> Attempts:
    """One attempt a day, ended the day after; beginner courses (c0, c2, c4) are finished three times in four, others once in four."""
    rng = np.random.default_rng(seed)
    course = rng.integers(0, len(ITEMS), n)
    done = rng.random(n) < np.where(course % 2, 0.25, 0.75)
    frame = pd.DataFrame(
        {
            "user_id": [f"u{u}" for u in rng.integers(0, n // 2 + 1, n)],
            "item_id": [f"c{c}" for c in course],
            "timestamp": 1e9 + DAY * np.arange(n),
            "ended": 1e9 + DAY * (np.arange(n) + 1),
            "completed": done,
            "dropped": ~done,
        }
    )
    return attempts_from_frame(frame, mature_days=0)


@pytest.fixture
def interactions() -> pd.DataFrame:
    return pd.DataFrame([(f"u{u}", f"c{(u + s) % 6}") for u in range(40) for s in range(3)], columns=["user_id", "item_id"])


def _files(directory: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (directory / "finishing").iterdir()}


def test_an_artifact_holds_what_was_learned_and_how_well_it_foretold(interactions, tmp_path) -> None:
    manifest = verify(train(interactions, ITEMS, tmp_path, attempts=_attempts(1000)))
    assert any(name.startswith("finishing/") for name in manifest.files)
    told = manifest.metrics["finishing"]
    assert (told["attempts"], told["outcomes"], told["basis"]) == (1000, 1000, "model")
    judged = told["judged"]
    assert judged["outcomes"] == pytest.approx(300, abs=2)
    assert judged["learned_from"] + judged["outcomes"] == pytest.approx(1000, abs=2)
    assert judged["auc"][0] == pytest.approx(0.75, abs=0.06)  # what knowing the level is worth
    assert judged["brier"][0] < 0.25 * 0.85
    assert sum(point["count"] for point in judged["reliability"]) == judged["outcomes"]
    assert judged["ece"][0] < 0.1


def test_without_attempts_or_outcomes_there_is_none_and_the_artifact_still_opens(interactions, tmp_path) -> None:
    undecided = replace(_attempts(50), known=np.full(50, np.inf))
    for attempts in (None, undecided):
        directory = train(interactions, ITEMS, tmp_path, attempts=attempts, evaluate=False)
        assert not (directory / "finishing").exists()
        assert "finishing" not in verify(directory).metrics
        assert Bundle.open(directory).finishing is None


def test_a_stored_one_answers_as_it_was_fitted(interactions, tmp_path) -> None:
    attempts = _attempts(1000)
    source = AttemptSource("attempts", attempts, ITEMS)
    found = Bundle.open(train(interactions, ITEMS, tmp_path, attempts=attempts, evaluate=False)).finishing
    fitted = train_completion(source)
    assert found is not None
    assert fitted is not None
    np.testing.assert_array_equal(found.probability(source.feature_table()), fitted.model.probability(source.feature_table()))


def test_the_same_attempts_give_the_same_bytes(interactions, tmp_path) -> None:
    first, second = (train(interactions, ITEMS, tmp_path / name, attempts=_attempts(600), seed=4) for name in "ab")
    assert _files(first) == _files(second)
    told = [verify(directory).metrics["finishing"] for directory in (first, second)]
    assert json.dumps(told[0]) == json.dumps(told[1])


def test_a_damaged_one_is_refused(interactions, tmp_path) -> None:
    directory = train(interactions, ITEMS, tmp_path, attempts=_attempts(600), evaluate=False)
    state = directory / "finishing" / "state.json"
    state.write_text(state.read_text().replace('"base"', '"bass"'))
    with pytest.raises(ArtifactError):
        Bundle.open(directory)


def test_few_outcomes_make_shares_and_are_not_judged() -> None:
    found = train_completion(AttemptSource("few", _attempts(40), ITEMS))
    assert found is not None
    assert found.report["basis"] == "shares"
    assert "judged" not in found.report


def test_the_moment_of_the_split_hides_what_came_later() -> None:
    """With every later outcome turned round, what was learned before looks as wrong as it looked right."""
    attempts = _attempts(1000)
    right = score_later_attempts(AttemptSource("as it was", attempts, ITEMS))
    assert right is not None
    later = attempts.start >= right.report["split_at"]
    wrong = score_later_attempts(AttemptSource("turned round", replace(attempts, finished=attempts.finished ^ later), ITEMS))
    assert wrong is not None
    assert wrong.report["auc"][0] < 0.4 < 0.6 < right.report["auc"][0]


def test_outcomes_of_one_kind_cannot_be_judged() -> None:
    attempts = _attempts(4 * LEAST_SCORED)
    assert score_later_attempts(AttemptSource("all finished", replace(attempts, finished=np.ones(len(attempts), bool)), ITEMS)) is None
