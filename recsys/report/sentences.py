"""Sentences for what manifests and promotions hold as codes: for the command line, report pages and, looked up, pages of a platform.
What was wrong says `recsys.faults`.

Every function takes `say`, which looks a message up in the language of whoever reads and sets its values in: gettext, or `format_message`
for English. Manifests from before there were codes hold sentences; these stay as they are.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from recsys.gate.codes import ComparisonCode, CompletionBasis, GateCode
from recsys.messages import Say, format_message
from recsys.progress_steps import StepCode
from recsys.registry.promotion import Promotion

Params = Mapping[str, Any]
Stored = Mapping[str, Any] | str
"""A statement as JSON: {"code", "params"}, or a sentence."""
Writer = Callable[[Params, Say], str]


def gate_sentences(gate: Mapping[str, Any], say: Say = format_message) -> list[str]:
    """Reasons of the gate's decision that a manifest holds under `gate`, then how the models were compared."""
    comparison = comparison_sentence(gate, say)
    return [*gate_reason_sentences(gate.get("reasons", ()), say), *([comparison] if comparison else [])]


def gate_reason_sentences(reasons: Sequence[Stored], say: Say = format_message) -> list[str]:
    """A sentence per reason of the gate."""
    return [_sentence(reason, _REASONS, say) for reason in reasons]


def comparison_sentence(gate: Mapping[str, Any], say: Say = format_message) -> str:
    """How candidate and serving model were compared; empty where there was nothing to compare with."""
    compared = gate.get("compared")
    return _sentence(compared, _COMPARISONS, say) if compared else ""


def promotion_note(promotion: Promotion, say: Say = format_message) -> str:
    """Why a model began to serve: what a person wrote, or the gate's reasons; empty where neither is known."""
    return promotion.why or " ".join(gate_reason_sentences(promotion.reasons, say))


def click_fit_sentence(values: Mapping[str, Any], say: Say = format_message) -> str:
    """What came of logged slates in a training (`training["slates"]` of a manifest)."""
    return str(values["words"]) if "words" in values else _CLICK_FITS[values["outcome"]](values, say)


def finding_sentence(finding: Mapping[str, Any], say: Say = format_message) -> str:
    """A finding about training data (`quality["findings"]` of a manifest): how many of how many, and what is odd about them."""
    return say(
        "%(count)s of %(total)s %(oddity)s",
        count=f"{finding['count']:,}",
        total=f"{finding['total']:,}",
        oddity=finding_text(finding, say),
    )


def finding_text(finding: Mapping[str, Any], say: Say = format_message) -> str:
    """What is odd about the rows, learners or items that a finding counts."""
    return str(finding["text"]) if "text" in finding else _FINDINGS[finding["check"]](finding.get("params", {}), say)


def current_run_step_sentence(code: str, params: Params, say: Say = format_message) -> str:
    """What a long run is doing; the code itself for a step of another version."""
    return _STEPS[code](params, say) if code in _STEPS else code


def _sentence(stored: Stored, writers: Mapping[str, Writer], say: Say) -> str:
    return stored if isinstance(stored, str) else writers[stored["code"]](stored.get("params", {}), say)


def _metric_name(p: Params, say: Say) -> str:
    name = str(p["metric"])
    names = {"coverage": say("Coverage"), "niche_share": say("Niche share"), "recall": say("Recall"), "hit": say("Hit rate")}
    return names.get(name, name.upper())


def _figures(p: Params, say: Say) -> str:
    return say(
        "%(before)s → %(after)s, %(difference)s (95 %% interval %(low)s to %(high)s)",
        before=f"{p['before']:.4f}",
        after=f"{p['after']:.4f}",
        difference=f"{p['mean']:+.4f}",
        low=f"{p['low']:+.4f}",
        high=f"{p['high']:+.4f}",
    )


def _primary_metric_placeholders(p: Params, say: Say) -> dict[str, str]:
    """Values of a sentence on the primary metric: its name, the limit, its figures, and on whom they were measured."""
    if p["learners"]:
        basis = say("on the same %(learners)s learners", learners=p["learners"])
    elif p.get("other_data"):
        basis = say("from two separate measurements of different data")
    else:
        basis = say("from two separate measurements")
    limit = {"limit": f"{p['limit']:.4f}"} if "limit" in p else {}
    return {"metric": _metric_name(p, say), **limit, "figures": _figures(p, say), "basis": basis}


