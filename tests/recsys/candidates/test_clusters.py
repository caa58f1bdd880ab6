"""Models of what learners of the same kind take."""

import numpy as np
import pandas as pd
import pytest

from recsys.candidates.base import Model
from recsys.candidates.kmeans import KMeansModel, KMeansPcaModel, item_vectors
from recsys.data.dataset import Dataset
from recsys.data.histories import Histories
from recsys.types import Item
from tests.recsys import worlds
from tests.recsys.candidates.conformance import ModelConformance


class TestKMeans(ModelConformance):
    kind = KMeansModel
    parted = False

    def test_scores_are_shares_of_the_cluster_drawn_towards_all(self, data: Dataset) -> None:
        model = KMeansModel(clusters=2, prior=10.0).fit(data)
        mine = np.array([any(data.items[i].topics == ("a",) for i in data.histories.row(u)[0]) for u in range(data.n_users)])
        taken = data.histories.matrix()
        a0 = data.item_index("a0")
        overall = taken[:, [a0]].sum() / data.n_users
        expected = (taken[mine][:, [a0]].sum() + 10 * overall) / (mine.sum() + 10)
        assert model.score(self.rows(data, "a3"))[0, a0] == pytest.approx(expected)
        assert model.score(self.rows(data, ""))[0, a0] == pytest.approx(overall)

    def test_a_learner_unseen_in_training_joins_the_nearest_cluster(self, data: Dataset, model: Model) -> None:
        assert isinstance(model, KMeansModel)
        member = model.assign(self.rows(data, "a5 a0", "b5 b1 b2", "a1"))
        assert member[0] == member[2] != member[1]


class TestKMeansPca(ModelConformance):
    kind = KMeansPcaModel
    parted = False

    def test_keeps_the_components_that_hold_most_variance(self) -> None:
        rng = np.random.default_rng(0)
        points = rng.normal(size=(500, 4)) * [10, 1, 0.1, 0.1] @ np.linalg.qr(rng.normal(size=(4, 4)))[0]
        mean, axes = KMeansPcaModel().axes(points.astype(np.float32))
        assert axes.shape == (4, 1)
        assert ((points - mean) @ axes).var() == pytest.approx(100, rel=0.2)


def test_without_topics_learners_are_placed_by_what_they_took() -> None:
    bare = Dataset.from_frames(worlds.interactions(), [Item(item.item_id) for item in worlds.items()])
    assert item_vectors(worlds.dataset(), 0).shape == (bare.n_items, 2)
    assert item_vectors(bare, 0).shape[1] > 2
    model = KMeansModel(clusters=2).fit(bare)
    a, b = (Histories.from_lists([[bare.item_index(f"{g}{n}") for n in (1, 3)]], bare.n_items) for g in "ab")
    assert model.assign(a) != model.assign(b)


def test_the_number_of_clusters_grows_with_the_learners() -> None:
    rng = np.random.default_rng(0)
    rows = [(f"u{u}", f"i{i}") for u in range(200) for i in rng.choice(30, 4, replace=False)]
    data = Dataset.from_frames(pd.DataFrame(rows, columns=["user_id", "item_id"]))
    assert len(KMeansModel().fit(data).centroids_) == 10  # √(200 / 2)
