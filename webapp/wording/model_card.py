"""The model card in words: what its measures and sources mean, on whom it was measured, what the policy does to the order."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from webapp.recommender.report_sentences import comparison_sentence, finding_sentence, gate_sentences, promotion_note
from webapp.recommender.serving.serving_model import POLICY, LiveStatus
from webapp.support.messages import N_, gettext, ngettext


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
    Measure(
        "ndcg", "NDCG@10", N_("How high a course really taken but held out stands in the list; 1 is always first."), interval="ndcg_ci"
    ),
    Measure("recall", "Recall@10", N_("How often that course is among the first ten."), percent=True, interval="recall_ci"),
    Measure("mrr", N_("Mean reciprocal rank"), N_("One divided by the place of that course, on average.")),
    Measure("coverage", N_("Catalog covered"), N_("How much of the catalog is in anybody's first ten."), percent=True),
    Measure(
        "niche_share", N_("Niche share"), N_("How much of the lists lies outside the most popular fifth of the courses."), percent=True
    ),
    Measure("distinct_topics", N_("Topics a learner"), N_("How many topics the first ten of a learner touch."), digits=1),
    Measure("novelty", N_("Novelty, bits"), N_("How unexpected the courses are; rarer ones count more."), digits=2),
)
_LEVELS: Mapping[str, str] = {"beginner": N_("beginner"), "intermediate": N_("intermediate"), "advanced": N_("advanced")}
_SPLITS: Mapping[str, str] = {
    "leave-last": N_("the newest course of each learner was held out"),
    "random": N_("a random fifth of what learners took was held out, as the data hold no order"),
}
_OTHER_SPLIT = N_("some of their courses were held out")
SOURCES: Mapping[str, tuple[str, str]] = {
    "ease": (N_("Taken by similar learners"), N_("EASE: every course predicted from all others together")),
    "user_knn": (N_("What similar learners took"), N_("user-kNN: learners with a history like theirs, and what they took next")),
    "item_knn": (N_("Taken together"), N_("courses that the same people take")),
    "als": (N_("A taste like theirs"), N_("ALS: tastes that learners and courses share")),
    "transitions": (N_("Taken next"), N_("which course follows which, and how soon")),
    "directed": (N_("Leads on from lately"), N_("what the newest courses of a learner lead to")),
    "content": (N_("Likeness of content"), N_("text, tags, skills and topics")),
    "series": (N_("Next in a series"), N_("what the same creator published before and after")),
    "popularity": (N_("Popularity"), N_("taken by most")),
    "trending": (N_("Trend"), N_("much taken lately")),
    "profile": (N_("What the learner told us"), N_("interests, goal, level and time")),
    "new": (N_("New courses"), N_("what their topics and texts have in common with courses that are known")),
    "exploration": (N_("Exploration"), N_("a chance for new courses")),
}


@dataclass(frozen=True, slots=True)
class SourceWords:
    """What people call a source of recommendations, and what it goes by; `meaning` may be empty."""

    name: str
    meaning: str


def candidate_source_words(source: str) -> SourceWords:
    """The words of a source; its key, made readable, where it is none of SOURCES."""
    if source not in SOURCES:
        return SourceWords(source.replace("_", " ").capitalize(), "")
    name, meaning = SOURCES[source]
    return SourceWords(gettext(name), gettext(meaning))


def policy_rules() -> tuple[str, ...]:
    """What the policy in force does to the order, in sentences."""
    shares = POLICY.level_mix.items()
    mix = ", ".join(gettext("%(share).0f %% %(level)s", share=100 * share, level=gettext(_LEVELS[level])) for level, share in shares)
    rules = [
        gettext(
            "At least %(share).0f %% of a list lies outside the most popular fifth of the catalog, where candidates allow.",
            share=100 * POLICY.niche_share,
        ),
        gettext("Levels are pulled towards %(mix)s, shifted by the learner's own level.", mix=mix),
        gettext("Finished, hidden and known courses are never shown; a course whose prerequisites are missing is pushed down."),
    ]
    if POLICY.finish_weight:
        rules.append(gettext("What a learner is likelier to finish moves up a little."))
    if POLICY.diversity:
        rules.insert(0, gettext("A topic that a list does not show yet is preferred, so one topic never fills it."))
    if POLICY.explore_slots:
        rules.append(
            ngettext(
                "One place of a list, not above place %(place)s, may go to a new course shown fewer than %(times)s times.",
                "%(num)s places of a list, not above place %(place)s, may go to a new course shown fewer than %(times)s times.",
                POLICY.explore_slots,
                place=POLICY.explore_position + 1,
                times=POLICY.explore_cap,
            )
        )
    return tuple(rules)


def data_oddities(metrics: Mapping[str, Any]) -> tuple[str, ...]:
    """What was worth a look about the data it was made from."""
    findings = metrics.get("quality", {}).get("findings", [])
    return tuple(f"{finding_sentence(finding, gettext)}." for finding in findings if finding.get("severity") == "warning")


def gate_verdict(metrics: Mapping[str, Any]) -> str:
    """What the gate made of a trained model, and how it was compared; empty for one that no gate saw."""
    return " ".join(gate_sentences(metrics.get("gate", {}), gettext))


def why_it_serves(status: LiveStatus, metrics: Mapping[str, Any] | None) -> str:
    """Why the model serves and, where it took over, how it was compared."""
    if status.promotion is None:
        return ""
    compared = comparison_sentence(metrics.get("gate", {}), gettext) if metrics is not None and not status.promotion.rollback else ""
    return f"{promotion_note(status.promotion, gettext)} {compared}".strip()


_PROMOTED_BY: Mapping[str, str] = {
    "administrator": N_("an administrator"),
    "command_line": N_("the command line"),
    "training": N_("training"),
}


def promoted_by(status: LiveStatus) -> str:
    """Who let the model serve; as it stands where it was written down before there were codes, or by somebody else's command."""
    by = status.promotion.by if status.promotion else ""
    return gettext(_PROMOTED_BY[by]) if by in _PROMOTED_BY else by