def _fell_sentence(p: Params, say: Say) -> str:
    if p["certain"]:
        return say(
            "%(metric)s fell by more than the %(limit)s that may be lost: %(figures)s, %(basis)s.", **_primary_metric_placeholders(p, say)
        )
    return say(
        "%(metric)s on average fell by more than the %(limit)s that may be lost: %(figures)s, %(basis)s.",
        **_primary_metric_placeholders(p, say),
    )


def _uncertain_sentence(p: Params, say: Say) -> str:
    values = _primary_metric_placeholders(p, say)
    if p["mean"] < 0 and p["few"]:
        return say(
            "%(metric)s fell by no more than the %(limit)s that may be lost on average, though the learners are too few to be sure: "
            "%(figures)s, %(basis)s.",
            **values,
        )
    if p["mean"] < 0:
        return say("%(metric)s fell by no more than the %(limit)s that may be lost on average: %(figures)s, %(basis)s.", **values)
    if p["few"]:
        return say("%(metric)s did not fall on average, though the learners are too few to be sure: %(figures)s, %(basis)s.", **values)
    return say("%(metric)s did not fall on average: %(figures)s, %(basis)s.", **values)


def _guardrail_values(p: Params, say: Say) -> dict[str, str]:
    values = {name: f"{p[name]:.1%}" for name in ("before", "after") if name in p}
    return {"metric": _metric_name(p, say), **values, **({"limit": f"{p['limit']:.0%}"} if "limit" in p else {})}


def _completion_values(p: Params, say: Say) -> dict[str, str]:
    """Values of a sentence on an error of the chance to finish: its name, the limit, its figures, and what both were scored on."""
    attempts = f"{p['attempts']:,}"
    bases: Mapping[str, Callable[[], str]] = {
        CompletionBasis.NEWS: lambda: say(
            "on %(attempts)s attempts begun after the serving model was trained, the new one fitted on what was known by then",
            attempts=attempts,
        ),
        CompletionBasis.SAME_ATTEMPTS: lambda: say("on the same %(attempts)s later attempts", attempts=attempts),
        CompletionBasis.SEPARATE: lambda: say("from two separate measurements"),
    }
    score = say("Brier score") if p["metric"] == "brier" else say("calibration error")
    limit = {"limit": f"{p['limit']:.3f}"} if "limit" in p else {}
    return {"score": score, **limit, "figures": _figures(p, say), "basis": bases[p["basis"]]()}


_STEPS: Mapping[str, Writer] = {
    StepCode.CHECKING_DATA: lambda _, say: say("Checking the data"),
    StepCode.MEASURING: lambda _, say: say("Measuring on held-out courses"),
    StepCode.NOT_MEASURING: lambda _, say: say("Not measuring"),
    StepCode.FITTING: lambda _, say: say("Fitting on everything"),
    StepCode.LEARNING_COMPLETION: lambda _, say: say("Learning who finishes"),
    StepCode.WRITING: lambda _, say: say("Writing"),
    StepCode.DONE: lambda _, say: say("Done"),
    StepCode.HELD_BACK: lambda _, say: say("Done; the model was held back"),
    StepCode.RANKING: lambda p, say: say("%(model)s: fitting and ranking", model=p["model"]),
    StepCode.MODELS_MEASURED: lambda _, say: say("Models measured"),
    StepCode.FITTING_PARTS: lambda _, say: say("Ablation: fitting what features are left out of"),
    StepCode.ABLATING: lambda p, say: say("Ablation: %(part)s", part=p["part"]),
    StepCode.ABLATION_MEASURED: lambda _, say: say("Ablation measured"),
    StepCode.FITTING_AGEING: lambda _, say: say("Ageing: fitting the model that grows old"),
    StepCode.AGEING_WINDOW: lambda p, say: say("Ageing: window %(window)s of %(windows)s", window=p["window"], windows=p["windows"]),
    StepCode.AGEING_POSITION: lambda p, say: say("Ageing: trained %(age)s courses before the last", age=f"{p['age']:.0f}"),
    StepCode.AGEING_MEASURED: lambda _, say: say("Ageing measured"),
    StepCode.FITTING_FACTORS: lambda _, say: say("Fitting the factor model"),
    StepCode.PREDICTING_RATINGS: lambda p, say: say("Ratings by %(predictor)s", predictor=p["predictor"]),
    StepCode.PREDICTING_COMPLETION: lambda p, say: say("Completion by %(predictor)s", predictor=p["predictor"]),
    StepCode.RECOMMENDED: lambda p, say: say("%(done)s of %(learners)s learners", done=f"{p['done']:,}", learners=f"{p['learners']:,}"),
}

