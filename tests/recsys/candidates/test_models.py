"""Each model keeps the contract, and does what it is named for."""

import numpy as np
import pandas as pd
import pytest

from recsys.candidates import MODELS
from recsys.candidates.base import Model
from recsys.candidates.content import ContentModel
from recsys.candidates.directed_ridge import DirectedModel
from recsys.candidates.ease import EaseModel
from recsys.candidates.item_item_base import ridge_inverse, ridge_solve, sparse_if_large, top_entries_per_row
from recsys.candidates.item_knn import ItemKnnModel
from recsys.candidates.pair_to_item_transitions import PairModel
from recsys.candidates.popularity import PopularityModel
from recsys.candidates.transitions import TransitionModel
from recsys.candidates.trending import TrendingModel
from recsys.data.dataset import Dataset
from recsys.data.histories import Histories, prefixes
from recsys.features.content_similarity import content_similarity
from recsys.types import Item
from tests.recsys import worlds
from tests.recsys.candidates.conformance import ModelConformance


class TestPopularity(ModelConformance):
    kind = PopularityModel
    personal = False

    def test_orders_by_learners(self, data: Dataset, model: Model) -> None:
        assert np.array_equal(np.argsort(model.score(self.rows(data, ""))[0]), np.argsort(np.log1p(data.popularity).astype(np.float32)))


class TestTrending(ModelConformance):
    kind = TrendingModel
    personal = False

    def test_what_was_taken_lately_beats_what_was_taken_often(self) -> None:
        day = 86_400
        old = [(f"o{n}", "old", 1.6e9) for n in range(20)]
        new = [(f"n{n}", "new", 1.6e9 + 300 * day) for n in range(3)]
        data = Dataset.from_frames(pd.DataFrame(old + new, columns=["user_id", "item_id", "timestamp"]))
        scores = TrendingModel(half_life_days=30).fit(data).score(Histories.from_lists([[]], 2))[0]
        assert scores[data.item_index("new")] > scores[data.item_index("old")]

    def test_positions_stand_in_for_times(self) -> None:
        rows = [(f"u{n}", item, step) for n in range(4) for step, item in enumerate(["first", f"x{n}", f"y{n}", f"z{n}", "last"])]
        data = Dataset.from_frames(pd.DataFrame(rows, columns=["user_id", "item_id", "timestamp"]))
        scores = TrendingModel().fit(data).score(Histories.from_lists([[]], data.n_items))[0]
        assert scores[data.item_index("last")] > scores[data.item_index("first")]


class TestItemKnn(ModelConformance):
    kind = ItemKnnModel

    def test_cosine_with_shrinkage(self) -> None:
        data = Dataset.from_frames(pd.DataFrame({"user_id": list("aabbc"), "item_id": list("xyxyx")}))
        weights = ItemKnnModel(shrinkage=1.0).fit(data).weights_.toarray()
        assert weights[0, 1] == pytest.approx(2 / (np.sqrt(3 * 2) + 1))
        assert weights[0, 0] == 0


class TestEase(ModelConformance):
    kind = EaseModel

    def test_closed_form(self, data: Dataset) -> None:
        model = EaseModel(penalty=7.0).fit(data)
        X = data.histories.matrix().toarray().astype(np.float64)
        P = np.linalg.inv(X.T @ X + 7.0 * np.eye(data.n_items))
        expected = np.eye(data.n_items) - P / np.diag(P)
        assert np.diag(model.weights_) == pytest.approx(0)
        assert model.weights_ == pytest.approx(expected - np.diag(np.diag(expected)), abs=1e-5)

    def test_side_information_counts_like_learners(self, data: Dataset) -> None:
        model = EaseModel(penalty=7.0, side=3.0).fit(data)
        X = data.histories.matrix().toarray().astype(np.float64)
        P = np.linalg.inv(X.T @ X + 3.0 * content_similarity(data.items) + 7.0 * np.eye(data.n_items))
        expected = -P / np.diag(P)
        np.fill_diagonal(expected, 0)
        assert model.weights_ == pytest.approx(expected, abs=1e-5)

    def test_side_information_finds_a_course_nobody_took(self) -> None:
        items = [*worlds.items(), Item("fresh", description=worlds.WORDS["b"], topics=("b",))]
        data = Dataset.from_frames(worlds.interactions(), items)
        history = Histories.from_lists([[data.item_index("b0")], [data.item_index("a0")]], data.n_items)
        plain, sided = (EaseModel(side=side).fit(data).score(history)[:, data.item_index("fresh")] for side in (0.0, 10.0))
        assert not plain.any()
        assert sided[0] > 0
        assert sided[0] > sided[1]


