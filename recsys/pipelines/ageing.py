"""How a model does the longer ago it was trained, against one that is trained anew."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import numpy as np

from recsys.data.dataset import Dataset
from recsys.data.splits import has_clock
from recsys.errors import DataError
from recsys.evaluation.ageing import Window, position_windows, time_windows
from recsys.evaluation.full_ranking import FullRanking, Ranker, top_k_in_batches
from recsys.evaluation.metrics import Accuracy, accuracy
from recsys.evaluation.significance import bootstrap_mean, paired_difference
from recsys.faults import Fault
from recsys.progress_steps import Progress, StepCode, no_progress
from recsys.ranking.blend import HybridModel
from recsys.types import Statement

BY = ("time", "position")


def measure_ageing(
    dataset: Dataset,
    *,
    by: str | None = None,
    k: int = 10,
    seed: int = 0,
    make: Callable[[], Ranker] | None = None,
    progress: Progress = no_progress,
) -> dict[str, Any]:
    """Metrics by age of a model, old against fresh on the same learners, with paired intervals.

    `by` is `time` or `position`; without it the data decide. Raises DataError when order means nothing or there is too little.
    """
    kind = by or ("time" if has_clock(dataset) else "position")
    if kind not in BY:
        raise DataError(Fault.AGEING_UNKNOWN, ageing=kind, known=BY)
    if not dataset.ordered:
        raise DataError(Fault.AGEING_WITHOUT_ORDER)
    windows = time_windows(dataset) if kind == "time" else position_windows(dataset)
    factory = make or (lambda: FullRanking(HybridModel(seed=seed)))
    rows = (
        _measure_by_time(windows, factory, k, seed, progress)
        if kind == "time"
        else _measure_by_position(windows, factory, k, seed, progress)
    )
    progress(1.0, Statement(StepCode.AGEING_MEASURED))
    return {"by": kind, "unit": "days" if kind == "time" else "courses", "k": k, "windows": rows}


def _measure_by_time(windows: list[Window], make: Callable[[], Ranker], k: int, seed: int, progress: Progress) -> list[dict[str, Any]]:
    """One old model for all windows, a fresh one for each."""
    old = make()
    progress(0.0, Statement(StepCode.FITTING_AGEING))
    old.fit(windows[0].stale)
    rows = []
    for number, window in enumerate(windows):
        progress((number + 1) / (len(windows) + 1), Statement(StepCode.AGEING_WINDOW, {"window": number + 1, "windows": len(windows)}))
        fresh = old
        if len(window.split.train.histories.items) != len(window.stale.histories.items):
            fresh = make()
            fresh.fit(window.split.train)
        rows.append(_compare(window, _accuracy(old, window, k), _accuracy(fresh, window, k), seed))
    return rows


def _measure_by_position(windows: list[Window], make: Callable[[], Ranker], k: int, seed: int, progress: Progress) -> list[dict[str, Any]]:
    """One learner's last course each time; the model of age 0 is the fresh one."""
    rows: list[dict[str, Any]] = []
    fresh: Accuracy | None = None
    for number, window in enumerate(windows):
        progress(number / len(windows), Statement(StepCode.AGEING_POSITION, {"age": window.age}))
        model = make()
        model.fit(window.stale)
        reached = _accuracy(model, window, k)
        fresh = fresh or reached
        rows.append(_compare(window, reached, fresh, seed))
    return rows


def _accuracy(ranker: Ranker, window: Window, k: int) -> Accuracy:
    histories = window.split.train.histories.select(window.split.test_rows)
    return accuracy(top_k_in_batches(ranker, histories, k), window.split.test, k, window.split.unknown)


def _compare(window: Window, stale: Accuracy, fresh: Accuracy, seed: int) -> dict[str, Any]:
    difference = paired_difference(stale.ndcg, fresh.ndcg, seed)
    return {
        "age": round(window.age, 2),
        "from": _date(window.starts),
        "to": _date(window.ends),
        "n_users": len(window.split.test_rows),
        "n_with_history": int(np.count_nonzero(np.diff(window.split.train.histories.select(window.split.test_rows).indptr))),
        "stale": _means(stale, seed),
        "fresh": _means(fresh, seed),
        "difference": round(difference.mean, 6),
        "difference_ci": [round(difference.low, 6), round(difference.high, 6)],
    }


def _means(accuracy: Accuracy, seed: int) -> dict[str, Any]:
    interval = bootstrap_mean(accuracy.ndcg, seed)
    means = {name: round(value, 6) for name, value in accuracy.means().items()}
    return {**means, "ndcg_ci": [round(interval.low, 6), round(interval.high, 6)]}


def _date(seconds: float | None) -> str | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC).date().isoformat()
