"""The sum of curves finds the truth and says what each part adds."""

import numpy as np
import pytest

from recsys.completion.additive import fit_additive, sigmoid
from recsys.completion.tuning import platt
from tests.recsys.completion.worlds import simulated_table, true_log_odds


@pytest.fixture(scope="module")
def fitted():
    table = simulated_table(6000, seed=1)
    return fit_additive(table.values, table.outcome, 5.0)


def test_the_true_log_odds_are_found(fitted) -> None:
    fresh = simulated_table(2000, seed=2)
    inside = np.abs(fresh.values[:, :2]).max(axis=1) < 1.8
    gap = fitted.log_odds(fresh.values)[inside] - true_log_odds(fresh.values)[inside]
    assert np.sqrt(np.mean(gap**2)) < 0.2


def test_curves_have_mean_zero_over_what_they_were_learned_from(fitted) -> None:
    parts = fitted.contributions(simulated_table(6000, seed=1).values)
    np.testing.assert_allclose(parts.mean(axis=0), 0, atol=1e-9)
    assert parts.std(axis=0)[2] < 0.15 < 0.5 < parts.std(axis=0)[0]  # the noise adds nearly nothing


def test_values_beyond_those_seen_count_as_the_outermost(fitted) -> None:
    far, edge = np.array([[50.0, 0, 0]]), np.array([[fitted.knots[0, -1], 0, 0]])
    assert fitted.log_odds(far) == pytest.approx(fitted.log_odds(edge))


def test_the_spread_covers_the_truth_as_often_as_it_says() -> None:
    """Over fits to fresh outcomes, the 90 % interval of a typical case holds the true value in about nine of ten."""
    point = np.array([[0.4, -0.6, 0.2]])
    hits = 0
    for seed in range(60):
        table = simulated_table(1500, seed=100 + seed)
        fit = fit_additive(table.values, table.outcome, 5.0)
        hits += abs(fit.log_odds(point)[0] - true_log_odds(point)[0]) < 1.645 * fit.standard_error(point)[0]
    assert 46 <= hits <= 60


def test_the_unknown_is_less_sure() -> None:
    table = simulated_table(800, seed=4)
    table.values[:, 0] = np.where(np.arange(800) < 790, table.values[:, 0], np.nan)
    fit = fit_additive(table.values, table.outcome, 5.0)
    typical, unknown = fit.standard_error(np.array([[0.0, 0.0, 0.0], [np.nan, 0.0, 0.0]]))
    assert unknown > 1.5 * typical


def _with_unknown(learner: np.ndarray, share: float):
    """The fit to 1,100 learners whose log-odds are 2 x, and to rows of `learner` without x, of which a share finished."""
    rng = np.random.default_rng(9)
    x = rng.uniform(-1, 1, 1100)
    outcome = np.append(rng.random(1100) < sigmoid(2 * x), np.arange(len(learner)) < share * len(learner))
    values = np.append(x, np.full(len(learner), np.nan))[:, None]
    return fit_additive(values, outcome.astype(float), 1.0, (1,), np.append(np.arange(1100), 2000 + learner))


UNKNOWN, AVERAGE = np.array([[np.nan]]), np.array([[0.0]])
NOBODY = np.empty(0, np.int64)


@pytest.mark.parametrize("rows", [0, 20, 100])
def test_the_unknown_of_one_learner_is_the_average_of_the_known_whatever_that_one_did(rows) -> None:
    fit = _with_unknown(np.zeros(rows, np.int64), 1.0)
    assert fit.contributions(UNKNOWN) == pytest.approx(np.zeros((1, 1)), abs=1e-9)
    chance, without = (sigmoid(found.log_odds(UNKNOWN))[0] for found in (fit, _with_unknown(NOBODY, 1.0)))
    assert chance == pytest.approx(without, abs=0.03)
    low, high = (sigmoid(fit.log_odds(UNKNOWN) + z * fit.standard_error(UNKNOWN))[0] for z in (-1.645, 1.645))
    assert 0.2 < high - low < 0.4
    assert fit.standard_error(UNKNOWN) > 2 * fit.standard_error(AVERAGE)


