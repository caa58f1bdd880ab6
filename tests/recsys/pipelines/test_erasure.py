"""Who was erased goes with the next training: a worse model takes over, and nothing of the person is carried along."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from recsys.gate.codes import GateCode
from recsys.pipelines.train import PromotionMode, train
from recsys.registry.manifest import read_manifest
from recsys.registry.promotion import load_serving
from recsys.registry.retention import remove_made_before_erasures
from tests.recsys import worlds

LEARNERS = 120
GONE = "u7"


def everybody() -> pd.DataFrame:
    return worlds.interactions(LEARNERS)


def without(learner: str = GONE) -> pd.DataFrame:
    frame = everybody()
    return frame[frame["user_id"] != learner]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "models"


def test_an_erasure_lets_a_model_serve_that_the_gate_would_hold(root: Path) -> None:
    first = train(everybody(), worlds.items(), root)
    held = train(without(), worlds.items(), root, evaluate=False)  # never measured: no figure to stand against the first
    assert load_serving(root).name == first.name
    second = train(without(), worlds.items(), root, evaluate=False, erasures="one")
    gate = read_manifest(second).gate
    assert (gate["passed"], gate["promote"], gate["against"]) == (False, True, first.name)
    assert gate["reasons"][-1]["code"] == GateCode.AFTER_ERASURE
    assert load_serving(root).name == second.name
    assert sorted(remove_made_before_erasures(root, "one")) == sorted([first.name, held.name])
    assert [path.name for path in root.iterdir() if path.is_dir()] == [second.name]


def test_the_gate_decides_again_once_the_person_is_gone(root: Path) -> None:
    train(everybody(), worlds.items(), root)
    second = train(without(), worlds.items(), root, erasures="one")
    third = train(without(), worlds.items(), root, evaluate=False, erasures="one")
    assert read_manifest(third).gate["promote"] is False
    assert load_serving(root).name == second.name
    fourth = train(without(), worlds.items(), root, evaluate=False, erasures="two")
    assert load_serving(root).name == fourth.name


def test_a_model_for_comparing_serves_nobody_for_all_that(root: Path) -> None:
    first = train(everybody(), worlds.items(), root, evaluate=False)
    train(without(), worlds.items(), root, evaluate=False, erasures="one", promotion=PromotionMode.NEVER)
    assert load_serving(root).name == first.name


def test_counts_with_the_person_are_not_carried_forward(root: Path, tmp_path: Path) -> None:
    """Though the others have gone on and their part of the counts would fit."""
    train(everybody(), worlds.items(), root, evaluate=False)
    news = pd.DataFrame({"user_id": ["u1"], "item_id": ["b5"], "timestamp": [1.8e9]})
    frame = pd.concat([without(), news])
    after = train(frame, worlds.items(), root, evaluate=False, erasures="one")
    fresh = train(frame, worlds.items(), tmp_path / "fresh", evaluate=False)
    assert read_manifest(after).training["pairs"]["code"] == "counted_anew"
    names = [path.name for path in (fresh / "gram").iterdir()]
    assert [(after / "gram" / name).read_bytes() for name in names] == [(fresh / "gram" / name).read_bytes() for name in names]
    rows = np.load(after / "hybrid" / "user_knn" / "roots_.npy")
    assert len(rows) == LEARNERS - 1
