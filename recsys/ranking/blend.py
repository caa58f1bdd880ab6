"""The hybrid: a learned, readable sum of all candidate sources."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np
import numpy.typing as npt

from recsys.candidates import MODELS
from recsys.candidates.base import Model
from recsys.candidates.content import ContentModel
from recsys.candidates.directed import DirectedModel
from recsys.candidates.ease import EaseModel
from recsys.candidates.item_item import ItemItemModel, one_thread
from recsys.candidates.item_knn import ItemKnnModel
from recsys.candidates.popularity import PopularityModel
from recsys.candidates.transitions import TransitionModel
from recsys.candidates.trending import TrendingModel
from recsys.data.arrays import load_state, save_state
from recsys.data.dataset import Dataset
from recsys.data.histories import FloatArray, Histories
from recsys.data.splits import Split
from recsys.errors import ArtifactError
from recsys.ranking.examples import choices_of
from recsys.ranking.signals import SHAPES, Signal, length_basis
from recsys.ranking.softmax import Choices, fit_weights
from recsys.ranking.tuning import best_ease, best_power, validation_folds
from recsys.types import ReasonKind

Matrix = npt.NDArray[np.float32]
SEQUENTIAL = (TransitionModel.name, DirectedModel.name)
PERSONAL = (EaseModel.name, ItemKnnModel.name, TransitionModel.name, DirectedModel.name, ContentModel.name)
SIGNALS = (
    *(Signal(name) for name in PERSONAL),
    Signal(EaseModel.name, power=0.0),  # the whole history alike, next to the fading one
    Signal(PopularityModel.name),
    Signal(TrendingModel.name),
)
_LEAST_POPULARITY = 1e-3


class HybridModel(Model):
    """score(u, i) = Σ over sources of a part, each a weighted sum of shapes of the source's raw score.

    Weights depend on the length of the history and are learned on held-out courses of the training data (`softmax`), on
    which the sources' own parameters are chosen too (`tuning`); then the sources are fitted on everything. Because the
    score is a plain sum over sources, and each source a sum over events, an explanation is the score itself taken apart.
    """

    name: ClassVar[str] = "hybrid"
    reason: ClassVar[ReasonKind] = ReasonKind.TAKEN_TOGETHER
    learned: ClassVar[tuple[str, ...]] = ("weights_",)
    weights_: Matrix
    signals_: tuple[Signal, ...]
    sources_: dict[str, Model]

    def __init__(self, seed: int = 0, sample: int = 8_000, pool: int = 100, penalty: float = 20.0) -> None:
        self.seed = seed
        self.sample = sample
        self.pool = pool
        self.penalty = penalty

    def params(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {"seed": self.seed, "sample": self.sample, "pool": self.pool, "penalty": self.penalty}

    def fit(self, dataset: Dataset) -> Self:
        """Tune and weigh on validation folds, then fit the sources on everything.

        With too little data to hold anything out, sources keep their defaults and equal weights. Where order means nothing,
        the sources that rest on it stay out: what they would learn, and say as a reason, would not be so.
        """
        self.signals_ = tuple(s for s in SIGNALS if dataset.ordered or s.source not in SEQUENTIAL)
        folds = validation_folds(dataset, self.sample, self.seed)
        sources = {name: MODELS[name]() for name in dict.fromkeys(s.source for s in self.signals_)}
        if folds:
            _tune(sources, dataset, folds[0])
        learned = [self._choices(sources, fold, refit=number > 0) for number, fold in enumerate(folds)]
        if learned:
            with one_thread():
                weights = fit_weights(Choices.join(learned), self.penalty, _bounds(self.signals_).ravel())
            self.weights_ = weights.reshape(_shape(self.signals_))
        else:
            self.weights_ = np.full(_shape(self.signals_), 1 / len(SHAPES), np.float32)
        self.sources_ = {name: _refitted(source, dataset) for name, source in sources.items()}
        return self

    def _choices(self, sources: Mapping[str, Model], fold: Split, refit: bool) -> Choices:
        fitted = {name: _refitted(source, fold.train) for name, source in sources.items()} if refit else sources
        return choices_of(fitted, self.signals_, fold, self.pool)

    def score(self, histories: Histories) -> Matrix:
        """Scores of shape (len(histories), n_items): the sum of `parts`."""
        parts = self.parts(histories)
        total = np.zeros((len(histories), histories.n_items), np.float32)
        for part in parts.values():
            total += part
        return total

    def parts(self, histories: Histories) -> dict[str, Matrix]:
        """What each source adds to each score, (len(histories), n_items) by source name."""
        found: dict[str, Matrix] = {}
        for signal, part in self._signal_parts(histories):
            found[signal.source] = found[signal.source] + part if signal.source in found else part
        return found

    def explain_sources(self, history: Histories, item: int) -> dict[str, float]:
        """What each source adds to the score of `item` for the single-row `history`; the values sum to the score."""
        return {name: float(part[0, item]) for name, part in self.parts(history).items()}

    def contributions(self, history: Histories, item: int) -> FloatArray:
        """What each event adds: a signal's part, shared out as its raw score is made up.

        Popularity and trending have no events behind them; the rest of the score is theirs.
        """
        total = np.zeros(len(history.items), np.float32)
        for signal, part in self._signal_parts(history):
            raw = signal.model(self.sources_).contributions(history, item)
            if (whole := float(raw.sum())) != 0:
                total += raw * np.float32(part[0, item] / whole)
        return total

    def _signal_parts(self, histories: Histories) -> list[tuple[Signal, Matrix]]:
        self.require_fitted()
        basis = length_basis(histories)
        found = []
        for signal, weights in zip(self.signals_, self.weights_, strict=True):
            per_row = basis @ weights.T  # (rows, shapes)
            used = weights.any(axis=1)
            if not used.any():
                continue
            raw = signal.model(self.sources_).score(histories)
            part = np.zeros_like(raw)
            for index in np.flatnonzero(used):
                part += per_row[:, index, None] * SHAPES[index](raw)
            if signal.source not in PERSONAL:
                # The same for every item means nothing; left in, it would pass for a reason.
                part -= part.min(axis=1, keepdims=True, initial=np.inf)
            found.append((signal, part))
        return found

    def save(self, directory: Path) -> None:
        """Weights here, every source in a folder of its own below."""
        self.require_fitted()
        stored = {"model": self.name, "params": self.params(), "signals": [[s.source, s.power] for s in self.signals_]}
        save_state(directory, {"weights_": self.weights_}, stored)
        for name, source in self.sources_.items():
            source.save(directory / name)

    @classmethod
    def load(cls, directory: Path) -> Self:
        """Read what `save` wrote. Raises ArtifactError when anything is missing, damaged or foreign."""
        arrays, stored = load_state(directory)
        if stored.get("model") != cls.name or "weights_" not in arrays:
            raise ArtifactError(f"{directory.name} does not hold a {cls.name!r}")
        try:
            model = cls(**stored["params"])
            model.signals_ = tuple(Signal(source, power) for source, power in stored["signals"])
            kinds = {signal.source: MODELS[signal.source] for signal in model.signals_}
        except (TypeError, KeyError, ValueError) as error:
            raise ArtifactError(f"{directory.name}: parameters do not fit {cls.name!r}: {error}") from error
        model.weights_ = arrays["weights_"]
        if model.weights_.shape != (wanted := _shape(model.signals_)):
            raise ArtifactError(f"{directory.name}: weights of shape {model.weights_.shape} instead of {wanted}")
        model.sources_ = {name: kind.load(directory / name) for name, kind in kinds.items()}
        return model


def _shape(signals: Sequence[Signal]) -> tuple[int, int, int]:
    """Of the weights; the last axis tells short histories from long ones, see `length_basis`."""
    return len(signals), len(SHAPES), 2


def _bounds(signals: Sequence[Signal]) -> npt.NDArray[np.float64]:
    """Lower bounds: popularity must not count against an item for those without history; for the others it may, as the
    personal sources already hold more popularity than is good."""
    least = np.full(_shape(signals), -np.inf)
    common = [number for number, signal in enumerate(signals) if signal.source not in PERSONAL]
    least[common, :, 0] = 0
    least[common, 0, 0] = _LEAST_POPULARITY
    return least


def _tune(sources: dict[str, Model], dataset: Dataset, fold: Split) -> None:
    """Give every source the parameters that rank best on the fold, fitted on its training part."""
    for name, source in sources.items():
        if name == EaseModel.name:
            sources[name] = best_ease(fold)
            continue
        # Content reads items, not events: fitted once, it serves the folds and the end.
        source.fit(dataset if name == ContentModel.name else fold.train)
        # How fast a directed model's history fades is part of its training; for the others it is free to choose.
        if isinstance(source, ItemItemModel) and name != DirectedModel.name:
            source.power = best_power(source, fold)


def _refitted(source: Model, dataset: Dataset) -> Model:
    if isinstance(source, ContentModel) and hasattr(source, "vectorizer_"):
        return source
    return type(source)(**source.params()).fit(dataset)
