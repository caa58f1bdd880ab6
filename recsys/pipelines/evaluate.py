"""Measure models on one split of interactions."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pandas as pd

from recsys.candidates import MODELS
from recsys.candidates.base import Model
from recsys.candidates.item_item import ItemItemModel
from recsys.data.dataset import Dataset
from recsys.data.splits import Split, given, leave_last, random_holdout, time_split
from recsys.errors import DataError
from recsys.evaluation.protocols import FullRanking, Outcome, evaluate_ranker
from recsys.evaluation.report import Report, build_report
from recsys.ranking.blend import HybridModel
from recsys.rerank.policy import Policy
from recsys.rerank.ranker import PolicyRanker

Progress = Callable[[float, str], None]
HYBRID, POLICY = "hybrid", "hybrid_policy"
SPLITS = ("leave-last", "random", "time")


def silent(_share: float, _message: str) -> None:
    """Progress for callers that want none."""


def known_models() -> tuple[str, ...]:
    """Names that can be evaluated, blends last."""
    return (*MODELS, HYBRID, POLICY)


def parse_models(text: str) -> tuple[str, ...]:
    """`all` or names separated by commas. Raises DataError on an unknown name."""
    names = known_models() if text.strip() == "all" else tuple(dict.fromkeys(n.strip() for n in text.split(",") if n.strip()))
    unknown = [name for name in names if name not in known_models()]
    if unknown or not names:
        raise DataError(f"Unknown model {', '.join(unknown) or repr(text)}; known are {', '.join(known_models())}")
    return names


def make_split(dataset: Dataset, how: str, seed: int) -> Split:
    """Hold out by name: `leave-last`, `random` or `time`. Raises DataError when nothing can be held out."""
    if how not in SPLITS:
        raise DataError(f"Unknown split {how!r}; known are {', '.join(SPLITS)}")
    splits: dict[str, Callable[[], Split]] = {
        "leave-last": lambda: leave_last(dataset),
        "random": lambda: random_holdout(dataset, seed=seed),
        "time": lambda: time_split(dataset),
    }
    split = splits[how]()
    if not len(split.test_rows):
        raise DataError("Nothing can be held out: no learner has two courses")
    return split


def given_split(dataset: Dataset, test: pd.DataFrame) -> Split:
    """The split of a test file. Raises DataError when it holds nothing to find."""
    split = given(dataset, test)
    if not len(split.test_rows):
        raise DataError("The test file holds no positive interaction")
    return split


def evaluate(
    split: Split, models: Sequence[str], *, k: int = 10, seed: int = 0, policy: Policy | None = None, progress: Progress = silent
) -> Report:
    """Fit and measure each model; the policy's blend reuses the fitted blend."""
    outcomes: list[Outcome] = []
    blend = HybridModel(seed=seed)
    for number, name in enumerate(models):
        progress(number / len(models), f"{name}: fitting and ranking")
        outcomes.append(_evaluate_one(name, split, k, blend, policy or Policy(), outcomes))
    progress(1.0, "done")
    return build_report(outcomes, split, k, seed)


def write_report(report: Report, path: Path) -> None:
    """Write the JSON of a report. Raises DataError when the file cannot be written."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(report.to_text(), "utf-8")
    except OSError as error:
        raise DataError(f"Cannot write {path}: {error.strerror}") from error


def _evaluate_one(name: str, split: Split, k: int, blend: HybridModel, policy: Policy, before: Sequence[Outcome]) -> Outcome:
    if name == HYBRID:
        return evaluate_ranker(name, FullRanking(blend), split, k)
    if name != POLICY:
        return evaluate_ranker(name, FullRanking(_single(name, split.train)), split, k)
    ranker = PolicyRanker(blend, policy)
    fitted = next((o for o in before if o.name == HYBRID), None)
    if fitted is None:
        return evaluate_ranker(name, ranker, split, k)
    outcome = evaluate_ranker(name, _Prepared(ranker), split, k)
    seconds = outcome.fit_seconds + fitted.fit_seconds
    return replace(outcome, fit_seconds=seconds, peak_mb=max(outcome.peak_mb, fitted.peak_mb))


def _single(name: str, train: Dataset) -> Model:
    """A model with its defaults; a history whose order means nothing does not fade: that would throw its start away."""
    model = MODELS[name]()
    return model.view(0.0) if isinstance(model, ItemItemModel) and not train.ordered else model


class _Prepared:
    """A policy over a blend that was fitted on the same data a moment ago."""

    def __init__(self, ranker: PolicyRanker) -> None:
        self.fit = ranker.prepare
        self.rank = ranker.rank
