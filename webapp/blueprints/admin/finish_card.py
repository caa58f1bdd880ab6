"""Finish-chance part of the model card: on how much it rests, and how true it came on later attempts."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from webapp.support.messages import gettext
from webapp.wording.model_card import Measure, finish_judged_on, finish_measures, finish_rests_on

_IN_POINTS = frozenset({"ece"})


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
    finishing = metrics.get("finishing")
    if not isinstance(finishing, Mapping):
        return None
    rests_on = finish_rests_on(int(finishing["outcomes"]), int(finishing["finished"]))
    personal = finishing["basis"] == "model"
    judged = finishing.get("judged")
    if not judged:
        return FinishCard(rests_on, personal)
    curve = (CurvePoint(p["count"], *(100 * p[key] for key in ("predicted", "observed", "low", "high"))) for p in judged["reliability"])
    measures = tuple(_row(measure, judged[measure.key]) for measure in finish_measures(judged))
    return FinishCard(rests_on, personal, finish_judged_on(judged), measures, tuple(curve))


def _row(measure: Measure, values: list[float]) -> FinishMeasure:
    factor = 100 if measure.key in _IN_POINTS else 1
    value, low, high = (f"{factor * v:.{measure.digits}f}" for v in values)
    return FinishMeasure(measure.name, value, gettext("%(low)s to %(high)s", low=low, high=high), measure.meaning)