class TestTransitions(ModelConformance):
    kind = TransitionModel

    def test_the_next_course_beats_the_one_before(self, data: Dataset, model: Model) -> None:
        scores = model.score(self.rows(data, "a2"))[0]
        assert scores[data.item_index("a3")] > scores[data.item_index("a4")] > scores[data.item_index("a1")]

    def test_counts_are_decayed_by_gap_and_normalized(self) -> None:
        data = Dataset.from_frames(pd.DataFrame({"user_id": list("uuu"), "item_id": list("xyz"), "timestamp": [1, 2, 3]}))
        weights = TransitionModel(steps=2, decay=0.5, shrinkage=0.5).fit(data).weights_
        assert weights[0] == pytest.approx([0, 1 / 2, 0.5 / 2])
        assert weights[2] == pytest.approx([0, 0, 0])

    def test_only_the_last_steps_count(self, data: Dataset) -> None:
        model = TransitionModel(steps=1).fit(data)
        assert np.array_equal(model.score(self.rows(data, "b0 a2")), model.score(self.rows(data, "a2")))


class TestDirected(ModelConformance):
    kind = DirectedModel

    def test_the_next_course_comes_first(self, data: Dataset, model: Model) -> None:
        scores = model.score(self.rows(data, "a1 a2"))[0]
        assert scores.argmax() == data.item_index("a3")


class TestPairs(ModelConformance):
    kind = PairModel

    def test_two_courses_say_what_neither_says_alone(self) -> None:
        # x follows a and b together, y follows either with another course
        rows = [("abx", 9), ("acy", 9), ("bcy", 9)]
        sequences = [(f"{name}{n}", item, step) for name, count in rows for n in range(count) for step, item in enumerate(name)]
        data = Dataset.from_frames(pd.DataFrame(sequences, columns=["user_id", "item_id", "timestamp"]))
        model = PairModel().fit(data)
        scores = model.score(Histories.from_lists([[data.item_index("b"), data.item_index("a")]], data.n_items))[0]
        assert scores.argmax() == data.item_index("x")
        assert scores[data.item_index("y")] == 0

    def test_shares_of_a_pair_fade_with_distance(self) -> None:
        data = Dataset.from_frames(pd.DataFrame({"user_id": list("uuuu"), "item_id": list("wxyz"), "timestamp": [1, 2, 3, 4]}))
        model = PairModel(window=3, decay=0.5, shrinkage=1.0, least=1).fit(data)
        w, x, z = (data.item_index(i) for i in "wxz")
        # (x, y) before z: steps 0 and 1 back, so counted once; (w, y) steps 0 and 2: counted a half
        scores = model.score(Histories.from_lists([[w, x]], 4))[0]
        assert scores[z] == pytest.approx(0.25 / (1 + 0.25 + 1.0))
        assert scores[data.item_index("y")] == pytest.approx(1 / (1 + 0.25 + 1.0))

    def test_rare_pairs_tell_of_persons_and_are_left_out(self) -> None:
        data = Dataset.from_frames(pd.DataFrame({"user_id": list("uuu"), "item_id": list("xyz"), "timestamp": [1, 2, 3]}))
        assert not PairModel(least=3).fit(data).score(Histories.from_lists([[0, 1]], 3)).any()

    def test_without_order_nothing_comes_next(self) -> None:
        rng = np.random.default_rng(0)
        frame = pd.DataFrame({"user_id": [f"u{n // 3}" for n in range(300)], "item_id": rng.integers(5, size=300).astype(str)})
        data = Dataset.from_frames(frame.drop_duplicates())
        assert not data.ordered
        assert not len(PairModel(least=1).fit(data).keys_)


