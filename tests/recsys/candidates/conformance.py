"""What every model of the family has to keep, inherited by the test of each."""

from pathlib import Path
from typing import ClassVar

import numpy as np
import pandas as pd
import pytest

from recsys.candidates.base import Model
from recsys.data.dataset import Dataset
from recsys.data.histories import Histories
from recsys.data.state_store import FORMAT
from recsys.errors import ArtifactError, NotFittedError
from recsys.ranking.topk import mask_seen
from recsys.types import Item
from tests.recsys import worlds


class ModelConformance:
    """Subclasses name the model; `personal` says whether scores depend on the history, `parted` whether the whole score
    is made of contributions."""

    kind: ClassVar[type[Model]]
    personal: ClassVar[bool] = True
    parted: ClassVar[bool] = True

    @classmethod
    def world(cls) -> Dataset:
        """What the model is fitted on; `worlds.dataset` unless it lacks what the model reads."""
        return worlds.dataset()

    @pytest.fixture(scope="class")
    @classmethod
    def data(cls) -> Dataset:
        return cls.world()

    @pytest.fixture(scope="class")
    @classmethod
    def model(cls, data: Dataset) -> Model:
        return cls.kind().fit(data)

    def rows(self, data: Dataset, *histories: str) -> Histories:
        """Histories of item ids separated by blanks."""
        return Histories.from_lists([[data.item_index(i) for i in row.split()] for row in histories], data.n_items)

    def test_the_constructor_only_stores_parameters(self) -> None:
        model = self.kind()
        assert {name: getattr(model, name) for name in model.params()} == model.params()
        with pytest.raises(NotFittedError):
            model.score(Histories.from_lists([[]], 3))

    def test_fit_returns_self(self, data: Dataset) -> None:
        model = self.kind()
        assert model.fit(data) is model

    def test_scores_are_finite_float32_of_the_right_shape(self, data: Dataset, model: Model) -> None:
        scores = model.score(self.rows(data, "a0 a1", "", "b3", "untaken", "a0 a0 a0"))
        assert scores.shape == (5, data.n_items)
        assert scores.dtype == np.float32
        assert np.isfinite(scores).all()

    def test_the_obvious_answer_comes_first(self, data: Dataset, model: Model) -> None:
        rows = self.rows(data, "a0 a1", "b2 b3")
        scores = model.score(rows)
        mine = [[data.item_index(f"{g}{n}") for n in range(worlds.SIZE)] for g in "ab"]
        if self.personal:
            best = mask_seen(scores, rows).argmax(axis=1)
            assert best[0] in mine[0]
            assert best[1] in mine[1]
        else:
            assert np.array_equal(scores[0], scores[1])
            assert scores[0, mine[0]].min() > scores[0, data.item_index("untaken")]

    def test_a_learner_without_history_gets_no_personal_scores(self, data: Dataset, model: Model) -> None:
        cold = model.score(self.rows(data, ""))[0]
        if self.personal and self.parted:
            assert not cold.any()
        else:
            assert cold[data.item_index("a0")] > cold[data.item_index("untaken")]

    def test_no_rows_give_no_scores(self, data: Dataset, model: Model) -> None:
        assert model.score(Histories.from_lists([], data.n_items)).shape == (0, data.n_items)

    def test_one_learner_alone_scores_as_among_others(self, data: Dataset, model: Model) -> None:
        rows = ("a3 a0 b1 a0", "b2", "")
        together = model.score(self.rows(data, *rows))
        for row, expected in zip(rows, together, strict=True):
            assert model.score(self.rows(data, row))[0] == pytest.approx(expected, rel=1e-4, abs=1e-6)

    def test_dislikes_are_no_interest(self, data: Dataset, model: Model) -> None:
        history = Histories.from_lists([[data.item_index("a0")]], data.n_items, [[-1.0]])
        empty = self.rows(data, "")
        assert np.array_equal(np.argsort(model.score(history)[0]), np.argsort(model.score(empty)[0]))

    def test_contributions_add_up_to_the_score(self, data: Dataset, model: Model) -> None:
        history = self.rows(data, "a3 a0 b1 a0 a1")
        for item in range(data.n_items):
            parts = model.contributions(history, item)
            assert parts.shape == (5,)
            if self.personal and self.parted:
                assert parts.sum() == pytest.approx(model.score(history)[0, item], abs=1e-5)
            elif not self.personal:
                assert not parts.any()

    def test_a_stored_model_scores_the_same(self, data: Dataset, model: Model, tmp_path: Path) -> None:
        model.save(tmp_path / "m")
        loaded = self.kind.load(tmp_path / "m")
        rows = self.rows(data, "a0 a1", "", "b3 a2")
        assert np.array_equal(model.score(rows), loaded.score(rows))
        assert loaded.params() == model.params()
        assert not list(tmp_path.rglob("*.pkl"))

    def test_a_damaged_store_is_refused(self, model: Model, tmp_path: Path) -> None:
        model.save(tmp_path / "m")
        victim = max((tmp_path / "m").glob("*.npy"), key=lambda path: path.stat().st_size)
        victim.write_bytes(victim.read_bytes()[:-8])
        with pytest.raises(ArtifactError):
            self.kind.load(tmp_path / "m")

    def test_a_store_of_another_format_is_refused(self, model: Model, tmp_path: Path) -> None:
        model.save(tmp_path / "m")
        state = tmp_path / "m" / "state.json"
        state.write_text(state.read_text("utf-8").replace(f'"format": {FORMAT}', f'"format": {FORMAT + 1}'), "utf-8")
        with pytest.raises(ArtifactError):
            self.kind.load(tmp_path / "m")
        with pytest.raises(ArtifactError):
            self.kind.load(tmp_path / "elsewhere")

    def test_the_same_data_give_the_same_scores(self, data: Dataset, model: Model) -> None:
        again = self.kind(**model.params()).fit(self.world())
        rows = self.rows(data, "a0 a1", "b3 a2")
        assert np.array_equal(model.score(rows), again.score(rows))

    @pytest.mark.parametrize("catalog", [(), (Item("x"), Item("y", title="Some words"))])
    def test_fits_without_any_interaction(self, catalog: tuple[Item, ...]) -> None:
        data = Dataset.from_frames(pd.DataFrame({"user_id": [], "item_id": []}), catalog)
        scores = self.kind().fit(data).score(Histories.from_lists([[]], len(catalog)))
        assert scores.shape == (1, len(catalog))
        assert np.isfinite(scores).all()

    def test_fits_a_single_learner_with_a_single_item(self) -> None:
        data = Dataset.from_frames(pd.DataFrame({"user_id": ["u"], "item_id": ["i"]}))
        assert np.isfinite(self.kind().fit(data).score(Histories.from_lists([[0], []], 1))).all()
