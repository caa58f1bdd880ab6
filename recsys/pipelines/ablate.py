"""What each candidate source is worth, by the blend without it and the blend of it alone, and what each feature is worth."""

import copy
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from recsys.data.dataset import Dataset
from recsys.data.histories import Histories
from recsys.data.splits import Split
from recsys.evaluation.full_ranking import FullRanking, Outcome, Ranker, evaluate_ranker
from recsys.evaluation.significance import bootstrap_mean, paired_difference
from recsys.progress_steps import Progress, StepCode, no_progress, sub_progress
from recsys.ranking.blend import HybridModel, default_signals, sources_of
from recsys.ranking.signals import SHAPES, Signal
from recsys.ranking.softmax import Choices, fit_weights
from recsys.ranking.topk import Ranking
from recsys.ranking.tuning import best_penalty, validation_folds
from recsys.types import Statement

_SIGNAL, _SHAPE, _EVERY = "without signal", "without shape", "all"
Mask = npt.NDArray[np.bool_]
Variant = tuple[dict[str, str], Ranker]


def ablate(
    split: Split, full: Outcome, *, k: int = 10, seed: int = 0, sources: Sequence[str] | None = None, progress: Progress = no_progress
) -> list[dict[str, Any]]:
    """One row per source left out and per source alone, each tuned and fitted anew and compared in pairs with `full`.

    `full` is the outcome of the whole blend on `split`. A difference is variant minus whole, so below 0 the source is missed.
    """
    sources = sources_of(default_signals(split.train.ordered)) if sources is None else sources
    variants: list[Variant] = []
    for source in sources if len(sources) > 1 else ():
        kept = [other for other in sources if other != source]
        variants.append(({"kind": "without", "source": source}, FullRanking(HybridModel(seed=seed, sources=kept))))
    variants += [({"kind": "alone", "source": source}, FullRanking(HybridModel(seed=seed, sources=[source]))) for source in sources]
    return _measure_variants(variants, split, full, k, seed, progress)


def ablate_features(
    split: Split, full: Outcome, *, k: int = 10, seed: int = 0, sources: Sequence[str] | None = None, progress: Progress = no_progress
) -> list[dict[str, Any]]:
    """One row per signal left out, where a source has several, and per shape left out of all signals, compared in pairs with `full`.

    Sources are fitted once, as the whole blend fits them, and propose the same courses to learn from; only the weights are learned
    anew without the feature, and with them their penalty. Its row in the JSON: `kind` is "without signal" or "without shape",
    `source` the signal's ("all" for a shape), `feature` what was left out of it. Learners without history do not notice: what they
    are shown is not learned (see HybridModel).
    """
    progress(0.0, Statement(StepCode.FITTING_PARTS))
    blend = HybridModel(seed=seed, sources=sources).fit(split.train)
    choices = _choices(blend, split.train)
    variants: list[Variant] = [(named, _Reweighted(blend, choices, kept)) for named, kept in _feature_ablations(blend.signals)]
    return _measure_variants(variants, split, full, k, seed, sub_progress(progress, 0.5, 1.0))


def _measure_variants(
    variants: Sequence[Variant], split: Split, full: Outcome, k: int, seed: int, progress: Progress
) -> list[dict[str, Any]]:
    rows = []
    for number, (named, ranker) in enumerate(variants):
        name = " ".join(named.values())
        progress(number / len(variants), Statement(StepCode.ABLATING, {"part": name}))
        rows.append({**named, **_row(evaluate_ranker(name, ranker, split, k), full, seed)})
    progress(1.0, Statement(StepCode.ABLATION_MEASURED))
    return rows


def _feature_ablations(signals: Sequence[Signal]) -> Iterator[tuple[dict[str, str], Mask]]:
    """What is left out by name, and what stays of (signals, SHAPES)."""
    sources = [signal.source for signal in signals]
    for number, signal in enumerate(signals):
        if sources.count(signal.source) > 1:
            kept = np.ones((len(signals), len(SHAPES)), bool)
            kept[number] = False
            yield {"kind": _SIGNAL, "source": signal.source, "feature": _view_name(signal)}, kept
    for number, shape in enumerate(SHAPES):
        kept = np.ones((len(signals), len(SHAPES)), bool)
        kept[:, number] = False
        yield {"kind": _SHAPE, "source": _EVERY, "feature": shape}, kept


def _view_name(signal: Signal) -> str:
    """How a signal differs from the others of its source."""
    power = [] if signal.power is None else [f"power {signal.power:g}"]
    return ", ".join([*power, *(["cold"] if signal.cold else [])]) or "as it is"


def _choices(blend: HybridModel, train: Dataset) -> Choices | None:
    """The choices a fitted blend learned its weights from; None where nothing could be held out."""
    learned = [blend.choices(blend.sources_, fold) for fold in validation_folds(train, blend.sample, blend.seed)]
    choices = Choices.join(learned) if learned else None
    return choices if choices is not None and len(choices.chosen) else None


class _Reweighted:
    """A fitted blend whose weights are learned anew from some of its features: `kept` (signals, SHAPES)."""

    def __init__(self, blend: HybridModel, choices: Choices | None, kept: Mask) -> None:
        self.model = copy.copy(blend)
        self.choices = choices
        self.kept = kept

    def fit(self, _dataset: Dataset) -> object:
        """Learn the weights; the sources are fitted already."""
        weights = np.where(self.kept[:, :, None], self.model.weights_, 0).astype(np.float32)
        if self.choices is not None:  # else all features weigh alike, and so do those that are left
            columns = np.broadcast_to(self.kept[:, :, None], weights.shape)
            some = replace(self.choices, features=self.choices.features[:, :, columns.ravel()])
            penalty = best_penalty(some) if self.model.penalty is None else self.model.penalty
            weights[columns] = fit_weights(some, penalty, np.full(int(columns.sum()), -np.inf))
        self.model.weights_ = weights
        return self

    def rank(self, histories: Histories, k: int) -> Ranking:
        """See Ranker."""
        return FullRanking(self.model).rank(histories, k)


def _row(outcome: Outcome, full: Outcome, seed: int) -> dict[str, Any]:
    interval = bootstrap_mean(outcome.accuracy.ndcg, seed)
    difference = paired_difference(outcome.accuracy.ndcg, full.accuracy.ndcg, seed)
    return {
        **{name: round(value, 6) for name, value in outcome.accuracy.means().items()},
        "ndcg_ci": [round(interval.low, 6), round(interval.high, 6)],
        "difference": round(difference.mean, 6),
        "difference_ci": [round(difference.low, 6), round(difference.high, 6)],
        "significant": difference.excludes_zero,
        "fit_seconds": round(outcome.fit_seconds, 3),
    }
