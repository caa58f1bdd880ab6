"""The multinomial logit against data with a known answer and against an independent optimizer."""

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.special import logsumexp

from recsys.ranking.softmax import Choices, fit_weights, mean_log_likelihood


def test_logit_recovers_the_weights_choices_were_made_by() -> None:
    rng = np.random.default_rng(5)
    features = rng.normal(size=(4000, 10, 3)).astype(np.float32)
    truth = np.array([1.5, -0.5, 0.0])
    utility = features @ truth + rng.gumbel(size=(4000, 10))
    choices = Choices(features, utility.argmax(axis=1), np.ones((4000, 10), bool))
    assert fit_weights(choices, 0.1, np.full(3, -np.inf)) == pytest.approx(truth, abs=0.1)
    bounded = fit_weights(choices, 0.1, np.zeros(3))
    assert bounded[1] == 0
    assert bounded[0] > 1


def test_logit_ignores_candidates_that_could_not_be_taken() -> None:
    features = np.array([[[0.0], [1.0], [9.0]]] * 50, np.float32)
    usable = np.array([[True, True, False]] * 50)
    weights = fit_weights(Choices(features, np.ones(50, np.int64), usable), 1.0, np.full(1, -np.inf))
    assert weights[0] > 0


def made_up(n_features: int, seed: int) -> Choices:
    """Choices among twelve candidates with correlated features, some of them useless, some candidates barred."""
    rng = np.random.default_rng(seed)
    features = rng.normal(size=(600, 12, n_features)) @ rng.normal(size=(n_features, n_features))
    utility = features @ rng.normal(size=n_features) / n_features + rng.gumbel(size=(600, 12))
    chosen = utility.argmax(axis=1)
    usable = rng.random((600, 12)) < 0.9
    usable[np.arange(600), chosen] = True
    return Choices(features.astype(np.float32), chosen, usable)


@pytest.mark.parametrize("n_features", [2, 9])
@pytest.mark.parametrize("low", [-np.inf, 0.0, 0.05])
def test_logit_is_as_good_as_a_general_optimizer(n_features: int, low: float) -> None:
    choices, penalty = made_up(n_features, seed=n_features), 2.0
    features = choices.features.astype(np.float64)
    spread = features[choices.usable].std(axis=0)

    def loss(weights: np.ndarray) -> float:
        logits = np.where(choices.usable, features @ weights, -np.inf)
        fit = logsumexp(logits, axis=1).sum() - logits[np.arange(len(logits)), choices.chosen].sum()
        return float(fit + penalty / 2 * np.sum((weights * spread) ** 2))

    found = fit_weights(choices, penalty, np.full(n_features, low)).astype(np.float64)
    peer = minimize(loss, np.full(n_features, 0.1), method="L-BFGS-B", bounds=[(low, None)] * n_features)
    assert (found >= low).all()
    assert loss(found) <= peer.fun + 1e-3


def test_a_weight_counts_a_choice_as_often() -> None:
    choices, times = made_up(4, seed=3), np.random.default_rng(0).integers(0, 4, 600)
    weighted = Choices(choices.features, choices.chosen, choices.usable, times.astype(np.float64))
    repeated = choices.take(np.repeat(np.arange(600), times))
    free, weights = np.full(4, -np.inf), np.full(4, 0.3, np.float32)
    # The spread, and with it the penalty, is that of what was seen; so none here.
    assert fit_weights(weighted, 0.0, free) == pytest.approx(fit_weights(repeated, 0.0, free), abs=2e-3)
    assert mean_log_likelihood(weighted, weights) == pytest.approx(mean_log_likelihood(repeated, weights), abs=1e-5)
    assert mean_log_likelihood(weighted.take(np.arange(9)), weights) == pytest.approx(
        mean_log_likelihood(repeated.take(np.arange(times[:9].sum())), weights)
    )


def test_choices_that_all_weigh_one_are_those_without_weights() -> None:
    choices, free = made_up(4, seed=3), np.full(4, -np.inf)
    ones = Choices(choices.features, choices.chosen, choices.usable, np.ones(600))
    assert fit_weights(ones, 2.0, free) == pytest.approx(fit_weights(choices, 2.0, free), abs=1e-3)
    halves = [choices.take(np.arange(300)), ones.take(np.arange(300, 600))]
    assert fit_weights(Choices.join(halves), 2.0, free) == pytest.approx(fit_weights(choices, 2.0, free), abs=1e-3)
    assert Choices.join([choices, choices]).weight is None


def test_choices_from_smaller_pools_count_beside() -> None:
    """Padding a small pool with candidates that could not be taken is the same as leaving it small."""
    choices, free = made_up(4, seed=3), np.full(4, -np.inf)
    usable = choices.usable.copy()
    usable[300:, 6:] &= choices.chosen[300:, None] == np.arange(6, 12)
    small = np.flatnonzero(choices.chosen[300:] < 6) + 300
    padded = Choices(choices.features, choices.chosen, usable).take(np.concatenate([np.arange(300), small]))
    beside = Choices(choices.features[small, :6], choices.chosen[small], choices.usable[small, :6])
    found = fit_weights(choices.take(np.arange(300)), 0.0, free, beside)
    assert found == pytest.approx(fit_weights(padded, 0.0, free), abs=2e-3)
    assert found != pytest.approx(fit_weights(choices.take(np.arange(300)), 0.0, free), abs=2e-2)
