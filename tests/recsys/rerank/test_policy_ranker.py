"""The policy on top of a model: a batch and one learner at a time give the same slates."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from recsys.candidates.popularity import PopularityModel
from recsys.data.dataset import Dataset
from recsys.data.histories import Histories
from recsys.rerank.policy import Policy
from recsys.rerank.policy_ranker import PolicyRanker, recent_items
from recsys.types import Item

DAY = 86_400.0


def world(n_items: int = 60) -> Dataset:
    rng = np.random.default_rng(1)
    items = [
        Item(
            f"i{n}",
            topics=tuple(rng.choice(list("abcdefg"), rng.integers(0, 3), replace=False)),
            level=("beginner", "intermediate", "advanced", None)[n % 4],
            creator=f"by{n % 7}",
            prerequisites=("i0",) if n == 1 else (),
        )
        for n in range(n_items)
    ]
    chosen = rng.geometric(0.06, size=(400, 4)) % n_items
    rows = [(f"u{user}", f"i{n}", float(step)) for user, row in enumerate(chosen) for step, n in enumerate(row)]
    return Dataset.from_frames(
        pd.DataFrame(rows, columns=["user_id", "item_id", "timestamp"]).drop_duplicates(["user_id", "item_id"]), items
    )


@pytest.mark.parametrize("policy", [Policy(), Policy(similarity=0.5, topic_cap=0.3, creator_cap=0.2, exposure_floor=0.25, pool=20)])
def test_a_batch_gives_each_learner_the_slate_they_would_get_alone(policy: Policy) -> None:
    data = world()
    ranker = PolicyRanker(PopularityModel(), policy).fit(data)
    rng = np.random.default_rng(2)
    scores = rng.normal(size=(data.n_users, data.n_items)).astype(np.float32)
    together = ranker.rerank(scores, data.histories, 10)
    for row in range(data.n_users):
        one = slice(row, row + 1)
        assert ranker.rerank(scores[one], data.histories.select(one), 10)[0].tolist() == together[row].tolist()
    assert (together >= 0).all()
    assert all(len(set(row)) == 10 for row in together.tolist())


def test_quota_and_floor_hold_over_learners() -> None:
    data = world()
    policy = Policy(exposure_floor=0.25, small_creators=0.3)
    ranker = PolicyRanker(PopularityModel(), policy).fit(data)
    slates = ranker.rank(data.histories, 10)
    kinds = ranker.reranker_.kinds[slates]
    assert ((kinds & 1).sum(axis=1) >= 3).all()
    assert ((kinds & 2) > 0).mean() >= 0.245


def test_nothing_of_the_history_is_shown_and_short_slates_are_padded() -> None:
    data = world()
    ranker = PolicyRanker(PopularityModel(), Policy()).fit(data)
    history = Histories.from_lists([list(range(55))], data.n_items)
    found = ranker.rank(history, 10)[0].tolist()
    assert sorted(found[:5]) == [55, 56, 57, 58, 59]
    assert found[5:] == [-1] * 5


def test_what_waits_for_a_prerequisite_stands_back_until_it_is_met() -> None:
    data = world()
    ranker = PolicyRanker(PopularityModel(), replace(Policy(), pool=60)).fit(data)
    without = ranker.rank(Histories.from_lists([[]], data.n_items), 58)[0].tolist()
    after = ranker.rank(Histories.from_lists([[0]], data.n_items), 58)[0].tolist()
    assert after.index(1) < without.index(1)


def test_recent_is_the_last_sixty_days_before_the_newest_event() -> None:
    items = [Item("old", published=0.0), Item("edge", published=40 * DAY), Item("fresh", published=41 * DAY), Item("undated")]
    events = pd.DataFrame({"user_id": ["u"], "item_id": ["old"], "timestamp": [100 * DAY]})
    assert recent_items(Dataset.from_frames(events, items)).tolist() == [False, False, True, False]
    assert not recent_items(Dataset.from_frames(events, items[3:])).any()
