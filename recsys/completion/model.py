"""Completion model: the chance to finish with its interval, its reasons, and what it falls back on."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from recsys.completion.additive import AdditiveLogit, sigmoid
from recsys.completion.attempts import Floats
from recsys.completion.feature_table import FinishTable
from recsys.completion.features import Feature, Group, Rates
from recsys.completion.sample_weights import LEAST_LEARNERS, effective_learners
from recsys.completion.shrunken_rates import overall_rate_with_interval, prior_strength, shrunken_rates
from recsys.completion.tuning import PENALTIES, calibrated_fit
from recsys.data.state_store import load_state, save_state
from recsys.errors import ArtifactError, DataError, MisfitError, NotFittedError
from recsys.faults import Fault
from recsys.types import Basis, FinishReasonKind

_NAME = "finish"
_Z = 1.6448536269514722  # standard normal quantile of rates.LEVEL's upper end
_ARRAYS = ("knots_", "curves_", "covariance_", "outcomes_", "finished_")
_BASES = tuple(Basis)
_MODEL, _COURSE, _OVERALL = range(len(_BASES))


@dataclass(frozen=True, slots=True)
class Estimate:
    """A chance to finish with its 90 % interval, what it rests on, and how many known outcomes are behind it."""

    probability: float
    low: float
    high: float
    basis: Basis
    observations: int


@dataclass(frozen=True)
class Estimates:
    """The same for many rows; `basis` is a position in Basis."""

    probability: Floats
    low: Floats
    high: Floats
    basis: npt.NDArray[np.int8]
    observations: npt.NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.probability)

    def __getitem__(self, row: int) -> Estimate:
        numbers = (float(self.probability[row]), float(self.low[row]), float(self.high[row]))
        return Estimate(*numbers, _BASES[int(self.basis[row])], int(self.observations[row]))


@dataclass(frozen=True, slots=True)
class FinishReason:
    """What one feature adds to the log-odds, against the average attempt. `direction` is 1 where it raises the chance, -1 where
    it lowers it; `value` is the feature's, None where unknown."""

    feature: str
    kind: FinishReasonKind
    direction: int
    contribution: float
    value: float | None


