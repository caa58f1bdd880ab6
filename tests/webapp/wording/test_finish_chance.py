"""The chance to finish in words: facts that are true of this learner, and nothing where nothing is known."""

import numpy as np
import pytest

from recsys.completion.model import Estimate
from recsys.serving.completion import FinishPart, Outlook
from recsys.types import Basis
from recsys.types import FinishReasonKind as Kind
from webapp.recommender.serving.finish_forecast import FinishForecast
from webapp.wording.finish_chance import FinishChance, FinishReason, finish_chance

FACTS = {"finished": 3, "ended": 4, "under_way": 0, "weekly_minutes": 120, "prerequisites": 2, "lacking": 1}
NEWCOMER = {"finished": 0, "ended": 0, "under_way": 0, "weekly_minutes": None, "prerequisites": 0, "lacking": 0}


def _outlook(*parts: FinishPart, basis: Basis = Basis.MODEL, outcomes: int = 100, finished: int = 64) -> Outlook:
    return Outlook(Estimate(0.684, 0.621, 0.742, basis, 5000), outcomes, finished, parts)


def _chance(outlook: Outlook, facts: dict[str, int | None] = FACTS) -> FinishChance | None:
    return finish_chance(FinishForecast(outlook, **facts))


def _reasons(part: FinishPart, facts: dict[str, int | None] = FACTS, **outlook: int) -> list[FinishReason]:
    chance = _chance(_outlook(part, **outlook), facts)
    assert chance is not None
    return list(chance.reasons)


def test_an_estimate_of_the_model_is_told_in_whole_percent_with_its_range() -> None:
    chance = _chance(_outlook())
    assert chance is not None
    assert (chance.percent, chance.low, chance.high, chance.outcomes, chance.share) == (68, 62, 74, 5000, None)


def test_a_share_is_told_as_it_was_counted() -> None:
    chance = _chance(_outlook(basis=Basis.COURSE, outcomes=120, finished=77))
    assert chance is not None
    assert (chance.percent, chance.low, chance.high, chance.outcomes, chance.share, chance.reasons) == (68, 62, 74, 120, 64, ())


@pytest.mark.parametrize(("basis", "outcomes"), [(Basis.OVERALL, 0), (Basis.OVERALL, 100), (Basis.COURSE, 4)])
def test_nothing_is_told_of_nobody_or_of_very_few(basis: Basis, outcomes: int) -> None:
    assert _chance(_outlook(basis=basis, outcomes=outcomes, finished=outcomes)) is None


@pytest.mark.parametrize(
    ("kind", "contribution", "values", "text"),
    [
        (Kind.TRACK_RECORD, 0.4, {"finished_share": 0.7}, "You finished 3 of your 4 courses so far"),
        (Kind.EXPERIENCE, 0.4, {"taken": np.log2(13)}, "You have started 12 courses here"),
        (Kind.WORKLOAD, 0.4, {"open": 0.0}, "You have no other course under way"),
        (Kind.WORKLOAD, -0.4, {"open": 2.0}, "You have 2 other courses under way; to finish one first makes room"),
        (Kind.RECENCY, 0.4, {"days_since": 0.5, "active_days": 6.0}, "You were here on 6 days of the last four weeks"),
        (
            Kind.RECENCY,
            -0.4,
            {"days_since": np.log2(41), "active_days": 0.0},
            "Your last visit was 40 days ago; a regular time in the week helps",
        ),
        (Kind.LENGTH, -0.4, {"course_minutes": np.log2(750)}, "It takes 12 h 30 min; small steps get there too"),
        (Kind.PACE, 0.4, {"weeks_needed": np.log2(3)}, "At your 2 h a week it takes about 3 weeks"),
        (Kind.COURSE_RECORD, 0.4, {"course_rate": 0.6}, "64 % of the 100 learners who started it earlier finished, more than usual"),
        (Kind.COURSE_LEVEL, 0.4, {"course_level": 0.0}, "It is a beginner course"),
        (Kind.COURSE_LEVEL, -0.4, {"course_level": 2.0}, "It is an advanced course"),
        (Kind.LEARNER_LEVEL, 0.4, {"finished_level": 1.2}, "You have finished intermediate courses"),
        (Kind.PREREQUISITES, 0.4, {"prerequisites_lacking": 0.0}, "You have finished what it builds on"),
        (
            Kind.PREREQUISITES,
            -0.4,
            {"prerequisites_lacking": 2.0},
            "It builds on 2 courses you have not finished; to take them first helps",
        ),
        (Kind.LEVEL_GAP, -0.4, {"level_gap": 1.0}, "It is a step above your level; what is good to know before closes the gap"),
        (Kind.LEVEL_GAP, 0.4, {"level_gap": 0.1}, "It is at your level"),
        (Kind.FAMILIARITY, 0.4, {"similarity": 0.6}, "It is close to what you finished before"),
    ],
)
def test_a_reason_is_a_fact(kind: Kind, contribution: float, values: dict[str, float], text: str) -> None:
    assert _reasons(FinishPart(kind, contribution, values)) == [FinishReason(text, contribution > 0)]


