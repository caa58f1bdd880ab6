"""Composing a slate: quotas hold beside exploration, rules count for their segment, one policy does not leak into another."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from recsys.rerank.business_rules import Rule
from recsys.rerank.policy import Policy
from recsys.serving.bundle import Bundle
from recsys.serving.catalog import Catalog
from recsys.serving.slate_composition import Place, compose_slate
from recsys.types import Item

DAY = 86_400.0
OLD = [Item(f"data-{n}", topics=("data",), creator=f"by{n}", published=float(n)) for n in range(8)]
OLD += [Item(f"cloud-{n}", topics=("cloud",), published=float(n)) for n in range(8)]
FRESH = [Item(f"fresh-{n}", topics=("data",), published=199 * DAY) for n in range(3)]
ORDER = np.concatenate([np.linspace(3, 1, 16), [1.9, 1.8, 1.7]]).astype(np.float32)
PLAIN = Policy(diversity=0, niche_share=0, level_calibration=0, popularity_bias=0, exposure_floor=0, explore_slots=0)
MIX = np.zeros((1, 3), np.float32)


@pytest.fixture(scope="module")
def catalog(artifact: Path) -> Catalog:
    return Catalog.of(Bundle.open(artifact), [*OLD, *FRESH], now=200 * DAY)


def ids(catalog: Catalog, places: list[Place]) -> list[str]:
    return [catalog.ids[place.position] for place in places]


def slate(catalog: Catalog, policy: Policy, seed: int = 0, **options: object) -> list[Place]:
    return compose_slate(catalog, policy, ORDER, 1.0, MIX, 8, seed, **options)  # type: ignore[arg-type]


def test_exploration_takes_a_place_and_leaves_the_others_certain(catalog: Catalog) -> None:
    policy = replace(PLAIN, explore_slots=1)
    slates = [slate(catalog, policy, seed) for seed in range(40)]
    assert {len(s) for s in slates} == {8}
    assert {n for s in slates for n, place in enumerate(s) if place.explored} == {3}
    assert len({tuple(place.position for place in s if not place.explored) for s in slates}) == 1
    assert len({s[3].position for s in slates}) > 1
    assert all(0 < s[3].propensity < 1 and s[0].propensity == 1 for s in slates)


def test_quotas_are_met_beside_exploration(catalog: Catalog) -> None:
    policy = replace(PLAIN, explore_slots=2, niche_share=0.5)
    for seed in range(10):
        places = slate(catalog, policy, seed)
        assert len(places) == 8
        assert sum(catalog.traits.niche[p.position] for p in places if not p.explored) >= 4


def test_the_exposure_floor_does_not_depend_on_chance(catalog: Catalog) -> None:
    """Places that are logged as certain must be."""
    policy = replace(PLAIN, exposure_floor=0.3)
    slates = [ids(catalog, slate(catalog, policy, seed)) for seed in range(20)]
    assert all(found == slates[0] for found in slates)


def test_rules_count_for_their_segment_and_time(catalog: Catalog) -> None:
    rules = (Rule("block", "item", "data-0", segment="staff"), Rule("pin", "item", "cloud-7", starts=10.0, ends=20.0))
    policy = replace(PLAIN, rules=rules)
    assert ids(catalog, slate(catalog, policy, now=5.0))[:2] == ["data-0", "data-1"]
    assert ids(catalog, slate(catalog, policy, now=15.0))[:2] == ["cloud-7", "data-0"]
    assert ids(catalog, slate(catalog, policy, segments={"staff"}, now=5.0))[0] == "data-1"
    assert ids(catalog, slate(catalog, policy, now=5.0))[:2] == ["data-0", "data-1"]
    assert ids(catalog, slate(catalog, PLAIN))[:2] == ["data-0", "data-1"]


def test_blocked_items_are_not_explored_either(catalog: Catalog) -> None:
    policy = replace(PLAIN, explore_slots=1, rules=(Rule("block", "item", "fresh-0"), Rule("block", "item", "fresh-1")))
    explored = {place.position for seed in range(20) for place in slate(catalog, policy, seed) if place.explored}
    assert {catalog.ids[p] for p in explored} == {"fresh-2"}


def test_slates_beyond_fifty_places_go_on_by_relevance_without_what_is_blocked(artifact: Path) -> None:
    items = [Item(f"x{n}") for n in range(80)]
    many = Catalog.of(Bundle.open(artifact), items, now=0.0)
    order = np.arange(80, 0, -1).astype(np.float32)
    policy = replace(PLAIN, rules=(Rule("block", "item", "x60"),))
    found = compose_slate(many, policy, order, 1.0, MIX, 70, 0)
    assert [p.position for p in found] == [n for n in range(71) if n != 60]
