"""Slates on pools small enough to work out by hand."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from recsys.rerank.item_traits import Traits
from recsys.rerank.niche_items import niche_items
from recsys.rerank.policy import Policy
from recsys.rerank.reranker import Reranker, target_level_mix
from recsys.types import Item

PLAIN = Policy(diversity=0, niche_share=0, level_calibration=0, exposure_floor=0, topic_floor=0, popularity_bias=0)


def items_of(topics: Sequence[str], levels: Sequence[str | None] | None = None) -> tuple[Item, ...]:
    levels = levels or [None] * len(topics)
    return tuple(Item(str(n), topics=tuple(t), level=level) for n, (t, level) in enumerate(zip(topics, levels, strict=True)))


def slate(
    scores: Sequence[float],
    policy: Policy,
    k: int,
    topics: Sequence[str] = (),
    levels: Sequence[str | None] | None = None,
    niche: Sequence[int] = (),
) -> list[int]:
    mask = np.isin(np.arange(len(scores)), niche)
    traits = Traits.of(items_of(topics or [""] * len(scores), levels), mask)
    reranker = Reranker.of(traits, policy, np.zeros(len(scores), np.int64))
    return reranker.slate(np.array(scores, np.float32), target_level_mix(policy, None), k)


def test_without_policy_terms_relevance_decides_and_ties_go_by_position() -> None:
    assert slate([1, 3, 2, 3], PLAIN, k=3) == [1, 3, 2]


def test_nothing_hidden_is_taken_and_slates_may_be_short() -> None:
    assert slate([1, -np.inf, 2], PLAIN, k=5) == [2, 0]


def test_a_new_topic_beats_a_little_relevance() -> None:
    scores, topics = [3.0, 2.9, 2.5, 0.0], ["a", "a", "b", "a"]
    assert slate(scores, PLAIN, k=2, topics=topics) == [0, 1]
    assert slate(scores, replace(PLAIN, diversity=1.0), k=2, topics=topics) == [0, 2]


def test_diversity_does_not_lift_what_is_irrelevant() -> None:
    scores, topics = [3.0, 2.9, -9.0], ["a", "a", "b"]
    assert slate(scores, replace(PLAIN, diversity=0.5), k=2, topics=topics) == [0, 1]


def test_the_niche_quota_binds_in_the_last_places_only() -> None:
    scores = [9, 8, 7, 6, 5, 1, 0.5]
    assert slate(scores, replace(PLAIN, niche_share=0.25), k=4, niche=[5, 6]) == [0, 1, 2, 5]
    assert slate(scores, replace(PLAIN, niche_share=0.5), k=4, niche=[5, 6]) == [0, 1, 5, 6]


def test_the_quota_reaches_niche_items_outside_the_pool() -> None:
    scores = [9, 8, 7, 6, 5, 1, 0.5]
    assert slate(scores, replace(PLAIN, niche_share=0.25, pool=4), k=4, niche=[6]) == [0, 1, 2, 6]


def test_a_quota_nobody_can_fill_is_no_obstacle() -> None:
    assert slate([3, 2, 1, 0], replace(PLAIN, niche_share=1.0), k=3, niche=[2]) == [0, 1, 2]


def test_levels_are_drawn_to_the_target_mix() -> None:
    scores = [1.0, 0.99, 0.98, 0.97, 0.96, 0.95, -3, -3]
    levels = ["beginner"] * 3 + ["intermediate"] * 2 + ["advanced"] + ["beginner"] * 2
    policy = replace(PLAIN, level_calibration=3.0, level_mix={"beginner": 0.25, "intermediate": 0.5, "advanced": 0.25})
    chosen = slate(scores, policy, k=4, levels=levels)
    assert sorted(levels[i] for i in chosen) == ["advanced", "beginner", "intermediate", "intermediate"]


def test_the_target_mix_leans_to_the_learners_level() -> None:
    plain, own = target_level_mix(Policy(), None)[0], target_level_mix(Policy(), "advanced")[0]
    assert own.sum() == pytest.approx(plain.sum())
    assert own[2] == pytest.approx(0.6 * plain[2] + 0.4)


def test_levels_are_mended_in_the_last_places() -> None:
    scores, levels = [8, 7, 6, 5, 4, 3, 2, 1], ["beginner"] * 6 + ["advanced"] * 2
    policy = replace(PLAIN, level_calibration=1.0, level_mix={"beginner": 0.5, "advanced": 0.5})
    assert slate(scores, policy, k=4, levels=levels) == [0, 1, 2, 6]


def test_the_least_number_of_topics_is_met_in_the_last_places() -> None:
    scores, topics = [9, 8, 7, 6, 5, 4], ["a", "a", "a", "a", "b", "c"]
    assert slate(scores, replace(PLAIN, topic_floor=0.5), k=4, topics=topics) == [0, 1, 2, 4]
    assert slate(scores, replace(PLAIN, topic_floor=0.75), k=4, topics=topics) == [0, 1, 4, 5]
    assert slate(scores, replace(PLAIN, topic_floor=1.0), k=4, topics=topics) == [0, 4, 5, 1]


def test_topics_and_niche_share_the_last_places() -> None:
    scores, topics = [9, 8, 7, 6, 5, 4], ["a", "a", "a", "a", "b", "a"]
    found = slate(scores, replace(PLAIN, topic_floor=0.5, niche_share=0.25), k=4, topics=topics, niche=[5])
    assert found == [0, 1, 4, 5]


def test_items_without_a_level_do_not_make_levels_lack() -> None:
    scores, levels = [1.0, 0.9, 0.8, 0.7, 0.0], [None] * 4 + ["advanced"]
    assert slate(scores, replace(PLAIN, level_calibration=1.0), k=4, levels=levels) == [0, 1, 2, 3]


def test_similarity_looks_at_the_most_similar_item_chosen() -> None:
    """Coverage is content once both topics are shown; MMR still minds that the third repeats one of them whole."""
    scores, topics = [3.0, 2.9, 2.85, 2.8, -9.0, -9.0], ["a", "b", "a", "abcd", "e", "e"]
    assert slate(scores, PLAIN, k=3, topics=topics) == [0, 1, 2]
    assert slate(scores, replace(PLAIN, similarity=1.0), k=3, topics=topics) == [0, 1, 3]


def test_likeness_comes_from_vectors_where_they_are_given() -> None:
    vectors = np.array([[1, 0], [1, 0], [0, 1]], np.float32)
    traits = Traits.of(items_of(["a", "b", "a"]), np.zeros(3, np.bool_), vectors)
    reranker = Reranker.of(traits, replace(PLAIN, similarity=2.0), np.zeros(3, np.int64))
    assert reranker.slate(np.array([3.0, 2.9, 2.8], np.float32), np.zeros(3, np.float32), 2) == [0, 2]


def test_caps_hold_as_long_as_there_is_a_choice() -> None:
    scores, topics = [9, 8, 7, 6, 5, 4], ["a", "a", "a", "a", "b", "b"]
    capped = replace(PLAIN, topic_cap=0.5)
    assert slate(scores, capped, k=4, topics=topics) == [0, 1, 4, 5]
    assert slate(scores[:5], capped, k=4, topics=topics[:5]) == [0, 1, 4, 2]


def test_a_creator_takes_no_more_than_the_cap() -> None:
    items = tuple(Item(str(n), creator=creator) for n, creator in enumerate(["x", "x", "x", None, None, "y"]))
    reranker = Reranker.of(Traits.of(items, np.zeros(6, np.bool_)), replace(PLAIN, creator_cap=0.25), np.zeros(6, np.int64))
    assert reranker.slate(np.arange(9, 3, -1).astype(np.float32), np.zeros(3, np.float32), 4) == [0, 3, 4, 5]


def test_popularity_bias_lowers_what_everybody_takes() -> None:
    scores, counts = np.array([1.0, 0.9, 0.8], np.float32), np.array([1000, 30, 1])
    traits = Traits.of(items_of(["", "", ""]), np.zeros(3, np.bool_))
    assert Reranker.of(traits, PLAIN, counts).slate(scores, np.zeros(3, np.float32), 3) == [0, 1, 2]
    fair = replace(PLAIN, popularity_bias=2.0)
    assert Reranker.of(traits, fair, counts).slate(scores, np.zeros(3, np.float32), 3) == [2, 1, 0]


def test_the_floor_gives_protected_items_their_share_over_slates() -> None:
    scores = np.arange(20, 0, -1).astype(np.float32)
    new = np.arange(20) >= 15
    traits = Traits.of(items_of([""] * 20), np.zeros(20, np.bool_))
    reranker = Reranker.of(traits, replace(PLAIN, exposure_floor=0.25, pool=12), np.zeros(20, np.int64), new)
    lots = (np.arange(100) + 0.5) / 100
    found = [reranker.slate(scores, np.zeros(3, np.float32), 10, lot) for lot in lots]
    assert {tuple(s[:7]) for s in found} == {tuple(range(7))}
    assert sum(new[s].sum() for s in found) == 250


def test_quotas_share_items_that_serve_both() -> None:
    """Niche 3-6, protected 6-7: two niche and one protected need two places, for item 6 is both."""
    policy = replace(PLAIN, niche_share=0.5, exposure_floor=0.25)
    traits = Traits.of(items_of([""] * 8), np.isin(np.arange(8), [3, 4, 5, 6]))
    reranker = Reranker.of(traits, policy, np.zeros(8, np.int64), np.isin(np.arange(8), [6, 7]))
    scores = np.arange(8, 0, -1).astype(np.float32)
    assert reranker.slate(scores, np.zeros(3, np.float32), 4) == [0, 1, 3, 6]
    assert reranker.slate(np.where(np.arange(8) == 6, -np.inf, scores), np.zeros(3, np.float32), 4) == [0, 3, 4, 7]


def test_a_slate_cut_short_keeps_the_quotas_of_the_whole() -> None:
    scores = [9, 8, 7, 6, 5, 1, 0.5]
    traits = Traits.of(items_of([""] * 7), np.isin(np.arange(7), [5, 6]))
    reranker = Reranker.of(traits, replace(PLAIN, niche_share=0.5), np.zeros(7, np.int64))
    assert reranker.slate(np.array(scores, np.float32), np.zeros(3, np.float32), 4, places=3) == [0, 5, 6]


def plainly(order: np.ndarray, traits: Traits, policy: Policy, counts: np.ndarray, mix: np.ndarray, k: int) -> list[int]:
    """The gain of `recsys.rerank.reranker` written down for every item at every place, without pool, bounds or lists."""
    logs = np.log1p(counts)
    value = (order - order.mean()) / order.std() - policy.popularity_bias * (logs - logs.mean()) / logs.std()
    names = [{t for t in row if t < traits.n_topics} for row in traits.topics]
    chosen: list[int] = []
    while len(chosen) < k:
        shown = set().union(*(names[i] for i in chosen))
        levelled = [traits.levels[i] for i in chosen if traits.levels[i] < 3]
        must = policy.niche_share * k - sum(traits.niche[i] for i in chosen) >= k - len(chosen)
        gains = np.full(len(order), -np.inf)
        for i in range(len(order)):
            if i in chosen or (must and not traits.niche[i]):
                continue
            level = traits.levels[i]
            lack = (mix[level] * len(levelled) - levelled.count(level)) / (k - len(chosen)) if level < 3 else 0
            alike = max(
                (len(names[i] & names[j]) / np.sqrt(len(names[i]) * len(names[j])) for j in chosen if names[i] and names[j]), default=0
            )
            fresh = len(names[i] - shown) / max(len(names[i]), 1)
            late = k / sum(1 / n for n in range(1, k + 1)) / (k - len(chosen))
            gains[i] = value[i] + policy.diversity * late * fresh - policy.similarity * alike + policy.level_calibration * lack
        chosen.append(int(gains.argmax()))
    return chosen


@pytest.mark.parametrize("seed", range(4))
def test_the_search_that_ends_early_finds_what_looking_at_everything_finds(seed: int) -> None:
    rng = np.random.default_rng(seed)
    topics = ["".join(rng.choice(list("abcdefghij"), rng.integers(0, 4), replace=False)) for _ in range(80)]
    levels = [("beginner", "intermediate", "advanced", None)[n] for n in rng.integers(0, 4, 80)]
    traits = Traits.of(items_of(topics, levels), rng.random(80) < 0.3)
    counts = rng.integers(0, 500, 80)
    policy = replace(
        PLAIN, diversity=0.6, similarity=0.4, level_calibration=0.5, niche_share=0.5, popularity_bias=0.3, pool=80, topic_cap=1.0
    )
    reranker = Reranker.of(traits, policy, counts)
    mix = target_level_mix(policy, "beginner")
    for _ in range(10):
        order = (rng.normal(size=80) ** 3).astype(np.float32)
        assert reranker.slate(order, mix, 10) == plainly(order.astype(np.float64), traits, policy, counts, mix[0], 10)


def test_niche_is_everything_outside_the_most_popular_fifth() -> None:
    assert niche_items(np.array([0, 5, 5, 1, 0])).tolist() == [True, False, True, True, True]
    assert niche_items(np.array([], np.int64)).tolist() == []
