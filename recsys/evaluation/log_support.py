"""Log support: how much a log can say about another policy, in numbers and in words."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from recsys.data.slates import LoggedSlates
from recsys.evaluation.counterfactual import Estimate, EstimatorName, Result, effective_sample_size

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
        random_share=float(log.random.mean()),
        least_propensity=float(log.propensity.min()),
        rewarded=int(np.count_nonzero(log.reward)),
    )


def overlap_of(log: LoggedSlates, result: Result) -> Overlap:
    """How well `log` covers the target of `result`."""
    random_places = log.random if log.random.any() else np.ones(len(log.random), np.bool_)
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
    chance = np.isin(target.slate * width + target.position, (log.slate * width + log.position)[log.random])
    certain = ~log.random
    reached = float((result.weights * log.propensity)[certain].sum())
    return (float(target.probability[~chance].sum()) - reached) / wanted


def describe_log(facts: LogFacts) -> str:
    """The log in a sentence or two."""
    text = (
        f"{facts.n_slates:,} slates with {facts.n_places:,} places, seen by {facts.n_learners:,} learners; "
        f"{facts.rewarded:,} places brought something. "
    )
    if facts.random_share == 0:
        return text + "Every place was certain (propensity 1): this log cannot say what another choice would have brought."
    return text + f"{facts.random_share:.1%} of the places were left to chance; only they can tell of other choices."


def verdict(facts: LogFacts, overlap: Overlap, estimates: Mapping[EstimatorName, Estimate]) -> str:
    """What may be concluded about the target, in plain words; the doubly robust estimate is the one quoted."""
    problem = _problem(facts, overlap)
    if problem:
        return f"This log cannot say: {problem}"
    dr, served = estimates["dr"], estimates["logged"]
    cautions = _cautions(overlap)
    figures = f"{dr.value:.4f} per slate (interval {dr.low:.4f} to {dr.high:.4f}) against {served.value:.4f} served"
    if dr.lift_low > 0:
        return f"Better than what was served: {figures}.{cautions}"
    if dr.lift_high < 0:
        return f"Worse than what was served: {figures}.{cautions}"
    return f"No difference shown: {figures}; the difference lies between {dr.lift_low:+.4f} and {dr.lift_high:+.4f}.{cautions}"


def _problem(facts: LogFacts, overlap: Overlap) -> str:
    if overlap.out_of_reach > 1 - _LEAST_COVERAGE:
        if facts.random_share == 0:
            return (
                f"every place was certain (propensity 1), and {overlap.out_of_reach:.0%} of what the target would show never stood there. "
                "Serve with exploration first."
            )
        return f"{overlap.out_of_reach:.0%} of what the target would show stands where the log always showed something else."
    if overlap.coverage_high < _LEAST_COVERAGE:
        return f"only {overlap.coverage:.0%} of what the target would show had a chance of being shown."
    if overlap.coverage_low > _MOST_COVERAGE:
        return f"weights average {overlap.coverage:.2f} where 1 is right: the propensities are not those the slates were made with."
    both = "places both policies can fill"
    if overlap.effective < _LEAST_EFFECTIVE:
        worth = f"the {overlap.matched:,} {both} are worth {overlap.effective:.0f}"
        return f"too little overlap: {worth} (at least {_LEAST_EFFECTIVE:.0f} are needed)."
    if overlap.rewarded < _LEAST_REWARDED:
        return f"too few outcomes: {overlap.rewarded} of the {both} brought anything (at least {_LEAST_REWARDED} are needed)."
    return ""


def _cautions(overlap: Overlap) -> str:
    if overlap.heaviest > _HEAVY:
        return f" Take it with care: one place alone carries {overlap.heaviest:.0%} of all weight."
    return ""
