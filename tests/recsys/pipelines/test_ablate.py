"""Taking sources and features away shows what they were worth."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from recsys.data.dataset import Dataset
from recsys.data.splits import Split, leave_last
from recsys.evaluation.full_ranking import FullRanking, evaluate_ranker
from recsys.pipelines.ablate import _choices, _Reweighted, ablate, ablate_features
from recsys.ranking.blend import HybridModel
from tests.recsys import worlds


def test_each_source_is_left_out_once_and_stands_alone_once() -> None:
    split = leave_last(worlds.dataset())
    sources = ["transitions", "popularity"]
    full = evaluate_ranker("hybrid", FullRanking(HybridModel(sources=sources)), split, 1)
    heard: list[float] = []
    rows = ablate(split, full, k=1, sources=sources, progress=lambda share, _: heard.append(share))
    assert [(row["kind"], row["source"]) for row in rows] == [
        ("without", "transitions"),
        ("without", "popularity"),
        ("alone", "transitions"),
        ("alone", "popularity"),
    ]
    by = {(row["kind"], row["source"]): row for row in rows}
    # Learners take courses in order: what comes next is known, how popular it is says little.
    assert by["without", "transitions"]["significant"]
    assert by["without", "transitions"]["difference_ci"][1] < 0
    assert by["alone", "transitions"]["ndcg"] > by["alone", "popularity"]["ndcg"] + 0.3
    # With two sources, one left out is the other alone.
    assert by["without", "popularity"]["ndcg"] == by["alone", "transitions"]["ndcg"]
    for row in rows:
        assert row["difference"] == pytest.approx(row["ndcg"] - float(full.accuracy.ndcg.mean()), abs=1e-5)
    assert heard == sorted(heard)
    assert heard[-1] == 1


SHAPES = [("without shape", "all", shape) for shape in ("scaled", "rooted", "logged")]


def without(split: Split, sources: list[str]) -> dict[tuple[str, str, str], dict[str, Any]]:
    full = evaluate_ranker("hybrid", FullRanking(HybridModel(sources=sources)), split, 1)
    rows = ablate_features(split, full, k=1, sources=sources)
    for row in rows:
        assert row["difference"] == pytest.approx(row["ndcg"] - float(full.accuracy.ndcg.mean()), abs=1e-5)
    return {(row["kind"], row["source"], row["feature"]): row for row in rows}


def switching(learners: int = 240) -> Dataset:
    """Three courses of one subject, then three of another: the newest one says what comes next, the whole history misleads."""
    rng = np.random.default_rng(0)
    rows = []
    for learner in range(learners):
        for subject in rng.permutation(4)[:2]:
            rows += [(f"u{learner}", f"{subject}-{course}") for course in rng.permutation(8)[:3]]
    frame = pd.DataFrame(rows, columns=["user_id", "item_id"])
    return Dataset.from_frames(frame.assign(timestamp=1.7e9 + np.arange(len(frame)) * 60.0))


def test_the_signal_that_knows_is_missed_and_its_twin_is_not() -> None:
    rows = without(leave_last(switching()), ["ease"])
    assert list(rows) == [("without signal", "ease", "as it is"), ("without signal", "ease", "power 0"), *SHAPES]
    fading, whole = rows["without signal", "ease", "as it is"], rows["without signal", "ease", "power 0"]
    assert fading["significant"]
    assert fading["difference_ci"][1] < 0
    assert not whole["significant"]


def test_a_signal_that_says_nothing_is_not_missed() -> None:
    """No course has a text, so both signals of the content are empty."""
    split = leave_last(Dataset.from_frames(worlds.interactions()))
    rows = without(split, ["transitions", "content"])
    assert list(rows)[:2] == [("without signal", "content", "as it is"), ("without signal", "content", "cold")]
    for feature in ("as it is", "cold"):
        assert rows["without signal", "content", feature]["difference"] == 0


def test_shapes_of_one_signal_rank_alike() -> None:
    """Each rises with the raw score, so any of them alone puts the courses in the same order."""
    rows = without(leave_last(worlds.dataset()), ["transitions"])
    assert list(rows) == SHAPES
    assert [row["difference"] for row in rows.values()] == [0, 0, 0]


def test_with_nothing_left_out_the_weights_are_those_of_the_blend() -> None:
    train = worlds.dataset()
    blend = HybridModel(sources=["ease", "content", "popularity"]).fit(train)
    again = _Reweighted(blend, _choices(blend, train), np.ones(blend.weights_.shape[:2], bool))
    again.fit(train)
    np.testing.assert_allclose(again.model.weights_, blend.weights_, rtol=1e-3, atol=1e-4)
    assert again.model is not blend


def test_features_are_left_out_where_there_was_nothing_to_learn_weights_from() -> None:
    frame = pd.DataFrame({"user_id": ["u", "u", "v", "v"], "item_id": ["a", "b", "a", "c"], "timestamp": [1.0, 2.0, 3.0, 4.0]})
    assert list(without(leave_last(Dataset.from_frames(frame)), ["popularity", "transitions"])) == SHAPES
