"""Two stored models side by side."""

import math
from pathlib import Path

import pandas as pd
import pytest

from recsys.__main__ import main
from recsys.errors import ArtifactError
from recsys.pipelines.compare import compare
from recsys.pipelines.train import PromotionMode, train
from recsys.registry.lineage import Source
from tests.recsys import worlds


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("compared") / "models"


def turned_round() -> pd.DataFrame:
    """The same learners and courses, taken from the last to the first, and half of the learners only."""
    frame = worlds.interactions(60)
    frame["timestamp"] = frame.groupby("user_id")["timestamp"].transform("max") - (frame["timestamp"] - 1.7e9)
    return frame


@pytest.fixture(scope="module")
def stored(root: Path) -> dict[str, Path]:
    def make(frame: pd.DataFrame, seed: int = 0) -> Path:
        source = Source("file", "events.csv", len(frame))
        return train(frame, worlds.items(), root, seed=seed, sources=[source], promotion=PromotionMode.NEVER)

    whole = worlds.interactions()
    return {"one": make(whole), "again": make(whole), "other": make(turned_round(), seed=1)}


def test_a_model_agrees_with_itself(stored: dict[str, Path]) -> None:
    found = compare(stored["one"], stored["one"])
    agreement = found.agreement
    assert (agreement.overlap, agreement.kendall, agreement.coverage[0]) == (1, 1, agreement.coverage[1])
    assert agreement.rbo == pytest.approx(1)
    assert agreement.n_learners == len(worlds.items()) + 1
    assert (found.parameters, found.data) == ({}, {})
    assert all(first == second for first, second in found.metrics.values())


def test_the_same_recipe_on_the_same_data_differs_in_nothing(stored: dict[str, Path]) -> None:
    found = compare(stored["one"], stored["again"], worlds.interactions())
    assert found.same_split
    assert found.difference is not None
    assert (found.difference.low, found.difference.high) == (0, 0)
    assert (found.parameters, found.data) == ({}, {})
    assert found.agreement.n_learners == 120
    assert "NDCG on the same learners, B - A: +0.0000" in found.to_text()
    assert "Made from: no difference" in found.to_text()


def test_differences_in_data_parameters_and_recommendations_are_told(stored: dict[str, Path]) -> None:
    found = compare(stored["one"], stored["other"], worlds.interactions(), k=3)
    assert not found.same_split
    assert found.difference is None
    assert found.parameters["params.seed"] == (0, 1)
    assert found.data["data.n_users"] == (120, 60)
    assert found.data["sources.events.csv.rows"] == (len(worlds.interactions()), len(turned_round()))
    assert set(found.metrics) >= {"ndcg", "recall", "coverage"}
    agreement = found.agreement
    assert 0 < agreement.overlap < 1  # both know the subjects, but not the order
    assert 0 < agreement.rbo < 1
    assert -1 <= agreement.kendall <= 1
    text = found.to_text()
    assert "data.n_users: 120 → 60" in text
    assert "differences of figures may be those of the data" in text


def test_models_that_share_no_course_agree_on_nothing(stored: dict[str, Path], tmp_path: Path) -> None:
    frame = pd.DataFrame({"user_id": ["u", "u", "v"], "item_id": ["x", "y", "x"]})
    foreign = train(frame, None, tmp_path / "foreign", evaluate=False)
    agreement = compare(stored["one"], foreign).agreement
    assert (agreement.overlap, agreement.n_learners) == (0, 1)
    assert math.isnan(agreement.kendall)
    assert "–" in compare(stored["one"], foreign).to_text()  # no figures of its own


def test_the_command_compares_artifacts_and_what_serves(stored: dict[str, Path], root: Path, tmp_path: Path, capsys) -> None:
    learners = tmp_path / "interactions.csv"
    worlds.interactions(20).to_csv(learners, index=False)
    assert main(["compare", str(stored["other"]), str(root), "--interactions", str(learners), "-k", "5"]) == 0
    told = capsys.readouterr().out
    assert f"A  {stored['other'].name}" in told
    assert "Recommendations for 20 (learners drawn from the interactions given)" in told
    assert main(["compare", str(stored["one"]), str(tmp_path / "nowhere")]) == 2
    with pytest.raises(ArtifactError):
        compare(stored["one"], tmp_path)
