"""Matrix factorization: vectors of items learned, vectors of learners solved when scoring."""

import numpy as np
import pandas as pd
import pytest

from recsys.candidates.als import AlsModel
from recsys.candidates.base import Model
from recsys.candidates.nmf import NmfModel
from recsys.data.dataset import Dataset
from recsys.data.histories import Histories
from tests.recsys.candidates.conformance import ModelConformance


class TestAls(ModelConformance):
    kind = AlsModel

    def test_a_history_is_folded_in_by_the_normal_equations(self, data: Dataset) -> None:
        model = AlsModel(factors=8, penalty=0.5, confidence=6.0, power=0.0).fit(data)
        items = [0, 1, 4]
        Y = model.items_.astype(np.float64)
        A = Y.T @ Y + 0.5 * np.eye(8) + 5.0 * Y[items].T @ Y[items]
        expected = Y @ np.linalg.solve(A, 6.0 * Y[items].sum(axis=0))
        assert model.score(Histories.from_lists([items], data.n_items))[0] == pytest.approx(expected, abs=1e-4)

    def test_the_newest_course_counts_most(self, data: Dataset, model: Model) -> None:
        score = model.score(self.rows(data, "b0 a0", "a0 b0"))
        a1 = data.item_index("a1")
        assert score[0, a1] > score[1, a1]


class TestNmf(ModelConformance):
    kind = NmfModel

    def test_everything_is_nonnegative(self, data: Dataset, model: Model) -> None:
        assert isinstance(model, NmfModel)
        history = self.rows(data, "a3 b0 a1")
        assert model.items_.min() >= 0
        assert min(model.contributions(history, item).min() for item in range(data.n_items)) >= 0

    def test_folding_in_reconstructs_what_two_parts_explain(self, data: Dataset) -> None:
        model = NmfModel(factors=2, steps=500, power=0.0).fit(data)
        model.items_ = np.array([[1, 0], [1, 0], [0, 2], [0, 1]] + [[0, 0]] * (data.n_items - 4), np.float32)
        scores = model.score(Histories.from_lists([[0, 2]], data.n_items))[0]
        # Least squares of (1, 0, 1, 0) on (1, 1, 0, 0) and (0, 0, 2, 1): weights 1/2 and 2/5.
        assert scores[:4] == pytest.approx([0.5, 0.5, 0.8, 0.4], abs=1e-3)


@pytest.mark.parametrize("kind", [AlsModel, NmfModel])
def test_without_order_nothing_fades(kind: type[AlsModel] | type[NmfModel]) -> None:
    taken = [(f"u{n}", item) for n in range(20) for item in ("p", "q", "r")[n % 3 :]]
    data = Dataset.from_frames(pd.DataFrame(taken, columns=["user_id", "item_id"]))
    assert not data.ordered
    scores = kind().fit(data).score(Histories.from_lists([[0, 1], [1, 0]], 3))
    assert scores[0] == pytest.approx(scores[1], rel=1e-4)