_CLICK_FITS: Mapping[str, Writer] = {
    "no_dates": lambda _, say: say("Not used: the histories have no dates, or are too few."),
    "too_few_clicks": lambda p, say: say(
        "Not used: %(clicked)s clicked slates are dated and newer than what the sources know; %(needed)s are needed to tell what "
        "they gain.",
        clicked=p["clicked"],
        needed=p.get("needed"),
    ),
    "used": lambda p, say: say(
        "Used: %(gain)s nats a click on the newest fifth, %(low)s at least.", gain=f"{p['gain']:+.4f}", low=f"{p['gain_low']:+.4f}"
    ),
    "no_gain": lambda p, say: say(
        "Not used: %(gain)s nats a click on the newest fifth, %(low)s at least.", gain=f"{p['gain']:+.4f}", low=f"{p['gain_low']:+.4f}"
    ),
}

_REASONS: Mapping[str, Writer] = {
    GateCode.FIRST_MODEL: lambda _, say: say("No model serves yet."),
    GateCode.CANDIDATE_UNMEASURED: lambda p, say: say(
        "The new model has no %(metric)s to show, the serving one does.", metric=_metric_name(p, say)
    ),
    GateCode.SERVING_UNMEASURED: lambda _, say: say("The serving model was never measured, the new one was."),
    GateCode.NEITHER_MEASURED: lambda _, say: say("The serving model and the new one were never measured: there is nothing to compare."),
    GateCode.METRIC_ROSE: lambda p, say: say("%(metric)s rose: %(figures)s, %(basis)s.", **_primary_metric_placeholders(p, say)),
    GateCode.METRIC_FELL: _fell_sentence,
    GateCode.METRIC_FELL_MEASURABLY: lambda p, say: say(
        "%(metric)s fell measurably, by more than the %(limit)s that would be too little to matter: %(figures)s, %(basis)s.",
        **_primary_metric_placeholders(p, say),
    ),
    GateCode.METRIC_FELL_NEGLIGIBLY: lambda p, say: say(
        "%(metric)s fell measurably, by no more than the %(limit)s that would be too little to matter: %(figures)s, %(basis)s.",
        **_primary_metric_placeholders(p, say),
    ),
    GateCode.METRIC_HELD: lambda p, say: say(
        "%(metric)s did not fall by more than the %(limit)s that may be lost: %(figures)s, %(basis)s.",
        **_primary_metric_placeholders(p, say),
    ),
    GateCode.METRIC_UNPROVEN: lambda p, say: say(
        "%(metric)s may have fallen by more than the %(limit)s that may be lost, and proof is asked for: %(figures)s, %(basis)s.",
        **_primary_metric_placeholders(p, say),
    ),
    GateCode.METRIC_UNCERTAIN: _uncertain_sentence,
    GateCode.GUARDRAIL_HELD: lambda p, say: say(
        "%(metric)s stayed within its guardrail: %(before)s → %(after)s.", **_guardrail_values(p, say)
    ),
    GateCode.GUARDRAIL_BROKEN: lambda p, say: say(
        "%(metric)s fell by more than %(limit)s: %(before)s → %(after)s.", **_guardrail_values(p, say)
    ),
    GateCode.GUARDRAIL_UNMEASURED: lambda p, say: say(
        "%(metric)s was %(before)s, and the new model has no figure for it.", **_guardrail_values(p, say)
    ),
    GateCode.FALLS_ADDED_UP: lambda p, say: say(
        "%(metric)s has fallen model by model to %(retained)s of the best that served before, and no more than %(limit)s may be lost.",
        **_guardrail_values(p, say),
        retained=f"{p['retained']:.1%}",
    ),
    GateCode.COMPLETION_ERROR_FELL: lambda p, say: say(
        "The %(score)s of the chance to finish fell: %(figures)s, %(basis)s.", **_completion_values(p, say)
    ),
    GateCode.COMPLETION_ERROR_HELD: lambda p, say: say(
        "The %(score)s of the chance to finish did not rise by more than the %(limit)s that may be lost: %(figures)s, %(basis)s.",
        **_completion_values(p, say),
    ),
    GateCode.COMPLETION_ERROR_UNCERTAIN: lambda p, say: say(
        "The %(score)s of the chance to finish rose by more than the %(limit)s that may be lost, though the attempts are too few to be "
        "sure: %(figures)s, %(basis)s.",
        **_completion_values(p, say),
    ),
    GateCode.COMPLETION_ERROR_ROSE: lambda p, say: say(
        "The %(score)s of the chance to finish rose by more than the %(limit)s that may be lost: %(figures)s, %(basis)s.",
        **_completion_values(p, say),
    ),
    GateCode.COMPLETION_WITHOUT_ATTEMPTS: lambda _, say: say(
        "The chance to finish was not compared: the new model was trained without attempts."
    ),
    GateCode.COMPLETION_WITHOUT_OUTCOMES: lambda _, say: say(
        "The chance to finish was not compared: no outcome of the new model's attempts is known."
    ),
    GateCode.COMPLETION_NOT_SERVED: lambda _, say: say("The chance to finish was not compared: the serving model has none."),
    GateCode.COMPLETION_TOO_FEW: lambda _, say: say(
        "The chance to finish was not compared: too few later attempts are known to judge both."
    ),
    GateCode.FOR_COMPARISON: lambda _, say: say("It was trained for comparing only."),
    GateCode.BY_HAND: lambda _, say: say("It was decided by hand."),
    GateCode.FORCED: lambda _, say: say("It serves all the same, as was asked for."),
    GateCode.AFTER_ERASURE: lambda _, say: say(
        "The data of a person were erased after those of the serving model had been read, so it has to be replaced."
    ),
    GateCode.SERVED_BEFORE_PROMOTIONS: lambda _, say: say("It served when promotions began to be kept."),
}

