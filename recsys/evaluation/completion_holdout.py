"""Scores of a chance to finish on later attempts: those begun after the moment up to which it was learned."""

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from recsys.completion.attempt_readers import AttemptSource
from recsys.completion.feature_table import FinishTable
from recsys.completion.model import FinishModel
from recsys.errors import DataError
from recsys.evaluation.calibration import expected_error_if_calibrated, murphy, reliability_curve, score_intervals
from recsys.faults import Fault

Floats = npt.NDArray[np.float64]
TEST_SHARE = 0.3
LEAST_SCORED = 50
"""Later attempts below which figures would say more about chance than about the model; a tenth of them has to be of either kind."""


@dataclass(frozen=True)
class ScoredCompletion:
    """Stated chances of later attempts with their scores.

    The model knew what was known at `split_moment`; `test` are the attempts begun after it, `stated` its chances of them.

    `report` holds its scores and on how many it was judged; `fingerprint` is equal for equal attempts with equal outcomes.
    """

    report: Mapping[str, Any]
    test: FinishTable
    stated: Floats


def split_moment(source: AttemptSource) -> float:
    """The source's own moment, or the one after which TEST_SHARE of its settled attempts began."""
    if source.split_at is not None:
        return source.split_at
    begun = source.attempts.start[np.isfinite(source.attempts.settled_at)]
    if not len(begun):
        raise DataError(Fault.NO_ATTEMPT_SETTLED, source=source.name)
    return float(np.quantile(begun, 1 - TEST_SHARE))


def score_later_attempts(source: AttemptSource, seed: int = 0) -> ScoredCompletion | None:
    """How well a model that knew what was known at `split_moment` foretold the attempts begun after it; None where those are too few
    (see `enough_outcomes`) or nothing was known by then."""
    moment = split_moment(source)
    try:
        train, test, _ = split_attempts(source, moment)
    except DataError:
        return None
    if not enough_outcomes(test.outcome):
        return None
    stated = FinishModel().fit(train).probability(test)
    sizes = {"outcomes": len(test), "finished": int(test.outcome.sum()), "learners": len(np.unique(test.learner))}
    of = {"split_at": moment, "fingerprint": _fingerprint(test, moment), "learned_from": int(np.isfinite(train.outcome).sum())}
    return ScoredCompletion({**of, **sizes, **score_report(test.outcome, stated, test, seed)}, test, stated)


def enough_outcomes(outcome: Floats) -> bool:
    """Are these outcomes enough for figures (see LEAST_SCORED)?"""
    finished = float(outcome.sum())
    return len(outcome) >= LEAST_SCORED and min(finished, len(outcome) - finished) >= LEAST_SCORED / 10


def _fingerprint(test: FinishTable, moment: float) -> str:
    digest = hashlib.sha256(repr((moment, test.item_ids)).encode())
    for array in (test.start, test.outcome, test.learner):
        digest.update(np.ascontiguousarray(array).tobytes() + b"\x1e")
    return digest.hexdigest()


def split_attempts(source: AttemptSource, moment: float) -> tuple[FinishTable, FinishTable, int]:
    """Attempts begun by `moment` with what was known then, later ones whose outcome is known, and how many later ones are open.

    Raises DataError where one of the two sides holds no outcome.
    """
    everything = source.feature_table()
    settled = source.attempts.settled_at
    later = (everything.start >= (moment if source.test_from is None else source.test_from)) & (settled > moment)
    train = source.feature_table(moment)
    known = later & np.isfinite(settled)
    if not known.any() or not np.isfinite(train.outcome).any():
        raise DataError(Fault.OUTCOMES_ON_ONE_SIDE, source=source.name)
    return train, everything.select(known), int(later.sum() - known.sum())


def score_report(outcome: Floats, probability: Floats, test: FinishTable, seed: int) -> dict[str, Any]:
    """Scores with intervals, parts of the Brier score and reliability curve of stated probabilities."""
    report: dict[str, Any] = {
        name: rounded_value_and_interval(v) for name, v in score_intervals(outcome, probability, test.learner, seed).items()
    }
    report["ece_by_chance"] = round_score(expected_error_if_calibrated(probability, seed))
    report["murphy"] = {part: round_score(value) for part, value in asdict(murphy(outcome, probability)).items()}
    report["reliability"] = [{k: round_score(v) for k, v in asdict(b).items()} for b in reliability_curve(outcome, probability)]
    return report


def rounded_value_and_interval(values: tuple[float, float, float]) -> list[float]:
    """Value, low and high as a report holds them."""
    return [round_score(v) for v in values]


def round_score(value: float) -> float:
    """A score to five digits."""
    return round(value, 5)
