"""Metrics against values worked out by hand."""

import numpy as np
import pytest
from scipy import sparse

from recsys.data.histories import Histories
from recsys.evaluation import metrics

LOG3 = np.log2(3)


def ranking(*rows: list[int]) -> np.ndarray:
    return np.array(rows, np.int64)


def test_one_hit_on_the_second_place() -> None:
    found = metrics.accuracy(ranking([4, 1, 2]), Histories.from_lists([[1]], 5), k=3)
    assert found.ndcg[0] == pytest.approx(1 / LOG3)
    assert found.recall[0] == 1
    assert found.precision[0] == pytest.approx(1 / 3)
    assert found.hit[0] == 1
    assert found.mrr[0] == pytest.approx(1 / 2)
    assert found.map[0] == pytest.approx(1 / 2)


def test_two_of_three_found() -> None:
    found = metrics.accuracy(ranking([0, 9, 1, 8]), Histories.from_lists([[0, 1, 2]], 10), k=4)
    ideal = 1 + 1 / LOG3 + 1 / 2
    assert found.ndcg[0] == pytest.approx((1 + 1 / 2) / ideal)
    assert found.recall[0] == pytest.approx(2 / 3)
    assert found.precision[0] == pytest.approx(2 / 4)
    assert found.mrr[0] == 1
    assert found.map[0] == pytest.approx((1 + 2 / 3) / 3)


def test_the_ideal_stops_at_k_but_recall_counts_every_test_item() -> None:
    found = metrics.accuracy(ranking([0, 1]), Histories.from_lists([[0, 1, 2, 3]], 5), k=2)
    assert found.ndcg[0] == pytest.approx(1)
    assert found.map[0] == pytest.approx(1)
    assert found.recall[0] == pytest.approx(2 / 4)


def test_a_short_ranking_counts_as_padded() -> None:
    short = metrics.accuracy(ranking([1]), Histories.from_lists([[1, 2]], 5), k=10)
    padded = metrics.accuracy(ranking([1] + [-1] * 9), Histories.from_lists([[1, 2]], 5), k=10)
    assert short.means() == padded.means()
    assert short.precision[0] == pytest.approx(1 / 10)


def test_padding_is_never_a_hit() -> None:
    found = metrics.accuracy(ranking([-1, -1]), Histories.from_lists([[0, 4]], 5), k=2)
    assert set(found.means().values()) == {0.0}


def test_a_repeated_test_item_counts_once() -> None:
    found = metrics.accuracy(ranking([3, 0]), Histories.from_lists([[3, 3]], 5), k=2)
    assert found.recall[0] == 1
    assert found.ndcg[0] == 1


def test_test_items_nobody_knows_are_misses() -> None:
    found = metrics.accuracy(ranking([3, 0]), Histories.from_lists([[3]], 5), k=2, unknown=np.array([1]))
    assert found.recall[0] == pytest.approx(1 / 2)
    assert found.ndcg[0] == pytest.approx(1 / (1 + 1 / LOG3))


def test_rankings_and_users_must_match() -> None:
    with pytest.raises(ValueError, match="2 rankings for 1 users"):
        metrics.accuracy(ranking([1], [2]), Histories.from_lists([[1]], 5), k=1)


def test_coverage_counts_items_once() -> None:
    assert metrics.coverage(ranking([0, 1], [1, -1]), 4) == pytest.approx(2 / 4)


def test_gini_of_equal_and_of_one_sided_exposure() -> None:
    assert metrics.gini(ranking([0, 1], [2, 3]), 4) == pytest.approx(0)
    assert metrics.gini(ranking([2], [2]), 4) == pytest.approx(3 / 4)


def test_novelty_is_self_information_in_bits() -> None:
    popularity = np.array([7, 1, 0])
    assert metrics.novelty(ranking([0]), popularity, n_users=7) == pytest.approx(0)
    assert metrics.novelty(ranking([1, 2]), popularity, n_users=7) == pytest.approx((2 + 3) / 2)


def test_niche_share_counts_places_outside_the_most_popular_fifth() -> None:
    popularity = np.array([9, 8, 1, 1, 1, 1, 1, 1, 0, 0])
    assert metrics.niche_share(ranking([0, 1, 2, -1]), popularity) == pytest.approx(1 / 3)


def test_distinct_topics_per_list() -> None:
    topics = sparse.csr_matrix(np.array([[1, 1, 0], [0, 1, 0], [0, 0, 1]], np.float32))
    assert metrics.mean_distinct_topics(ranking([0, 1], [1, 2]), topics) == pytest.approx((2 + 2) / 2)
    assert metrics.mean_distinct_topics(ranking([1, -1]), topics) == pytest.approx(1)


def test_level_mix_counts_places_whose_course_has_a_level() -> None:
    levels = np.array([0, 0, 1, 2, -1], np.int8)
    mix = metrics.level_mix(ranking([0, 1, 4], [2, 3, -1]), levels)
    assert mix is not None
    assert mix.tolist() == [0.5, 0.25, 0.25]
    assert metrics.level_mix(ranking([4, -1, -1]), levels) is None


def test_level_distance_is_of_each_list_from_the_target() -> None:
    levels = np.array([0, 0, 1, 2, -1], np.int8)
    found = metrics.level_mix_distances_from_target(ranking([0, 2], [0, 1], [4, -1]), levels, np.array([0.5, 0.5, 0.0]))
    assert found.tolist() == [0, 0.5]  # the last list holds no course with a level and says nothing
