"""The learned blend keeps the contract of a model and takes itself apart exactly."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from recsys.candidates import MODELS
from recsys.candidates.base import Model
from recsys.candidates.cooccurrence import CooccurrenceCounts
from recsys.data.dataset import Dataset
from recsys.data.histories import Histories
from recsys.data.splits import leave_last
from recsys.data.state_store import load_state, save_state
from recsys.errors import ArtifactError
from recsys.ranking import blend
from recsys.ranking.blend import SIGNALS, HybridModel, default_signals
from recsys.ranking.signals import SHAPES, Signal
from recsys.ranking.topk import mask_seen
from recsys.ranking.tuning import ndcg_of, validation_folds
from recsys.types import ReasonKind
from tests.recsys import worlds
from tests.recsys.candidates.conformance import ModelConformance


class TestHybrid(ModelConformance):
    kind = HybridModel
    parted = False

    def test_sources_sum_to_the_score(self, data: Dataset, model: Model) -> None:
        assert isinstance(model, HybridModel)
        for row in ("a3 a0 b1", "", "a0"):
            history = self.rows(data, row)
            scores = model.score(history)[0]
            for item in range(data.n_items):
                assert sum(model.explain_sources(history, item).values()) == pytest.approx(scores[item], abs=1e-4)

    def test_events_and_common_sources_sum_to_the_score(self, data: Dataset, model: Model) -> None:
        assert isinstance(model, HybridModel)
        history = self.rows(data, "a3 a0 b1")
        for item in range(data.n_items):
            sources = model.explain_sources(history, item)
            common = sum(sources.get(name, 0) for name in ("popularity", "trending", "baseline"))
            assert model.contributions(history, item).sum() + common == pytest.approx(model.score(history)[0, item], abs=1e-4)

    def test_a_source_without_evidence_adds_nothing(self, data: Dataset, model: Model) -> None:
        assert isinstance(model, HybridModel)
        for item in range(data.n_items):
            assert set(model.explain_sources(self.rows(data, ""), item)) <= {"popularity", "trending", "baseline"}

    def test_what_all_courses_have_is_told_apart(self, data: Dataset, model: Model) -> None:
        """Popularity and trend add nothing to the average course; what they add to every course is one part, the same for all."""
        assert isinstance(model, HybridModel)
        found = [model.explain_sources(self.rows(data, "a3 a0 b1"), item) for item in range(data.n_items)]
        assert len({sources["baseline"] for sources in found}) == 1
        for name in ("popularity", "trending"):
            assert np.mean([sources[name] for sources in found]) == pytest.approx(0, abs=1e-5)
            assert np.ptp([sources[name] for sources in found]) > 0

    def test_a_missing_source_is_refused(self, model: Model, tmp_path: Path) -> None:
        model.save(tmp_path / "m")
        (tmp_path / "m" / "ease" / "state.json").unlink()
        with pytest.raises(ArtifactError):
            HybridModel.load(tmp_path / "m")

    def test_a_source_that_is_gone_takes_only_its_own_part_along(
        self, data: Dataset, model: Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        assert isinstance(model, HybridModel)
        model.save(tmp_path / "m")
        history = self.rows(data, "a3 a0 b1")
        whole = model.score_parts(history, {"ease": 0.0}).total()
        monkeypatch.delitem(MODELS, "ease")
        left = HybridModel.load(tmp_path / "m")
        assert left.signals == tuple(signal for signal in model.signals if signal.source != "ease")
        assert set(left.sources_) == set(model.sources_) - {"ease"}
        np.testing.assert_allclose(left.score(history)[0], whole, rtol=1e-4, atol=1e-5)
        assert sum(left.explain_sources(history, 2).values()) == pytest.approx(float(whole[2]), abs=1e-4)
        left.save(tmp_path / "again")
        np.testing.assert_array_equal(HybridModel.load(tmp_path / "again").score(history), left.score(history))

    def test_a_blend_stored_under_an_older_name_of_a_parameter_loads(self, model: Model, tmp_path: Path) -> None:
        model.save(tmp_path / "m")
        path = tmp_path / "m" / "state.json"
        text = path.read_text("utf-8")
        assert text.count('"tuned"') == 1
        path.write_text(text.replace('"tuned"', '"found"'), "utf-8")
        loaded = HybridModel.load(tmp_path / "m")
        assert loaded.params() == model.params()

    def test_a_blend_of_which_no_source_is_left_is_refused(self, model: Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        model.save(tmp_path / "m")
        for signal in SIGNALS:
            monkeypatch.delitem(MODELS, signal.source, raising=False)
        with pytest.raises(ArtifactError, match="unknown sources"):
            HybridModel.load(tmp_path / "m")


def drifting(learners: int, seed: int) -> Dataset:
    """Learners who change subject halfway: only order tells which subject comes next."""
    rng = np.random.default_rng(seed)
    rows = []
    for learner in range(learners):
        first, second = rng.permutation(4)[:2] if rng.random() < 0.5 else rng.permutation(4)[:1].repeat(2)
        rows += [(f"u{learner}", f"s{first}c{course}", step) for step, course in enumerate(rng.permutation(12)[:4])]
        rows += [(f"u{learner}", f"s{second}c{course}", 10 + step) for step, course in enumerate(rng.permutation(12)[:3])]
    frame = pd.DataFrame(rows, columns=["user_id", "item_id", "timestamp"]).drop_duplicates(["user_id", "item_id"])
    return Dataset.from_frames(frame)


def test_the_blend_ranks_about_as_well_as_its_best_source() -> None:
    split = leave_last(drifting(600, seed=1))
    hybrid = HybridModel(seed=0).fit(split.train)
    alone = {name: ndcg_of(source, split) for name, source in hybrid.sources_.items()}
    blended = ndcg_of(hybrid, split)
    assert blended > 3 * alone["popularity"]
    assert blended > 0.9 * max(alone.values())


def test_validation_never_shows_what_it_asks_for() -> None:
    for data in (worlds.dataset(), Dataset.from_frames(worlds.interactions().drop(columns="timestamp").sample(frac=1, random_state=1))):
        folds = validation_folds(data, sample=100, seed=0)
        assert folds
        for fold in folds:
            shown = fold.train.histories.select(fold.test_rows)
            seen = set(zip(shown.rows.tolist(), shown.items.tolist(), strict=True))
            assert not seen & set(zip(fold.test.rows.tolist(), fold.test.items.tolist(), strict=True))


def test_nothing_comes_next_where_order_means_nothing(tmp_path: Path) -> None:
    shuffled = worlds.interactions().drop(columns="timestamp").sample(frac=1, random_state=3)
    for data, said in (
        (Dataset.from_frames(shuffled, worlds.items()), ReasonKind.TAKEN_TOGETHER),
        (worlds.dataset(), ReasonKind.TAKEN_NEXT),
    ):
        HybridModel().fit(data).save(tmp_path / said)
        assert HybridModel.load(tmp_path / said).reason_kind_of_source("directed") is said


def test_counts_that_are_known_give_the_same_blend() -> None:
    data, history = worlds.dataset(), Histories.from_lists([[0, 1]], worlds.dataset().n_items)
    counts = CooccurrenceCounts.of(data.histories, [item.item_id for item in data.items])
    assert np.array_equal(HybridModel().fit(data).score(history), HybridModel().fit(data, counts.matrix).score(history))


@pytest.mark.parametrize("left_out", sorted({signal.source for signal in SIGNALS}))
def test_any_source_can_be_left_out(left_out: str, tmp_path: Path) -> None:
    data = worlds.dataset()
    kept = sorted({signal.source for signal in SIGNALS} - {left_out})
    HybridModel(sources=kept).fit(data).save(tmp_path / "m")
    model = HybridModel.load(tmp_path / "m")
    scores = model.score(Histories.from_lists([[data.item_index("a1"), data.item_index("a2")]], data.n_items))
    assert np.isfinite(scores).all()
    assert data.items[int(mask_seen(scores, Histories.from_lists([[1, 2]], data.n_items)).argmax())].item_id.startswith("a")
    assert left_out not in model.sources_


def test_what_looks_at_sets_joins_where_order_means_nothing() -> None:
    data = replace(worlds.dataset(), ordered=False)
    model, history = HybridModel().fit(data), Histories.from_lists([[data.item_index("a1"), data.item_index("a2")]], data.n_items)
    assert set(model.sources_) - set(HybridModel().fit(worlds.dataset()).sources_) == {"als", "item_knn"}
    best = int(mask_seen(model.score(history), history).argmax())
    assert data.items[best].item_id.startswith("a")
    assert sum(model.explain_sources(history, best).values()) == pytest.approx(float(model.score(history)[0, best]), abs=1e-4)
    als = model.sources_["als"]
    assert als.contributions_to(history, [best]).sum() == pytest.approx(float(als.score(history)[0, best]), abs=1e-4)


def test_learners_without_history_get_what_many_take() -> None:
    data = worlds.dataset()
    scores = HybridModel().fit(data).score(Histories.from_lists([[]], data.n_items))[0]
    assert scores[[data.item_index(f"a{n}") for n in range(worlds.SIZE)]].min() > scores[data.item_index("untaken")]


def test_a_search_that_may_take_no_time_keeps_the_defaults() -> None:
    model = HybridModel(search_budget=0.0).fit(worlds.dataset())
    assert {name: source.params() for name, source in model.sources_.items()} == {name: MODELS[name]().params() for name in model.sources_}
    assert np.isfinite(model.weights_).all()


def test_learners_with_three_courses_each_are_enough_to_learn_from() -> None:
    """Courses follow each other in circles of four; holding the newest out of every history would leave no pair to learn from."""
    rows = [(f"u{n}", f"c{(n % 2) * 4 + (n // 2 + step) % 4}", 1.7e9 + step * 86_400) for n in range(40) for step in range(3)]
    split = leave_last(Dataset.from_frames(pd.DataFrame(rows, columns=["user_id", "item_id", "timestamp"])))
    assert ndcg_of(HybridModel().fit(split.train), split) == pytest.approx(1.0)


OTHERS = (Signal("item_knn"), Signal("ease", power=0.5), Signal("content", cold=True), Signal("popularity"))
"""Signals of a blend as another version of the code might have it."""


@pytest.fixture
def of_others(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> tuple[np.ndarray, Path]:
    """What a blend of other signals than today's said when it was fitted, and where it is stored."""
    with monkeypatch.context() as then:
        then.setattr(blend, "SIGNALS", OTHERS)
        model = HybridModel().fit(worlds.dataset())
        model.save(tmp_path / "m")
        return model.score(asked()), tmp_path / "m"


