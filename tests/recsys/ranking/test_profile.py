"""What a learner states, as terms that add up."""

import numpy as np
import pytest

from recsys.ranking.profile import ProfileIndex, goal_gap
from recsys.types import Item, Learner, ReasonKind

ITEMS = [
    Item("sql", topics=("data",), skills=("sql",), level="beginner", duration_minutes=600),
    Item("spark", topics=("data", "cloud"), skills=("sql", "spark"), level="advanced", duration_minutes=6_000),
    Item("piano", tags=("Music",), level="intermediate"),
    Item("bare"),
]
INDEX = ProfileIndex.of(ITEMS)


def values(**known: object) -> list[float]:
    return INDEX.total(INDEX.terms(Learner(**known))).tolist()  # type: ignore[arg-type]


def test_a_visitor_states_nothing() -> None:
    assert INDEX.terms(Learner()) == []
    assert values() == [0, 0, 0, 0]


def test_interest_is_shared_among_an_items_topics() -> None:
    assert values(topics=("data",)) == pytest.approx([1, 1 / np.sqrt(2), 0, 0])
    assert values(topics=("data", "cloud", "data")) == pytest.approx([1, 2 / np.sqrt(2), 0, 0])


def test_names_are_compared_without_case_and_tags_stand_in_for_topics() -> None:
    assert values(topics=("music",)) == [0, 0, 1, 0]


def test_only_the_gap_to_the_goal_counts_in_proportion_to_the_need() -> None:
    full = values(goal_skills={"sql": 2.0, "spark": 1.0})
    assert full == pytest.approx([1.5, 1.5 + 0.75, 0, 0])
    assert values(goal_skills={"sql": 2.0, "spark": 1.0}, held_skills=frozenset({"SQL"})) == pytest.approx([0, 1.5, 0, 0])
    assert goal_gap(Learner(goal_skills={"sql": 0.0, "spark": 1.0})) == {"spark": 1.0}


def test_the_own_level_is_best_and_the_farthest_worst() -> None:
    sql, spark, piano, bare = values(level="beginner")
    assert sql > bare == 0 > piano > spark


def test_long_courses_cost_those_with_little_time() -> None:
    slow, fast = values(weekly_minutes=60), values(weekly_minutes=2_000)
    assert slow[1] < 0 < fast[1]
    assert slow[2] == slow[3] == 0
    assert values(weekly_minutes=0) == [0, 0, 0, 0]


def test_terms_name_their_evidence_and_add_up() -> None:
    terms = INDEX.terms(Learner(topics=("data", "cloud"), goal_skills={"sql": 1.0}, level="advanced", weekly_minutes=120))
    assert {(t.kind, t.evidence) for t in terms} == {
        (ReasonKind.INTEREST, "data"),
        (ReasonKind.INTEREST, "cloud"),
        (ReasonKind.GOAL_SKILL, "sql"),
        (ReasonKind.LEVEL, "advanced"),
        (ReasonKind.PACE, None),
    }
    total = INDEX.total(terms)
    for item in range(len(ITEMS)):
        assert sum(t.at(item) for t in terms) == pytest.approx(total[item], abs=1e-6)
