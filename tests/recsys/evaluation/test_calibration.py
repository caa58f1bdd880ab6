"""Scores of probabilities against values worked out by hand, and against drawn outcomes."""

import math

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from recsys.evaluation.calibration import (
    auc,
    brier_score,
    brier_skill,
    expected_calibration_error,
    expected_error_if_calibrated,
    log_loss,
    murphy,
    reliability_curve,
    score_difference_intervals,
    score_intervals,
    wilson,
)

OUTCOME = np.array([1.0, 0.0, 1.0, 1.0, 0.0])
STATED = np.array([0.9, 0.2, 0.6, 0.6, 0.6])


def _drawn(n: int = 20_000, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    probability = rng.beta(2, 2, n)
    return (rng.random(n) < probability).astype(float), probability


def test_scores_by_hand() -> None:
    assert brier_score(OUTCOME, STATED) == pytest.approx((0.01 + 0.04 + 0.16 + 0.16 + 0.36) / 5)
    assert log_loss(OUTCOME, STATED) == pytest.approx(-(math.log(0.9) + math.log(0.8) + 2 * math.log(0.6) + math.log(0.4)) / 5)
    assert auc(OUTCOME, STATED) == pytest.approx((2 + 1.5 + 1.5) / 6)
    assert brier_skill(OUTCOME, np.full(5, 0.6)) == pytest.approx(0)
    assert brier_skill(OUTCOME, OUTCOME) == 1


def test_auc_agrees_with_another_implementation() -> None:
    outcome, probability = _drawn(500)
    probability = probability.round(1)  # many ties
    weight = np.random.default_rng(1).integers(0, 4, 500).astype(float)
    assert auc(outcome, probability, weight) == pytest.approx(roc_auc_score(outcome, probability, sample_weight=weight))


def test_auc_of_one_kind_is_not_a_number() -> None:
    assert math.isnan(auc(np.ones(3), np.array([0.1, 0.2, 0.3])))


def test_a_sure_and_wrong_probability_has_a_finite_log_loss() -> None:
    assert np.isfinite(log_loss(np.array([1.0]), np.array([0.0])))


def test_murphys_parts_by_hand() -> None:
    outcome, probability = np.array([0.0, 1.0, 1.0, 1.0]), np.array([0.25, 0.25, 0.75, 0.75])
    parts = murphy(outcome, probability)
    assert parts.reliability == pytest.approx(0.25**2)
    assert parts.resolution == pytest.approx(0.25**2)
    assert parts.uncertainty == pytest.approx(0.75 * 0.25)
    assert parts.within == pytest.approx(0)


def test_murphys_parts_sum_to_the_brier_score_whatever_the_bins() -> None:
    outcome, probability = _drawn(1000)
    for bins in (1, 3, 10):
        parts = murphy(outcome, probability, bins)
        assert parts.reliability - parts.resolution + parts.uncertainty + parts.within == pytest.approx(brier_score(outcome, probability))


def test_true_probabilities_lie_on_the_diagonal() -> None:
    outcome, probability = _drawn()
    curve = reliability_curve(outcome, probability)
    assert [b.count for b in curve] == [2000] * 10
    assert sum(b.low <= b.predicted <= b.high for b in curve) >= 8
    assert expected_calibration_error(outcome, probability) < 0.015


def test_overconfidence_shows() -> None:
    outcome, probability = _drawn()
    bold = 1 / (1 + (1 / probability - 1) ** 2)
    curve = reliability_curve(outcome, bold)
    assert curve[0].observed > curve[0].high - 0.05 > curve[0].predicted
    assert curve[-1].observed < curve[-1].predicted
    assert expected_calibration_error(outcome, bold) > 0.08


def test_equal_probabilities_share_a_bin() -> None:
    curve = reliability_curve(np.array([1.0, 0, 1, 1]), np.array([0.5, 0.5, 0.5, 0.9]))
    assert [(b.count, b.observed) for b in curve] == [(3, pytest.approx(2 / 3)), (1, 1.0)]
    constant = reliability_curve(np.array([1.0, 0]), np.array([0.5, 0.5]))
    assert [(b.count, b.predicted, b.observed) for b in constant] == [(2, 0.5, 0.5)]


def test_calibration_error_by_hand() -> None:
    assert expected_calibration_error(np.array([0.0, 0, 1, 1]), np.array([0.2, 0.2, 0.7, 0.7])) == pytest.approx(0.5 * 0.2 + 0.5 * 0.3)


def test_chance_alone_makes_an_error_of_the_size_told() -> None:
    errors = [expected_calibration_error(*_drawn(400, seed)) for seed in range(40)]
    assert expected_error_if_calibrated(_drawn(400)[1], seed=1) == pytest.approx(np.mean(errors), rel=0.1)


def test_wilson_interval_by_hand() -> None:
    low, high = wilson(0.5, 10)  # (0.5 + z²/20 ± z √(0.025 + z²/400)) / (1 + z²/10)
    assert (low, high) == pytest.approx((0.2366, 0.7634), abs=1e-4)
    assert wilson(0.0, 0) == (0.0, 1.0)
    assert wilson(1.0, 5)[1] == 1.0


def test_intervals_are_wider_when_few_learners_stand_behind_the_attempts() -> None:
    outcome, probability = _drawn(600)
    outcome = np.repeat(outcome[:60], 10)
    probability = np.repeat(probability[:60], 10)
    apart = score_intervals(outcome, probability, np.arange(600), seed=1)
    together = score_intervals(outcome, probability, np.repeat(np.arange(60), 10), seed=1)
    for name, (value, low, high) in together.items():
        if name != "ece":  # never negative, so resampling moves it upwards
            assert low < value < high
        assert high - low > 1.5 * (apart[name][2] - apart[name][1]), name
    assert score_intervals(outcome, probability, np.arange(600), seed=1) == apart


def test_differences_are_paired() -> None:
    outcome, probability = _drawn(3000)
    groups = np.arange(3000)
    slightly_worse = np.clip(probability + np.random.default_rng(3).normal(0, 0.1, 3000), 0.01, 0.99)
    value, low, high = score_difference_intervals(outcome, probability, slightly_worse, groups, seed=1)["brier"]
    assert low < value < high < 0
    own = score_intervals(outcome, probability, groups, seed=1)["brier"]
    assert high - low < own[2] - own[1]
    assert score_difference_intervals(outcome, probability, probability, groups, seed=1)["auc"] == (0.0, 0.0, 0.0)
