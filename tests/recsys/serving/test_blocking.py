"""A course that a rule blocks is on no list; what waits for prerequisites comes last on the way to a goal."""

import time
from collections.abc import Sequence
from dataclasses import replace

import pytest

from recsys.rerank.business_rules import Rule
from recsys.rerank.policy import Policy
from recsys.serving.recommender import Recommender
from recsys.types import Interaction, Item, Learner, Recommendation
from tests.recsys.serving.conftest import DAY, PER_FIELD, world_items

LEARNER = Learner(
    history=(Interaction("data-1", timestamp=2e9), Interaction("cloud-1", timestamp=2e9 + 1)),
    goal="analyst",
    goal_skills={"statistics": 1.0, "python": 0.5},
)
LISTS = ("recommend", "because", "next_for_goal", "new", "similar", "trending", "popular", "similar to a new one")
FRESH = (
    Item("fresh-0", "A new data course", "pandas regression notebooks python", topics=("data",), skills=("python",), creator="ada"),
    Item("fresh-1", "Another new data course", "pandas statistics notebooks", topics=("data",), skills=("statistics",), creator="bob"),
)


@pytest.fixture(scope="module")
def full(recommender: Recommender) -> Recommender:
    """With new courses and one whose text stands in the catalog twice."""
    twin = replace(world_items()[6], item_id="data-6 again", published=None)
    return recommender.with_catalog([*world_items(), *FRESH, twin], now=7 * DAY)


def lists(recommender: Recommender, learner: Learner = LEARNER) -> dict[str, list[str]]:
    """Everything there is for a learner, as long as the catalog allows."""
    personal, k = recommender.for_learner(learner), len(recommender.items)
    found = {
        "recommend": personal.recommend(k),
        "because": personal.because("data-1", k),
        "next_for_goal": personal.next_for_goal(k),
        "new": personal.newly_published(k),
        "similar": recommender.similar("data-1", k),
        "trending": recommender.trending(k),
        "popular": recommender.popular(k),
        "similar to a new one": recommender.similar("fresh-0", k),
    }
    return {name: ids(slate) for name, slate in found.items()}


def ids(slate: Sequence[Recommendation]) -> list[str]:
    return [found.item_id for found in slate]


def under(recommender: Recommender, *rules: Rule) -> Recommender:
    return recommender.with_policy(Policy(rules=rules))


@pytest.mark.parametrize(
    ("rule", "gone"),
    [
        (Rule("block", "item", "data-5"), {"data-5"}),
        (Rule("block", "creator", "bob"), {"fresh-1"}),
        (Rule("block", "topic", "data"), {*(f"data-{n}" for n in range(PER_FIELD)), "fresh-0", "fresh-1", "data-6 again"}),
    ],
)
def test_what_is_blocked_is_on_no_list(full: Recommender, rule: Rule, gone: set[str]) -> None:
    before, after = lists(full), lists(under(full, rule))
    assert before.keys() == set(LISTS)
    for name in LISTS:
        assert not gone & set(after[name]), name
        kept = [item_id for item_id in before[name] if item_id not in gone]
        if name not in ("recommend", "because"):  # the slate is composed anew; what clearly follows is measured against the best
            assert after[name] == kept, name
        assert set(after[name]) >= set(kept), name
    assert under(full, rule).blocked() == gone
    assert all(gone & set(slate) for slate in (before["recommend"], before["new"])) or rule.target == "item"


def test_each_list_would_show_it_otherwise(full: Recommender) -> None:
    """So that a list of nothing does not pass for one without what is blocked."""
    shown = lists(full)
    for name in LISTS:
        first = shown[name][0]
        assert first not in lists(under(full, Rule("block", "item", first)))[name], name


def test_a_blocked_twin_takes_the_other_along(full: Recommender) -> None:
    assert {"data-6", "data-6 again"} & set(lists(full)["recommend"])
    for name in ("data-6", "data-6 again"):
        after = lists(under(full, Rule("block", "item", name)))
        assert not any({"data-6", "data-6 again"} & set(slate) for slate in after.values())


