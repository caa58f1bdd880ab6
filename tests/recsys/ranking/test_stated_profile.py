"""What a learner states, as terms that add up."""

import numpy as np
import pytest

from recsys.ranking.stated_profile import ProfileIndex, missing_goal_skills, term_values_for_items
from recsys.types import Item, Learner, ReasonKind

ITEMS = [
    Item("sql", topics=("data",), skills=("sql",), level="beginner", duration_minutes=600),
    Item("spark", topics=("data", "cloud"), skills=("sql", "spark"), level="advanced", duration_minutes=6_000),
    Item("piano", tags=("Music",), level="intermediate"),
    Item("bare"),
]
INDEX = ProfileIndex.of(ITEMS)


def values(**known: object) -> list[float]:
    return INDEX.total(INDEX.learner_score_terms(Learner(**known))).tolist()  # type: ignore[arg-type]


def test_a_visitor_states_nothing() -> None:
    assert INDEX.learner_score_terms(Learner()) == []
    assert values() == [0, 0, 0, 0]


def test_interest_is_shared_among_an_items_topics() -> None:
    assert values(topics=("data",)) == pytest.approx([1, 1 / np.sqrt(2), 0, 0])
    assert values(topics=("data", "cloud", "data")) == pytest.approx([1, 2 / np.sqrt(2), 0, 0])


def test_names_are_compared_folded_and_tags_stand_in_for_topics() -> None:
    assert values(topics=("music",)) == values(topics=("Mu\u0301sic",)) == [0, 0, 1, 0]


def test_only_the_gap_to_the_goal_counts_in_proportion_to_the_need() -> None:
    full = values(goal_skills={"sql": 2.0, "spark": 1.0})
    assert full == pytest.approx([1.5, 1.5 + 0.75, 0, 0])
    assert values(goal_skills={"sql": 2.0, "spark": 1.0}, held_skills=frozenset({"SQL"})) == pytest.approx([0, 1.5, 0, 0])
    assert missing_goal_skills(Learner(goal_skills={"sql": 0.0, "spark": 1.0})) == {"spark": 1.0}


def test_the_own_level_is_best_and_the_farthest_worst() -> None:
    sql, spark, piano, bare = values(level="beginner")
    assert sql > bare == 0 > piano > spark


def test_long_courses_cost_those_with_little_time() -> None:
    slow, fast = values(weekly_minutes=60), values(weekly_minutes=2_000)
    assert slow[1] < 0 < fast[1]
    assert slow[2] == slow[3] == 0
    assert values(weekly_minutes=0) == [0, 0, 0, 0]


SPOKEN = ProfileIndex.of([Item("sql", language="en"), Item("lire", language="fr"), Item("ler", language="pt-BR"), Item("bare")])


def lowered(*languages: str, taken: tuple[str, ...] = ()) -> list[bool]:
    terms = SPOKEN.learner_score_terms(Learner(languages=languages), taken)
    assert {term.kind for term in terms} <= {ReasonKind.LANGUAGE}
    total = SPOKEN.total(terms)
    assert (total <= 0).all()
    return (total < 0).tolist()


def test_a_course_in_no_language_of_the_learner_is_lowered() -> None:
    assert lowered("en") == [False, True, True, False]
    assert lowered("en", "fr") == [False, False, True, False]
    assert lowered("de") == [True, True, True, False]


def test_a_language_that_is_not_known_says_nothing() -> None:
    assert lowered() == lowered("") == lowered(taken=("lire",)) == [False] * 4
    assert values(languages=("en",)) == [0, 0, 0, 0]


def test_languages_are_compared_by_what_their_tags_begin_with() -> None:
    assert lowered("EN-gb", "pt_PT") == [False, True, False, False]


def test_who_took_a_course_reads_its_language() -> None:
    assert lowered("en", taken=("ler", "elsewhere")) == [False, True, False, False]


def test_another_language_outweighs_a_goal() -> None:
    index = ProfileIndex.of([Item("home", language="en"), Item("away", skills=("sql",), topics=("data",), language="fr")])
    home, away = index.total(index.learner_score_terms(Learner(languages=("en",), goal_skills={"sql": 1.0}, topics=("data",))))
    assert away < home == 0


def test_terms_name_their_evidence_and_add_up() -> None:
    terms = INDEX.learner_score_terms(Learner(topics=("data", "cloud"), goal_skills={"sql": 1.0}, level="advanced", weekly_minutes=120))
    assert {(t.kind, t.evidence) for t in terms} == {
        (ReasonKind.INTEREST, "data"),
        (ReasonKind.INTEREST, "cloud"),
        (ReasonKind.GOAL_SKILL, "sql"),
        (ReasonKind.LEVEL, "advanced"),
        (ReasonKind.PACE, None),
    }
    total = INDEX.total(terms)
    for item in range(len(ITEMS)):
        assert term_values_for_items(terms, [item], len(total)).sum() == pytest.approx(total[item], abs=1e-6)
