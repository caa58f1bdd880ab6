"""Business rules: values that survive JSON, nonsense refused, effects on a slate."""

import json
from dataclasses import replace

import numpy as np
import pytest

from recsys.errors import DataError
from recsys.rerank.business_rules import Rule
from recsys.rerank.item_traits import Traits
from recsys.rerank.policy import Policy
from recsys.rerank.reranker import Reranker
from recsys.types import Item

PLAIN = Policy(diversity=0, niche_share=0, level_calibration=0, exposure_floor=0, topic_floor=0, popularity_bias=0)
ITEMS = tuple(Item(f"c{n}", topics=(topic,), creator=creator) for n, (topic, creator) in enumerate(zip("aabbcc", "xyxyxy", strict=True)))
ORDER = np.array([6, 5, 4, 3, 2, 1], np.float32)


def slate(*rules: Rule, k: int = 4, order: np.ndarray = ORDER, segments: tuple[str, ...] = (), now: float = 0.0) -> list[int]:
    traits = Traits.of(ITEMS, np.zeros(6, np.bool_))
    policy = replace(PLAIN, rules=rules, pool=4)
    return Reranker.of(traits, policy, np.zeros(6, np.int64), None, segments, now).slate(order, np.zeros(3, np.float32), k)


def test_without_rules_relevance_decides() -> None:
    assert slate() == [0, 1, 2, 3]


def test_a_pinned_item_comes_first_wherever_it_stood() -> None:
    assert slate(Rule("pin", "item", "c5"), Rule("pin", "item", "c3")) == [5, 3, 0, 1]


def test_a_pinned_topic_or_creator_gives_its_best_item_a_place() -> None:
    assert slate(Rule("pin", "topic", "c")) == [4, 0, 1, 2]
    assert slate(Rule("pin", "creator", "y")) == [1, 0, 2, 3]


def test_no_rule_brings_back_what_must_not_appear() -> None:
    hidden = np.where(np.arange(6) == 5, -np.inf, ORDER).astype(np.float32)
    assert slate(Rule("pin", "item", "c5"), Rule("boost", "item", "c5", strength=99), order=hidden) == [0, 1, 2, 3]


def test_blocked_items_are_out_even_when_pinned() -> None:
    assert slate(Rule("block", "topic", "a"), Rule("pin", "item", "c0")) == [2, 3, 4, 5]
    assert slate(Rule("block", "creator", "x")) == [1, 3, 5]


def test_boost_and_bury_move_by_spreads() -> None:
    assert slate(Rule("boost", "item", "c5", strength=9)) == [5, 0, 1, 2]
    assert slate(Rule("bury", "creator", "x", strength=9)) == [1, 3, 0, 2]
    assert slate(Rule("boost", "item", "c1", strength=9), Rule("bury", "item", "c1", strength=9)) == [0, 1, 2, 3]


def test_a_rule_holds_for_its_segment_and_its_dates_only() -> None:
    rule = Rule("block", "item", "c0", segment="staff", starts=100.0, ends=200.0)
    assert slate(rule, segments=("staff",), now=100.0) == [1, 2, 3, 4]
    for segments, now in [((), 150.0), (("visitor",), 150.0), (("staff",), 99.0), (("staff",), 200.0)]:
        assert slate(rule, segments=segments, now=now) == [0, 1, 2, 3]


def test_a_rule_about_nothing_known_does_nothing() -> None:
    for target in ("item", "topic", "creator"):
        assert slate(Rule("pin", target, "gone"), Rule("block", target, "gone")) == [0, 1, 2, 3]


def test_rules_survive_json_inside_a_policy() -> None:
    rules = (Rule("pin", "item", "c1", segment="staff"), Rule("bury", "topic", "a", strength=0.5, starts=1.0, ends=2.0))
    policy = Policy(rules=rules)
    assert Policy.from_json(json.loads(json.dumps(policy.to_json()))) == policy


@pytest.mark.parametrize(
    "change",
    [
        {"action": "hide"},
        {"target": "learner"},
        {"name": ""},
        {"name": 7},
        {"strength": 0},
        {"strength": float("nan")},
        {"strength": "much"},
        {"segment": ""},
        {"starts": "monday"},
        {"starts": 5.0, "ends": 5.0},
        {"color": "red"},
    ],
)
def test_unusable_rules_are_refused(change: dict) -> None:
    with pytest.raises(DataError):
        Rule.from_json({"action": "pin", "target": "item", "name": "c1", **change})


def test_a_policy_with_a_broken_rule_is_refused() -> None:
    for rules in ([{"action": "pin"}], [3], "pin"):
        with pytest.raises(DataError):
            Policy.from_json({"rules": rules})
