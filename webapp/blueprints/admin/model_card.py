"""The model's card: what serves, what it was made from, how good it was on courses it had not seen."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from webapp.blueprints.admin.finish_card import FinishCard, finish_card
from webapp.blueprints.admin.strip_paths import without_folders
from webapp.config import Settings
from webapp.models import ModelVersion
from webapp.queries.job_runs import model_version
from webapp.queries.models import Composition, composition, model_before
from webapp.recommender.serving.promotion import is_model
from webapp.recommender.serving.serving_model import POLICY, LiveStatus, Refused, live_model
from webapp.recommender.verdicts import comparison_sentence, finding_sentence, promotion_note
from webapp.support.clock import now
from webapp.support.text import about

OWN, BASELINE = "hybrid", "popularity"


@dataclass(frozen=True, slots=True)
class Measure:
    """A figure of the evaluation: its key, what people call it, what it says, and how it is written."""

    key: str
    name: str
    meaning: str
    percent: bool = False
    digits: int = 3
    interval: str | None = None


MEASURES = (
    Measure("ndcg", "NDCG@10", "How high a course really taken but held out stands in the list; 1 is always first.", interval="ndcg_ci"),
    Measure("recall", "Recall@10", "How often that course is among the first ten.", percent=True, interval="recall_ci"),
    Measure("mrr", "Mean reciprocal rank", "One divided by the place of that course, on average."),
    Measure("coverage", "Catalog covered", "How much of the catalog is in anybody's first ten.", percent=True),
    Measure("niche_share", "Niche share", "How much of the lists lies outside the most popular fifth of the courses.", percent=True),
    Measure("distinct_topics", "Topics a learner", "How many topics the first ten of a learner touch.", digits=1),
    Measure("novelty", "Novelty, bits", "How unexpected the courses are; rarer ones count more.", digits=2),
)
_SPLITS = {
    "leave-last": "the newest course of each learner was held out",
    "random": "a random fifth of what learners took was held out, as the data hold no order",
}
SOURCES = {
    "ease": ("Taken by similar learners", "EASE: every course predicted from all others together"),
    "user_knn": ("What similar learners took", "user-kNN: learners with a history like theirs, and what they took next"),
    "item_knn": ("Taken together", "courses that the same people take"),
    "als": ("A taste like theirs", "ALS: tastes that learners and courses share"),
    "transitions": ("Taken next", "which course follows which, and how soon"),
    "directed": ("Leads on from lately", "what the newest courses of a learner lead to"),
    "content": ("Likeness of content", "text, tags, skills and topics"),
    "series": ("Next in a series", "what the same creator published before and after"),
    "popularity": ("Popularity", "taken by most"),
    "trending": ("Trend", "much taken lately"),
    "profile": ("What the learner told us", "interests, goal, level and time"),
    "new": ("New courses", "what their topics and texts have in common with courses that are known"),
    "exploration": ("Exploration", "a chance for new courses"),
}


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
    row: ModelVersion | None = None
    before: ModelVersion | None = None
    evaluated: str = ""
    measures: tuple[MeasureRow, ...] = ()
    served: int = 0
    sources: tuple[SourceRow, ...] = ()
    rules: tuple[str, ...] = ()
    oddities: tuple[str, ...] = ()
    finishing: FinishCard | None = None
    refused: tuple[Refused, ...] = ()
    order_lost: bool = False


def model_card(settings: Settings) -> ModelCard:
    """The card of this moment; four statements at most."""
    live = live_model()
    live.check_now()
    status = live.status()
    refused = tuple(Refused(r.version, without_folders(r.reason)) for r in status.refused if is_model(r))
    order_lost = len(refused) < len(status.refused)
    if status.version is None or status.trained_at is None:
        return ModelCard(status, refused=refused, order_lost=order_lost)
    row = model_version(status.version)
    before = (model_version(status.previous) if status.previous else model_before(row)) if row else None
    made_of = composition(status.version, status.trained_at)
    seconds = (now() - status.trained_at).total_seconds()
    return ModelCard(
        status,
        age=about(seconds),
        stale=seconds > 2 * 3600 * settings.retrain_hours,
        since=datetime.fromisoformat(status.promotion.at) if status.promotion else None,
        why=_why(status, row),
        row=row,
        before=before,
        evaluated=_evaluated(row.metrics) if row else "",
        measures=_measure_rows(row.metrics, before.metrics if before else {}) if row else (),
        served=made_of.slates,
        sources=_source_rows(made_of),
        rules=policy_rules(),
        oddities=_oddities(row.metrics) if row else (),
        finishing=finish_card(row.metrics) if row else None,
        refused=refused,
        order_lost=order_lost,
    )


def policy_rules() -> tuple[str, ...]:
    """What the policy in force does to the order, in sentences."""
    mix = ", ".join(f"{100 * share:.0f} % {level}" for level, share in POLICY.level_mix.items())
    rules = [
        f"At least {100 * POLICY.niche_share:.0f} % of a list lies outside the most popular fifth of the catalog, where candidates allow.",
        f"Levels are pulled towards {mix}, shifted by the learner's own level.",
        "Finished, hidden and known courses are never shown; a course whose prerequisites are missing is pushed down.",
    ]
    if POLICY.finish_weight:
        rules.append("What a learner is likelier to finish moves up a little.")
    if POLICY.diversity:
        rules.insert(0, "A topic that a list does not show yet is preferred, so one topic never fills it.")
    if POLICY.explore_slots:
        places = "One place" if POLICY.explore_slots == 1 else f"{POLICY.explore_slots} places"
        rules.append(
            f"{places} of a list, not above place {POLICY.explore_position + 1}, may go to a new course shown fewer than "
            f"{POLICY.explore_cap} times."
        )
    return tuple(rules)


def _why(status: LiveStatus, row: ModelVersion | None) -> str:
    """Why it serves and, where it took over, how it was compared."""
    if status.promotion is None:
        return ""
    compared = comparison_sentence(row.metrics.get("gate", {})) if row and not status.promotion.rollback else ""
    return f"{promotion_note(status.promotion)} {compared}".strip()


def _oddities(metrics: Mapping[str, Any]) -> tuple[str, ...]:
    """What was worth a look about the data it was made from."""
    findings = metrics.get("quality", {}).get("findings", [])
    return tuple(f"{finding_sentence(f)}." for f in findings if f.get("severity") == "warning")


def _evaluated(metrics: Mapping[str, Any]) -> str:
    """On whom the figures were measured."""
    learners = metrics.get("data", {}).get("n_test_users")
    if not isinstance(learners, int):
        return ""
    return f"Measured on {learners:,} learners: {_SPLITS.get(str(metrics.get('split')), 'some of their courses were held out')}."


def _measure_rows(metrics: Mapping[str, Any], earlier: Mapping[str, Any]) -> tuple[MeasureRow, ...]:
    own, before, baseline = _figures(metrics, OWN), _figures(earlier, OWN), _figures(metrics, BASELINE)
    return tuple(
        MeasureRow(
            m.name, _shown(m, own[m.key]), _interval(m, own), _shown(m, before.get(m.key)), _shown(m, baseline.get(m.key)), m.meaning
        )
        for m in MEASURES
        if isinstance(own.get(m.key), int | float)
    )


def _figures(metrics: Mapping[str, Any], model: str) -> Mapping[str, Any]:
    found = metrics.get("models", {}).get(model)
    return found if isinstance(found, dict) else {}


def _interval(measure: Measure, figures: Mapping[str, Any]) -> str:
    bounds = figures.get(measure.interval or "")
    if not isinstance(bounds, list) or len(bounds) != 2:
        return ""
    return f"{_shown(measure, bounds[0])} to {_shown(measure, bounds[1])}"


def _shown(measure: Measure, value: float | None) -> str:
    if not isinstance(value, int | float):
        return "–"
    return f"{100 * value:.1f} %" if measure.percent else f"{value:.{measure.digits}f}"


def _source_rows(made_of: Composition) -> tuple[SourceRow, ...]:
    named = ((SOURCES.get(s.source, (s.source.replace("_", " ").capitalize(), "")), s.share) for s in made_of.shares)
    return tuple(SourceRow(name, meaning, round(100 * share, 1)) for (name, meaning), share in named)
