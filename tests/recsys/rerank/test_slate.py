"""Slates on pools small enough to work out by hand."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from recsys.rerank.niche import niche_items
from recsys.rerank.policy import Policy
from recsys.rerank.slate import Traits, build_slates, level_mix, pool_of
from recsys.types import Item

PLAIN = Policy(diversity=0, niche_share=0, level_calibration=0)


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
    values = np.array([scores], np.float32)
    pool = pool_of(values, mask, policy.pool, int(np.ceil(policy.niche_share * k)))
    return build_slates(values, pool, traits, policy, k, level_mix(policy, None))[0].tolist()


def test_without_policy_terms_relevance_decides_and_ties_go_by_position() -> None:
    assert slate([1, 3, 2, 3], PLAIN, k=3) == [1, 3, 2]


def test_nothing_hidden_is_taken_and_short_slates_are_padded() -> None:
    assert slate([1, -np.inf, 2], PLAIN, k=5) == [2, 0, -1, -1, -1]


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
    assert slate([3, 2, 1], replace(PLAIN, niche_share=1.0), k=3, niche=[2]) == [2, 0, 1]


def test_levels_are_drawn_to_the_target_mix() -> None:
    scores = [1.0, 0.99, 0.98, 0.97, 0.96, 0.95, -3, -3]
    levels = ["beginner"] * 3 + ["intermediate"] * 2 + ["advanced"] + ["beginner"] * 2
    policy = replace(PLAIN, level_calibration=3.0, level_mix={"beginner": 0.25, "intermediate": 0.5, "advanced": 0.25})
    chosen = slate(scores, policy, k=4, levels=levels)
    assert sorted(levels[i] for i in chosen) == ["advanced", "beginner", "intermediate", "intermediate"]


def test_the_target_mix_leans_to_the_learners_level() -> None:
    plain, own = level_mix(Policy(), None)[0], level_mix(Policy(), "advanced")[0]
    assert own.sum() == pytest.approx(plain.sum())
    assert own[2] == pytest.approx(0.6 * plain[2] + 0.4)


def test_a_batch_gives_each_row_its_own_slate() -> None:
    rng = np.random.default_rng(0)
    scores = rng.normal(size=(40, 60)).astype(np.float32)
    mask = rng.random(60) < 0.7
    traits = Traits.of(items_of(["abcdefgh"[i % 8] for i in range(60)], [("beginner", "advanced", None)[i % 3] for i in range(60)]), mask)
    policy = Policy()
    batch = build_slates(scores, pool_of(scores, mask, 30, 3), traits, policy, 10, np.repeat(level_mix(policy, None), 40, axis=0))
    for row, expected in enumerate(batch):
        single = scores[row : row + 1]
        alone = build_slates(single, pool_of(single, mask, 30, 3), traits, policy, 10, level_mix(policy, None))[0]
        assert alone.tolist() == expected.tolist()
        assert len(set(expected.tolist())) == 10
        assert mask[expected].sum() >= 3


def test_niche_is_everything_outside_the_most_popular_fifth() -> None:
    assert niche_items(np.array([0, 5, 5, 1, 0])).tolist() == [True, False, True, True, True]
    assert niche_items(np.array([], np.int64)).tolist() == []