class TestContent(ModelConformance):
    kind = ContentModel

    def test_other_histories_teach_it_nothing(self, data: Dataset, model: Model) -> None:
        assert model.refit(worlds.dataset(learners=7)) is model
        assert np.array_equal(ContentModel().refit(data).score(self.rows(data, "a0")), model.score(self.rows(data, "a0")))


def test_the_family_is_listed_by_name() -> None:
    assert all(name == model.name for name, model in MODELS.items())
    collaborative = {"user_knn", "item_knn", "ease", "transitions", "directed", "pairs", "kmeans", "kmeans_pca", "nmf", "als"}
    described = {"content", "course_similarity", "lsa", "user_profile", "skills", "series"}
    assert {"popularity", "trending"} | collaborative | described == set(MODELS)


def test_a_view_shares_weights_and_leaves_the_model_as_it_is() -> None:
    data = worlds.dataset()
    model = EaseModel(power=1.0).fit(data)
    history = Histories.from_lists([[0, 1, 2]], data.n_items)
    flat = model.with_recency_power(0.0)
    assert flat.weights_ is model.weights_
    assert model.power == 1.0
    assert flat.score(history) == pytest.approx(model.weights_[[0, 1, 2]].sum(axis=0, keepdims=True), abs=1e-5)


def test_strongest_keeps_the_largest_of_each_row() -> None:
    matrix = np.array([[0.1, 0.5, 0.3], [0, 0, 0.2], [-1, -2, 0]], np.float32)
    assert top_entries_per_row(matrix, 2).toarray() == pytest.approx(np.array([[0, 0.5, 0.3], [0, 0, 0.2], [0, 0, 0]]))


def test_a_large_catalog_keeps_the_largest_weights_of_each_row() -> None:
    weights = np.random.default_rng(0).normal(size=(40, 30)).astype(np.float32)
    assert sparse_if_large(weights, keep=5, large=30) is weights
    kept = sparse_if_large(weights, keep=5, large=29).toarray()
    assert (np.count_nonzero(kept, axis=1) == 5).all()
    assert np.array_equal(kept[kept != 0], weights[kept != 0])
    assert (np.abs(np.where(kept == 0, weights, 0)).max(axis=1) <= np.abs(np.where(kept != 0, kept, np.inf)).min(axis=1)).all()


def test_ridge_solve_solves() -> None:
    rng = np.random.default_rng(0)
    X, right = rng.random((30, 8), np.float32), rng.random((8, 5), np.float32)
    assert ridge_solve(X.T @ X, right, 2.0) == pytest.approx(np.linalg.solve(X.T @ X + 2 * np.eye(8), right), abs=1e-5)


def test_directed_solves_the_joint_ridge_over_newest_and_earlier_courses() -> None:
    data = worlds.dataset()
    model = DirectedModel(penalty=3.0).fit(data)
    events = data.histories
    before, targets = (m.toarray().astype(np.float64) for m in prefixes(events, model.steps, model.power))
    newest = prefixes(events, 1, model.power)[0].toarray()
    X = np.hstack([newest, before - newest])
    v = model._event_weights(events).astype(np.float64)[:, None]
    joint = np.linalg.solve(X.T @ (v * X) + 3.0 * np.eye(X.shape[1]), X.T @ (v * targets))
    for half, found in zip(np.split(joint, 2), np.split(np.asarray(model.weights_), 2), strict=True):
        np.fill_diagonal(half, 0)
        assert found == pytest.approx(half, abs=1e-4)


def test_ridge_inverse_is_the_inverse() -> None:
    rng = np.random.default_rng(0)
    X = rng.random((30, 8), np.float32)
    assert ridge_inverse(X.T @ X, 2.0) == pytest.approx(np.linalg.inv(X.T @ X + 2 * np.eye(8)), abs=1e-5)
