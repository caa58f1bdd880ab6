"""Log support: how much a log can say about another policy, and what may be concluded, as a code with its figures."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from recsys.data.slates import LoggedSlates
from recsys.evaluation.counterfactual import Estimate, EstimatorName, Result, effective_sample_size
from recsys.types import Statement

_LEAST_COVERAGE = 0.95
_MOST_COVERAGE = 1.05
_LEAST_EFFECTIVE = 100.0
_LEAST_REWARDED = 10
_HEAVY = 0.05


@dataclass(frozen=True, slots=True)
class LogFacts:
    """What a log holds, whatever is asked of it. `random_share` is the share of places chance had a hand in, `rewarded` how
    many places brought something."""

    n_slates: int
    n_learners: int
    n_places: int
    random_share: float
    least_propensity: float
    rewarded: int


@dataclass(frozen=True, slots=True)
class Overlap:
    """How much of a log speaks about a target policy.

    `coverage` is the share of what the target would show that the log gives a chance to, estimated by the mean weight, with
    an interval. `out_of_reach` is the part of the rest known for certain: places always filled with something else.
    The rest is about the places left to chance (all, where none are): `matched` is how many of them the target could have filled
    as they were, `effective` their effective sample size, `rewarded` how many of those brought something, `heaviest` the share
    of the largest single weight.
    """

    coverage: float
    coverage_low: float
    coverage_high: float
    out_of_reach: float
    effective: float
    matched: int
    rewarded: int
    heaviest: float


def facts_of(log: LoggedSlates) -> LogFacts:
    """Counts over the log."""
    return LogFacts(
        n_slates=log.n_slates,
        n_learners=log.n_learners,
        n_places=len(log.slate),
        random_share=float(log.randomized_places.mean()),
        least_propensity=float(log.propensity.min()),
        rewarded=int(np.count_nonzero(log.reward)),
    )


def overlap_of(log: LoggedSlates, result: Result) -> Overlap:
    """How well `log` covers the target of `result`."""
    random_places = log.randomized_places if log.randomized_places.any() else np.ones(len(log.randomized_places), np.bool_)
    weights, rewards = result.weights[random_places], log.reward[random_places]
    used = weights > 0
    total = float(weights.sum())
    return Overlap(
        *result.coverage,
        out_of_reach=_out_of_reach(log, result),
        effective=effective_sample_size(weights),
        matched=int(used.sum()),
        rewarded=int(np.count_nonzero(rewards[used])),
        heaviest=float(weights.max()) / total if total else 0.0,
    )


def _out_of_reach(log: LoggedSlates, result: Result) -> float:
    """Share of the target's chances at places that were certain to hold another item, or that the log does not have."""
    target = result.target
    wanted = float(target.probability.sum())
    width = max(log.n_positions, int(target.position.max())) + 1
    chance = np.isin(target.slate * width + target.position, (log.slate * width + log.position)[log.randomized_places])
    certain = ~log.randomized_places
    reached = float((result.weights * log.propensity)[certain].sum())
    return (float(target.probability[~chance].sum()) - reached) / wanted


class LogVerdict(StrEnum):
    """What may be concluded about a target, or why the log cannot say."""

    BETTER = "better"  # than what was served; `value`, `low`, `high` per slate, `served`, `lift_low` and `lift_high`, as in the next two
    WORSE = "worse"
    NO_DIFFERENCE = "no_difference"
    NEVER_SHOWN = "never_shown"  # every place was certain, and `share` of what the target would show never stood there
    OUT_OF_REACH = "out_of_reach"  # `share` stands where the log always showed something else
    NOT_COVERED = "not_covered"  # only `share` had a chance
    WRONG_PROPENSITIES = "wrong_propensities"  # weights average `mean`
    LITTLE_OVERLAP = "little_overlap"  # `matched` places are worth `effective`, `needed` are needed
    FEW_OUTCOMES = "few_outcomes"  # `rewarded` places brought something, `needed` are needed


def target_versus_logged_verdict(facts: LogFacts, overlap: Overlap, estimates: Mapping[EstimatorName, Estimate]) -> Statement:
    """What may be concluded about the target, by a LogVerdict; the doubly robust estimate is the one quoted. `heaviest` is the share of
    all weight that one place carries, where that calls for care."""
    problem = _problem(facts, overlap)
    if problem is not None:
        return problem
    dr, served = estimates["dr"], estimates["logged"]
    code = LogVerdict.BETTER if dr.lift_low > 0 else LogVerdict.WORSE if dr.lift_high < 0 else LogVerdict.NO_DIFFERENCE
    figures = {
        "value": dr.value,
        "low": dr.low,
        "high": dr.high,
        "served": served.value,
        "lift_low": dr.lift_low,
        "lift_high": dr.lift_high,
    }
    return Statement(code, figures | ({"heaviest": overlap.heaviest} if overlap.heaviest > _HEAVY else {}))


def _problem(facts: LogFacts, overlap: Overlap) -> Statement | None:
    if overlap.out_of_reach > 1 - _LEAST_COVERAGE:
        code = LogVerdict.NEVER_SHOWN if facts.random_share == 0 else LogVerdict.OUT_OF_REACH
        return Statement(code, {"share": overlap.out_of_reach})
    if overlap.coverage_high < _LEAST_COVERAGE:
        return Statement(LogVerdict.NOT_COVERED, {"share": overlap.coverage})
    if overlap.coverage_low > _MOST_COVERAGE:
        return Statement(LogVerdict.WRONG_PROPENSITIES, {"mean": overlap.coverage})
    if overlap.effective < _LEAST_EFFECTIVE:
        return Statement(
            LogVerdict.LITTLE_OVERLAP, {"matched": overlap.matched, "effective": overlap.effective, "needed": _LEAST_EFFECTIVE}
        )
    if overlap.rewarded < _LEAST_REWARDED:
        return Statement(LogVerdict.FEW_OUTCOMES, {"rewarded": overlap.rewarded, "needed": _LEAST_REWARDED})
    return None
