"""The hybrid: a learned, readable sum of all candidate sources."""

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import compress
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np
import numpy.typing as npt

from recsys import kernels
from recsys.candidates import MODELS
from recsys.candidates.base import Model
from recsys.data.dataset import Dataset
from recsys.data.histories import FloatArray, Histories
from recsys.data.slates import LoggedSlates
from recsys.data.splits import Split, has_clock
from recsys.data.state_store import load_state, save_state
from recsys.errors import ArtifactError, DataError
from recsys.faults import Fault
from recsys.ranking.click_learning import ClickedSlates, ClickFit, clicked_slates, learn_with_clicks
from recsys.ranking.pool_choices import choices_of
from recsys.ranking.signals import (
    SCALED,
    SHAPES,
    Signal,
    SignalScale,
    SignalViews,
    coldness,
    length_basis,
    positive_events_per_learner,
    weighted_sum,
)
from recsys.ranking.softmax import Choices, fit_weights
from recsys.ranking.tuning import best_penalty, tuned_sources, validation_folds
from recsys.threads import one_thread
from recsys.types import ReasonKind

Matrix = npt.NDArray[np.float32]
COMMON = ("popularity", "trending")
BASELINE = "baseline"
_WISHED = (
    Signal("ease"),
    Signal("ease", power=0.0),  # the whole history alike, next to the fading one
    Signal("transitions"),
    Signal("directed"),
    Signal("user_knn"),
    Signal("item_knn", unordered=True),  # where all sources see the same set, other ways of looking at it help;
    Signal("als", unordered=True),  # where order is known they add nothing
    Signal("content"),
    Signal("content", cold=True),  # nobody took them together with anything yet: their text is all there is
    Signal("series"),  # and the lesson before them
    *(Signal(name) for name in COMMON),
)
SIGNALS = tuple(signal for signal in _WISHED if signal.source in MODELS)
"""A source that is taken out of the family leaves the blend with the others."""
_BLOCK_BYTES = 1 << 20  # of scores at a time: stays in the processor's cache
_COLD = 0.5
_OLD_NAMES = {"found": "tuned"}  # of parameters in blends stored before


def default_signals(ordered: bool) -> tuple[Signal, ...]:
    """The signals of a blend of all sources on data where order means something, or nothing."""
    return tuple(signal for signal in SIGNALS if not (signal.unordered and ordered))


def sources_of(signals: Sequence[Signal]) -> tuple[str, ...]:
    """The sources behind signals, each once."""
    return tuple(dict.fromkeys(signal.source for signal in signals))


