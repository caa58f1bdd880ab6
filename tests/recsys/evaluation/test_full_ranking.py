"""Full ranking: every item competes and nothing seen comes back."""

import numpy as np
import pandas as pd
import pytest

from recsys.candidates.popularity import PopularityModel
from recsys.data.dataset import Dataset
from recsys.data.histories import Histories
from recsys.data.splits import leave_last
from recsys.evaluation import full_ranking
from recsys.evaluation.full_ranking import FullRanking, evaluate_ranker, top_k_in_batches
from recsys.evaluation.results import build_report
from recsys.ranking.topk import mask_seen, top_k
from recsys.types import Item


@pytest.fixture
def dataset() -> Dataset:
    rows = [("u", "a"), ("u", "b"), ("v", "a"), ("v", "c"), ("w", "b"), ("w", "a"), ("w", "d"), ("x", "a")]
    items = [Item(i, topics=(t,)) for i, t in zip("abcdef", ["x", "y", "x", "z", "z", "z"], strict=True)]
    return Dataset.from_frames(pd.DataFrame(rows, columns=["user_id", "item_id"]), items)


def test_top_k_orders_breaks_ties_by_index_and_pads() -> None:
    scores = np.array([[1, 3, 3, -np.inf], [0, -np.inf, -np.inf, 5]], np.float32)
    assert top_k(scores, 3).tolist() == [[1, 2, 0], [3, 0, -1]]
    assert top_k(scores, 6).tolist() == [[1, 2, 0, -1, -1, -1], [3, 0, -1, -1, -1, -1]]
    assert top_k(np.ones((1, 40), np.float32), 3).tolist() == [[0, 1, 2]]


def test_masking_covers_disliked_items_and_leaves_the_scores_alone() -> None:
    scores = np.ones((2, 3), np.float32)
    histories = Histories.from_lists([[0], [1, 2]], 3, [[-1.0], [1.0, 1.0]])
    assert np.isinf(mask_seen(scores, histories)).tolist() == [[True, False, False], [False, True, True]]
    assert np.isfinite(scores).all()


def test_a_ranking_holds_no_item_of_the_training_history_and_all_others(dataset: Dataset) -> None:
    ranker = FullRanking(PopularityModel()).fit(dataset)
    ranking = ranker.rank(dataset.histories, k=6)
    for row, found in enumerate(ranking):
        seen = set(dataset.histories.row(row)[0].tolist())
        assert {int(i) for i in found if i >= 0} == set(range(6)) - seen


def test_batches_change_nothing(dataset: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    ranker = FullRanking(PopularityModel()).fit(dataset)
    monkeypatch.setattr(full_ranking, "_BATCH_BYTES", 4 * dataset.n_items)
    assert top_k_in_batches(ranker, dataset.histories, 3).tolist() == ranker.rank(dataset.histories, 3).tolist()


def test_an_outcome_is_measured_on_the_test_users(dataset: Dataset) -> None:
    split = leave_last(dataset)
    outcome = evaluate_ranker("popularity", FullRanking(PopularityModel()), split, k=1)
    # Left in training: a by u, v and x; b by w. Held out: b of u, c of v, d of w. First choice: b, b, a.
    assert outcome.accuracy.ndcg.tolist() == [1, 0, 0]
    assert outcome.peak_mb > 1
    assert outcome.score_us_per_user > 0


def test_a_report_says_how_the_blend_compares(dataset: Dataset) -> None:
    split = leave_last(dataset)
    good = evaluate_ranker("hybrid", FullRanking(PopularityModel()), split, k=1)
    single = evaluate_ranker("popularity", FullRanking(PopularityModel()), split, k=1)
    report = build_report([good, single], split, k=1, seed=0).to_json()
    assert set(report) == {"models", "data", "differences"}
    expected = "ndcg recall precision hit mrr map coverage gini novelty niche_share distinct_topics fit_seconds score_us_per_user peak_mb"
    assert set(expected.split()) | {"ndcg_ci", "recall_ci"} <= set(report["models"]["hybrid"])
    low, high = report["models"]["hybrid"]["ndcg_ci"]
    assert report["models"]["hybrid"]["ndcg"] == pytest.approx(1 / 3, abs=1e-6)
    assert low == 0 < high <= 1
    assert report["differences"]["hybrid - popularity"]["ndcg"] == 0
    assert report["data"]["n_test_users"] == 3
