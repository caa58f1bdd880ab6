"""The model card in words: what its measures and sources mean, on whom it was measured, what the policy does to the order."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from webapp.recommender.serving.serving_model import POLICY, LiveStatus
from webapp.recommender.verdicts import comparison_sentence, finding_sentence, promotion_note
from webapp.support.text import plural


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
_SPLITS: Mapping[str, str] = {
    "leave-last": "the newest course of each learner was held out",
    "random": "a random fifth of what learners took was held out, as the data hold no order",
}
SOURCES: Mapping[str, tuple[str, str]] = {
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
class SourceWords:
    """What people call a source of recommendations, and what it goes by; `meaning` may be empty."""

    name: str
    meaning: str


def source_words(source: str) -> SourceWords:
    """The words of a source; its key, made readable, where it is none of SOURCES."""
    return SourceWords(*SOURCES.get(source, (source.replace("_", " ").capitalize(), "")))


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


def data_oddities(metrics: Mapping[str, Any]) -> tuple[str, ...]:
    """What was worth a look about the data it was made from."""
    findings = metrics.get("quality", {}).get("findings", [])
    return tuple(f"{finding_sentence(finding)}." for finding in findings if finding.get("severity") == "warning")


def why_it_serves(status: LiveStatus, metrics: Mapping[str, Any] | None) -> str:
    """Why the model serves and, where it took over, how it was compared."""
    if status.promotion is None:
        return ""
    compared = comparison_sentence(metrics.get("gate", {})) if metrics is not None and not status.promotion.rollback else ""
    return f"{promotion_note(status.promotion)} {compared}".strip()


def evaluated_on(metrics: Mapping[str, Any]) -> str:
    """On whom the figures were measured."""
    learners = metrics.get("data", {}).get("n_test_users")
    if not isinstance(learners, int):
        return ""
    return f"Measured on {learners:,} learners: {_SPLITS.get(str(metrics.get('split')), 'some of their courses were held out')}."


def finish_rests_on(outcomes: int, finished: int) -> str:
    """On how much the chance to finish rests."""
    return f"Learned from {plural(outcomes, 'attempt')} whose end is known; {100 * finished / outcomes:.0f} % of them finished."


def finish_judged_on(judged: Mapping[str, Any]) -> str:
    """On whom the chance to finish was judged."""
    return (
        f"Judged on {plural(judged['outcomes'], 'later attempt')} of {plural(judged['learners'], 'learner')}, by a model that knew "
        f"{plural(judged['learned_from'], 'earlier outcome')} alone."
    )


def finish_measures(judged: Mapping[str, Any]) -> tuple[Measure, ...]:
    """The measures of the chance to finish, each with what it says of these attempts."""
    share = judged["finished"] / judged["outcomes"]
    chance = f"{100 * judged['ece_by_chance']:.1f}"
    return (
        Measure("brier", "Brier score", f"Squared error of the chance; {share * (1 - share):.3f} is what one number for all gets."),
        Measure("ece", "Calibration error, points", f"How far stated and true shares are apart; luck alone makes {chance}.", digits=1),
        Measure("auc", "AUC", "How often, of two learners, the one who finished had been given the higher chance; 0.5 is a coin."),
    )
