"""Model card contents: what serves, what it was made from, how good it was on courses it had not seen."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from webapp.blueprints.admin.finish_chance_card import FinishChanceCard, finish_chance_card
from webapp.blueprints.admin.strip_paths import strip_paths
from webapp.config import Settings
from webapp.models.operations import ModelVersion
from webapp.queries.job_runs import model_version
from webapp.queries.model_provenance import Composition, previously_trained_model, recommendation_source_shares
from webapp.recommender.serving.promotion import is_refused_model
from webapp.recommender.serving.serving_model import LiveStatus, live_model
from webapp.support.clock import now
from webapp.support.messages import gettext, ngettext
from webapp.support.text import duration_in_words
from webapp.web.charts.bars import BarChart, bar_chart
from webapp.web.charts.line import Series
from webapp.web.charts.parts import Caption
from webapp.wording.faults import fault_words
from webapp.wording.model_card import (
    MEASURES,
    Measure,
    candidate_source_words,
    data_oddities,
    evaluated_on,
    policy_rules,
    promoted_by,
    why_it_serves,
)

OWN, BASELINE = "hybrid", "popularity"


@dataclass(frozen=True, slots=True)
class MeasureRow:
    """A line of the metrics table; the values are ready to read."""

    name: str
    value: str
    interval: str
    before: str
    baseline: str
    meaning: str


@dataclass(frozen=True, slots=True)
class SourceRow:
    """A source in what was served: `share` in percent."""

    name: str
    meaning: str
    share: float


@dataclass(frozen=True, slots=True)
class RefusedRow:
    """A model that was refused, and why in words that name no folder of the server."""

    version: str
    reason: str


@dataclass(frozen=True, slots=True)
class ModelCard:
    """What the admin page shows of the serving model; `row` is None for one that was trained elsewhere.

    `refused` are models, with reasons that name no folder of the server; `order_lost` says that the file which tells who
    serves cannot be read, so that the newest good model does.
    """

    status: LiveStatus
    age: str = ""
    stale: bool = False
    since: datetime | None = None
    why: str = ""
    promoted_by: str = ""
    row: ModelVersion | None = None
    before: ModelVersion | None = None
    evaluated: str = ""
    measures: tuple[MeasureRow, ...] = ()
    served: int = 0
    sources: tuple[SourceRow, ...] = ()
    rules: tuple[str, ...] = ()
    oddities: tuple[str, ...] = ()
    finishing: FinishChanceCard | None = None
    refused: tuple[RefusedRow, ...] = ()
    order_lost: bool = False

    @property
    def sources_chart(self) -> BarChart:
        """The shares of the sources as bars."""
        caption = Caption(
            gettext("Share of each source in what spoke for a course"),
            ngettext(
                "From the reasons stored with the last %(num)s personal shelf this model has served.",
                "From the reasons stored with the last %(num)s personal shelves this model has served.",
                self.served,
            ),
            "%",
        )
        shares = Series(gettext("Share"), [source.share for source in self.sources])
        return bar_chart(caption, [source.name for source in self.sources], [shares], first=gettext("Source"), digits=1, top=100)


def build_model_card(settings: Settings) -> ModelCard:
    """The card of this moment; four statements at most."""
    live = live_model()
    live.check_now()
    status = live.status()
    refused = tuple(RefusedRow(r.version, strip_paths(fault_words(r.reason))) for r in status.refused if is_refused_model(r))
    order_lost = len(refused) < len(status.refused)
    if status.version is None or status.trained_at is None:
        return ModelCard(status, refused=refused, order_lost=order_lost)
    row = model_version(status.version)
    before = (model_version(status.previous) if status.previous else previously_trained_model(row)) if row else None
    made_of = recommendation_source_shares(status.version, status.trained_at)
    seconds = (now() - status.trained_at).total_seconds()
    return ModelCard(
        status,
        age=duration_in_words(seconds),
        stale=seconds > 2 * 3600 * settings.retrain_hours,
        since=datetime.fromisoformat(status.promotion.at) if status.promotion else None,
        why=why_it_serves(status, row.metrics if row else None),
        promoted_by=promoted_by(status),
        row=row,
        before=before,
        evaluated=evaluated_on(row.metrics) if row else "",
        measures=_measure_rows(row.metrics, before.metrics if before else {}) if row else (),
        served=made_of.slates,
        sources=_source_rows(made_of),
        rules=policy_rules(),
        oddities=data_oddities(row.metrics) if row else (),
        finishing=finish_chance_card(row.metrics) if row else None,
        refused=refused,
        order_lost=order_lost,
    )


def _measure_rows(metrics: Mapping[str, Any], earlier: Mapping[str, Any]) -> tuple[MeasureRow, ...]:
    own, before, baseline = _figures_of_model(metrics, OWN), _figures_of_model(earlier, OWN), _figures_of_model(metrics, BASELINE)
    return tuple(
        MeasureRow(
            gettext(m.name),
            _format_value(m, own[m.key]),
            _interval(m, own),
            _format_value(m, before.get(m.key)),
            _format_value(m, baseline.get(m.key)),
            gettext(m.meaning),
        )
        for m in MEASURES
        if isinstance(own.get(m.key), int | float)
    )


def _figures_of_model(metrics: Mapping[str, Any], model: str) -> Mapping[str, Any]:
    figures = metrics.get("models", {}).get(model)
    return figures if isinstance(figures, dict) else {}


def _interval(measure: Measure, figures: Mapping[str, Any]) -> str:
    bounds = figures.get(measure.interval or "")
    if not isinstance(bounds, list) or len(bounds) != 2:
        return ""
    return gettext("%(low)s to %(high)s", low=_format_value(measure, bounds[0]), high=_format_value(measure, bounds[1]))


def _format_value(measure: Measure, value: float | None) -> str:
    if not isinstance(value, int | float):
        return "–"
    return f"{100 * value:.1f} %" if measure.percent else f"{value:.{measure.digits}f}"


def _source_rows(made_of: Composition) -> tuple[SourceRow, ...]:
    named = ((candidate_source_words(s.source), s.share) for s in made_of.shares)
    return tuple(SourceRow(words.name, words.meaning, round(100 * share, 1)) for words, share in named)
