"""Finish-chance part of the model card: on how much it rests, and how true it came on later attempts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from webapp.support.messages import gettext
from webapp.web.charts.calibration import CalibrationChart, Group, calibration_chart
from webapp.web.charts.parts import Caption
from webapp.wording.model_card import Measure, finish_chance_learned_from, finish_chance_measured_on, finish_measures

_IN_POINTS = frozenset({"ece"})


@dataclass(frozen=True, slots=True)
class FinishMeasure:
    """A line of the table; values are ready to read."""

    name: str
    value: str
    interval: str
    meaning: str


@dataclass(frozen=True, slots=True)
class FinishChanceCard:
    """What the admin page shows; `measures` are empty and `chart` is absent where too few later attempts could be judged."""

    rests_on: str
    personal: bool
    judged: str = ""
    measures: tuple[FinishMeasure, ...] = ()
    chart: CalibrationChart | None = None


def finish_chance_card(metrics: Mapping[str, Any]) -> FinishChanceCard | None:
    """The card from what training wrote down; None for a model without the chance to finish."""
    finishing = metrics.get("finishing")
    if not isinstance(finishing, Mapping):
        return None
    rests_on = finish_chance_learned_from(int(finishing["outcomes"]), int(finishing["finished"]))
    personal = finishing["basis"] == "model"
    judged = finishing.get("judged")
    if not judged:
        return FinishChanceCard(rests_on, personal)
    measures = tuple(_row(measure, judged[measure.key]) for measure in finish_measures(judged))
    return FinishChanceCard(rests_on, personal, finish_chance_measured_on(judged), measures, _chart(judged["reliability"]))


def _chart(reliability: Sequence[Mapping[str, Any]]) -> CalibrationChart:
    groups = [Group(p["count"], *(100 * p[key] for key in ("predicted", "observed", "low", "high"))) for p in reliability]
    reading = gettext(
        "Each point is a tenth of the attempts: across the chance stated, up the share who finished. On the broken line chances come true; "
        "bars are intervals of 95 %."
    )
    caption = Caption(gettext("Do stated chances come true?"), reading, gettext("share who finished, %"))
    return calibration_chart(caption, groups, stated=gettext("chance stated"), true=gettext("finished"), size=gettext("attempts"))


def _row(measure: Measure, values: list[float]) -> FinishMeasure:
    factor = 100 if measure.key in _IN_POINTS else 1
    value, low, high = (f"{factor * v:.{measure.digits}f}" for v in values)
    return FinishMeasure(measure.name, value, gettext("%(low)s to %(high)s", low=low, high=high), measure.meaning)
