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
PERSONAL = (EaseModel.name, ItemKnnModel.name, TransitionModel.name, DirectedModel.name, ContentModel.name)
SIGNALS = (
    *(Signal(name) for name in PERSONAL),
    Signal(EaseModel.name, power=0.0),  # the whole history alike, next to the fading one
    Signal(PopularityModel.name),
    Signal(TrendingModel.name),
)
_LEAST_POPULARITY = 1e-3  # keeps a ranking for learners without history, however little popularity helps the others


class HybridModel(Model):
    """score(u, i) = Σ over sources of a part ≥ 0, each a weighted sum of shapes of the source's raw score.

    Weights depend on the length of the history and are learned on held-out courses of the training data (`softmax`), on
    which the sources' own parameters are chosen too (`tuning`); then the sources are fitted on everything. Because the
    score is a plain sum over sources, and each source a sum over events, an explanation is the score itself taken apart.
    """

    name: ClassVar[str] = "hybrid"
    reason: ClassVar[ReasonKind] = ReasonKind.TAKEN_TOGETHER
    learned: ClassVar[tuple[str, ...]] = ("weights_",)
    weights_: Matrix
    sources_: dict[str, Model]
    ordered_: bool  # whether the order of events meant anything in the training data

    def __init__(
        self, seed: int = 0, sample: int = 10_000, pool: int = 150, penalty: float = 3.0, sources: Sequence[str] | None = None
    ) -> None:
        self.seed = seed
        self.sample = sample
        self.pool = pool
        self.penalty = penalty
        self.sources = None if sources is None else list(sources)

    def params(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {"seed": self.seed, "sample": self.sample, "pool": self.pool, "penalty": self.penalty, "sources": self.sources}

    @property
    def signals(self) -> tuple[Signal, ...]:
        """The signals of the sources this blend is made of."""
        return tuple(s for s in SIGNALS if self.sources is None or s.source in self.sources)

    def fit(self, dataset: Dataset) -> Self:
        """Tune and weigh on validation folds, then fit the sources on everything.

        With too little data to hold anything out, sources keep their defaults and equal weights.
        """
        self.ordered_ = dataset.ordered
        folds = validation_folds(dataset, self.sample, self.seed)
        sources = _tuned(dataset, folds[0], self.signals) if folds else _defaults(self.signals)
        learned = [self._choices(sources, fold, refit=number > 0) for number, fold in enumerate(folds)]
        least = np.zeros((len(self.signals), len(SHAPES), 2))
        least[[s.source == PopularityModel.name for s in self.signals], 0] = _LEAST_POPULARITY
        if learned:
            with one_thread():
                weights = fit_weights(Choices.join(learned), self.penalty, least.ravel())
            self.weights_ = weights.reshape(least.shape)
        else:
            self.weights_ = np.maximum(least, 1 / len(SHAPES)).astype(np.float32)
        self.sources_ = {name: _refitted(source, dataset) for name, source in sources.items()}
        return self

    def _choices(self, sources: Mapping[str, Model], fold: Split, refit: bool) -> Choices:
        fitted = {name: _refitted(source, fold.train) for name, source in sources.items()} if refit else sources
        return choices_of(fitted, self.signals, fold, self.pool)

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

    def reason_of(self, source: str) -> ReasonKind:
        """What the part of a source says. Where order means nothing nothing comes next: it was only taken too."""
        kind = self.sources_[source].reason
        return ReasonKind.TAKEN_TOGETHER if kind is ReasonKind.TAKEN_NEXT and not self.ordered_ else kind

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
        for signal, weights in zip(self.signals, self.weights_, strict=True):
            per_row = basis @ weights.T  # (rows, shapes)
            used = weights.any(axis=1)
            if not used.any():
                continue
            raw = signal.model(self.sources_).score(histories)
            part = np.zeros_like(raw)
            for index in np.flatnonzero(used):
                part += per_row[:, index, None] * SHAPES[index](raw)
            found.append((signal, part))
        return found

    def save(self, directory: Path) -> None:
        """Weights here, every source in a folder of its own below."""
        self.require_fitted()
        stored = {"model": self.name, "params": self.params(), "sources": sorted(self.sources_), "ordered": self.ordered_}
        save_state(directory, {"weights_": self.weights_}, stored)
        for name, source in self.sources_.items():
            source.save(directory / name)

    @classmethod
    def load(cls, directory: Path) -> Self:
        """Read what `save` wrote. Raises ArtifactError when anything is missing, damaged or foreign."""
        arrays, stored = load_state(directory)
        try:
            model = cls(**stored["params"])
        except (TypeError, KeyError) as error:
            raise ArtifactError(f"{directory.name}: parameters do not fit {cls.name!r}: {error}") from error
        wanted = {signal.source for signal in model.signals}
        shape = (len(model.signals), len(SHAPES), 2)
        if stored.get("model") != cls.name or set(stored.get("sources", ())) != wanted or "weights_" not in arrays:
            raise ArtifactError(f"{directory.name} does not hold a complete {cls.name!r}")
        if arrays["weights_"].shape != shape:
            raise ArtifactError(f"{directory.name}: weights of shape {arrays['weights_'].shape} instead of {shape}")
        model.weights_ = arrays["weights_"]
        model.ordered_ = bool(stored.get("ordered", True))
        model.sources_ = {name: MODELS[name].load(directory / name) for name in sorted(wanted)}
        return model


def _defaults(signals: Sequence[Signal]) -> dict[str, Model]:
    return {signal.source: MODELS[signal.source]() for signal in signals}


def _tuned(dataset: Dataset, fold: Split, signals: Sequence[Signal]) -> dict[str, Model]:
    """Every source with the parameters that rank best on the fold, fitted on its training part."""
    sources = _defaults(signals)
    if EaseModel.name in sources:
        sources[EaseModel.name] = best_ease(fold)
    for name, source in sources.items():
        if name == EaseModel.name:
            continue
        # Content reads items, not events: fitted once, it serves the folds and the end.
        source.fit(dataset if name == ContentModel.name else fold.train)
        # How fast a directed model's history fades is part of its training, the others' is free.
        if isinstance(source, ItemItemModel) and name != DirectedModel.name:
            source.power = best_power(source, fold)
    return sources


def _refitted(source: Model, dataset: Dataset) -> Model:
    if isinstance(source, ContentModel) and hasattr(source, "vectorizer_"):
        return source
    return type(source)(**source.params()).fit(dataset)
