"""Agreement of rankings, against values worked out by hand."""

import numpy as np
import pytest

from recsys.evaluation.ranking_agreement import kendall_tau, overlap_at, rank_biased_overlap


def test_equal_lists_agree_fully_and_disjoint_ones_not_at_all() -> None:
    first = np.array([[1, 2, 3], [1, 2, 3]])
    second = np.array([[1, 2, 3], [4, 5, 6]])
    assert overlap_at(first, second, 3).tolist() == [1, 0]
    assert rank_biased_overlap(first, second) == pytest.approx([1, 0])
    assert kendall_tau(first, second)[0] == 1
    assert np.isnan(kendall_tau(first, second)[1])


def test_overlap_looks_at_the_first_k_only() -> None:
    first, second = np.array([[1, 2, 3, 4]]), np.array([[2, 9, 1, 3]])
    assert overlap_at(first, second, 2) == pytest.approx([0.5])
    assert overlap_at(first, second, 4) == pytest.approx([0.75])


def test_rank_biased_overlap_weighs_the_top() -> None:
    first = np.array([[1, 2, 3]])
    top, bottom = np.array([[1, 2, 9]]), np.array([[9, 2, 3]])
    assert rank_biased_overlap(first, top)[0] > rank_biased_overlap(first, bottom)[0]
    # Agreement at depths 1, 2, 3 is 1, 1, 2/3: (1-p)/p · Σ A_d p^d + A_3 p³ at p = .5.
    assert rank_biased_overlap(first, top, p=0.5) == pytest.approx([(0.5 + 0.25 + 2 / 3 / 8) + 2 / 3 / 8])


def test_kendall_counts_pairs_in_and_out_of_order() -> None:
    assert kendall_tau(np.array([[1, 2, 3]]), np.array([[3, 2, 1]])) == pytest.approx([-1])
    assert kendall_tau(np.array([[1, 2, 3, 7]]), np.array([[1, 3, 2, 8]])) == pytest.approx([1 / 3])


def test_padding_is_no_item() -> None:
    first, second = np.array([[1, -1], [-1, -1]]), np.array([[1, 2], [-1, -1]])
    assert overlap_at(first, second, 2).tolist() == [0.5, 1]
    assert np.isnan(kendall_tau(first, second)).all()


def test_other_users_and_other_weights_are_refused() -> None:
    with pytest.raises(ValueError, match="cannot be compared"):
        overlap_at(np.zeros((1, 2), int), np.zeros((2, 2), int), 2)
    with pytest.raises(ValueError, match="between 0 and 1"):
        rank_biased_overlap(np.zeros((1, 2), int), np.zeros((1, 2), int), p=1.0)