def test_the_unknown_of_many_learners_is_learned() -> None:
    fit = _with_unknown(np.arange(400), 0.75)
    assert sigmoid(fit.log_odds(UNKNOWN))[0] == pytest.approx(0.75, abs=0.04)
    assert fit.standard_error(UNKNOWN) < 0.15


def test_the_unknown_of_many_is_not_learned_where_one_of_them_outweighs_the_rest() -> None:
    fit = _with_unknown(np.append(np.arange(35), np.full(100, 35)), 1.0)
    without = _with_unknown(NOBODY, 1.0)
    assert fit.contributions(UNKNOWN) == pytest.approx(np.zeros((1, 1)), abs=1e-9)
    assert sigmoid(fit.log_odds(UNKNOWN))[0] == pytest.approx(sigmoid(without.log_odds(UNKNOWN))[0], abs=0.05)


def test_what_few_learners_state_teaches_nothing_and_makes_them_less_sure() -> None:
    rng = np.random.default_rng(10)
    stated = np.where(np.arange(900) < 60, 1.0, np.nan)
    outcome = np.where(np.arange(900) < 60, 1.0, rng.random(900) < 0.4)
    learner = np.concatenate([np.arange(60) // 20, np.arange(60, 900)])
    fit = fit_additive(stated[:, None], outcome, 1.0, (), learner)
    known, unknown = np.array([[1.0]]), UNKNOWN
    assert sigmoid(fit.log_odds(known)) == pytest.approx(sigmoid(fit.log_odds(unknown)))
    assert fit.standard_error(known) > 2 * fit.standard_error(unknown)


def test_features_with_few_values_or_none_at_all() -> None:
    rng = np.random.default_rng(0)
    values = np.stack([rng.integers(0, 2, 3000).astype(float), np.full(3000, np.nan), np.full(3000, 7.0)], axis=1)
    outcome = (rng.random(3000) < np.where(values[:, 0] > 0, 0.8, 0.3)).astype(float)
    fit = fit_additive(values, outcome, 1.0)
    chance = sigmoid(fit.log_odds(np.array([[0.0, np.nan, 7.0], [1.0, np.nan, 7.0]])))
    np.testing.assert_allclose(chance, [0.3, 0.8], atol=0.04)
    np.testing.assert_allclose(fit.contributions(values)[:, 1:], 0, atol=1e-9)


def test_the_same_data_give_the_same_bytes() -> None:
    table = simulated_table(900, seed=5)
    first, second = (fit_additive(table.values, table.outcome, 5.0) for _ in range(2))
    assert first.curves.tobytes() == second.curves.tobytes()
    assert first.covariance.tobytes() == second.covariance.tobytes()


def test_platt_finds_shift_and_slope() -> None:
    rng = np.random.default_rng(6)
    log_odds = rng.normal(0, 2, 20_000)
    outcome = (rng.random(20_000) < sigmoid(0.5 * log_odds - 0.4)).astype(float)
    assert platt(log_odds, outcome) == pytest.approx((-0.4, 0.5), abs=0.05)
    shift, slope = platt(log_odds, (rng.random(20_000) < sigmoid(log_odds + 0.7)).astype(float), fixed_slope=True)
    assert (shift, slope) == pytest.approx((0.7, 1.0), abs=0.05)


def test_a_trend_is_kept_against_what_the_data_happen_to_say() -> None:
    rng = np.random.default_rng(8)
    values = rng.uniform(0, 1, (2000, 2))
    outcome = (rng.random(2000) < sigmoid(2 * np.sin(6 * values[:, 0]) + values[:, 1])).astype(float)
    free = fit_additive(values, outcome, 1.0)
    kept = fit_additive(values, outcome, 1.0, (1, 1))
    assert np.diff(free.curves[0, :-1]).min() < -0.5
    assert np.diff(kept.curves[:, :-1], axis=1).min() > -1e-3
    assert np.diff(fit_additive(values, outcome, 1.0, (-1, 0)).curves[0, :-1]).max() < 1e-3
