"""The bootstrap on data whose spread is known."""

import numpy as np
import pytest

from recsys.evaluation.significance import bootstrap_mean, paired_difference, percentile_bounds, resampled_means


def test_the_interval_has_the_width_theory_says() -> None:
    values = (np.random.default_rng(1).random(4_000) < 0.3).astype(np.float64)
    interval = bootstrap_mean(values, seed=5, samples=4_000)
    half_width = 1.96 * np.sqrt(values.mean() * (1 - values.mean()) / len(values))
    assert interval.mean == pytest.approx(values.mean())
    assert interval.high - interval.mean == pytest.approx(half_width, rel=0.08)
    assert interval.mean - interval.low == pytest.approx(half_width, rel=0.08)


def test_many_distinct_values_take_the_other_way_to_the_same_interval() -> None:
    values = np.random.default_rng(2).normal(1.0, 2.0, 5_000)
    interval = bootstrap_mean(values, seed=3)
    half_width = 1.96 * values.std() / np.sqrt(len(values))
    assert interval.high - interval.low == pytest.approx(2 * half_width, rel=0.1)


def test_pairing_finds_a_small_steady_difference_between_noisy_users() -> None:
    noise = np.random.default_rng(3).normal(0, 1, 500)
    small = 0.01 + np.random.default_rng(4).normal(0, 0.02, 500)
    assert paired_difference(noise + small, noise, seed=0).excludes_zero
    unpaired = bootstrap_mean(noise + small, seed=0)
    assert unpaired.low < noise.mean() < unpaired.high


def test_no_difference_is_not_significant() -> None:
    values = np.random.default_rng(5).random(200)
    same = paired_difference(values, values.copy(), seed=0)
    assert (same.mean, same.low, same.high) == (0, 0, 0)
    assert not same.excludes_zero


def test_the_seed_decides() -> None:
    values = np.random.default_rng(6).random(100)
    assert bootstrap_mean(values, seed=1) == bootstrap_mean(values, seed=1)
    assert bootstrap_mean(values, seed=1) != bootstrap_mean(values, seed=2)


def test_no_users_give_an_empty_interval() -> None:
    assert bootstrap_mean(np.empty(0), seed=0).high == 0


def test_unequal_lengths_are_refused() -> None:
    with pytest.raises(ValueError, match="differ in shape"):
        paired_difference(np.zeros(2), np.zeros(3), seed=0)


def test_columns_are_resampled_together() -> None:
    values = np.random.default_rng(7).random((300, 1))
    both = np.hstack([values, values + 0.25])
    means = resampled_means(both, seed=1, samples=500)
    assert means.shape == (500, 2)
    assert np.ptp(means[:, 1] - means[:, 0]) < 1e-12  # the steady difference has no spread
    alone = bootstrap_mean(values[:, 0], seed=1)
    low, high = percentile_bounds(means)[:, 0]
    assert high - low == pytest.approx(alone.high - alone.low, rel=0.15)