@pytest.mark.parametrize(
    ("part", "facts", "outcomes"),
    [
        (FinishPart(Kind.TRACK_RECORD, 0.4, {"finished_share": 0.6}), NEWCOMER | {"under_way": 1}, 100),
        (
            FinishPart(Kind.TRACK_RECORD, -0.4, {"finished_share": 0.6}),
            NEWCOMER | {"finished": 2, "ended": 2},
            100,
        ),  # the words would contradict the sign
        (FinishPart(Kind.COURSE_RECORD, 0.4, {"course_rate": 0.6}), FACTS, 4),
        (FinishPart(Kind.RECENCY, -0.4, {"active_days": 0.0}), FACTS, 100),
        (FinishPart(Kind.PACE, -0.4, {"weeks_needed": 2.0}), NEWCOMER, 100),
        (FinishPart(Kind.FAMILIARITY, 0.4, {"similarity": 0.1}), FACTS, 100),
        (FinishPart(Kind.CIRCUMSTANCE, 0.4, {"credits": 30.0}), FACTS, 100),
    ],
)
def test_what_cannot_be_said_truly_is_not_said(part: FinishPart, facts: dict[str, int | None], outcomes: int) -> None:
    assert _reasons(part, facts, outcomes=outcomes, finished=outcomes) == []


@pytest.mark.parametrize(
    ("kind", "contribution", "values"),
    [
        (Kind.WORKLOAD, -0.4, {"open": 0.0}),
        (Kind.WORKLOAD, 0.4, {"open": 1.0}),
        (Kind.EXPERIENCE, 0.4, {"taken": 0.0}),
        (Kind.EXPERIENCE, -0.4, {"taken": 0.0}),
        (Kind.EXPERIENCE, -0.4, {"taken": np.log2(13)}),
        (Kind.RECENCY, 0.4, {"days_since": np.log2(41), "active_days": 0.0}),
        (Kind.LEARNER_LEVEL, -0.4, {"finished_level": 0.0}),
        (Kind.COURSE_LEVEL, -0.4, {"course_level": 0.0}),
        (Kind.COURSE_LEVEL, 0.4, {"course_level": 1.0}),
        (Kind.COURSE_LEVEL, 0.4, {"course_level": 2.0}),
        (Kind.LEVEL_GAP, 0.4, {"level_gap": 1.0}),
        (Kind.LEVEL_GAP, -0.4, {"level_gap": 0.0}),
        (Kind.LEVEL_GAP, -0.4, {"level_gap": -1.0}),
    ],
)
def test_what_does_not_bear_out_its_sign_is_no_reason(kind: Kind, contribution: float, values: dict[str, float]) -> None:
    assert _reasons(FinishPart(kind, contribution, values)) == []


def test_of_somebody_who_took_no_course_it_says_nothing_that_none_is_under_way() -> None:
    assert _reasons(FinishPart(Kind.WORKLOAD, 0.4, {"open": 0.0}), NEWCOMER | {"weekly_minutes": 60}) == []


def test_a_step_up_without_anything_missing_is_just_that() -> None:
    part = FinishPart(Kind.LEVEL_GAP, -0.4, {"level_gap": 1.0})
    assert [reason.text for reason in _reasons(part, NEWCOMER | {"finished": 1, "ended": 1, "prerequisites": 1})] == [
        "It is a step above your level"
    ]


def test_courses_under_way_are_not_held_against_anybody() -> None:
    part = FinishPart(Kind.TRACK_RECORD, 0.4, {"finished_share": 0.8})
    assert [reason.text for reason in _reasons(part, NEWCOMER | {"finished": 2, "ended": 2, "under_way": 1})] == [
        "You finished both your courses so far, those under way not counted"
    ]


def test_three_reasons_at_most_of_different_families_what_helps_first() -> None:
    parts = (
        FinishPart(Kind.LEVEL_GAP, -0.9, {"level_gap": 1.0}),
        FinishPart(Kind.LENGTH, -0.8, {"course_minutes": 9.0}),
        FinishPart(Kind.PACE, -0.7, {"weeks_needed": 2.0}),
        FinishPart(Kind.WORKLOAD, -0.6, {"open": 3.0}),
        FinishPart(Kind.TRACK_RECORD, 0.1, {"finished_share": 0.7}),
    )
    chance = _chance(_outlook(*parts))
    assert chance is not None
    assert [reason.helps for reason in chance.reasons] == [True, False, False]
    assert chance.reasons[0].text.startswith("You finished 3 of")
    assert chance.reasons[1].text.startswith("It is a step above")
    assert chance.reasons[2].text.startswith("It takes")
