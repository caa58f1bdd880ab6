"""The report gives every figure with its uncertainty, as JSON and as a table."""

import numpy as np
import pandas as pd
import pytest

from recsys.candidates.popularity import PopularityModel
from recsys.data.dataset import Dataset
from recsys.data.splits import leave_last
from recsys.evaluation.full_ranking import FullRanking, evaluate_ranker
from recsys.evaluation.results import Report, build_report

ACCURACY = ("ndcg", "recall", "precision", "hit", "mrr", "map")


@pytest.fixture(scope="module")
def report() -> Report:
    """64 learners took `a` and then one of two courses, half of them the one that is more popular with others."""
    rows = [(f"u{n}", item) for n in range(64) for item in ("a", "b" if n % 2 else "c")]
    rows += [(f"other{n}", "b") for n in range(9)] + [(f"other{n}", "c") for n in range(9, 12)]
    split = leave_last(Dataset.from_frames(pd.DataFrame(rows, columns=["user_id", "item_id"])))
    outcomes = [evaluate_ranker(name, FullRanking(PopularityModel()), split, k=1) for name in ("hybrid_collaborative", "popularity")]
    return build_report(outcomes, split, k=1, seed=0)


@pytest.mark.parametrize("metric", ACCURACY)
def test_every_accuracy_metric_has_its_interval(report: Report, metric: str) -> None:
    row = report.to_json()["models"]["popularity"]
    assert row[metric] == 0.5
    low, high = row[f"{metric}_ci"]
    # The mean of 64 throws of a coin: its standard error is 1 / 16.
    assert np.allclose([low, high], [0.5 - 1.96 / 16, 0.5 + 1.96 / 16], atol=0.02)


def test_the_table_shows_all_accuracy_metrics_on_lines_a_terminal_holds(report: Report) -> None:
    head, *lines = report.table().splitlines()
    assert set(ACCURACY) < set(head.split())
    assert all(len(line) <= 160 for line in (head, *lines))
    shown = dict(zip(head.replace("ndcg 95%", "interval").split(), lines[0].split(), strict=True))
    assert [shown[metric] for metric in ACCURACY] == ["0.5000"] * 6
    assert shown["coverage"] == f"{report.models['popularity']['coverage']:.4f}"
