"""The model's card: what serves, what it was made from, how good it was on data it had not seen."""

from dataclasses import dataclass
from typing import Any

from webapp.models import ModelVersion
from webapp.queries.job_runs import model_version
from webapp.recommender.live import LiveStatus, live_model

# name in the metrics, what people call it, what it says, whether it is a share shown in percent
METRICS = (
    ("ndcg", "NDCG@10", "How high the course a learner really took next stands in the list; 1 is always first.", False),
    ("recall", "Recall@10", "How often it is among the first ten.", True),
    ("mrr", "Mean reciprocal rank", "One over the place of the first hit, on average.", False),
    ("coverage", "Catalog covered", "How much of the catalog is in anybody's first ten.", True),
    ("niche_share", "Niche share", "How much of the lists is outside the most popular fifth.", True),
    ("distinct_topics", "Topics a learner", "How many topics the first ten of a learner touch.", False),
    ("novelty", "Novelty, bits", "How unexpected the courses are; more is rarer.", False),
)


@dataclass(frozen=True, slots=True)
class MetricRow:
    """A line of the metrics table; the values are ready to read."""

    name: str
    value: str
    baseline: str
    meaning: str


@dataclass(frozen=True, slots=True)
class ModelCard:
    """What the admin page shows of the serving model; `row` is None for one that was trained elsewhere."""

    status: LiveStatus
    row: ModelVersion | None
    metrics: tuple[MetricRow, ...]


def model_card() -> ModelCard:
    """The card of this moment."""
    status = live_model().status()
    row = model_version(status.version) if status.version else None
    return ModelCard(status, row, _metric_rows(row.metrics) if row else ())


def _metric_rows(metrics: dict[str, Any]) -> tuple[MetricRow, ...]:
    own = _model_metrics(metrics, "hybrid") or metrics
    popularity = _model_metrics(metrics, "popularity")
    return tuple(
        MetricRow(name, _shown(own[key], percent), _shown(popularity.get(key), percent), meaning)
        for key, name, meaning, percent in METRICS
        if isinstance(own.get(key), int | float)
    )


def _model_metrics(metrics: dict[str, Any], name: str) -> dict[str, Any]:
    found = metrics.get("models", metrics).get(name)
    return found if isinstance(found, dict) else {}


def _shown(value: float | None, percent: bool) -> str:
    if value is None:
        return "–"
    return f"{100 * value:.1f} %" if percent else f"{value:.3f}"
