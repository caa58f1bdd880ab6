"""Examination and appeal told apart, in a world where both are known."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from recsys.evaluation.simulation import ClickWorld
from recsys.ranking.examination import MOST, ShownSlates, examination_of, weighted_choices
from recsys.ranking.softmax import fit_weights

N_PLACES, SLATES, RUNS = 8, 6000, 5
RANKS = np.arange(1, N_PLACES + 1)
TASTE = 0.8 * np.array([0.6, -0.5, 0.4, 0.3, -0.3, 0.2])
RANKER = TASTE + np.array([-0.3, -0.2, 0.5, -0.4, 0.3, 0.4])
EVEN = np.ones(N_PLACES)


def world() -> ClickWorld:
    return ClickWorld(TASTE)


@cache
def log(eta: float, seed: int) -> ShownSlates:
    """Slates of a ranker that follows the taste in part, the k-th place looked at with 1 / k^eta."""
    return world().simulate_slates(RANKER, 1 / RANKS**eta, SLATES, seed)


def trained(shown: ShownSlates, examination: np.ndarray) -> float:
    """NDCG against the true taste of weights learned from slates."""
    weights = fit_weights(weighted_choices(shown, examination)[0], 3.0, np.full(len(TASTE), -np.inf))
    return world().ndcg(weights.astype(np.float64), seed=0, pools=400)


def power(examination: np.ndarray) -> float:
    """The eta that fits a curve best."""
    return float(-np.polyfit(np.log(RANKS), np.log(examination), 1)[0])


@pytest.mark.parametrize("eta", [0.0, 0.5, 1.0])
def test_the_examination_found_is_the_true_one(eta: float) -> None:
    """The log of a rate from n clicks has a standard error near 1 / √n; that of its ratio to the first place's adds both. Telling
    appeal from place costs some more: four standard errors of the mean over runs."""
    logs = [log(eta, seed) for seed in range(RUNS)]
    found = [np.log(examination_of(shown)) for shown in logs]
    error = np.mean([curve - curve[0] for curve in found], axis=0) + eta * np.log(RANKS)
    clicks = np.sum([shown.clicked.sum(axis=0) for shown in logs], axis=0)
    assert (np.abs(error) < 4 * np.sqrt(1 / clicks + 1 / clicks[0])).all()
    rates = np.log(clicks / clicks[0]) + eta * np.log(RANKS)
    assert (np.abs(rates) > 4 * np.sqrt(1 / clicks + 1 / clicks[0])).sum() >= 5  # rates alone call good courses well placed


def test_what_only_the_ranking_knew_does_not_pass_for_the_work_of_places() -> None:
    """Places are looked at alike; the feature that taste and ranking share most is not among those the blend has."""
    logs = [log(0.0, seed) for seed in range(RUNS)]
    hidden = [replace(shown, features=shown.features[:, :, [0, 1, 3, 4, 5]]) for shown in logs]
    scoreless = [replace(shown, score=np.zeros_like(shown.score)) for shown in hidden]
    with_score, without = np.mean([[power(examination_of(one)) for one in rows] for rows in (hidden, scoreless)], axis=1)
    assert without > 0.15
    assert abs(with_score) < without / 2


def test_clicks_as_they_are_teach_the_old_ranking_and_weighted_ones_the_taste() -> None:
    examination = 1 / RANKS
    naive, weighted, even = (
        np.array([trained(shown, curve) for shown, curve in rows])
        for rows in (
            [(log(1.0, seed), EVEN) for seed in range(RUNS)],
            [(log(1.0, seed), examination_of(log(1.0, seed))) for seed in range(RUNS)],
            [(world().simulate_slates(RANKER, EVEN * examination.mean(), SLATES, 100 + seed), EVEN) for seed in range(RUNS)],
        )
    )
    assert (weighted - naive).min() > 0.05
    assert abs((weighted - even).mean()) < 0.2 * (weighted - naive).mean()


def test_nothing_is_lost_where_all_places_are_looked_at_alike() -> None:
    lost = [trained(log(0.0, seed), EVEN) - trained(log(0.0, seed), examination_of(log(0.0, seed))) for seed in range(RUNS)]
    assert np.mean(lost) < 0.01


def shown(clicked: list[list[int]], places: int = 3) -> ShownSlates:
    """Slates with a feature that counts places, and these clicks."""
    features = np.broadcast_to(np.arange(places, dtype=np.float32)[:, None], (len(clicked), places, 1))
    return ShownSlates(features, np.ones((len(clicked), places), bool), np.array(clicked, bool), np.zeros((len(clicked), places)))


def test_a_click_weighs_the_inverse_of_its_places_examination() -> None:
    choices, slate = weighted_choices(shown([[1, 0, 0], [0, 0, 1], [0, 0, 0], [0, 1, 1]]), np.array([1.0, 0.5, 0.25]))
    assert slate.tolist() == [0, 1, 3, 3]
    assert choices.chosen.tolist() == [0, 2, 1, 2]
    assert choices.weight is not None
    assert choices.weight.mean() == pytest.approx(1)
    assert choices.weight / choices.weight[0] == pytest.approx(np.array([1, 4, 2, 4]))
    assert choices.usable.all()


def test_a_place_hardly_anybody_looks_at_says_nothing() -> None:
    """Neither its clicks nor their absence: a slate clicked there alone goes, another loses the place."""
    choices, slate = weighted_choices(shown([[0, 0, 1], [1, 0, 0]]), np.array([1.0, 0.5, 0.9 / MOST]))
    assert slate.tolist() == [1]
    assert choices.usable.tolist() == [[True, True, False]]


def test_clicks_without_an_alternative_are_no_choice() -> None:
    first = np.array([[True, False], [False, False]])
    alone = ShownSlates(np.zeros((2, 2, 1), np.float32), first, first, np.zeros((2, 2)))
    choices, _ = weighted_choices(alone, np.ones(2))
    assert len(choices.chosen) == 0
    assert examination_of(alone).tolist() == [1, 1]