class HybridModel(Model):
    """score(u, i) = Σ over sources of a part, each a weighted sum of shapes of the source's raw score.

    Weights depend on the length of the history and are learned on held-out courses of the training data (`softmax`), on
    which the sources' own parameters are chosen too (`tuning`); then the sources are fitted on everything. A weight may be
    negative: that a course is popular with everyone speaks against it being what this learner looks for (+.005 of NDCG@10 on
    MOOCCubeX over weights held positive). Because the score is a plain sum over sources, and each source a sum over events,
    an explanation is the score itself taken apart. Learners without history are ranked by popularity and trend.

    `search_budget` ends the choice of parameters after so many seconds; only a search that it cut short depends on the machine.
    Where `tuned` gives what an earlier fit has chosen (`tuned_parameters`), nothing is searched.
    """

    name: ClassVar[str] = "hybrid"
    reason: ClassVar[ReasonKind] = ReasonKind.TAKEN_TOGETHER
    learned: ClassVar[tuple[str, ...]] = ("weights_", "coldness_")
    weights_: Matrix
    """(signals, shapes, 2)."""
    coldness_: FloatArray
    sources_: dict[str, Model]
    ordered_: bool  # whether the order of events meant anything in the training data
    _views: SignalViews
    _stored: tuple[Signal, ...] | None = None
    _by_count: tuple[Matrix, dict[int, Matrix]] | None = None
    penalty_: float | None = None  # that the weights were learned with; None where there was nothing to learn them from
    click_fit_: ClickFit | None = None  # what came of the slates that fit was given

    def __init__(
        self,
        seed: int = 0,
        sample: int = 8_000,
        pool: int = 150,
        penalty: float | None = None,
        sources: Sequence[str] | None = None,
        search_budget: float = 300.0,
        tuned: Mapping[str, Mapping[str, Any]] | None = None,
    ) -> None:
        self.seed = seed
        self.sample = sample
        self.pool = pool
        self.penalty = penalty
        self.sources = None if sources is None else list(sources)
        self.search_budget = search_budget
        self.tuned = None if tuned is None else {name: dict(params) for name, params in tuned.items()}

    def params(self) -> dict[str, Any]:
        """The constructor's arguments."""
        names = ("seed", "sample", "pool", "penalty", "sources", "search_budget", "tuned")
        return {name: getattr(self, name) for name in names}

    def tuned_parameters(self) -> dict[str, dict[str, Any]]:
        """What the fit settled on, by source and, under the blend's own name, for its weights; plain values."""
        return {**{name: source.params() for name, source in sorted(self.sources_.items())}, self.name: {"penalty": self.penalty_}}

    @property
    def signals(self) -> tuple[Signal, ...]:
        """The signals of the sources this blend is made of; those it was stored with where it has been loaded. Before a fit order is
        taken to mean something."""
        known = default_signals(getattr(self, "ordered_", True))
        return self._stored or tuple(s for s in known if self.sources is None or s.source in self.sources)

    @one_thread()
    def fit(self, dataset: Dataset, pairs: Matrix | None = None, slates: LoggedSlates | None = None) -> Self:
        """Tune and weigh on validation folds, then fit the sources on everything.

        `pairs` are the counts of learners by pairs of items in `dataset` where they are known already (see CooccurrenceCounts). `slates`
        that were served teach the weights too, where that makes newer ones likelier (see `click_learning`; `click_fit_` says so). With too
        little data to hold anything out, sources keep their defaults and equal weights.
        """
        self.ordered_ = dataset.ordered
        if not self.signals:
            known = sources_of(default_signals(dataset.ordered))
            raise DataError(Fault.BLEND_WITHOUT_SOURCE, sources=self.sources, known=known)
        until = time.perf_counter() + self.search_budget
        folds = validation_folds(dataset, self.sample, self.seed)
        sources = tuned_sources(sources_of(self.signals), folds[0] if folds else None, until, self.tuned)
        self._learn(dataset, folds, sources, slates, until)
        self.sources_ = {name: source.refit(dataset, pairs) for name, source in sources.items()}
        self.coldness_ = coldness(dataset.popularity)
        self._views = SignalViews(self.signals, self.sources_, self.coldness_)
        return self

    def choices(self, sources: Mapping[str, Model], fold: Split) -> Choices:
        """What weights are learned from on one fold, by sources fitted on its training part first."""
        return choices_of(self._views_on(sources, fold, refit=True), fold, self.pool)

    def _views_on(self, sources: Mapping[str, Model], fold: Split, refit: bool) -> SignalViews:
        fitted = {name: source.refit(fold.train) for name, source in sources.items()} if refit else sources
        return SignalViews(self.signals, fitted, coldness(fold.train.popularity))

    def _learn(self, dataset: Dataset, folds: list[Split], sources: Mapping[str, Model], slates: LoggedSlates | None, until: float) -> None:
        """The weights, from examples that are let go again before the sources are fitted on everything."""
        choices, shown = self._examples(dataset, folds, sources, slates)
        self.weights_, self.click_fit_ = self._fit_choice_weights(choices, until), None
        if slates is None:
            return
        if choices is None or shown is None or self.penalty_ is None:
            self.click_fit_ = ClickFit(slates.n_slates, 0, False, "no_dates")
            return
        weights, self.click_fit_ = learn_with_clicks(shown, slates.n_slates, choices, self.penalty_, self.weights_.ravel())
        self.weights_ = weights.reshape(self.weights_.shape)

    def _examples(
        self, dataset: Dataset, folds: list[Split], sources: Mapping[str, Model], log: LoggedSlates | None
    ) -> tuple[Choices | None, ClickedSlates | None]:
        """Choices of histories and clicked slates of all folds."""
        dated = log if has_clock(dataset) else None
        parts = [self._fold_examples(dataset, folds, number, sources, dated) for number in range(len(folds))]
        shown = [slates for _, slates in parts if slates is not None]
        return (
            Choices.join([choices for choices, _ in parts]) if parts else None,
            ClickedSlates.join(shown, self.sample) if shown else None,
        )

    def _fold_examples(
        self, dataset: Dataset, folds: list[Split], number: int, sources: Mapping[str, Model], log: LoggedSlates | None
    ) -> tuple[Choices, ClickedSlates | None]:
        """Those of one fold, by sources that know its training part; slates that the fold before can take are its own."""
        fold, known_before = folds[number], folds[number - 1].train if number else None
        views = self._views_on(sources, fold, refit=number > 0)
        slates = None if log is None else clicked_slates(log, views, dataset, fold.train, self.sample, known_before)
        return choices_of(views, fold, self.pool), slates

    def _fit_choice_weights(self, choices: Choices | None, until: float) -> Matrix:
        shape = (len(self.signals), len(SHAPES), 2)
        if choices is None or not len(choices.chosen):
            return np.full(shape, 1 / len(SHAPES), np.float32)
        known = self.penalty if self.tuned is None else self.tuned[self.name]["penalty"]
        penalty = self.penalty_ = best_penalty(choices, until=until) if known is None else known
        return fit_weights(choices, penalty, np.full(int(np.prod(shape)), -np.inf)).reshape(shape)

    def score(self, histories: Histories) -> Matrix:
        """Scores of shape (len(histories), n_items)."""
        total = np.empty((len(histories), histories.n_items), np.float32)
        for rows, raw, weights in self._blocks(histories):
            total[rows] = weighted_sum(raw, SignalScale.of(raw), weights)
        return total

    def score_parts(self, history: Histories, factors: Mapping[str, float] | None = None) -> "ScoredParts":
        """The single-row `history` scored so that parts can be asked for; `factors` multiply the parts of sources (1 if absent)."""
        self.require_fitted()
        columns, raw = self._views.raw_for_one(history)
        sources = tuple([self.signals[column].source for column in columns])
        weights = self._weights_of(int(positive_events_per_learner(history)[0]))[columns]
        if factors:
            weights *= np.array([factors.get(source, 1.0) for source in sources], np.float32)[:, None]
        return ScoredParts(columns, sources, raw, SignalScale.of(raw[None]), weights.ravel(), self._views)

    def explain_sources(self, history: Histories, item: int) -> dict[str, float]:
        """What each source adds to the score of `item` for the single-row `history`, and BASELINE; the values sum to the score."""
        return {name: float(part[0]) for name, part in self.score_parts(history).parts_by_source([item]).items()}

    def reason_kind_of_source(self, source: str) -> ReasonKind:
        """What the part of a source, or BASELINE, says. Where order means nothing nothing comes next: it was only taken too."""
        kind = ReasonKind.BASELINE if source == BASELINE else self.sources_[source].reason
        return ReasonKind.TAKEN_TOGETHER if kind is ReasonKind.TAKEN_NEXT and not self.ordered_ else kind

    def contributions(self, history: Histories, item: int) -> FloatArray:
        """What each event adds: a signal's part, shared out as its raw score is made up.

        Popularity and trending have no events behind them; the rest of the score is theirs.
        """
        parts, total = self.score_parts(history), np.zeros(len(history.items), np.float32)
        for part, column in zip(parts.by_signal([item])[:, 0], parts.columns, strict=True):
            raw = self._views.models[column].contributions(history, item)
            if (whole := float(raw.sum())) != 0:
                total += raw * np.float32(part / whole)
        return total

    def _weights_of(self, count: int) -> Matrix:
        """Weights after so many courses, (signals, shapes); kept with the weights they come from, as there are few such numbers."""
        if self._by_count is None or self._by_count[0] is not self.weights_:
            self._by_count = self.weights_, {}
        known = self._by_count[1]
        if count not in known:
            known[count] = self._row_weights(np.array([count], np.float32))[0].reshape(-1, len(SHAPES))
        return known[count]

    def _row_weights(self, counts: FloatArray) -> Matrix:
        """Weights of every feature for rows of so many courses, (rows, signals · shapes)."""
        weights = length_basis(counts) @ self.weights_.reshape(-1, 2).T
        if (cold := counts == 0).any():
            # Weights are learned from learners with a history; without one there is only what holds for everyone.
            fixed = np.zeros((len(self.signals), len(SHAPES)), np.float32)
            fixed[[signal.source in COMMON for signal in self.signals], SCALED] = _COLD
            weights[cold] = fixed.ravel()
        return np.asarray(weights, np.float32)

    def _blocks(self, histories: Histories) -> Iterator[tuple[slice, Matrix, Matrix]]:
        """Rows, the raw scores of signals that speak and their weights, in blocks that stay in cache."""
        self.require_fitted()
        speaking = self._views.speaking
        width = 8 * max(len(speaking), 1) * max(histories.n_items, 1)  # their logarithms too
        size = max(1, _BLOCK_BYTES // width)
        for start in range(0, len(histories), 64 * size):
            rows = histories.select(slice(start, start + 64 * size))
            raw = self._views.raw(rows, speaking)
            weights = (
                self._row_weights(positive_events_per_learner(rows)).reshape(len(rows), -1, len(SHAPES))[:, speaking].reshape(len(rows), -1)
            )
            for inner in range(0, len(rows), size):
                part = slice(inner, min(inner + size, len(rows)))
                yield slice(start + part.start, start + part.stop), raw[part], weights[part]

    def save(self, directory: Path) -> None:
        """Weights here, every source in a folder of its own below."""
        self.require_fitted()
        stored = {"model": self.name, "params": self.params(), "sources": sorted(self.sources_), "ordered": self.ordered_}
        meant = {"signals": [asdict(signal) for signal in self.signals], "shapes": SHAPES}
        save_state(directory, {"weights_": self.weights_, "coldness_": self.coldness_}, {**stored, **meant})
        for name, source in self.sources_.items():
            source.save(directory / name)

    @classmethod
    def load(cls, directory: Path) -> Self:
        """Read what `save` wrote, also with other signals than a fit would have now.

        Signals of sources that have been taken out of the family since go, and their weights with them. Those that are left keep
        weights that were learned next to the others: it serves until the next training. Raises ArtifactError when anything is
        missing, damaged or foreign, of a shape that is not known any more, or when no source is left.
        """
        arrays, stored = load_state(directory)
        try:
            model = cls(**_rename_old_params(stored["params"]))
            # Blends from before signals were stored have those of today, or other weights than fit.
            signals = tuple(Signal(**values) for values in stored["signals"]) if "signals" in stored else model.signals
            shapes = [SHAPES.index(shape) for shape in stored.get("shapes", SHAPES)]
            wanted, shape = {signal.source for signal in signals}, (len(signals), len(shapes), 2)
        except (TypeError, KeyError, ValueError) as error:
            raise ArtifactError(Fault.PART_MISFIT, part=directory.name, model=cls.name, error=error) from error
        if stored.get("model") != cls.name or set(stored.get("sources", ())) != wanted or set(arrays) != set(cls.learned):
            raise ArtifactError(Fault.PART_INCOMPLETE, part=directory.name, model=cls.name)
        if arrays["weights_"].shape != shape:
            raise ArtifactError(Fault.WEIGHTS_MISFIT, part=directory.name, found=str(arrays["weights_"].shape), expected=str(shape))
        known = [signal.source in MODELS for signal in signals]
        if not any(known):
            raise ArtifactError(Fault.SOURCES_UNKNOWN, part=directory.name, sources=sorted(map(str, wanted)))
        model._stored, model.coldness_ = tuple(compress(signals, known)), arrays["coldness_"]
        model.weights_ = np.zeros((sum(known), len(SHAPES), 2), np.float32)  # a shape the blend did not have weighs nothing
        model.weights_[:, shapes] = arrays["weights_"][known]
        model.ordered_ = bool(stored.get("ordered", True))
        model.sources_ = {name: MODELS[name].load(directory / name) for name in sorted(wanted & set(MODELS))}
        model._views = SignalViews(model.signals, model.sources_, model.coldness_)
        return model


def _rename_old_params(params: Mapping[str, Any]) -> dict[str, Any]:
    """Stored parameters under the names the constructor has now."""
    return {_OLD_NAMES.get(name, name): value for name, value in params.items()}


@dataclass(frozen=True)
class ScoredParts:
    """One learner's scores with what they are made of, signals that say nothing left out: `raw` scores (signals, n_items) of those
    that are personal and their `scale`, `weights` (signals · shapes,), `columns` numbers the signals as the blend does, `sources`
    names the source of each. Those that are the same for everybody come last: what a course has of them tells it from others only by
    how far it is from their mean, `views.level`."""

    columns: list[int]
    sources: tuple[str, ...]
    raw: Matrix
    scale: SignalScale
    weights: FloatArray
    views: SignalViews

    def total(self) -> FloatArray:
        """Scores of all items, (n_items,)."""
        own = len(self.raw) * len(SHAPES)
        total: FloatArray = weighted_sum(self.raw[None], self.scale, self.weights[None, :own])[0]
        total += self.weights[own:] @ self.views.impersonal_features
        return total

    def by_signal(self, items: Sequence[int]) -> Matrix:
        """What each signal adds to the score of each item, (signals, len(items)); those that are the same for everybody what they
        add more than to the average item, so that these sums lack `baseline`."""
        own, wanted = len(self.raw), np.asarray(items, np.int64)
        out = np.empty((len(self.sources), len(wanted)), np.float32)
        kernels.signal_parts(out[:own], self.raw, self.scale.root[0], self.scale.share[0], self.weights, wanted)
        alike = self.views.impersonal_features.take(wanted, axis=1) - self.views.catalog_means[:, None]
        alike *= self.weights[own * len(SHAPES) :, None]
        np.sum(alike.reshape(len(out) - own, len(SHAPES), len(wanted)), axis=1, out=out[own:])
        return out

    def parts_by_source(self, items: Sequence[int]) -> dict[str, FloatArray]:
        """What each source adds to the score of each item, and what all items have in common (BASELINE); the values sum to `total`
        there."""
        common = float(self.weights[len(self.raw) * len(SHAPES) :] @ self.views.catalog_means)
        by_source: dict[str, FloatArray] = {BASELINE: np.full(len(items), common, np.float32)} if common else {}
        for source, part in zip(self.sources, self.by_signal(items), strict=True):
            by_source[source] = by_source[source] + part if source in by_source else part
        return by_source