class FinishModel:
    """P(finished | what is known at enrollment): a calibrated sum of curves, and counted shares where it cannot speak.

    With fewer than `min_outcomes` known outcomes, fewer than `min_each` of either kind or too few learners behind them (see
    recsys.completion.sample_weights), no curves are learned and every answer is a share. `penalties` are the candidates for the smoothness
    of curves, chosen by log loss on later attempts.
    """

    def __init__(self, min_outcomes: int = 200, min_each: int = 30, penalties: Sequence[float] = PENALTIES) -> None:
        self.min_outcomes = min_outcomes
        self.min_each = min_each
        self.penalties = tuple(penalties)

    features_: tuple[Feature, ...]
    curves_model_: AdditiveLogit | None
    item_ids_: tuple[str, ...]
    outcomes_: Floats
    finished_: Floats
    tuning_: dict[str, Any]
    _positions: dict[str, int]

    def fit(self, table: FinishTable) -> Self:
        """Learn from the rows of `table` with an outcome, and once these are enough for curves, from what is known of the others so far;
        returns self. Raises DataError when outcomes are not 0 or 1."""
        known = table.select(np.isfinite(table.outcome))
        if not np.isin(known.outcome, (0.0, 1.0)).all():
            raise DataError(Fault.OUTCOME_UNKNOWN)
        self.features_ = table.features
        self._count_outcomes(known)
        self.curves_model_, self.tuning_ = None, {}
        positive = int(known.outcome.sum())
        enough = len(known) >= self.min_outcomes and min(positive, len(known) - positive) >= self.min_each
        if enough and effective_learners(np.ones((len(known), 1), np.bool_), known.learner)[0] >= LEAST_LEARNERS:
            self.curves_model_, self.tuning_ = calibrated_fit(table, self.penalties)
        return self

    @property
    def n_outcomes(self) -> int:
        """How many known outcomes the model was fitted on."""
        self._require_fitted()
        return int(self.outcomes_.sum())

    @property
    def base(self) -> float:
        """Log-odds of the average attempt, to which contributions are added. Raises NotFittedError where no curves were learned."""
        return self._curves().base

    def probability(self, table: FinishTable) -> Floats:
        """`predict` without intervals: fast enough for every candidate of a request. Shape (rows,)."""
        basis = self._basis_of_each_row(table)
        if (basis != _MODEL).any():
            return self.predict(table).probability
        return sigmoid(self._curves().log_odds(table.values))

    def predict(self, table: FinishTable) -> Estimates:
        """A probability for every row, never NaN. Rests on the model where something is known of the learner and enough was learned;
        else on the course's share; else on the overall share. The interval says how sure the data make it, not how the learner will do."""
        basis = self._basis_of_each_row(table)
        estimates = self._share_estimates(table, basis)
        asked = np.flatnonzero(basis == _MODEL)
        if len(asked):
            curves, values = self._curves(), table.values[asked]
            center, spread = curves.log_odds(values), curves.standard_error(values)
            estimates.probability[asked], estimates.low[asked], estimates.high[asked] = (
                sigmoid(center + z * spread) for z in (0.0, -_Z, _Z)
            )
        return estimates

    def estimate_from_shares(self, table: FinishTable) -> Estimates:
        """What is said of anybody: the share of each row's course, the overall one where no outcome of the course is known."""
        return self._share_estimates(table, self._share_basis_codes(table))

    def explain(self, table: FinishTable, row: int = 0) -> tuple[FinishReason, ...]:
        """Contributions of every feature to a row, the largest first; with `base` they sum to the log-odds of `probability`.

        Empty where the answer rests on a share.
        """
        one = table.select(np.array([row]))
        if self._basis_of_each_row(one)[0] != _MODEL:
            return ()
        parts = self._curves().contributions(one.values)[0]
        order = np.argsort(-np.abs(parts), kind="stable")
        return tuple(self._reason(i, float(parts[i]), float(one.values[0, i])) for i in order.tolist())

    def course_outcome_counts(self, item_ids: Sequence[str]) -> Rates:
        """Outcomes per course as the model's table counts them, for tables to answer on (see `table_for_learner`)."""
        self._require_fitted()
        position = self._positions
        where = np.array([position.get(item_id, -1) for item_id in item_ids], np.int64)
        known = where >= 0
        outcomes, finished = np.zeros(len(where)), np.zeros(len(where))
        outcomes[known], finished[known] = self.outcomes_[where[known]], self.finished_[where[known]]
        overall = (self.finished_.sum() + 1) / (self.outcomes_.sum() + 2)
        return Rates(outcomes, finished, np.full(len(where), overall))

    def save(self, directory: Path) -> None:
        """Write arrays and JSON into `directory` (see recsys.data.state_store)."""
        self._require_fitted()
        curves = self.curves_model_
        arrays = {"outcomes_": self.outcomes_, "finished_": self.finished_}
        if curves is not None:
            arrays |= {"knots_": curves.knots, "curves_": curves.curves, "covariance_": curves.covariance}
        params = {"min_outcomes": self.min_outcomes, "min_each": self.min_each, "penalties": list(self.penalties)}
        values = {
            "features": [asdict(feature) for feature in self.features_],
            "item_ids": list(self.item_ids_),
            "base": None if curves is None else curves.base,
            "tuning": self.tuning_,
        }
        save_state(directory, arrays, {"model": _NAME, "params": params, "values": values})

    @classmethod
    def load(cls, directory: Path) -> Self:
        """Read what `save` wrote. Raises ArtifactError when the folder is damaged or holds something else."""
        arrays, stored = load_state(directory)
        if stored.get("model") != _NAME or not set(arrays) <= set(_ARRAYS):
            raise ArtifactError(Fault.COMPLETION_FOREIGN, part=directory.name, found=stored.get("model"), model=_NAME)
        try:
            model, values = cls(**stored["params"]), stored["values"]
            model.features_ = tuple(
                Feature(f["name"], Group(f["group"]), FinishReasonKind(f["kind"]), int(f["trend"])) for f in values["features"]
            )
            model.item_ids_, model.tuning_ = tuple(values["item_ids"]), values["tuning"]
            model._positions = {item_id: index for index, item_id in enumerate(model.item_ids_)}
            model.outcomes_, model.finished_ = arrays["outcomes_"], arrays["finished_"]
            model.curves_model_ = None
            if values["base"] is not None:
                model.curves_model_ = AdditiveLogit(values["base"], arrays["knots_"], arrays["curves_"], arrays["covariance_"])
            model._check_shapes()
        except (TypeError, KeyError, ValueError) as error:
            raise ArtifactError(Fault.COMPLETION_MISFIT, part=directory.name, error=error) from error
        return model

    def _check_shapes(self) -> None:
        sizes = {len(self.item_ids_), len(self.outcomes_), len(self.finished_)}
        curves = self.curves_model_
        if len(sizes) != 1 or (curves is not None and not len(curves.knots) == len(curves.curves) == len(self.features_)):
            raise MisfitError(Fault.NAMES_MISFIT)

    def _count_outcomes(self, known: FinishTable) -> None:
        """Outcomes per course."""
        self.item_ids_ = tuple(sorted(set(known.item_ids)))
        self._positions = {item_id: index for index, item_id in enumerate(self.item_ids_)}
        codes = np.array([self._positions[item_id] for item_id in known.item_ids], np.int64)
        self.outcomes_ = np.bincount(codes, minlength=len(self.item_ids_)).astype(np.float64)
        self.finished_ = np.bincount(codes, weights=known.outcome, minlength=len(self.item_ids_)).astype(np.float64)

    @property
    def shrinkage_strength(self) -> float:
        """How many outcomes at the overall share a course's own are mixed with."""
        return prior_strength(self.finished_, self.outcomes_)

    def _share_estimates(self, table: FinishTable, basis: npt.NDArray[np.int8]) -> Estimates:
        """Share of each row's course where `basis` says so, else of everyone, and the outcomes behind it."""
        rates = self.course_outcome_counts(table.item_ids)
        everyone = overall_rate_with_interval(float(self.finished_.sum()), float(self.outcomes_.sum()))
        own = shrunken_rates(rates.finished, rates.outcomes, float(everyone.share[0]), self.shrinkage_strength)
        of_course = basis == _COURSE
        share, low, high = (np.where(of_course, getattr(own, part), getattr(everyone, part)) for part in ("share", "low", "high"))
        return Estimates(share, low, high, basis, np.where(of_course, rates.outcomes, self.n_outcomes).astype(np.int64))

    def _share_basis_codes(self, table: FinishTable) -> npt.NDArray[np.int8]:
        """The basis of each row's share."""
        return np.where(self.course_outcome_counts(table.item_ids).outcomes > 0, _COURSE, _OVERALL).astype(np.int8)

    def _basis_of_each_row(self, table: FinishTable) -> npt.NDArray[np.int8]:
        self._require_fitted()
        if table.features != self.features_:
            raise DataError(Fault.FEATURES_MISFIT)
        of_learner = [column for column, feature in enumerate(self.features_) if feature.group is Group.LEARNER]
        speaks = np.isfinite(table.values[:, of_learner]).any(axis=1) & (self.curves_model_ is not None)
        if speaks.all():
            return np.full(len(table), _MODEL, np.int8)
        return np.where(speaks, _MODEL, self._share_basis_codes(table)).astype(np.int8)

    def _reason(self, column: int, contribution: float, value: float) -> FinishReason:
        feature = self.features_[column]
        return FinishReason(feature.name, feature.kind, 1 if contribution >= 0 else -1, contribution, None if np.isnan(value) else value)

    def _curves(self) -> AdditiveLogit:
        self._require_fitted()
        if self.curves_model_ is None:
            raise NotFittedError(Fault.COMPLETION_WITHOUT_CURVES)
        return self.curves_model_

    def _require_fitted(self) -> None:
        if not hasattr(self, "curves_model_"):
            raise NotFittedError(Fault.COMPLETION_NOT_FITTED)
