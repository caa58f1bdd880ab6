"""Measure models on one split of interactions."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import pandas as pd

from recsys.candidates import MODELS, neural, semantic
from recsys.candidates.base import Model
from recsys.candidates.item_item_base import ItemItemModel
from recsys.data.dataset import Dataset
from recsys.data.given_test import given_test_split, holds_out_evenly, is_future_of
from recsys.data.splits import Split, leave_last, random_holdout, time_split
from recsys.errors import DataError
from recsys.evaluation.full_ranking import FullRanking, Outcome, evaluate_ranker
from recsys.evaluation.results import ENSEMBLES, Report, build_report
from recsys.evaluation.slices import Segments, measure_slices, slices_of
from recsys.faults import Fault
from recsys.progress_steps import Progress, StepCode, no_progress
from recsys.ranking.blend import HybridModel, default_signals, sources_of
from recsys.rerank.policy import Policy
from recsys.rerank.policy_ranker import PolicyRanker
from recsys.types import ReasonKind, Statement

HYBRID, POLICY, COLLABORATIVE, POPULARITY = "hybrid", "hybrid_policy", "hybrid_collaborative", "popularity"
SPLITS = ("leave-last", "random", "time")
PROTOCOLS = ("future", "random")
"""What held-out courses are: what learners took next, or any of what they took."""
_ABOUT_CONTENT = frozenset({ReasonKind.SIMILAR_CONTENT, ReasonKind.SERIES, ReasonKind.GOAL_SKILL, ReasonKind.INTEREST})


def available_model_classes() -> dict[str, type[Model]]:
    """Every model by name; the semantic and the neural ones where their extra is installed."""
    return {**MODELS, **semantic.models(), **neural.models()}


def known_models() -> tuple[str, ...]:
    """Names that can be evaluated, blends last. `hybrid_collaborative` is the blend without the sources that read content."""
    return (*available_model_classes(), HYBRID, POLICY, COLLABORATIVE)


def parse_models(text: str) -> tuple[str, ...]:
    """`all` (the family without its extras, which take minutes, and the two blends) or names separated by commas.

    Raises DataError on an unknown name.
    """
    everything = (*MODELS, HYBRID, POLICY)
    names = everything if text.strip() == "all" else tuple(dict.fromkeys(n.strip() for n in text.split(",") if n.strip()))
    unknown = [name for name in names if name not in known_models()]
    if unknown or not names:
        raise DataError(Fault.MODELS_UNKNOWN, models=unknown or repr(text), known=known_models())
    return names


def make_split(dataset: Dataset, how: str, seed: int) -> Split:
    """Hold out by name: `leave-last`, `random` or `time`. Raises DataError when nothing can be held out."""
    if how not in SPLITS:
        raise DataError(Fault.SPLIT_UNKNOWN, split=how, known=SPLITS)
    splits: dict[str, Callable[[], Split]] = {
        "leave-last": lambda: leave_last(dataset),
        "random": lambda: random_holdout(dataset, seed=seed),
        "time": lambda: time_split(dataset),
    }
    split = splits[how]()
    if not len(split.test_rows):
        raise DataError(Fault.NOTHING_HELD_OUT)
    return split


def given_split(dataset: Dataset, test: pd.DataFrame, protocol: str | None = None) -> Split:
    """The split of a test file that holds what `protocol` says; None asks the times of its rows (see `is_future_of`), and where these
    tell nothing how many rows there are of each learner (see `holds_out_evenly`).

    For a `random` part models train and are validated as on data without order, as they do for the random split: the blend
    would prepare for the next course otherwise (MARS, a random fifth held out: NDCG@10 .287 against .395). Raises DataError when
    the file holds nothing to find.
    """
    if protocol is None:
        later = is_future_of(dataset, test)
        protocol = "future" if (holds_out_evenly(dataset, test) if later is None else later) else "random"
    split = given_test_split(replace(dataset, ordered=dataset.ordered and protocol == "future"), test)
    if not len(split.test_rows):
        raise DataError(Fault.NOTHING_TO_FIND)
    return split


def protocol_of(split: Split) -> str:
    """Which of PROTOCOLS models were trained for."""
    return "future" if split.train.ordered else "random"


def evaluate(
    split: Split, models: Sequence[str], *, k: int = 10, seed: int = 0, policy: Policy | None = None, progress: Progress = no_progress
) -> Report:
    """Fit and measure each model and report."""
    return build_report(measure_models(split, models, k=k, seed=seed, policy=policy, progress=progress), split, k, seed, policy)


def measure_models(
    split: Split, models: Sequence[str], *, k: int = 10, seed: int = 0, policy: Policy | None = None, progress: Progress = no_progress
) -> list[Outcome]:
    """Fit and measure each model once; the policy's blend reuses the fitted blend."""
    outcomes: list[Outcome] = []
    blend = HybridModel(seed=seed)
    for number, name in enumerate(models):
        progress(number / len(models), Statement(StepCode.RANKING, {"model": name}))
        outcomes.append(_evaluate_one(name, split, k, blend, policy or Policy(), outcomes))
    progress(1.0, Statement(StepCode.MODELS_MEASURED))
    return outcomes


def slice_outcomes(
    outcomes: Sequence[Outcome], split: Split, *, k: int, seed: int, segments: Segments | None = None
) -> list[dict[str, object]]:
    """Slices of what was measured, with the blend against popularity, the best single model and its collaborative part."""
    singles = [o for o in outcomes if o.name not in ENSEMBLES]
    best = max(singles, key=lambda o: float(o.accuracy.ndcg.mean()), default=None)
    compared = dict.fromkeys([POPULARITY, *([best.name] if best else []), COLLABORATIVE])
    pairs = [(HYBRID, name) for name in compared]
    return measure_slices(outcomes, slices_of(split, segments), pairs, k, seed)


def _evaluate_one(name: str, split: Split, k: int, blend: HybridModel, policy: Policy, before: Sequence[Outcome]) -> Outcome:
    if name == HYBRID:
        return evaluate_ranker(name, FullRanking(blend), split, k)
    if name == COLLABORATIVE:
        kept = [source for source in sources_of(default_signals(split.train.ordered)) if MODELS[source].reason not in _ABOUT_CONTENT]
        return evaluate_ranker(name, FullRanking(HybridModel(seed=blend.seed, sources=kept)), split, k)
    if name != POLICY:
        return evaluate_ranker(name, FullRanking(_model_with_defaults(name, split.train)), split, k)
    ranker = PolicyRanker(blend, policy)
    fitted = next((o for o in before if o.name == HYBRID), None)
    if fitted is None:
        return evaluate_ranker(name, ranker, split, k)
    outcome = evaluate_ranker(name, _FittedPolicyRanker(ranker), split, k)
    seconds = outcome.fit_seconds + fitted.fit_seconds
    return replace(outcome, fit_seconds=seconds, peak_mb=max(outcome.peak_mb, fitted.peak_mb))


def _model_with_defaults(name: str, train: Dataset) -> Model:
    """A model with its defaults; a history whose order means nothing does not fade: that would throw its start away."""
    model = available_model_classes()[name]()
    return model.with_recency_power(0.0) if isinstance(model, ItemItemModel) and not train.ordered else model


class _FittedPolicyRanker:
    """A policy over a blend that was fitted on the same data a moment ago."""

    def __init__(self, ranker: PolicyRanker) -> None:
        self.fit = ranker.prepare
        self.rank = ranker.rank
