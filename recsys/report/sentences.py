"""English sentences for what manifests and promotions hold as codes, for the command line and for report pages.

Manifests from before there were codes hold sentences; these stay as they are.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from recsys.gate.codes import ComparisonCode, CompletionBasis, GateCode
from recsys.registry.promotion import Promotion

Params = Mapping[str, Any]
Stored = Mapping[str, Any] | str
"""A statement as JSON: {"code", "params"}, or a sentence."""
_SCORES = {"brier": "Brier score", "ece": "calibration error"}


def gate_sentences(gate: Mapping[str, Any]) -> list[str]:
    """Reasons of the gate's decision that a manifest holds under `gate`, then how the models were compared."""
    comparison = comparison_sentence(gate)
    return [*reason_sentences(gate.get("reasons", ())), *([comparison] if comparison else [])]


def reason_sentences(reasons: Sequence[Stored]) -> list[str]:
    """A sentence per reason of the gate."""
    return [_sentence(reason, _REASONS) for reason in reasons]


def comparison_sentence(gate: Mapping[str, Any]) -> str:
    """How candidate and serving model were compared; empty where there was nothing to compare with."""
    compared = gate.get("compared")
    return _sentence(compared, _COMPARISONS) if compared else ""


def promotion_note(promotion: Promotion) -> str:
    """Why a model began to serve: what a person wrote, or the gate's reasons; empty where neither is known."""
    return promotion.why or " ".join(reason_sentences(promotion.reasons))


def click_fit_sentence(values: Mapping[str, Any]) -> str:
    """What came of logged slates in a training (`training["slates"]` of a manifest)."""
    if "words" in values:
        return str(values["words"])
    gain = (
        f"{values['gain']:+.4f} nats a click on the newest fifth, {values['gain_low']:+.4f} at least."
        if values.get("gain") is not None
        else ""
    )
    return {
        "no_dates": "Not used: the histories have no dates, or are too few.",
        "too_few_clicks": f"Not used: {values['clicked']} clicked slates are dated and newer than what the sources know; "
        f"{values.get('needed')} are needed to tell what they gain.",
        "used": f"Used: {gain}",
        "no_gain": f"Not used: {gain}",
    }[values["outcome"]]


def finding_sentence(finding: Mapping[str, Any]) -> str:
    """A finding about training data (`quality["findings"]` of a manifest): how many of how many, and what is odd about them."""
    return f"{finding['count']:,} of {finding['total']:,} {finding_text(finding)}"


def finding_text(finding: Mapping[str, Any]) -> str:
    """What is odd about the rows, learners or items that a finding counts."""
    if "text" in finding:
        return str(finding["text"])
    params = finding["params"]
    if finding["check"] == "busiest_learners":
        return f"learners have more than {params['limit']:,.0f} events, {params['share']:.1%} of all: crawlers, tests or shared accounts"
    if finding["check"] == "without_time":
        return "events have no time" + ("; their order is that of the rows" if params["ordered"] else " and no order either")
    return _FINDINGS[finding["check"]]


def _sentence(stored: Stored, sentences: Mapping[str, Callable[[Params], str]]) -> str:
    return stored if isinstance(stored, str) else sentences[stored["code"]](stored.get("params", {}))


def _title(metric: str) -> str:
    return metric.upper() if metric in {"ndcg", "mrr", "map"} else metric.replace("_", " ").capitalize()


def _figures(p: Params) -> str:
    return f"{p['before']:.4f} → {p['after']:.4f}, {p['mean']:+.4f} (95 % interval {p['low']:+.4f} to {p['high']:+.4f})"


def _limit(p: Params) -> str:
    return f"the {p['limit']:.4f} that may be lost"


def _primary(how: Callable[[Params], str]) -> Callable[[Params], str]:
    """A sentence on the primary metric: its name, `how` it moved, its figures, and on whom it was measured."""

    def sentence(p: Params) -> str:
        different = " of different data" if p.get("other_data") else ""
        basis = f"on the same {p['learners']} learners" if p["learners"] else f"from two separate measurements{different}"
        return f"{_title(p['metric'])} {how(p)}: {_figures(p)}, {basis}."

    return sentence


def _uncertain(p: Params) -> str:
    how = f"fell by no more than {_limit(p)} on average" if p["mean"] < 0 else "did not fall on average"
    return how + (", though the learners are too few to be sure" if p["few"] else "")


def _guardrail(how: Callable[[Params], str]) -> Callable[[Params], str]:
    return lambda p: f"{_title(p['metric'])} {how(p)}: {p['before']:.1%} → {p['after']:.1%}."


def _completion(how: str) -> Callable[[Params], str]:
    """A sentence on an error of the chance to finish; `how` may name the limit."""

    def sentence(p: Params) -> str:
        bases = {
            CompletionBasis.NEWS: f"on {p['attempts']:,} attempts begun after the serving model was trained, the new one fitted on what "
            "was known by then",
            CompletionBasis.SAME_ATTEMPTS: f"on the same {p['attempts']:,} later attempts",
            CompletionBasis.SEPARATE: "from two separate measurements",
        }
        moved = how.format(limit=f"the {p['limit']:.3f} that may be lost")
        return f"The {_SCORES[p['metric']]} of the chance to finish {moved}: {_figures(p)}, {bases[p['basis']]}."

    return sentence


