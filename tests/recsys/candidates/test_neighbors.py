"""Learners with similar histories."""

import numpy as np
import pandas as pd
import pytest

from recsys.candidates.base import Model
from recsys.candidates.user_knn import UserKnnModel
from recsys.data.dataset import Dataset
from recsys.data.histories import Histories
from recsys.types import Item
from tests.recsys.candidates.conformance import ModelConformance


def dataset_of_histories(*histories: str, timed: bool = True) -> Dataset:
    """Learners' histories of items p…z, one letter each."""
    rows = [(f"u{u}", item, step) for u, row in enumerate(histories) for step, item in enumerate(row)]
    frame = pd.DataFrame(rows, columns=["user_id", "item_id", "timestamp"])
    return Dataset.from_frames(frame if timed else frame.drop(columns="timestamp"), [Item(letter) for letter in "pqrstuvwxyz"])


class TestUserKnn(ModelConformance):
    kind = UserKnnModel

    def test_what_followed_the_shared_course_beats_what_came_before_it(self, data: Dataset, model: Model) -> None:
        after, later, before = (model.score(self.rows(data, "a2"))[0, data.item_index(i)] for i in ("a3", "a4", "a1"))
        assert after > later > before > 0

    def test_similarity_and_closeness(self) -> None:
        data = dataset_of_histories("pqrs", "qx", "yz")
        model = UserKnnModel(shrinkage=0.5, sharpness=2.0, power=1.0, decay=0.5, before=0.1).fit(data)
        scores = dict(zip("pqrstuvwxyz", model.score(self.rows(data, "p q"))[0], strict=True))
        size = np.hypot(1.0, 0.5)  # q is the newest, p one step older
        first = (1.5 / (size * 2 + 0.5)) ** 2
        assert scores["r"] == pytest.approx(first)
        assert scores["s"] == pytest.approx(first * 0.5)
        assert scores["p"] == pytest.approx(first * 0.1)
        assert scores["x"] == pytest.approx((1.0 / (size * np.sqrt(2) + 0.5)) ** 2)
        assert scores["y"] == scores["z"] == 0

    def test_only_the_nearest_vote(self) -> None:
        data = dataset_of_histories("pqr", "pxs", "yzu")
        assert UserKnnModel(k=1).fit(data).score(self.rows(data, "p q"))[0, data.item_index("s")] == 0
        assert UserKnnModel(k=2).fit(data).score(self.rows(data, "p q"))[0, data.item_index("s")] > 0

    def test_contributions_name_the_course_that_was_shared(self) -> None:
        data = dataset_of_histories("pqr", "xyz")
        parts = UserKnnModel().fit(data).contributions(self.rows(data, "p x"), data.item_index("z"))
        assert parts[0] == 0
        assert parts[1] > 0

    def test_without_order_nothing_fades_and_nothing_is_close(self) -> None:
        data = dataset_of_histories(*["prq", "qpr", "rqp", "prq", "qrp", "rpq"] * 3, timed=False)
        assert not data.ordered
        scores = UserKnnModel().fit(data).score(self.rows(data, "p q", "q p"))
        assert np.array_equal(scores[0], scores[1])
        assert scores[0, data.item_index("p")] == pytest.approx(scores[0, data.item_index("r")])

    def test_without_order_no_course_is_too_old(self) -> None:
        data = dataset_of_histories(*["prq", "qpr", "rqp", "prq", "qrp", "rpq", "xzy", "yxz", "zyx", "zxy"] * 3, timed=False)
        assert not data.ordered
        long = self.rows(data, "x p q r s t u v w", "p q r s t u v w x")
        scores = UserKnnModel(steps=4).fit(data).score(long)
        assert scores[0, data.item_index("z")] > 0
        assert np.array_equal(scores[0], scores[1])

    def test_many_rows_score_as_one_by_one(self, data: Dataset, model: Model) -> None:
        rows = [f"a{n % 6} b{n % 5}" for n in range(230)]
        scores = model.score(self.rows(data, *rows))
        assert scores[205] == pytest.approx(model.score(self.rows(data, rows[205]))[0])

    def test_of_too_many_learners_a_sample_is_kept(self, data: Dataset) -> None:
        model = UserKnnModel(learners=30).fit(data)
        assert model.taken_.shape == (30, data.n_items)
        assert model.score(self.rows(data, "a0"))[0, data.item_index("a1")] > 0


@pytest.mark.parametrize("seed", range(3))
def test_the_nearest_are_those_a_search_of_everybody_finds(seed: int) -> None:
    drawn = np.random.default_rng(seed)
    items = [Item(f"i{n}") for n in range(60)]
    rows = [(f"u{u}", f"i{i}", t) for u in range(400) for t, i in enumerate((60 * drawn.random(2 + u % 9) ** 2).astype(int))]
    data = Dataset.from_frames(pd.DataFrame(rows, columns=["user_id", "item_id", "timestamp"]), items)
    few, all_ = (UserKnnModel(k=k).fit(data) for k in (20, 400))
    for row in range(0, 400, 7):
        history = data.histories.select(slice(row, row + 1))
        interest = few.interest(history)
        near, everybody = few._neighbors(history.items, interest), all_._neighbors(history.items, interest)
        assert np.array_equal(np.sort(near.sizes), np.sort(everybody.sizes)[-20:])
        assert set(near.learners.tolist()) <= set(everybody.learners.tolist())
        assert (near.shared > 0).all()


def test_a_row_of_dislikes_has_no_neighbors() -> None:
    data = dataset_of_histories("pqr", "pqs")
    disliked = Histories.from_lists([[data.item_index("p")]], data.n_items, [[-1.0]])
    assert not UserKnnModel().fit(data).score(disliked).any()
