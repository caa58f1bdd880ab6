"""Sentences on what a log of slates holds and what may be concluded from it, for the command line and report pages."""

from collections.abc import Callable, Mapping
from typing import Any

from recsys.evaluation.log_support import LogVerdict

Params = Mapping[str, Any]
_UNSURE = "This log cannot say:"


def log_sentence(facts: Params) -> str:
    """The log in a sentence or two, by the figures of its LogFacts; as it stands in files from before these were put into words here."""
    if "words" in facts:
        return str(facts["words"])
    held = (
        f"{facts['n_slates']:,} slates with {facts['n_places']:,} places, seen by {facts['n_learners']:,} learners; "
        f"{facts['rewarded']:,} places brought something."
    )
    if facts["random_share"] == 0:
        return f"{held} Every place was certain (propensity 1): this log cannot say what another choice would have brought."
    return f"{held} {facts['random_share']:.1%} of the places were left to chance; only they can tell of other choices."


def log_verdict_sentence(stored: Mapping[str, Any] | str) -> str:
    """A verdict on a target policy; a sentence stays as it is."""
    return stored if isinstance(stored, str) else _VERDICTS[stored["code"]](stored.get("params", {}))


def _figures(p: Params) -> str:
    return f"{p['value']:.4f} per slate (interval {p['low']:.4f} to {p['high']:.4f}) against {p['served']:.4f} served"


def _care(p: Params) -> str:
    return f" Take it with care: one place alone carries {p['heaviest']:.0%} of all weight." if "heaviest" in p else ""


def _no_difference(p: Params) -> str:
    between = f"the difference lies between {p['lift_low']:+.4f} and {p['lift_high']:+.4f}"
    return f"No difference shown: {_figures(p)}; {between}.{_care(p)}"


def _never_shown(p: Params) -> str:
    return (
        f"{_UNSURE} every place was certain (propensity 1), and {p['share']:.0%} of what the target would show never stood there. "
        "Serve with exploration first."
    )


def _out_of_reach(p: Params) -> str:
    return f"{_UNSURE} {p['share']:.0%} of what the target would show stands where the log always showed something else."


def _not_covered(p: Params) -> str:
    return f"{_UNSURE} only {p['share']:.0%} of what the target would show had a chance of being shown."


def _wrong_propensities(p: Params) -> str:
    return f"{_UNSURE} weights average {p['mean']:.2f} where 1 is right: the propensities are not those the slates were made with."


def _little_overlap(p: Params) -> str:
    worth = f"the {p['matched']:,} places both policies can fill are worth {p['effective']:.0f}"
    return f"{_UNSURE} too little overlap: {worth} (at least {p['needed']:.0f} are needed)."


def _few_outcomes(p: Params) -> str:
    brought = f"{p['rewarded']} of the places both policies can fill brought anything"
    return f"{_UNSURE} too few outcomes: {brought} (at least {p['needed']} are needed)."


_VERDICTS: Mapping[str, Callable[[Params], str]] = {
    LogVerdict.BETTER: lambda p: f"Better than what was served: {_figures(p)}.{_care(p)}",
    LogVerdict.WORSE: lambda p: f"Worse than what was served: {_figures(p)}.{_care(p)}",
    LogVerdict.NO_DIFFERENCE: _no_difference,
    LogVerdict.NEVER_SHOWN: _never_shown,
    LogVerdict.OUT_OF_REACH: _out_of_reach,
    LogVerdict.NOT_COVERED: _not_covered,
    LogVerdict.WRONG_PROPENSITIES: _wrong_propensities,
    LogVerdict.LITTLE_OVERLAP: _little_overlap,
    LogVerdict.FEW_OUTCOMES: _few_outcomes,
}