def _fixed(sentence: str) -> Callable[[Params], str]:
    return lambda _: sentence


def _not_compared(why: str) -> Callable[[Params], str]:
    return _fixed(f"The chance to finish was not compared: {why}.")


_REASONS: Mapping[str, Callable[[Params], str]] = {
    GateCode.FIRST_MODEL: _fixed("No model serves yet."),
    GateCode.CANDIDATE_UNMEASURED: lambda p: f"The new model has no {p['metric']} to show, the serving one does.",
    GateCode.SERVING_UNMEASURED: _fixed("The serving model was never measured, the new one was."),
    GateCode.NEITHER_MEASURED: _fixed("The serving model and the new one were never measured: there is nothing to compare."),
    GateCode.METRIC_ROSE: _primary(lambda p: "rose"),
    GateCode.METRIC_FELL: _primary(lambda p: f"{'' if p['certain'] else 'on average '}fell by more than {_limit(p)}"),
    GateCode.METRIC_FELL_MEASURABLY: _primary(
        lambda p: f"fell measurably, by more than the {p['limit']:.4f} that would be too little to matter"
    ),
    GateCode.METRIC_FELL_NEGLIGIBLY: _primary(
        lambda p: f"fell measurably, by no more than the {p['limit']:.4f} that would be too little to matter"
    ),
    GateCode.METRIC_HELD: _primary(lambda p: f"did not fall by more than {_limit(p)}"),
    GateCode.METRIC_UNPROVEN: _primary(lambda p: f"may have fallen by more than {_limit(p)}, and proof is asked for"),
    GateCode.METRIC_UNCERTAIN: _primary(_uncertain),
    GateCode.GUARDRAIL_HELD: _guardrail(lambda p: "stayed within its guardrail"),
    GateCode.GUARDRAIL_BROKEN: _guardrail(lambda p: f"fell by more than {p['limit']:.0%}"),
    GateCode.GUARDRAIL_UNMEASURED: lambda p: f"{_title(p['metric'])} was {p['before']:.1%}, and the new model has no figure for it.",
    GateCode.FALLS_ADDED_UP: lambda p: (
        f"{_title(p['metric'])} has fallen model by model to {p['retained']:.1%} of the best that served before, "
        f"and no more than {p['limit']:.0%} may be lost."
    ),
    GateCode.COMPLETION_ERROR_FELL: _completion("fell"),
    GateCode.COMPLETION_ERROR_HELD: _completion("did not rise by more than {limit}"),
    GateCode.COMPLETION_ERROR_UNCERTAIN: _completion("rose by more than {limit}, though the attempts are too few to be sure"),
    GateCode.COMPLETION_ERROR_ROSE: _completion("rose by more than {limit}"),
    GateCode.COMPLETION_WITHOUT_ATTEMPTS: _not_compared("the new model was trained without attempts"),
    GateCode.COMPLETION_WITHOUT_OUTCOMES: _not_compared("no outcome of the new model's attempts is known"),
    GateCode.COMPLETION_NOT_SERVED: _not_compared("the serving model has none"),
    GateCode.COMPLETION_TOO_FEW: _not_compared("too few later attempts are known to judge both"),
    GateCode.FOR_COMPARISON: _fixed("It was trained for comparing only."),
    GateCode.FORCED: _fixed("It serves all the same, as was asked for."),
    GateCode.AFTER_ERASURE: _fixed(
        "The data of a person were erased after those of the serving model had been read, so it has to be replaced."
    ),
    GateCode.SERVED_BEFORE_PROMOTIONS: _fixed("It served when promotions began to be kept."),
}

_COMPARISONS: Mapping[str, Callable[[Params], str]] = {
    ComparisonCode.SAME_SPLIT: _fixed("Both were fitted without the same held-out courses and measured on the same learners."),
    ComparisonCode.NEWS: lambda p: (
        f"Measured on {p['learners']:,} learners whose newest course is newer than the serving model's data: it ranked as it stands, the "
        f"new one was fitted without those courses; among the {p['items']:,} courses both know."
    ),
    ComparisonCode.SEPARATE: _fixed(
        "Each was measured on courses held out of its own data, so the learners differ and only intervals are compared."
    ),
    ComparisonCode.UNMEASURED: _fixed("The new model was not measured."),
}

_FINDINGS: Mapping[str, str] = {
    "repeated_rows": "rows stand twice word by word and count once",
    "repeated_pairs": "events repeat a course the learner has already; in a history it counts once",
    "before_publication": "events lie more than a day before their course was published",
    "in_the_future": "events lie more than a day in the future",
    "single_course_learners": "learners took one course only: nothing can be learned about what goes together, nor be held out",
    "items_left_out": "rows of the catalog were left out: no id, or one that stands further up",
    "items_with_unread_cells": "rows of the catalog have a level, duration or date that counts as empty: it cannot be read",
    "items_without_text": "items have neither title nor description",
    "items_without_level": "items have no level",
    "items_without_topic": "items have neither topics nor tags",
    "same_titles": "items share their title with another",
    "untaken_items": "items were taken by nobody: only their text speaks for them",
    "density": "of all pairs of a learner and an item are filled; the rest is what there is to guess",
}
