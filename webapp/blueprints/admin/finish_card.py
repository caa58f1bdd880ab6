"""The chance to finish on the model's card: on how much it rests, and how true it came on later attempts."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from webapp.support.text import plural


@dataclass(frozen=True, slots=True)
class FinishMeasure:
    """A line of the table; values are ready to read."""

    name: str
    value: str
    interval: str
    meaning: str


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """A tenth of the judged attempts: the chance stated on average and the share that finished with its 95 % interval, in percent."""

    attempts: int
    stated: float
    finished: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class FinishCard:
    """What the admin page shows; `measures` and `curve` are empty where too few later attempts could be judged."""

    rests_on: str
    personal: bool
    judged: str = ""
    measures: tuple[FinishMeasure, ...] = ()
    curve: tuple[CurvePoint, ...] = ()


def finish_card(metrics: Mapping[str, Any]) -> FinishCard | None:
    """The card from what training wrote down; None for a model without the chance to finish."""
    told = metrics.get("finishing")
    if not isinstance(told, Mapping):
        return None
    outcomes, finished = int(told["outcomes"]), int(told["finished"])
    rests_on = f"Learned from {plural(outcomes, 'attempt')} whose end is known; {100 * finished / outcomes:.0f} % of them finished."
    judged = told.get("judged")
    personal = told["basis"] == "model"
    if not judged:
        return FinishCard(rests_on, personal)
    words = (
        f"Judged on {plural(judged['outcomes'], 'later attempt')} of {plural(judged['learners'], 'learner')}, by a model that knew "
        f"{plural(judged['learned_from'], 'earlier outcome')} alone."
    )
    curve = (CurvePoint(p["count"], *(100 * p[key] for key in ("predicted", "observed", "low", "high"))) for p in judged["reliability"])
    return FinishCard(rests_on, personal, words, _measures(judged), tuple(curve))


def _measures(judged: Mapping[str, Any]) -> tuple[FinishMeasure, ...]:
    share = judged["finished"] / judged["outcomes"]
    chance = f"{100 * judged['ece_by_chance']:.1f}"
    return (
        _measure(
            "Brier score", judged["brier"], 3, f"Squared error of the chance; {share * (1 - share):.3f} is what one number for all gets."
        ),
        _measure(
            "Calibration error, points", judged["ece"], 1, f"How far stated and true shares are apart; luck alone makes {chance}.", 100
        ),
        _measure(
            "AUC", judged["auc"], 3, "How often, of two learners, the one who finished had been given the higher chance; 0.5 is a coin."
        ),
    )


def _measure(name: str, values: list[float], digits: int, meaning: str, factor: int = 1) -> FinishMeasure:
    value, low, high = (f"{factor * v:.{digits}f}" for v in values)
    return FinishMeasure(name, value, f"{low} to {high}", meaning)
