"""The multinomial logit against data with a known answer and against an independent optimizer."""

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.special import logsumexp

from recsys.ranking.softmax import Choices, fit_weights


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
