"""Taking sources away shows what they were worth."""

import pytest

from recsys.data.splits import leave_last
from recsys.evaluation.protocols import FullRanking, evaluate_ranker
from recsys.pipelines.ablate import ablate
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