def test_a_rule_for_a_segment_blocks_for_its_learners_alone(full: Recommender) -> None:
    rules = under(full, Rule("block", "item", "data-5", segment="staff"))
    staff = replace(LEARNER, segments=frozenset({"staff"}))
    assert lists(rules) == lists(full)
    personal = {name: slate for name, slate in lists(rules, staff).items() if name in ("recommend", "because", "next_for_goal", "new")}
    assert not any("data-5" in slate for slate in personal.values())
    assert any("data-5" in lists(full)[name] for name in personal)
    assert (rules.blocked(), rules.blocked({"staff"})) == (frozenset(), {"data-5"})


def test_a_rule_that_has_ended_blocks_nothing(full: Recommender) -> None:
    over = Rule("block", "item", "data-5", ends=time.time() - 1)
    assert lists(under(full, over)) == lists(full)
    coming = Rule("block", "item", "data-5", starts=time.time() - 1)
    assert "data-5" not in lists(under(full, coming))["popular"]


def test_other_rules_move_the_slate_alone(full: Recommender) -> None:
    before, after = lists(full), lists(under(full, Rule("bury", "item", "data-5", strength=99), Rule("pin", "item", "design-7")))
    assert after["recommend"][0] == "design-7" != before["recommend"][0]
    assert {name: slate for name, slate in after.items() if name != "recommend"} == {
        name: slate for name, slate in before.items() if name != "recommend"
    }


@pytest.mark.parametrize("penalty", [0.0, 1.0])
def test_on_the_way_to_a_goal_what_lacks_a_prerequisite_comes_after_all_that_does_not(recommender: Recommender, penalty: float) -> None:
    """Even the course that would come first."""
    free = recommender.with_policy(Policy(prerequisite_penalty=penalty))
    learner = Learner(history=(Interaction("cloud-2"),), goal="analyst", goal_skills={"statistics": 1.0})
    open_order = ids(recommender.with_policy(Policy(prerequisite_penalty=0.0)).for_learner(learner).next_for_goal(8))
    first = open_order[0]
    items = [replace(item, prerequisites=("design-0",)) if item.item_id in (first, open_order[1]) else item for item in world_items()]
    bound = free.with_catalog([replace(item, prerequisites=()) if item.item_id == "data-3" else item for item in items])
    assert set(ids(bound.for_learner(learner).next_for_goal(8))[-2:]) == {first, open_order[1]}
    prepared = replace(learner, history=(*learner.history, Interaction("design-0")))
    after = ids(bound.for_learner(prepared).next_for_goal(8))
    assert after.index(first) < len(after) - 2
    many = replace(learner, goal_skills={"statistics": 1.0, "docker": 0.01})
    told = ids(bound.for_learner(many).next_for_goal(24))
    assert len(told) > len(after)
    assert set(told[-2:]) == {first, open_order[1]}


@pytest.mark.parametrize("name", ["new", "because"])
def test_what_lacks_a_prerequisite_comes_last_on_other_shelves_too(recommender: Recommender, name: str) -> None:
    learner = Learner(history=(Interaction("data-0"),))

    def shelf(now: Recommender) -> list[str]:
        lists = now.with_policy(Policy(prerequisite_penalty=0.0)).for_learner(learner)
        return ids(lists.newly_published(9) if name == "new" else lists.because("data-0", 9))

    world = [replace(item, published=9e9) if item.item_id.startswith("design") else item for item in world_items()]
    free = shelf(recommender.with_catalog(world))
    assert len(free) > 1
    bound = [replace(item, prerequisites=("cloud-7",)) if item.item_id == free[0] else item for item in world]
    found, waiting = shelf(recommender.with_catalog(bound)), {free[0], "design-3"} & {*free}
    assert set(found[-len(waiting) :]) == waiting
    assert found[: -len(waiting)] == [item for item in free if item not in waiting]
