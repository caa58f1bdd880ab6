"""Training from tables to an artifact."""

from pathlib import Path

import pandas as pd
import pytest

from recsys.data.layouts import read_interactions, read_items
from recsys.errors import DataError
from recsys.pipelines.train import train
from recsys.progress_steps import StepCode
from recsys.registry.store import list_artifacts, verify
from recsys.serving.recommender import Recommender
from recsys.types import Item, Learner, Statement


def test_a_training_run_is_measured_and_described(files: Path) -> None:
    heard: list[tuple[float, Statement]] = []
    interactions, items = read_interactions(files / "interactions.csv"), read_items(files / "items.csv")
    directory = train(interactions, items, files / "models", seed=3, progress=lambda share, step: heard.append((share, step)))
    manifest = verify(directory)
    assert manifest.data["n_users"] == 60
    assert manifest.data["n_interactions"] == 180
    assert manifest.training["seed"] == 3
    assert 0 < manifest.metrics["models"]["hybrid"]["ndcg"] <= 1
    assert "hybrid - popularity" in manifest.metrics["differences"]
    assert manifest.data["last_time"] - manifest.data["first_time"] == 120
    assert set(manifest.training["found"]) >= {"ease", "transitions"}
    assert manifest.training["found"]["ease"]["penalty"] > 0
    assert manifest.training["found"]["hybrid"]["penalty"] > 0
    assert "items_without_level" in {finding["check"] for finding in manifest.quality["findings"]}
    assert manifest.gate["promote"]
    shares = [share for share, _ in heard]
    assert shares == sorted(shares)
    assert (shares[0], shares[-1]) == (0.0, 1.0)
    assert [heard[0][1].code, heard[-1][1].code] == [StepCode.CHECKING_DATA, StepCode.DONE]


def test_the_same_data_and_seed_give_the_same_model(files: Path) -> None:
    interactions = read_interactions(files / "interactions.csv")
    first, second = (verify(train(interactions, None, files / name, evaluate=False)) for name in ("a", "b"))
    assert first.files == second.files
    assert first.data == second.data


def test_the_fingerprint_follows_the_data(files: Path) -> None:
    interactions = read_interactions(files / "interactions.csv")
    first = verify(train(interactions, None, files / "a", evaluate=False))
    second = verify(train(interactions.iloc[:-1], None, files / "b", evaluate=False))
    assert first.data["fingerprint"] != second.data["fingerprint"]


def test_a_catalog_nobody_has_touched_can_be_trained_on(tmp_path: Path) -> None:
    nothing = pd.DataFrame({"user_id": [], "item_id": []})
    directory = train(nothing, [Item("a", "Baking bread"), Item("b", "Baking cakes")], tmp_path)
    slate = Recommender.load(directory).for_learner(Learner()).recommend(5)
    assert {r.item_id for r in slate} == {"a", "b"}


def test_unusable_data_leaves_nothing_behind(tmp_path: Path) -> None:
    with pytest.raises(DataError):
        train(pd.DataFrame({"user_id": ["a"], "item_id": ["x"], "weight": ["heavy"]}), None, tmp_path / "models")
    assert list_artifacts(tmp_path / "models") == []
    assert not (tmp_path / "models").exists()