def evaluated_on(metrics: Mapping[str, Any]) -> str:
    """On whom the figures were measured."""
    learners = metrics.get("data", {}).get("n_test_users")
    if not isinstance(learners, int):
        return ""
    split = gettext(_SPLITS.get(str(metrics.get("split")), _OTHER_SPLIT))
    return ngettext("Measured on %(num)s learner: %(split)s.", "Measured on %(num)s learners: %(split)s.", learners, split=split)


def finish_chance_learned_from(outcomes: int, finished: int) -> str:
    """On how much the chance to finish rests."""
    return ngettext(
        "Learned from %(num)s attempt whose end is known; %(share).0f %% of them finished.",
        "Learned from %(num)s attempts whose end is known; %(share).0f %% of them finished.",
        outcomes,
        share=100 * finished / outcomes,
    )


def finish_chance_measured_on(judged: Mapping[str, Any]) -> str:
    """On whom the chance to finish was judged."""
    return gettext(
        "Judged on %(attempts)s of %(learners)s, by a model that knew %(outcomes)s alone.",
        attempts=ngettext("%(num)s later attempt", "%(num)s later attempts", judged["outcomes"]),
        learners=ngettext("%(num)s learner", "%(num)s learners", judged["learners"]),
        outcomes=ngettext("%(num)s earlier outcome", "%(num)s earlier outcomes", judged["learned_from"]),
    )


def finish_measures(judged: Mapping[str, Any]) -> tuple[Measure, ...]:
    """The measures of the chance to finish, each with what it says of these attempts."""
    share = judged["finished"] / judged["outcomes"]
    chance, error = f"{100 * judged['ece_by_chance']:.1f}", f"{share * (1 - share):.3f}"
    return (
        Measure(
            "brier", gettext("Brier score"), gettext("Squared error of the chance; %(error)s is what one number for all gets.", error=error)
        ),
        Measure(
            "ece",
            gettext("Calibration error, points"),
            gettext("How far stated and true shares are apart; luck alone makes %(chance)s.", chance=chance),
            digits=1,
        ),
        Measure("auc", "AUC", gettext("How often, of two learners, the one who finished had been given the higher chance; 0.5 is a coin.")),
    )