def asked() -> Histories:
    return Histories.from_lists([[0, 1], [], [8]], worlds.dataset().n_items)


def rewrite(directory: Path, change: Callable[[dict[str, Any], dict[str, Any]], None]) -> None:
    """Store the blend's own arrays and values with a change."""
    arrays, values = load_state(directory)
    arrays = {name: np.array(array) for name, array in arrays.items()}
    change(arrays, values)
    save_state(directory, arrays, values)


def test_a_blend_of_other_signals_serves_as_it_was_fitted(of_others: tuple[np.ndarray, Path], tmp_path: Path) -> None:
    scores, directory = of_others
    model = HybridModel.load(directory)
    assert model.signals == OTHERS
    assert HybridModel().signals == default_signals(ordered=True)
    assert set(model.sources_) == {"item_knn", "ease", "content", "popularity"}
    history = asked().select(slice(0, 1))
    assert sum(model.explain_sources(history, 2).values()) == pytest.approx(float(scores[0, 2]), abs=1e-4)
    model.save(tmp_path / "again")
    for other in (model, HybridModel.load(tmp_path / "again")):
        np.testing.assert_array_equal(other.score(asked()), scores)


def test_a_shape_that_a_blend_did_not_have_weighs_nothing(tmp_path: Path) -> None:
    model = HybridModel().fit(worlds.dataset())
    model.save(tmp_path / "m")
    kept = [SHAPES.index(shape) for shape in ("logged", "scaled")]

    def without_one(arrays: dict[str, Any], values: dict[str, Any]) -> None:
        arrays["weights_"] = arrays["weights_"][:, kept]
        values["shapes"] = ["logged", "scaled"]

    rewrite(tmp_path / "m", without_one)
    expected = np.array(model.weights_)
    expected[:, SHAPES.index("rooted")] = 0
    assert expected.any()
    assert (expected != model.weights_).any()
    model.weights_ = expected
    np.testing.assert_array_equal(HybridModel.load(tmp_path / "m").score(asked()), model.score(asked()))


def test_a_blend_stored_before_signals_were_is_read(tmp_path: Path) -> None:
    model = HybridModel().fit(worlds.dataset())
    model.save(tmp_path / "m")

    def forget(_arrays: dict[str, Any], values: dict[str, Any]) -> None:
        del values["signals"], values["shapes"]

    rewrite(tmp_path / "m", forget)
    np.testing.assert_array_equal(HybridModel.load(tmp_path / "m").score(asked()), model.score(asked()))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"source": "item_knn"', '"source": ["item_knn"]'),  # no name
        ('"source": "item_knn"', '"source": "lsa"'),  # known, but not among what is stored
        ('"rooted"', '"squared"'),
        ('"cold"', '"warm"'),
    ],
)
def test_signals_that_are_not_known_are_refused(of_others: tuple[np.ndarray, Path], old: str, new: str) -> None:
    state = of_others[1] / "state.json"
    text = json.dumps(json.loads(state.read_text("utf-8")))
    assert old in text
    state.write_text(text.replace(old, new), "utf-8")
    with pytest.raises(ArtifactError):
        HybridModel.load(of_others[1])