_COMPARISONS: Mapping[str, Writer] = {
    ComparisonCode.SAME_SPLIT: lambda _, say: say("Both were fitted without the same held-out courses and measured on the same learners."),
    ComparisonCode.NEWS: lambda p, say: say(
        "Measured on %(learners)s learners whose newest course is newer than the serving model's data: it ranked as it stands, the new "
        "one was fitted without those courses; among the %(items)s courses both know.",
        learners=f"{p['learners']:,}",
        items=f"{p['items']:,}",
    ),
    ComparisonCode.SEPARATE: lambda _, say: say(
        "Each was measured on courses held out of its own data, so the learners differ and only intervals are compared."
    ),
    ComparisonCode.UNMEASURED: lambda _, say: say("The new model was not measured."),
}


def _without_time(p: Params, say: Say) -> str:
    if p["ordered"]:
        return say("events have no time; their order is that of the rows")
    return say("events have no time and no order either")


_FINDINGS: Mapping[str, Writer] = {
    "busiest_learners": lambda p, say: say(
        "learners have more than %(limit)s events, %(share)s of all: crawlers, tests or shared accounts",
        limit=f"{p['limit']:,.0f}",
        share=f"{p['share']:.1%}",
    ),
    "without_time": _without_time,
    "repeated_rows": lambda _, say: say("rows stand twice word by word and count once"),
    "repeated_pairs": lambda _, say: say("events repeat a course the learner has already; in a history it counts once"),
    "before_publication": lambda _, say: say("events lie more than a day before their course was published"),
    "in_the_future": lambda _, say: say("events lie more than a day in the future"),
    "single_course_learners": lambda _, say: say(
        "learners took one course only: nothing can be learned about what goes together, nor be held out"
    ),
    "items_left_out": lambda _, say: say("rows of the catalog were left out: no id, or one that stands further up"),
    "items_with_unread_cells": lambda _, say: say(
        "rows of the catalog have a level, duration or date that counts as empty: it cannot be read"
    ),
    "items_without_text": lambda _, say: say("items have neither title nor description"),
    "items_without_level": lambda _, say: say("items have no level"),
    "items_without_topic": lambda _, say: say("items have neither topics nor tags"),
    "same_titles": lambda _, say: say("items share their title with another"),
    "untaken_items": lambda _, say: say("items were taken by nobody: only their text speaks for them"),
    "density": lambda _, say: say("of all pairs of a learner and an item are filled; the rest is what there is to guess"),
}
