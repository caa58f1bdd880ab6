"""How much one learner may decide."""

import numpy as np
import pytest

from recsys.completion.sample_weights import LEAST_LEARNERS, effective_learners, learner_capped_weights


def test_rows_count_fully_while_no_learner_has_many() -> None:
    assert learner_capped_weights(np.repeat(np.arange(60), 3)).tolist() == [1.0] * 180
    assert learner_capped_weights(np.arange(5)).tolist() == [1.0] * 5


def test_a_learner_counts_for_no_more_than_a_thirtieth_of_the_rows() -> None:
    learner = np.append(np.arange(500), np.full(100, 777))
    weights = learner_capped_weights(learner)
    assert weights[:500].tolist() == [1.0] * 500
    assert weights[500:].sum() == pytest.approx(600 / LEAST_LEARNERS)


def test_learners_with_equally_many_rows_are_counted_others_less() -> None:
    learner = np.concatenate([np.repeat(np.arange(1000), 4), np.arange(40), np.full(100, 5000)])
    few, alike, one, mixed = (np.zeros(len(learner), bool) for _ in range(4))
    few[:8] = True  # two learners
    alike[:400] = True  # a hundred
    one[-100:] = True
    mixed[-140:] = True  # forty with a row each, and one with a hundred
    found = effective_learners(np.stack([few, alike, one, mixed, np.zeros(len(learner), bool)], axis=1), learner)
    assert found[[0, 1, 2, 4]] == pytest.approx([2, 100, 1, 0])
    assert found[3] == pytest.approx(140**2 / (40 + 100**2))
